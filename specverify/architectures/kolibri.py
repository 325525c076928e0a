"""Kolibri: many narrow experts behind windows, and no positions where a layer sees everything."""

from __future__ import annotations

from specverify.architectures.blocks.attention import sliding_window
from specverify.architectures.blocks.tensors import extended
from specverify.architectures.deepseek import BALANCED
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.moe_kin import routed
from specverify.architectures.qwen import listed_windows, windowed
from specverify.architectures.registry import family
from specverify.spec import FeedForward, Role, Weight


@family("kolibri1", source="transformers Kolibri1ForCausalLM; https://huggingface.co/Aleph-Alpha/Kolibri-1")
def kolibri1(c: Config) -> Model:
    """Kolibri 1: four sliding layers to one full, norms around both blocks; without `sliding_window` every layer has positions.

    The checkpoint keeps the balancing bias apart from the router it belongs to.
    """

    def mixture(c: Config, kind: str) -> FeedForward:
        bias = Weight("moe.router.expert_bias", (c.int("num_experts"),), Role.ROUTER, buffer=True, dtype="F32")
        return extended(routed(c, shared=c.int("shared_expert_intermediate_size")), bias)

    return decoder(
        c,
        mixer=windowed(c, qk_norm="per-head", full_rotary=sliding_window(c) is None),
        feed_forward=mixture,
        mixer_kinds=listed_windows(c),
        norms=layer_norms("input_layernorm", "post_attn_norm", "post_attention_layernorm", "post_ffn_norm"),
        recipe=Recipe(norm_placement="pre and post", qk_norm="per-head", balancing=BALANCED),
    )
