"""Qwen2, Qwen2-MoE, Qwen3, Qwen3-MoE, the hybrids and the models with a tower, against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify import num
from specverify.derive import cache
from specverify.derive.parameters import counts
from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_published,
    decoder_of,
    spec_of,
    total_of,
    windows_of,
)

SPARSE = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16}
SHARED = {**SPARSE, "shared_expert_intermediate_size": 24}
DELTA = {"linear_num_key_heads": 2, "linear_num_value_heads": 4, "linear_key_head_dim": 8, "linear_value_head_dim": 8}
QWEN2 = {**SMALL, "model_type": "qwen2"}
QWEN2_MOE = {**SMALL, **SHARED, "model_type": "qwen2_moe"}
QWEN3 = {**SMALL, "model_type": "qwen3", "head_dim": 16}
QWEN3_MOE = {**SMALL, **SPARSE, "model_type": "qwen3_moe"}
QWEN3_NEXT = {**SMALL, **SHARED, **DELTA, "model_type": "qwen3_next", "head_dim": 16}
QWEN3_5 = {**SMALL, **DELTA, "model_type": "qwen3_5_text", "head_dim": 16}
QWEN3_5_MOE = {**SMALL, **SHARED, **DELTA, "model_type": "qwen3_5_moe_text", "head_dim": 16}
SLIDING = {"use_sliding_window": True, "sliding_window": 8}
VISION = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "depth": 2,
    "num_heads": 2,
    "in_channels": 3,
    "patch_size": 8,
    "temporal_patch_size": 2,
    "spatial_merge_size": 2,
    "num_position_embeddings": 16,
    "out_hidden_size": 32,
}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("Qwen2ForCausalLM", {}, 37_472),
        ("Qwen2ForCausalLM", {"head_dim": 16}, 50_016),
        ("Qwen2ForCausalLM", {"tie_word_embeddings": True}, 34_368),
        ("Qwen2ForCausalLM", {"attention_bias": False}, 37_472),
        ("Qwen2Model", {}, 34_368),
        ("Qwen2ForSequenceClassification", {}, 34_432),
        ("Qwen2ForTokenClassification", {}, 34_434),
        ("Qwen2ForQuestionAnswering", {}, 34_434),
    ],
)
def test_qwen2(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Qwen2ForCausalLM and its siblings: biases on q, k and v whatever `attention_bias` says."""
    assert total_of({**QWEN2, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("Qwen2MoeForCausalLM", {}, 53_472),
        ("Qwen2MoeForCausalLM", {"qkv_bias": False}, 53_216),
        ("Qwen2MoeForCausalLM", {"decoder_sparse_step": 2}, 45_472),
        ("Qwen2MoeForCausalLM", {"decoder_sparse_step": 3}, 41_472),
        ("Qwen2MoeForCausalLM", {"mlp_only_layers": [1, 3]}, 45_472),
        ("Qwen2MoeForCausalLM", {"num_experts": 0}, 37_472),
        ("Qwen2MoeForCausalLM", {"num_experts": 3}, 47_200),
        ("Qwen2MoeForSequenceClassification", {}, 50_432),
    ],
)
def test_qwen2_moe(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Qwen2MoeForCausalLM: a shared expert with a gate beside the routed ones, in the layers that are sparse."""
    assert total_of({**QWEN2_MOE, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("config", "seen"),
    [
        (QWEN2, [None] * 4),
        ({**QWEN2, "sliding_window": 8}, [None] * 4),
        ({**QWEN2, **SLIDING, "max_window_layers": 1}, [None, 8, 8, 8]),
        ({**QWEN2, **SLIDING, "max_window_layers": 4}, [None] * 4),
        ({**QWEN2, **SLIDING, "layer_types": ["sliding_attention", "full_attention"] * 2}, [8, None, 8, None]),
        ({**QWEN3, **SLIDING, "max_window_layers": 1}, [None, 8, 8, 8]),
        ({**QWEN3, "use_sliding_window": True, "sliding_window": None, "max_window_layers": 1}, [None] * 4),
        ({**QWEN2_MOE, **SLIDING, "max_window_layers": 3}, [8, None, 8, None]),
        ({**QWEN2_MOE, "max_window_layers": 3}, [None] * 4),
        ({**QWEN3_MOE, **SLIDING}, [8] * 4),
        ({**QWEN3_MOE, "sliding_window": 8}, [None] * 4),
    ],
)
def test_windows(config: dict[str, Any], seen: list[int | None]) -> None:
    """Qwen2Config and Qwen3Config slide from `max_window_layers` on, Qwen2MoeConfig below it, Qwen3MoeConfig everywhere."""
    assert windows_of(config) == seen
    assert spec_of(config).problems == ()


def test_a_limit_that_cannot_be_read_leaves_the_layers_unknown() -> None:
    """Qwen2: with a window in use, which layers slide rests on `max_window_layers`."""
    spec = spec_of({**QWEN2, **SLIDING, "max_window_layers": "many"})
    assert cache.attention_bytes(cache.plan(spec), num.const(64), num.const(2)).value is None


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("Qwen3ForCausalLM", {}, 49_632),
        ("Qwen3ForCausalLM", {"head_dim": 8}, 37_280),
        ("Qwen3ForCausalLM", {"attention_bias": True}, 50_272),
        ("Qwen3ForCausalLM", {"tie_word_embeddings": True}, 46_528),
        ("Qwen3Model", {}, 46_528),
        ("Qwen3ForSequenceClassification", {}, 46_592),
    ],
)
def test_qwen3(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Qwen3ForCausalLM: norms over query and key heads, `head_dim` apart from the width."""
    assert total_of({**QWEN3, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 43_936),
        ({"head_dim": 16}, 56_288),
        ({"decoder_sparse_step": 2}, 40_608),
        ({"mlp_only_layers": [0]}, 42_272),
        ({"num_experts": 3}, 37_664),
        ({"attention_bias": True}, 44_320),
        ({"tie_word_embeddings": True}, 40_832),
    ],
)
def test_qwen3_moe(changes: dict[str, Any], total: int) -> None:
    """Qwen3MoeForCausalLM: no shared expert."""
    assert total_of({**QWEN3_MOE, **changes}) == total


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 63_024),
        ({"attention_bias": True}, 63_248),
        ({"full_attention_interval": 2}, 66_624),
        ({"decoder_sparse_step": 2}, 55_024),
        ({"mlp_only_layers": [0]}, 59_024),
        ({"linear_conv_kernel_dim": 3}, 62_832),
        ({"linear_num_value_heads": 8}, 73_416),
        ({"linear_value_head_dim": 16}, 72_648),
    ],
)
def test_qwen3_next(changes: dict[str, Any], total: int) -> None:
    """Qwen3NextForCausalLM: gated delta nets, and attention whose `q_proj` holds a gate."""
    assert total_of({**QWEN3_NEXT, **changes}) == total


