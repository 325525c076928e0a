"""JetMoE: experts in attention too, which share one set of keys and values."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import moe
from specverify.architectures.blocks.tensors import extended, linear
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Role, Weight

ATTENTION = "self_attention."


@family("jetmoe", source="transformers JetMoeForCausalLM; https://arxiv.org/abs/2404.07413")
def jetmoe(c: Config) -> Model:
    """JetMoE: each chosen expert of attention has as many query heads as there are KV heads; mixtures everywhere else."""
    hidden, kv_heads, dim = c.int("hidden_size"), c.int("num_key_value_heads"), c.int("head_dim")
    experts, chosen = c.int("num_local_experts"), c.int("num_experts_per_tok")
    c.mark("num_attention_heads")

    def mixer(c: Config, kind: str) -> Mixer:
        width = kv_heads * dim
        queries = (
            Weight("input_linear.weight", (width, hidden), Role.ROUTED_EXPERT),
            Weight("output_linear.weight", (hidden, width), Role.ROUTED_EXPERT),
        )
        weights = (
            *linear(f"{ATTENTION}kv_proj", hidden, width * 2, Role.ATTENTION),
            *linear(f"{ATTENTION}experts.router.layer", hidden, experts, Role.ROUTER),
            bias(f"{ATTENTION}experts.", hidden),
            *(replace(w, name=f"{ATTENTION}experts.{w.name}", copies=experts, active=chosen) for w in queries),
        )
        return replace(gqa(c, heads=kv_heads * chosen, dim=dim), weights=weights)

    def mixture(c: Config, kind: str) -> FeedForward:
        width = c.int("intermediate_size")
        tensors = (
            Weight("mlp.input_linear.weight", (width * 2, hidden), Role.ROUTED_EXPERT),
            Weight("mlp.output_linear.weight", (hidden, width), Role.ROUTED_EXPERT),
        )
        own = moe(c, experts=experts, per_token=chosen, intermediate=width, router="router.layer", expert_weights=tensors)
        return extended(own, bias("mlp.", hidden))

    return decoder(c, mixer=mixer, feed_forward=mixture, recipe=Recipe(balancing="auxiliary loss"))


def bias(prefix: str, hidden: Num) -> Weight:
    """What a mixture adds to every token, whichever experts it chooses."""
    return Weight(f"{prefix}bias", (hidden,), Role.SHARED_EXPERT)
