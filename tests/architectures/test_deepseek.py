"""DeepSeek-V3.2 and the GLM models built on it, against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from specverify.derive.parameters import counts
from specverify.spec import Latent
from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_cache_against_corpus,
    check_published,
    decoder_of,
    reserved_of,
    spec_of,
    total_of,
)

MLA: dict[str, Any] = {
    **SMALL,
    "num_key_value_heads": 4,
    "q_lora_rank": 12,
    "kv_lora_rank": 20,
    "qk_nope_head_dim": 6,
    "qk_rope_head_dim": 4,
    "v_head_dim": 10,
    "moe_intermediate_size": 16,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "n_group": 1,
    "topk_group": 1,
}
INDEX: dict[str, Any] = {"index_head_dim": 8, "index_n_heads": 3, "index_topk": 5}
DEEPSEEK_V32: dict[str, Any] = {
    **MLA,
    "index_head_dim": 8,
    "index_n_heads": 3,
    "index_topk": 5,
    "model_type": "deepseek_v32",
    "first_k_dense_replace": 1,
}
GLM4_MOE_LITE: dict[str, Any] = {**MLA, "model_type": "glm4_moe_lite"}
GLM_MOE_DSA: dict[str, Any] = {
    **MLA,
    "index_head_dim": 8,
    "index_n_heads": 3,
    "index_topk": 5,
    "model_type": "glm_moe_dsa",
}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("DeepseekV32ForCausalLM", {}, 54_048),
        ("DeepseekV32ForCausalLM", {"attention_bias": True}, 54_320),
        ("DeepseekV32ForCausalLM", {"index_n_heads": 2}, 53_536),
        ("DeepseekV32ForCausalLM", {"index_head_dim": 12}, 55_168),
        ("DeepseekV32ForCausalLM", {"first_k_dense_replace": 2}, 50_848),
        ("DeepseekV32ForCausalLM", {"mlp_layer_types": ["sparse"] * 4}, 57_248),
        ("DeepseekV32ForCausalLM", {"q_lora_rank": 10}, 53_272),
        ("DeepseekV32ForCausalLM", {"kv_lora_rank": 24}, 55_600),
        ("DeepseekV32ForCausalLM", {"v_head_dim": 12}, 55_712),
        ("DeepseekV32ForCausalLM", {"n_shared_experts": 2}, 58_656),
        ("DeepseekV32ForCausalLM", {"tie_word_embeddings": True}, 50_944),
        ("DeepseekV32Model", {}, 50_944),
    ],
)
def test_deepseek_v32(architecture: str, changes: dict[str, Any], total: int) -> None:
    """DeepseekV32ForCausalLM: an indexer in every layer, and a router balanced by a bias that is no parameter."""
    assert total_of({**DEEPSEEK_V32, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("Glm4MoeLiteForCausalLM", {}, 51_424),
        ("Glm4MoeLiteForCausalLM", {"q_lora_rank": None}, 53_040),
        ("Glm4MoeLiteForCausalLM", {"attention_bias": True}, 51_696),
        ("Glm4MoeLiteForCausalLM", {"mlp_layer_types": ["dense", "sparse", "dense", "sparse"]}, 48_224),
        ("Glm4MoeLiteForCausalLM", {"n_routed_experts": 3}, 46_720),
        ("Glm4MoeLiteForCausalLM", {"qk_rope_head_dim": 8}, 52_704),
        ("Glm4MoeLiteModel", {}, 48_320),
    ],
)
def test_glm4_moe_lite(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Glm4MoeLiteForCausalLM: latent attention, the first layer dense."""
    assert total_of({**GLM4_MOE_LITE, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("GlmMoeDsaForCausalLM", {}, 47_648),
        ("GlmMoeDsaForCausalLM", {"indexer_types": ["full", "shared", "shared", "full"]}, 46_336),
        ("GlmMoeDsaForCausalLM", {"index_topk_freq": 2}, 46_992),
        ("GlmMoeDsaForCausalLM", {"index_topk_freq": 2, "index_skip_topk_offset": 1}, 46_336),
        ("GlmMoeDsaForCausalLM", {"index_topk_pattern": "FSSS"}, 45_680),
        ("GlmMoeDsaForCausalLM", {"first_k_dense_replace": 0}, 57_248),
        ("GlmMoeDsaForCausalLM", {"index_n_heads": 2}, 47_136),
        ("GlmMoeDsaModel", {}, 44_544),
    ],
)
def test_glm_moe_dsa(architecture: str, changes: dict[str, Any], total: int) -> None:
    """GlmMoeDsaForCausalLM: no indexer where the choice is shared, by list, letters or interval."""
    assert total_of({**GLM_MOE_DSA, **changes, "architectures": [architecture]}) == total


