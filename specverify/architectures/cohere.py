"""Command-R: attention and feed-forward beside each other behind one LayerNorm without bias, and a tied head."""

from __future__ import annotations

from typing import Any

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, moe
from specverify.architectures.deepseek import stated_sparse
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, MixerOf, Model, Recipe, decoder, layer_norms
from specverify.architectures.qwen import listed_windows, windowed
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import FeedForward, Mixer, Role, Weight


@family("cohere", source="transformers CohereForCausalLM; Cohere, Command-R")
def cohere(c: Config) -> Model:
    """Command-R and R+: `use_qk_norm` (R+) norms queries and keys with a vector of its own for every head."""
    bias, normed = c.flag("attention_bias"), c.flag("use_qk_norm")

    def mixer(c: Config, kind: str) -> Mixer:
        own = gqa(c, bias=bias, o_bias=bias)
        if not normed:
            return own
        queries = Weight("self_attn.q_norm.weight", (own.num_attention_heads, own.head_dim), Role.NORM)
        keys = Weight("self_attn.k_norm.weight", (own.num_key_value_heads, own.head_dim), Role.NORM)
        return replace(own, weights=(*own.weights, queries, keys))

    return _decoder(c, mixer, Recipe(norm="layer", parallel=True, qk_norm="per-head" if normed else None))


@family("cohere2", source="transformers Cohere2ForCausalLM; https://arxiv.org/abs/2504.00698")
def cohere2(c: Config) -> Model:
    """Command R7B and A: every `sliding_window_pattern`-th layer sees everything without positions, the others a window with them."""
    bias = c.flag("attention_bias")
    mixer = windowed(c, bias=bias, o_bias=bias, full_rotary=False)
    return _decoder(c, mixer, Recipe(norm="layer", parallel=True), listed_windows(c))


@family("cohere2_moe", source="transformers Cohere2MoeForCausalLM; Cohere, Command A+")
def cohere2_moe(c: Config) -> Model:
    """Cohere's mixtures: Cohere 2 with experts of `intermediate_size`, beside shared ones that are one block as wide as all of them.

    The first layers may be dense, of a width of their own. The norm is an RMSNorm where `rms_norm_eps` is a number.
    """
    width, shared, dense = c.int("intermediate_size"), c.int("num_shared_experts", least=0), c.optional("prefix_dense_intermediate_size")

    def feed_forward(c: Config, kind: str) -> FeedForward:
        if kind != "sparse":
            return glu(c, intermediate=dense or width)
        return moe(
            c,
            experts=c.int("num_experts"),
            per_token=c.int("num_experts_per_tok"),
            intermediate=width,
            shared=None if shared.value == 0 else width * shared,
            router_kind=c.text("expert_selection_fn") or "softmax",
        )

    bias = c.flag("attention_bias")
    return decoder(
        c,
        mixer=windowed(c, bias=bias, o_bias=bias, full_rotary=False),
        feed_forward=feed_forward,
        mixer_kinds=listed_windows(c),
        feed_forward_kinds=stated_sparse(c),
        norms=layer_norms("input_layernorm"),
        recipe=Recipe(norm="layer" if c.number("rms_norm_eps") is None else "rms", parallel=True),
    )


@family("cohere_compass_text", source="transformers CohereCompassForCausalLM; Cohere, Compass")
def cohere_compass_text(c: Config, **placement: Any) -> Model:
    """Compass: Cohere 2 with positions on every layer whose kind `rope_parameters` knows, and no windows unless asked for.

    `placement` is for `decoder`.
    """
    bias = c.flag("attention_bias")
    return _decoder(c, windowed(c, bias=bias, o_bias=bias), Recipe(norm="layer", parallel=True), listed_windows(c), **placement)


def _decoder(c: Config, mixer: MixerOf, recipe: Recipe, mixer_kinds: Kinds | None = None, **placement: Any) -> Model:
    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=mixer_kinds,
        norms=layer_norms("input_layernorm"),
        recipe=recipe,
        **placement,
    )
