"""gpt-oss: attention with learned sinks over alternating windows, and mixtures with biases everywhere."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import moe, stacked_experts
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, kinds
from specverify.architectures.registry import family
from specverify.spec import FeedForward, Mixer

EXPERTS = "mlp.experts."


@family("gpt_oss", source="transformers GptOssForCausalLM; https://arxiv.org/abs/2508.10925")
def gpt_oss(c: Config) -> Model:
    """gpt-oss: every other layer sees `sliding_window` tokens, each head has a sink, and the experts share their tensors.

    The published files hold the experts in MXFP4, as `_blocks` and `_scales` of the tensors named here.
    """
    bias, window = c.flag("attention_bias"), sliding_window(c)

    def mixer(c: Config, kind: str) -> Mixer:
        return gqa(c, bias=bias, o_bias=bias, sinks="sinks", window=window if kind == "sliding_attention" else None)

    def mixture(c: Config, kind: str) -> FeedForward:
        width = c.int("intermediate_size")
        return moe(
            c,
            experts=c.int("num_local_experts"),
            per_token=c.int("num_experts_per_tok"),
            intermediate=width,
            router="router",
            router_bias=True,
            expert_weights=stacked_experts(c.int("hidden_size"), width, EXPERTS, bias=True),
        )

    return decoder(
        c,
        mixer=mixer,
        feed_forward=mixture,
        mixer_kinds=kinds(c, c.layers(), allowed=("full_attention", "sliding_attention")),
        recipe=Recipe(balancing="auxiliary loss"),
    )
