"""ZAYA1 against ZayaForCausalLM."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_cache_against_corpus,
    check_published,
    reserved_of,
    total_of,
    windows_of,
)

ZAYA: dict[str, Any] = {
    **SMALL,
    "model_type": "zaya",
    "head_dim": 8,
    "num_experts": 4,
    "moe_intermediate_size": 16,
    "router_hidden_size": 8,
}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 47_040),
        ({"num_hidden_layers": 1}, 47_040 - 3 * 10_962),
        ({"attention_bias": True}, 47_040 + 4 * 96),
        ({"cca_time0": 3}, 47_040 + 4 * 48),
        ({"cca_time1": 3}, 47_040 + 4 * 48 * 8),
        ({"lm_head_bias": True}, 47_040 + 97),
        ({"tie_word_embeddings": False}, 47_040 + 97 * 32),
    ],
)
def test_totals(changes: dict[str, Any], total: int) -> None:
    """Attention of 4,034, experts of 4 x 1,536 behind a router of 456, which adds the last one's states from the second layer on."""
    assert total_of({**ZAYA, **changes}) == total


def test_what_a_sequence_keeps() -> None:
    """Keys and values, two columns of 48 channels and the half of the values that the next token takes."""
    layer = 48 * 2 * 2 + 8 * 2
    assert reserved_of(ZAYA, 16) == 4 * (2 * 2 * 8 * 16 * 2 + layer)
    sliding = {**ZAYA, "layer_types": ["hybrid", "hybrid_sliding"] * 2, "sliding_window": 8}
    assert windows_of(sliding) == [None, 8] * 2
    assert reserved_of(sliding, 16) == 2 * 2 * 2 * 8 * (16 + 7) * 2 + 4 * layer


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("zaya")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of this type."""
    check_cache_against_corpus("zaya")


def test_published() -> None:
    """Every published config the corpus has of this type."""
    check_published("zaya")
