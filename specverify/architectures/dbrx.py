"""DBRX: fine-grained mixtures; sizes of attention and experts in objects of their own."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import moe
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family
from specverify.spec import FeedForward, Mixer, Role, Weight

FEED_FORWARD = "ffn."


@family("dbrx", source="transformers DbrxForCausalLM; https://www.databricks.com/blog/introducing-dbrx-new-state-art-open-llm")
def dbrx(c: Config) -> Model:
    """DBRX: q, k and v in one tensor, LayerNorms without bias, `moe_top_k` of `moe_num_experts` stored one below the other."""
    attention, ffn = c.sub("attn_config"), c.sub("ffn_config")
    kv_heads, hidden = attention.int("kv_n_heads"), c.int("d_model")
    heads = c.int("n_heads")
    attention.number("rope_theta")

    def mixer(c: Config, kind: str) -> Mixer:
        return gqa(
            c,
            heads=heads,
            kv_heads=kv_heads,
            dim=hidden // heads,
            fused="Wqkv",
            names=("", "", "", "out_proj"),
            prefix="norm_attn_norm.attn.",
        )

    def feed_forward(c: Config, kind: str) -> FeedForward:
        width = ffn.int("ffn_hidden_size")
        return moe(
            c,
            experts=ffn.int("moe_num_experts"),
            per_token=ffn.int("moe_top_k"),
            intermediate=width,
            prefix=FEED_FORWARD,
            router="router.layer",
            expert_weights=tuple(
                Weight(f"{FEED_FORWARD}experts.mlp.{name}", (width, hidden), Role.ROUTED_EXPERT, joined=True) for name in ("w1", "v1", "w2")
            ),
        )

    return decoder(
        c,
        mixer=mixer,
        feed_forward=feed_forward,
        norms=layer_norms("norm_attn_norm.norm_1", "norm_attn_norm.norm_2"),
        prefix="transformer.",
        layers="blocks.{layer}.",
        embedding="wte",
        final_norm="norm_f",
        recipe=Recipe(norm="layer", balancing="auxiliary loss"),
    )
