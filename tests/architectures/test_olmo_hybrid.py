"""OLMo Hybrid against OlmoHybridForCausalLM."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_cache_against_corpus,
    check_published,
    reserved_of,
    spec_of,
    total_of,
    windows_of,
)

HYBRID: dict[str, Any] = {**SMALL, "model_type": "olmo_hybrid"}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 48_460),
        ({"layer_types": ["linear_attention", "full_attention"] * 2}, 48_460 - 11_476 + 7_792),
        ({"linear_value_head_dim": 6}, 48_460 - 3 * (24 * (3 * 32 + 4) + 6)),
        ({"linear_conv_kernel_dim": 2}, 48_460 - 3 * 96 * 2),
        ({"tie_word_embeddings": True}, 48_460 - 97 * 32),
    ],
)
def test_totals(changes: dict[str, Any], total: int) -> None:
    """Three layers of 11,476 with a delta net of 6,804 in each, one of 7,792, and 6,240 outside."""
    assert total_of({**HYBRID, **changes}) == total


def test_what_a_sequence_keeps() -> None:
    """Keys of three quarters of a head and values twice as wide: 96 channels, and 4 x 6 x 12 in float32, in three layers of four."""
    assert windows_of(HYBRID) == ["gated-delta"] * 3 + [None]
    assert reserved_of(HYBRID, 16) == 3 * (96 * 4 * 2 + 4 * 6 * 12 * 4) + 2 * 2 * 8 * 16 * 2


def test_a_null_base_means_no_positions() -> None:
    """The class makes no rotary embedding then; an absent base is the default one."""
    assert spec_of({**HYBRID, "rope_parameters": {"rope_type": "default", "rope_theta": None}}).value("position_scheme") == "none"
    assert spec_of(HYBRID).value("position_scheme") == "rope"


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("olmo_hybrid")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of this type."""
    check_cache_against_corpus("olmo_hybrid")


def test_published() -> None:
    """Every published config the corpus has of this type."""
    check_published("olmo_hybrid")
