"""Hunyuan against its transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of

HUNYUAN_V1_DENSE: dict[str, Any] = {**SMALL, "model_type": "hunyuan_v1_dense", "head_dim": 10}
HUNYUAN_V1_MOE: dict[str, Any] = {
    **SMALL,
    "model_type": "hunyuan_v1_moe",
    "head_dim": 10,
    "num_experts": 4,
    "moe_topk": 2,
}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("HunYuanDenseV1ForCausalLM", {}, 40_368),
        ("HunYuanDenseV1ForCausalLM", {"attention_bias": True}, 40_816),
        ("HunYuanDenseV1ForCausalLM", {"tie_word_embeddings": True}, 37_264),
        ("HunYuanDenseV1ForSequenceClassification", {}, 37_328),
    ],
)
def test_hunyuan_v1_dense(architecture: str, changes: dict[str, Any], total: int) -> None:
    """HunYuanDenseV1ForCausalLM: norms over query and key heads."""
    assert total_of({**HUNYUAN_V1_DENSE, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("HunYuanMoEV1ForCausalLM", {}, 114_608),
        ("HunYuanMoEV1ForCausalLM", {"num_experts": 3}, 96_048),
        ("HunYuanMoEV1ForCausalLM", {"moe_topk": [2] * 4}, 114_608),
        ("HunYuanMoEV1ForCausalLM", {"attention_bias": True}, 115_056),
        ("HunYuanMoEV1Model", {}, 111_504),
    ],
)
def test_hunyuan_v1_moe(architecture: str, changes: dict[str, Any], total: int) -> None:
    """HunYuanMoEV1ForCausalLM: a shared expert beside the routed ones."""
    assert total_of({**HUNYUAN_V1_MOE, **changes, "architectures": [architecture]}) == total


def test_numbers_listed_once_a_layer() -> None:
    """Hunyuan-A13B lists `moe_topk` for each layer; lists that differ are unknown."""
    found = counts(spec_of({**HUNYUAN_V1_MOE, "moe_topk": [2] * 4}))
    assert found is not None
    assert (found.total - found.activated).value == 4 * 2 * 3 * 48 * 32
    differing = counts(spec_of({**HUNYUAN_V1_MOE, "moe_topk": [2, 1, 2, 2]}))
    assert differing is not None
    assert differing.activated.value is None


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("hunyuan_v1_dense", "hunyuan_v1_moe")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("hunyuan_v1_dense", "hunyuan_v1_moe")