@pytest.mark.parametrize(
    ("config", "total"),
    [
        (QWEN3_5, 47_024),
        ({**QWEN3_5, "full_attention_interval": 2}, 50_624),
        ({**QWEN3_5, "attention_bias": True}, 47_248),
        (QWEN3_5_MOE, 63_024),
        ({**QWEN3_5_MOE, "tie_word_embeddings": True}, 59_920),
    ],
)
def test_qwen3_5(config: dict[str, Any], total: int) -> None:
    """Qwen3_5ForCausalLM and Qwen3_5MoeForCausalLM."""
    assert total_of(config) == total


def test_which_layers_are_recurrent() -> None:
    """Qwen3NextForCausalLM: three gated delta nets to one attention layer."""
    assert windows_of(QWEN3_NEXT) == ["gated-delta"] * 3 + [None]
    assert windows_of({**QWEN3_NEXT, "full_attention_interval": 2}) == ["gated-delta", None] * 2


def test_the_state_of_the_hybrids() -> None:
    """Per delta net: 4 x 8 x 8 in float32, and three columns of 64 convolved channels in the cache dtype."""
    delta, convolved = 4 * 8 * 8, 2 * (2 * 8) + 4 * 8
    plan = cache.plan(spec_of(QWEN3_NEXT))
    assert cache.state_bytes(plan, "bfloat16", None).value == 3 * (delta * 4 + convolved * 3 * 2)
    declared = cache.plan(spec_of({**QWEN3_5, "mamba_ssm_dtype": "bfloat16"}))
    assert cache.state_bytes(declared, "bfloat16", None).value == 3 * (delta * 2 + convolved * 3 * 2)


