"""GPT-NeoX and Pythia: rotary positions on part of each head, two norms a layer, feed-forward beside attention."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import extended
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, depth_of, every, layer_norms
from specverify.architectures.registry import family
from specverify.spec import Mixer, Role, Weight

LAST = "last"


@family("gpt_neox", source="transformers GPTNeoXForCausalLM; https://arxiv.org/abs/2204.06745")
def gpt_neox(c: Config) -> Model:
    """GPT-NeoX-20B, Pythia, StableLM-alpha: biases everywhere, a head of its own that checkpoints call `embed_out`.

    `use_parallel_residual: false` puts the feed-forward behind attention; the tensors stay the same.
    """
    bias = c.flag("attention_bias")
    for key in ("rotary_pct", "rotary_emb_base"):
        if key in c:
            c.number(key)
    return decoder(
        c,
        mixer=lambda c, kind: mha(c, bias=bias, o_bias=bias, fused="query_key_value", names=("", "", "", "dense"), prefix="attention."),
        feed_forward=lambda c, kind: plain(c, names=("dense_h_to_4h", "dense_4h_to_h")),
        norms=layer_norms("input_layernorm", "post_attention_layernorm", bias=True),
        prefix="gpt_neox.",
        embedding="embed_in",
        final_norm="final_layer_norm",
        final_norm_bias=True,
        head="embed_out",
        token_head="classifier",
        recipe=Recipe(norm="layer", parallel=c.flag("use_parallel_residual")),
    )


@family("gpt_neox_japanese", source="transformers GPTNeoXJapaneseForCausalLM; ABEJA, GPT-NeoX Japanese 2.7B")
def gpt_neox_japanese(c: Config) -> Model:
    """GPT-NeoX Japanese: one block behind the other, a tied head and no biases, but for one behind the last layer's attention."""
    hidden, count = c.int("hidden_size"), c.layers()
    multiple = c.number("intermediate_multiple_size")
    width = num.floor(hidden * multiple) if multiple is not None else num.unknown("`intermediate_multiple_size` is null")
    last = depth_of(count) - 1

    def mixer(c: Config, kind: str) -> Mixer:
        own = mha(c, dim=hidden // c.int("num_attention_heads"), fused="query_key_value", names=("", "", "", "dense"), prefix="attention.")
        return extended(own, Weight("attention.dense_bias", (hidden,), Role.ATTENTION)) if kind == LAST else own

    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: plain(c, intermediate=width, names=("dense_h_to_4h", "dense_4h_to_h"), bias=False),
        mixer_kinds=every(c, count, lambda index: index == last, names=("other", LAST)),
        norms=layer_norms("input_layernorm", "post_attention_layernorm", bias=True),
        prefix="gpt_neox_japanese.",
        embedding="embed_in",
        final_norm="final_layer_norm",
        final_norm_bias=True,
        head="embed_out",
        recipe=Recipe(norm="layer"),
    )
