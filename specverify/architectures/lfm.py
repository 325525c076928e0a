"""LFM2: short convolutions between gates, and attention in a few layers."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.recurrent import STATE, depthwise_conv
from specverify.architectures.blocks.tensors import linear, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, kinds, layer_norms
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Mixer, Recurrent, State

FULL, CONVOLUTION = "full_attention", "conv"


@family("lfm2", source="transformers Lfm2ForCausalLM; https://arxiv.org/abs/2511.23404")
def lfm2(c: Config) -> Model:
    """LFM2: attention where `layer_types` or `full_attn_idxs` says so, a gated convolution of `conv_L_cache` tokens elsewhere."""
    width = adjusted(c)
    tied = c.flag("tie_embedding") if "tie_embedding" in c else c.flag("tie_word_embeddings")
    return decoder(
        c,
        mixer=lambda c, kind: attention(c) if kind != CONVOLUTION else convolution(c),
        feed_forward=lambda c, kind: glu(c, intermediate=width, prefix="feed_forward.", names=("w1", "w3", "w2")),
        mixer_kinds=kinds(c, c.layers(), allowed=(FULL, CONVOLUTION)),
        norms=layer_norms("operator_norm", "ffn_norm"),
        final_norm="embedding_norm",
        tied=tied,
        recipe=Recipe(qk_norm="per-head"),
    )


def adjusted(c: Config) -> Num:
    """Width of the feed-forward: with `block_auto_adjust_ff_dim`, two thirds, multiplied and rounded up to `block_multiple_of`."""
    stated = c.int("intermediate_size")
    if not c.flag("block_auto_adjust_ff_dim"):
        return stated
    factor = c.number("block_ffn_dim_multiplier") or num.unknown("`block_ffn_dim_multiplier` is null")
    multiple = c.int("block_multiple_of")
    return num.ceil_div(num.floor(factor * (stated * 2 // 3)), multiple) * multiple


def attention(c: Config) -> Mixer:
    """GQA with a norm over each head."""
    return gqa(c, qk_norm="per-head", qk_norm_names=("q_layernorm", "k_layernorm"), names=("q_proj", "k_proj", "v_proj", "out_proj"))


def convolution(c: Config) -> Mixer:
    """A short convolution over time between two gates: three projections of the input in one tensor."""
    hidden, kernel, bias = c.int("hidden_size"), c.int("conv_L_cache"), c.flag("conv_bias")
    weights = (
        *linear("in_proj", hidden, hidden * 3, STATE, bias=bias),
        *depthwise_conv("conv", hidden, kernel, bias=bias),
        *linear("out_proj", hidden, hidden, STATE, bias=bias),
    )
    return Recurrent("short-convolution", (State("convolution", (hidden,), kernel=kernel),), prefixed("conv.", weights))
