"""Doge: attention that keeps what a learned mask finds worth keeping, learned residuals, and experts found by product keys."""

from __future__ import annotations

from math import isqrt

from specverify import num
from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import extended, linear
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family
from specverify.spec import FeedForward, Mixer, Role, Weight


@family("doge", source="transformers DogeForCausalLM; SmallDoge, Doge")
def doge(c: Config) -> Model:
    """Doge: with `is_moe`, the feed-forward stands beside `num_experts` experts that are a row of two tables each (arXiv:2407.04153)."""
    window, bias, sparse = sliding_window(c), c.flag("attention_bias"), c.flag("is_moe")
    own_norms = layer_norms("input_layernorm", "post_attention_layernorm")

    def mixer(c: Config, kind: str) -> Mixer:
        own = gqa(c, bias=bias, o_bias=bias, qk_norm="per-head", window=window)
        kv_heads = own.num_key_value_heads
        step = linear("self_attn.dt_proj", kv_heads * own.head_dim, kv_heads, Role.ATTENTION, bias=bias)
        return extended(own, Weight("self_attn.A", (kv_heads,), Role.ATTENTION), *step)

    def feed_forward(c: Config, kind: str) -> FeedForward:
        own = glu(c, bias=c.flag("mlp_bias"))
        return extended(own, *product_keys(c)) if sparse else own

    def norms(c: Config, kind: str) -> tuple[Weight, ...]:
        scales = (Weight(name, (c.int("hidden_size"),), Role.NORM) for name in ("input_residual", "post_attention_residual"))
        return (*own_norms(c, kind), *scales)

    return decoder(c, mixer=mixer, feed_forward=feed_forward, norms=norms, recipe=Recipe(qk_norm="per-head"))


def product_keys(c: Config) -> tuple[Weight, ...]:
    """Two tables with a row for each expert, and two sets of keys whose pairs name the rows."""
    hidden, experts = c.int("hidden_size"), c.int("num_experts")
    keys = num.call("isqrt", lambda count: isqrt(int(count)), experts)
    found = num.unknown("what a token touches of experts found by product keys is not defined")
    tables = (
        Weight(f"mlp.{name}.weight", (num.const(1, "row"), hidden), Role.ROUTED_EXPERT, copies=experts, active=found, joined=True)
        for name in ("down_embed", "up_embed")
    )
    return (*linear("mlp.router_gate", hidden, keys * 2, Role.ROUTER), *tables)
