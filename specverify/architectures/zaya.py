"""ZAYA: attention in a compressed space behind two short convolutions, and a router that remembers the layer before."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import activation, stacked_experts
from specverify.architectures.blocks.recurrent import depthwise_conv
from specverify.architectures.blocks.tensors import as_role, linear, norm, prefixed
from specverify.architectures.deepseek import BALANCED
from specverify.architectures.keys import Config
from specverify.architectures.model import PRE_NORM, Model, Recipe, decoder, every, kinds
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Experts, FeedForward, Mixer, Recurrent, Role, State, Weight

HYBRID, SLIDING = "hybrid", "hybrid_sliding"


@family("zaya", source="transformers ZayaForCausalLM; https://arxiv.org/abs/2510.04476")
def zaya(c: Config) -> Model:
    """ZAYA1: compressed convolutional attention and a mixture in every layer; residual streams are scaled and shifted."""
    window, hidden = sliding_window(c), c.int("hidden_size")
    streams = ("post_attention_residual_scale.", "post_mlp_residual_scale.")
    return decoder(
        c,
        mixer=lambda c, kind: attention(c, window if kind == SLIDING else None),
        feed_forward=lambda c, kind: mixture(c, follows=kind != "first"),
        mixer_kinds=kinds(c, c.layers(), allowed=(HYBRID, SLIDING)),
        feed_forward_kinds=every(c, c.layers(), lambda index: index > 0, names=("first", "later")),
        norms=lambda c, kind: (
            *PRE_NORM(c, kind),
            *(weight for stream in streams for what in ("hidden_states", "residual") for weight in affine(f"{stream}{what}", hidden)),
        ),
        extra=affine("input_hidden_states", hidden),
        head_bias=c.flag("lm_head_bias"),
        recipe=Recipe(qk_norm="per-head", balancing=BALANCED),
    )


def affine(name: str, size: Num) -> tuple[Weight, ...]:
    """A scale and a shift for every channel."""
    return tuple(Weight(f"{name}_{what}", (size,), Role.NORM) for what in ("scale", "bias"))


def attention(c: Config, window: Num | None) -> tuple[Mixer, ...]:
    """Queries and keys through a convolution a channel and one a head; half of each value is the last token's.

    The convolutions keep the columns they need, and the next token the delayed half of this one's values.
    """
    own = gqa(c, window=window)
    hidden, heads, kv_heads, dim, bias = (
        c.int("hidden_size"),
        own.num_attention_heads,
        own.num_key_value_heads,
        own.head_dim,
        c.flag("attention_bias"),
    )
    first, second = c.int("cca_time0"), c.int("cca_time1")
    channels, half, role = (heads + kv_heads) * dim, kv_heads * dim // 2, Role.ATTENTION
    projections = (
        *linear("q_proj", hidden, heads * dim, role, bias=bias),
        *linear("k_proj", hidden, kv_heads * dim, role, bias=bias),
        *linear("v_proj_current", hidden, half, role, bias=bias),
        *linear("v_proj_delayed", hidden, half, role, bias=bias),
        *as_role(role, depthwise_conv("conv_qk_depthwise", channels, first, bias=True)),
        Weight("conv_qk_grouped.weight", (channels, dim, second), role),
        Weight("conv_qk_grouped.bias", (channels,), role),
    )
    weights = (
        *prefixed("qkv_proj.", projections),
        Weight("qk_norm.temp", (kv_heads,), role),
        *linear("o_proj", heads * dim, hidden, role, bias=bias),
    )
    states = (State("convolution", (channels, first + second - 2)), State("delayed values", (half,)))
    return replace(own, weights=prefixed("self_attn.", weights)), Recurrent("short-convolution", states, ())


def mixture(c: Config, *, follows: bool) -> FeedForward:
    """Experts behind a router of its own width, which may also choose none; `follows`: it adds the states of the router before."""
    hidden, width, rank = c.int("hidden_size"), c.int("moe_intermediate_size"), c.int("router_hidden_size")
    experts, per_token, role = c.int("num_experts"), c.int("num_experts_per_tok"), Role.ROUTER
    choices = experts + 1
    router = (
        *linear("down_proj", hidden, rank, role, bias=True),
        *((Weight("router_states_scale", (rank,), role),) if follows else ()),
        *norm("router_mlp.norm", rank),
        *linear("router_mlp.fc1", rank, rank, role, bias=True),
        *linear("router_mlp.fc2", rank, rank, role, bias=True),
        *linear("router_mlp.out_proj", rank, choices, role),
        Weight("balancing_biases", (choices,), role, buffer=True, dtype="F32"),
    )
    stacked = stacked_experts(hidden, width, "mlp.experts.", outputs_first=True)
    weights = (*prefixed("mlp.gate.", router), *(replace(weight, copies=experts, active=per_token) for weight in stacked))
    return FeedForward(weights, width, activation=activation(c), experts=Experts(experts, per_token, width, router="softmax"))
