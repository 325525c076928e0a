"""MPT: no bias anywhere, norms included, and linear biases on the scores instead of positions."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family
from specverify.num import Num


@family("mpt", source="transformers MptForCausalLM; MosaicML llm-foundry, which the published checkpoints come from")
def mpt(c: Config) -> Model:
    """MPT-7B and 30B: one tensor for queries, keys and values, a tied head, `expansion_ratio` times the width between.

    The transformers class is always multi-head and four times wide; checkpoints of llm-foundry may state `kv_n_heads`.
    """
    hidden, attention = c.int("hidden_size"), c.sub("attn_config")
    heads = key_value_heads(attention) or c.int("num_attention_heads")
    attention.mark("alibi")
    return decoder(
        c,
        mixer=lambda c, kind: gqa(
            c,
            kv_heads=heads,
            fused="Wqkv",
            names=("", "", "", "out_proj"),
            prefix="attn.",
            rotary=False,
        ),
        feed_forward=lambda c, kind: plain(
            c, intermediate=hidden * c.int("expansion_ratio"), prefix="ffn.", names=("up_proj", "down_proj"), bias=False
        ),
        norms=layer_norms("norm_1", "norm_2"),
        prefix="transformer.",
        layers="blocks.{layer}.",
        embedding="wte",
        final_norm="norm_f",
        token_head="classifier",
        recipe=Recipe(norm="layer", position="alibi"),
    )


def key_value_heads(attention: Config) -> Num | None:
    """KV heads that llm-foundry's `attn_config` states; None for as many as there are query heads."""
    if "kv_n_heads" in attention:
        return attention.int("kv_n_heads")
    return num.const(1, "attn_type") if attention.text("attn_type") == "multiquery_attention" else None
