"""RecurrentGemma against RecurrentGemmaForCausalLM."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_published,
    reserved_of,
    total_of,
    windows_of,
)

GEMMA: dict[str, Any] = {**SMALL, "model_type": "recurrent_gemma", "attention_window_size": 8}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 27_840),
        ({"block_types": ["attention"]}, 27_840 - 3 * (3_936 - 3_104)),
        ({"lru_width": 16}, 27_840 - 3 * 2_080),
        ({"attention_bias": True}, 27_840 + 32 + 16 + 16),
        ({"conv1d_width": 2}, 27_840 - 3 * 2 * 32),
        ({"tie_word_embeddings": False}, 27_840 + 97 * 32),
    ],
)
def test_totals(changes: dict[str, Any], total: int) -> None:
    """Three recurrences of 3,936, attention of 3,104, four feed-forwards of 2,384 at half the width the config states."""
    assert total_of({**GEMMA, **changes}) == total


def test_what_a_sequence_keeps() -> None:
    """A recurrence keeps three columns of 32 and one number a channel in float32; of a full window of 8 transformers keeps 7 tokens."""
    assert windows_of(GEMMA) == ["rg-lru", "rg-lru", 8, "rg-lru"]
    assert reserved_of(GEMMA, 16) == 3 * (32 * 3 * 2 + 32 * 4) + 2 * 2 * 8 * 7 * 2


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("recurrent_gemma")


def test_published() -> None:
    """Every published config the corpus has of this type."""
    check_published("recurrent_gemma")
