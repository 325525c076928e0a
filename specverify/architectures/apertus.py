"""Apertus: a feed-forward of two matrices whose activation learns its own shape, and a norm over each query and key head."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Role, Weight

LEARNED, FIXED = ("alpha_p", "alpha_n"), ("beta", "eps")
"""Of the xIELU activation (arXiv:2411.13010): two parameters, and two constants that checkpoints store all the same."""


@family("apertus", source="transformers ApertusForCausalLM; https://arxiv.org/abs/2509.14233")
def apertus(c: Config) -> Model:
    """Apertus 8B and 70B: Llama with xIELU in place of SwiGLU and norms on queries and keys."""
    bias = c.flag("attention_bias")
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias, qk_norm="per-head"),
        feed_forward=feed_forward,
        norms=layer_norms("attention_layernorm", "feedforward_layernorm"),
        recipe=Recipe(qk_norm="per-head"),
    )


def feed_forward(c: Config, kind: str) -> FeedForward:
    """Two matrices without bias and, where the activation is xIELU, the scalars of its curve."""
    block = plain(c, names=("up_proj", "down_proj"), bias=False)
    if block.activation != "xielu":
        return block
    learned = (Weight(f"mlp.act_fn.{name}", (Num(1),), Role.FEED_FORWARD) for name in LEARNED)
    fixed = (Weight(f"mlp.act_fn.{name}", (), Role.FEED_FORWARD, buffer=True) for name in FIXED)
    return replace(block, weights=(*block.weights, *learned, *fixed))