def test_a_state_dtype_that_is_none_is_a_problem() -> None:
    """Qwen3.5: `mamba_ssm_dtype` is a dtype; anything else is reported, and the class's own float32 counts."""
    spec = spec_of({**QWEN3_5, "mamba_ssm_dtype": "float7"})
    assert [problem.pointer for problem in spec.problems] == ["/mamba_ssm_dtype"]
    assert cache.state_bytes(cache.plan(spec), "bfloat16", None).value == 3 * (256 * 4 + 64 * 3 * 2)


@pytest.mark.parametrize(
    ("model_type", "text", "vision", "tied", "total"),
    [
        ("qwen3_5", QWEN3_5, {}, False, 63_632),
        ("qwen3_5", {**QWEN3_5, "tie_word_embeddings": True}, {}, False, 63_632),
        ("qwen3_5", QWEN3_5, {}, True, 60_528),
        ("qwen3_5_moe", QWEN3_5_MOE, {}, False, 79_632),
        ("qwen3_vl", {**QWEN3, "model_type": "qwen3_vl_text"}, {"deepstack_visual_indexes": [0, 1]}, False, 78_976),
        ("qwen3_vl_moe", {**QWEN3_MOE, "model_type": "qwen3_vl_moe_text"}, {"deepstack_visual_indexes": [0, 1]}, False, 73_280),
    ],
)
def test_with_a_tower(model_type: str, text: dict[str, Any], vision: dict[str, Any], tied: bool, total: int) -> None:
    """Qwen3_5ForConditionalGeneration, Qwen3VLForConditionalGeneration and their sparse siblings: the root says what is tied."""
    config = {"model_type": model_type, "text_config": text, "vision_config": {**VISION, **vision}, "tie_word_embeddings": tied}
    assert total_of(config) == total
    spec = spec_of(config)
    found = counts(spec)
    assert found is not None
    towers = found.activated - found.activated_text_only
    assert towers.value is not None
    assert towers.value > 0
    assert spec.value("modality_interface") == "encoder + projector"
    assert spec.value("prototype") == "decoder-only"


def test_the_text_class_of_a_model_with_images_has_no_tower() -> None:
    """Qwen3_5ForCausalLM of a whole `qwen3_5` config."""
    config = {"model_type": "qwen3_5", "text_config": QWEN3_5, "vision_config": VISION, "architectures": ["Qwen3_5ForCausalLM"]}
    assert total_of(config) == 47_024


def test_next_token_prediction_is_counted_apart() -> None:
    """Qwen3.5's `mtp.` tensors: one attention layer, a joint of twice the width, three norms."""
    found = counts(spec_of({**QWEN3_5, "mtp_num_hidden_layers": 1}))
    assert found is not None
    attention = 32 * 64 * 2 + 2 * 32 * 32 + 64 * 32 + 2 * 16
    assert found.mtp.value == attention + 3 * 32 * 48 + 2 * 32 + 2 * 32 * 32 + 3 * 32
    assert found.total.value == 47_024


def test_recipe() -> None:
    """What no key says: norms on heads, a loss that balances, softmax over experts."""
    spec = spec_of(QWEN3_MOE)
    assert spec.value("qk_norm") == "per-head"
    assert spec.value("router") == "softmax"
    assert spec.value("router_balancing") == "auxiliary loss"
    assert spec_of(QWEN2).value("qk_norm") == "none"
    assert spec_of({**QWEN2, "is_causal": False}).value("prototype") == "encoder-only"


def test_names() -> None:
    """Tensors by their published names; a bare model's begin at its own modules."""
    part = decoder_of(QWEN2_MOE)
    names = {weight.name for weight in part.layers[0].weights()}
    assert {"mlp.gate.weight", "mlp.experts.{expert}.up_proj.weight", "mlp.shared_expert_gate.weight", "self_attn.q_proj.bias"} <= names
    assert part.layer_prefix == "model.layers.{layer}."
    assert decoder_of({**QWEN2, "architectures": ["Qwen2Model"]}).layer_prefix == "layers.{layer}."


TYPES = ("qwen2", "qwen2_moe", "qwen3", "qwen3_moe", "qwen3_next", "qwen3_5", "qwen3_5_moe", "qwen3_vl", "qwen3_vl_moe")


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus(*TYPES, "qwen3_5_text", "qwen3_5_moe_text")


def test_published() -> None:
    """Every published config the corpus has of these types."""
    check_published(*TYPES)
