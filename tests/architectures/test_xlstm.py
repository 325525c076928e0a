"""xLSTM against xLSTMForCausalLM."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_published,
    reserved_of,
    rows,
    total_of,
    windows_of,
)

XLSTM: dict[str, Any] = {**SMALL, "model_type": "xlstm", "num_heads": 4}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 73_216),
        ({"weight_mode": "fused"}, 73_216),
        ({"use_bias": True}, 73_216 + 4 * (160 + 288 + 64)),
        ({"num_blocks": 2}, 73_216 - 2 * 16_744),
        ({"ffn_round_up_to_multiple_of": 16}, 73_216 - 4 * 3 * 32 * 32),
        ({"qk_dim_factor": 1.0}, 73_216 + 4 * 2 * 16 * 32),
        ({"tie_word_embeddings": True}, 73_216),
    ],
)
def test_totals(changes: dict[str, Any], total: int) -> None:
    """Four layers of 4,392 and 12,288 and two norms: 2.667 times 32 is 85, and 128 by the multiple."""
    assert total_of({**XLSTM, **changes}) == total


def test_what_a_sequence_keeps() -> None:
    """Four heads of 4 x 8, 4 and 1 in every layer, in the cache dtype, however long the context."""
    assert windows_of(XLSTM) == ["mlstm"] * 4
    assert reserved_of(XLSTM, 16) == reserved_of(XLSTM, 64) == 4 * 4 * (4 * 8 + 4 + 1) * 2


def test_cache_of_the_corpus() -> None:
    """transformers counts the tokens it has seen in 8 bytes more, once for all sequences: no state of any."""
    counter = 8
    for row in rows("xlstm", table="cache.jsonl"):
        assert reserved_of(row["config"], row["bf16"]["n"]) == row["bf16"]["bytes"] - counter, row["id"]


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("xlstm")


def test_published() -> None:
    """Every published config the corpus has of this type."""
    check_published("xlstm")
