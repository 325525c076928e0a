"""Granite: Llama with scaled embeddings, residuals and logits; mixtures whose experts share a tensor; hybrids with Mamba-2."""

from __future__ import annotations

from specverify.architectures.bamba import mamba2_mixer
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import activation, glu, glu_weights, moe, stacked_experts
from specverify.architectures.keys import Config
from specverify.architectures.llama import llama
from specverify.architectures.model import MixerOf, Model, Recipe, decoder, kinds
from specverify.architectures.qwen import listed_windows, windowed
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Role, Weight

FULL, LINEAR = "full_attention", "linear_attention"
SPARSE = "block_sparse_moe."


@family("granite", source="transformers GraniteForCausalLM; https://arxiv.org/abs/2408.13359")
def granite(c: Config) -> Model:
    """Granite 3: the tensors of Llama, with four multipliers in the config that have none of their own."""
    return llama(c)


@family("granitemoe", source="transformers GraniteMoeForCausalLM; https://arxiv.org/abs/2408.13359")
def granitemoe(c: Config) -> Model:
    """Granite 3 MoE: every feed-forward a mixture of experts `intermediate_size` wide."""
    return decoder(c, mixer=attention, feed_forward=lambda c, kind: mixture(c), recipe=Recipe(balancing="auxiliary loss"))


@family("granitemoeshared", source="transformers GraniteMoeSharedForCausalLM; https://arxiv.org/abs/2408.13359")
def granitemoeshared(c: Config) -> Model:
    """Granite MoE beside an always-on feed-forward of `shared_intermediate_size`, unless that is 0."""
    shared = c.int("shared_intermediate_size", least=0)
    return decoder(
        c,
        mixer=attention,
        feed_forward=lambda c, kind: mixture(c, None if shared.value == 0 else shared),
        recipe=Recipe(balancing="auxiliary loss"),
    )


@family("granite_swa", source="transformers GraniteSWAForCausalLM")
def granite_swa(c: Config) -> Model:
    """Granite with windows: one full layer before every three that slide, and a sink for every head."""
    return decoder(c, mixer=with_sinks(c), feed_forward=lambda c, kind: glu(c, bias=c.flag("mlp_bias")), mixer_kinds=listed_windows(c))


@family("granitemoe_swa", source="transformers GraniteMoeSWAForCausalLM")
def granitemoe_swa(c: Config) -> Model:
    """Granite MoE with the windows and sinks of Granite SWA, and an always-on feed-forward unless `shared_intermediate_size` is 0."""
    shared = c.int("shared_intermediate_size", least=0)
    return decoder(
        c,
        mixer=with_sinks(c),
        feed_forward=lambda c, kind: mixture(c, None if shared.value == 0 else shared, stacked=True),
        mixer_kinds=listed_windows(c),
        recipe=Recipe(balancing="auxiliary loss"),
    )


def with_sinks(c: Config) -> MixerOf:
    """Full and sliding layers with a sink for every head; `layer_rope_theta` gives each its positions, or with a 0 none."""
    c.mark("layer_rope_theta")
    bias = c.flag("attention_bias")
    return windowed(c, bias=bias, o_bias=bias, sinks="sinks")


@family("granitemoehybrid", source="transformers GraniteMoeHybridForCausalLM; https://www.ibm.com/granite/docs/models/granite")
def granitemoehybrid(c: Config) -> Model:
    """Granite 4: Mamba-2 and a few attention layers by `layer_types`, positions only where `position_embedding_type` is `rope`.

    Without experts (`num_local_experts` 0) the shared feed-forward is all there is. The state stays in float32.
    """
    rotary = c.text("position_embedding_type") == "rope"
    experts, shared = c.int("num_local_experts", least=0), c.int("shared_intermediate_size", least=0)

    return decoder(
        c,
        mixer=lambda c, kind: mamba2_mixer(c) if kind == LINEAR else replace(attention(c, kind), rotary=rotary),
        feed_forward=lambda c, kind: mixture(c, shared) if experts.value != 0 else always_on(c, shared, Role.FEED_FORWARD),
        mixer_kinds=kinds(c, c.layers(), allowed=(FULL, LINEAR)),
        recipe=Recipe(position="rope" if rotary else "none", balancing="auxiliary loss" if experts.value != 0 else None),
    )


def attention(c: Config, kind: str) -> Attention:
    """GQA with `attention_bias` on all four projections."""
    bias = c.flag("attention_bias")
    return gqa(c, bias=bias, o_bias=bias)


def always_on(c: Config, width: Num, role: Role) -> FeedForward:
    """The shared feed-forward, gate and up in one tensor."""
    names = ("", "", "output_linear")
    weights = glu_weights(c.int("hidden_size"), width, role, prefix="shared_mlp.", names=names, fused="input_linear")
    return FeedForward(weights, width, activation=activation(c))


def mixture(c: Config, shared: Num | None = None, *, stacked: bool = False) -> FeedForward:
    """Routed experts in two tensors [experts, outputs, inputs], beside a `shared` one of that width.

    `stacked`: router and experts under the names of transformers 5.
    """
    hidden, width = c.int("hidden_size"), c.int("intermediate_size")
    tensors: tuple[Weight, ...] = (
        Weight(SPARSE + "input_linear.weight", (width * 2, hidden), Role.ROUTED_EXPERT),
        Weight(SPARSE + "output_linear.weight", (hidden, width), Role.ROUTED_EXPERT),
    )
    if stacked:
        tensors = stacked_experts(hidden, width, SPARSE + "experts.", outputs_first=True)
    block = moe(
        c,
        experts=c.int("num_local_experts"),
        per_token=c.int("num_experts_per_tok"),
        intermediate=width,
        prefix=SPARSE,
        router="router" if stacked else "router.layer",
        expert_weights=tensors,
    )
    if shared is None:
        return block
    assert block.experts is not None
    weights = (*block.weights, *always_on(c, shared, Role.SHARED_EXPERT).weights)
    return replace(block, weights=weights, experts=replace(block.experts, shared=shared))
