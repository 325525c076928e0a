"""CTRL: a pre-norm decoder with sinusoidal positions, two matrices a feed-forward and a bias on its tied head."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family
from specverify.spec import FeedForward


@family("ctrl", source="transformers CTRLLMHeadModel; https://arxiv.org/abs/1909.05858")
def ctrl(c: Config) -> Model:
    """CTRL: biases everywhere, a ReLU, and positions that are computed and never stored."""

    def feed_forward(c: Config, kind: str) -> FeedForward:
        return plain(c, intermediate=c.int("dff"), prefix="ffn.", names=("0", "2"))

    return decoder(
        c,
        mixer=lambda c, kind: mha(
            c, bias=True, o_bias=True, names=("Wq", "Wk", "Wv", "dense"), prefix="multi_head_attention.", rotary=False
        ),
        feed_forward=feed_forward,
        norms=layer_norms("layernorm1", "layernorm2", bias=True),
        prefix="transformer.",
        layers="h.{layer}.",
        embedding="w",
        final_norm="layernorm",
        final_norm_bias=True,
        head_bias=True,
        sequence_head="classifier",
        recipe=Recipe(norm="layer", position="sinusoidal"),
    )
