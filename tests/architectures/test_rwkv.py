"""RWKV-4 against RwkvForCausalLM."""

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

RWKV: dict[str, Any] = {**SMALL, "model_type": "rwkv"}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("RwkvForCausalLM", {}, 40_512),
        ("RwkvForCausalLM", {"attention_hidden_size": 64}, 40_512 + 4 * 4_160),
        ("RwkvForCausalLM", {"intermediate_size": None}, 40_512 + 4 * 2 * 32 * 80),
        ("RwkvForCausalLM", {"tie_word_embeddings": True}, 40_512 - 97 * 32),
        ("RwkvModel", {}, 40_512 - 97 * 32),
    ],
)
def test_totals(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Four layers of 4,256 and 4,160 and two norms; the first has a third norm, over the embedding."""
    assert total_of({**RWKV, **changes, "architectures": [architecture]}) == total


def test_the_smallest_published_model() -> None:
    """RWKV-4 169M: twelve layers of 768."""
    published = {"hidden_size": 768, "num_hidden_layers": 12, "vocab_size": 50_277}
    assert total_of({"model_type": "rwkv", **published}) == 169_342_464


def test_what_a_sequence_keeps() -> None:
    """Of each layer the last token of both blocks, and three sums a channel in float32, however long the context."""
    assert windows_of(RWKV) == ["rwkv"] * 4
    assert reserved_of(RWKV, 16) == reserved_of(RWKV, 64) == 4 * (2 * 32 * 2 + 3 * 32 * 4)
    assert spec_of(RWKV).value("attention") == "none"


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("rwkv")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of this type."""
    check_cache_against_corpus("rwkv")


def test_published() -> None:
    """Every published config the corpus has of this type."""
    check_published("rwkv")
