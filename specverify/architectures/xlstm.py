"""xLSTM: a matrix memory in every layer, written and read by gates."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.recurrent import STATE
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import FeedForward, Recurrent, State

FUSED = "fused"


@family("xlstm", source="transformers xLSTMForCausalLM; https://arxiv.org/abs/2503.13427")
def xlstm(c: Config) -> Model:
    """xLSTM 7B: the memory of an mLSTM (arXiv:2405.04517) and a gated feed-forward; the head is never tied.

    `weight_mode` says whether projections of one input are one tensor. Sizes are shares of `hidden_size`.
    """
    bias, fused = c.flag("use_bias"), c.text("weight_mode") == FUSED
    return decoder(
        c,
        mixer=lambda c, kind: memory(c, bias=bias, fused=fused),
        feed_forward=lambda c, kind: feed_forward(c, bias=bias, fused=fused),
        norms=layer_norms("norm_mlstm", "norm_ffn", bias=bias),
        prefix="backbone.",
        layers="blocks.{layer}.",
        count=c.layers("num_blocks"),
        embedding="embeddings",
        embedding_width=c.int("embedding_dim"),
        final_norm="out_norm",
        tied=False,
        recipe=Recipe(position="none"),
    )


def share(c: Config, key: str) -> Num:
    """So many times `hidden_size`, whole."""
    return num.floor((c.number(key) or num.unknown(f"`{key}` is null")) * c.int("hidden_size"))


def memory(c: Config, *, bias: bool, fused: bool) -> Recurrent:
    """A head keeps a matrix of keys by values, the sum of its keys, and one number to keep exponents in range.

    Memory is kept in the dtype of the stream, whatever `inference_state_dtype` its kernels compute in.
    """
    hidden, heads = c.int("hidden_size"), c.int("num_heads")
    keys, values = share(c, "qk_dim_factor"), share(c, "v_dim_factor")
    key_dim, value_dim = keys // heads, values // heads
    if fused:
        opening = (
            *linear("qkv_opreact", hidden, keys * 2 + values * 2, STATE, bias=bias),
            *linear("ifgate_preact", hidden, heads * 2, STATE, bias=True),
        )
    else:
        widths = (("q", keys), ("k", keys), ("v", values), ("ogate_preact", values))
        opening = (
            *(weight for name, width in widths for weight in linear(name, hidden, width, STATE, bias=bias)),
            *(weight for name in ("igate_preact", "fgate_preact") for weight in linear(name, hidden, heads, STATE, bias=True)),
        )
    weights = (
        *opening,
        *norm("multihead_norm", heads * value_dim, bias=bias),
        *linear("out_proj", values, hidden, STATE, bias=bias),
    )
    states = (State("memory", (heads, key_dim, value_dim)), State("normalizer", (heads, key_dim)), State("stabilizer", (heads,)))
    return Recurrent("mlstm", states, prefixed("mlstm_layer.", weights))


def feed_forward(c: Config, *, bias: bool, fused: bool) -> FeedForward:
    """`ffn_proj_factor` times as wide as the stream, rounded up to a multiple of `ffn_round_up_to_multiple_of`."""
    multiple = c.int("ffn_round_up_to_multiple_of")
    width = num.ceil_div(share(c, "ffn_proj_factor"), multiple) * multiple
    names = ("proj_up_gate", "proj_up", "proj_down")
    return glu(c, intermediate=width, prefix="ffn.", names=names, fused="proj_up_gate_z" if fused else None, bias=bias)
