"""GLM: a prefix LM in its first releases and by its paper, a causal decoder in every class read here."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa, mla
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.deepseek import (
    BALANCED,
    dense_then_sparse,
    experts,
    indexed,
    next_token_prediction,
    predicting,
    stated_sparse,
)
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, MixerOf, Model, Recipe, decoder, every, kinds, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import FeedForward, Mixer

FULL, SHARED = "full", "shared"
LINEAGE = "PrefixLM lineage (GLM, arXiv:2103.10360; ChatGLM v1), but the released class masks causally"
SANDWICH = layer_norms("input_layernorm", "post_attention_layernorm", "post_self_attn_layernorm", "post_mlp_layernorm")


def attention(c: Config, kind: str, *, qk_norm: str | None = None) -> Mixer:
    """GQA with `attention_bias` on q, k and v, never on o."""
    return gqa(c, bias=c.flag("attention_bias"), qk_norm=qk_norm)


@family("glm", source="transformers GlmForCausalLM; https://arxiv.org/abs/2406.12793")
def glm(c: Config) -> Model:
    """GLM-4-9B: Llama with biases on q, k and v, half the head rotated, gate and up in one tensor."""
    return decoder(c, mixer=attention, feed_forward=lambda c, kind: glu(c, fused="gate_up_proj"), lineage=LINEAGE)


@family("glm4", source="transformers Glm4ForCausalLM")
def glm4(c: Config) -> Model:
    """GLM-4-0414: GLM-4-9B with a second norm behind attention and behind the feed-forward."""
    return sandwiched(c, attention)


def sandwiched(c: Config, mixer: MixerOf) -> Model:
    """The decoder of GLM-4-0414, and of the models with images built on it."""
    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: glu(c, fused="gate_up_proj"),
        norms=SANDWICH,
        recipe=Recipe(norm_placement="pre and post"),
        lineage=LINEAGE,
    )


@family("glm4_moe", source="transformers Glm4MoeForCausalLM; https://arxiv.org/abs/2508.06471")
def glm4_moe(c: Config) -> Model:
    """GLM-4.5 and 4.6: DeepSeek-V3's mixture and next-token prediction over GQA; norms on query and key heads by `use_qk_norm`."""
    qk_norm = "per-head" if c.flag("use_qk_norm") else None

    def mixer(c: Config, kind: str) -> Mixer:
        return attention(c, kind, qk_norm=qk_norm)

    def mixture(c: Config, kind: str) -> FeedForward:
        if kind != "sparse":
            return glu(c)
        return experts(c, router_kind="sigmoid", correction_bias="gate.e_score_correction_bias")

    model = decoder(
        c,
        mixer=mixer,
        feed_forward=mixture,
        feed_forward_kinds=dense_then_sparse(c),
        recipe=Recipe(qk_norm=qk_norm, balancing=BALANCED),
        lineage=LINEAGE,
    )
    return replace(model, parts=(*model.parts, *next_token_prediction(c, mixer=mixer, feed_forward=mixture)))


@family("glm4_moe_lite", source="transformers Glm4MoeLiteForCausalLM; https://arxiv.org/abs/2508.06471")
def glm4_moe_lite(c: Config) -> Model:
    """GLM-4.7-Flash: DeepSeek-V3's latent attention and mixture, the first layer dense unless `mlp_layer_types` says otherwise."""
    return predicting(c, lambda c, kind: mla(c, bias=c.flag("attention_bias")), stated_sparse(c), lineage=LINEAGE)


@family("glm_moe_dsa", source="transformers GlmMoeDsaForCausalLM; https://arxiv.org/abs/2602.15763")
def glm_moe_dsa(c: Config) -> Model:
    """GLM-5: DeepSeek-V3.2, where a `shared` layer of `indexer_types` has no indexer and takes the choice of the one before."""
    return predicting(c, lambda c, kind: indexed(c, scores=kind != SHARED), stated_sparse(c), indexers(c), lineage=LINEAGE)


@family("solar_open", source="transformers SolarOpenForCausalLM; Upstage, Solar-Open-100B")
def solar_open(c: Config) -> Model:
    """Solar Open: GLM-4.5 with every layer a mixture, no norms over heads and no next-token prediction."""
    return decoder(
        c,
        mixer=attention,
        feed_forward=lambda c, kind: experts(c, router_kind="sigmoid", correction_bias="gate.e_score_correction_bias"),
        recipe=Recipe(balancing=BALANCED),
    )


def indexers(c: Config) -> Kinds:
    """Which layers score for themselves: `indexer_types`, else the letters of `index_topk_pattern`, else every so many layers."""
    pattern = c.text("index_topk_pattern") if c.raw.get("indexer_types") is None else None
    count = c.layers()
    if pattern is None:
        return kinds(c, count, "indexer_types", allowed=(FULL, SHARED))
    c.mark("indexer_types")
    return every(c, count, lambda index: pattern[index : index + 1] == "S", names=(FULL, SHARED))