def test_the_indexer_caches_a_key_a_token() -> None:
    """DeepSeek-V3.2: a latent of 20, a rotary key of 4 and an index key of 8; a layer that shares a choice has no index key."""
    assert reserved_of(DEEPSEEK_V32, 16) == 4 * (20 + 4 + 8) * 16 * 2
    shared = {**GLM_MOE_DSA, "indexer_types": ["full", "shared", "shared", "full"]}
    assert reserved_of(shared, 16) == (4 * (20 + 4) + 2 * 8) * 16 * 2
    assert reserved_of(GLM4_MOE_LITE, 16) == 4 * (20 + 4) * 16 * 2


def test_every_layer_attends_to_the_tokens_picked() -> None:
    """GLM-5.2: layers that share a choice are as sparse as the one that made it."""
    layers = decoder_of({**GLM_MOE_DSA, "indexer_types": ["full", "shared", "shared", "full"]}).layers
    picked = [mixer.index_topk for group in layers for mixer in group.mixers if isinstance(mixer, Latent)]
    assert [number.value for number in picked if number is not None] == [5] * len(layers)
    assert "changed attention graph" in spec_of(GLM_MOE_DSA).value("long_context_path")


def test_next_token_prediction() -> None:
    """One layer more with an indexer of its own, behind a joint: the model's own layer, three norms and a projection of 64 to 32."""
    config = {**GLM_MOE_DSA, "num_nextn_predict_layers": 1, "indexer_types": ["full", "shared", "shared", "shared"]}
    found = counts(spec_of(config))
    assert found is not None
    names = {name for name, _, _ in manifest(spec_of(config))}
    assert "model.layers.4.self_attn.indexer.wk.weight" in names
    assert "model.layers.3.self_attn.indexer.wk.weight" not in names
    longer = {"num_nextn_predict_layers": 0, "num_hidden_layers": 5, "indexer_types": ["full", *["shared"] * 3, "full"]}
    layer = counts(spec_of({**config, **longer}))
    assert layer is not None
    assert found.mtp.value == layer.total.value - found.total.value + 3 * 32 + 64 * 32  # type: ignore[operator]


def test_a_pattern_that_is_no_list_of_kinds_is_a_problem() -> None:
    """GLM-5: a kind of indexer that its class does not have."""
    spec = spec_of({**GLM_MOE_DSA, "indexer_types": ["full", "half", "shared", "full"]})
    assert [problem.pointer for problem in spec.problems] == ["/indexer_types"]


def test_lineage() -> None:
    """GLM-5 and GLM-4.7-Flash mask causally, whatever the first GLM was."""
    for config in (GLM_MOE_DSA, GLM4_MOE_LITE):
        prototype = spec_of(config).fact("prototype")
        assert prototype.value == "decoder-only"
        assert "PrefixLM lineage" in (prototype.readings[0].note or "")


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("deepseek_v3", "deepseek_v32", "glm4_moe_lite", "glm_moe_dsa")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("deepseek_v3", "deepseek_v32", "glm4_moe_lite", "glm_moe_dsa")


def test_published() -> None:
    """Every published config the corpus has of these types."""
    check_published("deepseek_v3", "deepseek_v32", "glm_moe_dsa", "kimi_k2")
