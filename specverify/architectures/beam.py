"""Beam: Reflection AI's mixture, DeepSeek-V3's router over grouped attention with a gate."""

from __future__ import annotations

from specverify.architectures.blocks.feed_forward import glu, moe
from specverify.architectures.blocks.tensors import extended, linear
from specverify.architectures.deepseek import BALANCED, stated_sparse
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.moe_kin import CORRECTION, normed
from specverify.architectures.qwen import listed_windows
from specverify.architectures.registry import family
from specverify.spec import FeedForward, Mixer, Role, Weight


@family("beam", source="transformers BeamForCausalLM; Reflection AI, Beam 1.0")
def beam(c: Config) -> Model:
    """Beam: a gate on the output of attention with a bias a head, positions on sliding layers alone, norms around both blocks."""
    attention = normed(c, full_rotary=False)

    def mixer(c: Config, kind: str) -> Mixer:
        own = attention(c, kind)
        heads = own.num_attention_heads
        gate = linear("self_attn.gate_proj", c.int("hidden_size"), heads * own.head_dim, Role.ATTENTION)
        return extended(own, *gate, Weight("self_attn.gate_bias", (heads,), Role.ATTENTION))

    def feed_forward(c: Config, kind: str) -> FeedForward:
        if kind != "sparse":
            return glu(c)
        return moe(
            c,
            experts=c.int("num_experts"),
            per_token=c.int("num_experts_per_tok"),
            intermediate=c.int("moe_intermediate_size"),
            router_kind="sigmoid",
            correction_bias=CORRECTION,
            groups=c.optional("n_group"),
            groups_per_token=c.optional("topk_group"),
        )

    return decoder(
        c,
        mixer=mixer,
        feed_forward=feed_forward,
        mixer_kinds=listed_windows(c),
        feed_forward_kinds=stated_sparse(c),
        norms=layer_norms("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"),
        recipe=Recipe(norm_placement="pre and post", qk_norm="per-head", balancing=BALANCED),
    )
