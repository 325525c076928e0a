"""ERNIE 4.5 against its transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of
from tests.architectures.reading import tensors

ERNIE4_5: dict[str, Any] = {**SMALL, "model_type": "ernie4_5", "head_dim": 10}
ERNIE4_5_MOE: dict[str, Any] = {
    **SMALL,
    "model_type": "ernie4_5_moe",
    "moe_num_experts": 4,
    "moe_k": 2,
    "moe_intermediate_size": 20,
}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("Ernie4_5ForCausalLM", {}, 37_184),
        ("Ernie4_5ForCausalLM", {"use_bias": True}, 38_144),
        ("Ernie4_5ForCausalLM", {"tie_word_embeddings": False}, 40_288),
        ("Ernie4_5Model", {}, 37_184),
    ],
)
def test_ernie4_5(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Ernie4_5ForCausalLM: one switch for all biases."""
    assert total_of({**ERNIE4_5, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("Ernie4_5_MoeForCausalLM", {}, 55_244),
        ("Ernie4_5_MoeForCausalLM", {"use_bias": True}, 56_189),
        ("Ernie4_5_MoeForCausalLM", {"moe_layer_interval": 2}, 48_200),
        ("Ernie4_5_MoeForCausalLM", {"moe_layer_start_index": 2}, 48_200),
        ("Ernie4_5_MoeForCausalLM", {"moe_layer_end_index": 2}, 48_200),
        ("Ernie4_5_MoeForCausalLM", {"moe_num_shared_experts": 0}, 43_724),
        ("Ernie4_5_MoeForCausalLM", {"moe_num_experts": 3}, 49_385),
        ("Ernie4_5_MoeForCausalLM", {"tie_word_embeddings": False}, 58_348),
        ("Ernie4_5_MoeModel", {}, 55_244),
    ],
)
def test_ernie4_5_moe(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Ernie4_5_MoeForCausalLM: mixtures between two layers, a balancing bias that is a parameter."""
    assert total_of({**ERNIE4_5_MOE, **changes, "architectures": [architecture]}) == total


def test_the_balancing_bias_is_stored_apart() -> None:
    """ERNIE 4.5: beside the gate, [1, experts]."""
    assert tensors(spec_of(ERNIE4_5_MOE))["model.layers.1.mlp.moe_statics.e_score_correction_bias"] == (1, 4)


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("ernie4_5", "ernie4_5_moe")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("ernie4_5", "ernie4_5_moe")
