"""Falcon: one KV head for all queries or one a group, feed-forward beside attention, one norm for both or one each."""

from __future__ import annotations

from collections.abc import Callable

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Mixer, Weight


@family("falcon", source="transformers FalconForCausalLM; https://arxiv.org/abs/2311.16867")
def falcon(c: Config) -> Model:
    """Falcon 7B to 180B: no biases but in the norms, a tied head, rotary positions unless `alibi` is set (Falcon-RW).

    `new_decoder_architecture` (40B, 180B) has `num_kv_heads` KV heads, each beside its queries in the one tensor;
    transformers spreads them over all queries before it caches them, so its own cache holds a key and value for every head.
    """
    bias, rotary = c.flag("bias"), not c.flag("alibi")

    def attention(c: Config, kind: str) -> Mixer:
        return gqa(
            c,
            kv_heads=key_value_heads(c),
            bias=bias,
            o_bias=bias,
            fused="query_key_value",
            names=("", "", "", "dense"),
            prefix="self_attention.",
            rotary=rotary,
            spread=c.flag("new_decoder_architecture"),
        )

    return decoder(
        c,
        mixer=attention,
        feed_forward=lambda c, kind: plain(c, intermediate=c.int("ffn_hidden_size"), names=("dense_h_to_4h", "dense_4h_to_h"), bias=bias),
        norms=norms(c),
        prefix="transformer.",
        layers="h.{layer}.",
        embedding="word_embeddings",
        final_norm="ln_f",
        final_norm_bias=True,
        token_head="classifier",
        recipe=Recipe(
            norm="layer",
            position="rope" if rotary else "alibi",
            parallel=c.flag("new_decoder_architecture") or c.flag("parallel_attn"),
        ),
    )


def key_value_heads(c: Config) -> Num:
    """`num_kv_heads` in the new architecture alone; before it one under `multi_query`, else one for each query head."""
    if c.flag("new_decoder_architecture"):
        return c.int("num_kv_heads")
    return num.const(1, "multi_query") if c.flag("multi_query") else c.int("num_attention_heads")


def norms(c: Config) -> Callable[[Config, str], tuple[Weight, ...]]:
    """Two in turn without `parallel_attn`; beside each other as many as `num_ln_in_parallel_attn` says: 2 if new, else 1."""
    if not c.flag("parallel_attn"):
        return layer_norms("input_layernorm", "post_attention_layernorm", bias=True)
    count = c.optional("num_ln_in_parallel_attn")
    if count.value == 2 if count is not None else c.flag("new_decoder_architecture"):
        return layer_norms("ln_attn", "ln_mlp", bias=True)
    return layer_norms("input_layernorm", bias=True)
