"""Gemma 3n against its transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, reserved_of, total_of, windows_of

TEXT = {
    **SMALL,
    "model_type": "gemma3n_text",
    "intermediate_size": 48,
    "head_dim": 8,
    "layer_types": ["sliding_attention", "full_attention"] * 2,
    "sliding_window": 8,
    "num_kv_shared_layers": 0,
    "hidden_size_per_layer_input": 4,
    "vocab_size_per_layer_input": 50,
    "altup_num_inputs": 3,
    "laurel_rank": 5,
}
ALTUP = 32 + 3 * 3 + 9 * 3 + 3 * 32 + 32
LAUREL = 2 * 32 * 5 + 32
LAYER = 2 * 32 * 32 + 2 * 32 * 16 + 2 * 8 + 4 * 32 + 2 * 32 * 4 + 32 + ALTUP + LAUREL
TOTAL = 97 * 32 + 50 * 16 + 32 * 16 + 4 + 2 * 2 * 32 * 32 + 32 + 4 * (LAYER + 3 * 32 * 48)


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, TOTAL),
        ({"tie_word_embeddings": False}, TOTAL + 97 * 32),
        ({"num_kv_shared_layers": 2}, TOTAL - 2 * (2 * 32 * 16 + 8)),
        ({"intermediate_size": [48, 48, 96, 48]}, TOTAL + 3 * 32 * 48),
        ({"altup_num_inputs": 1}, TOTAL - 4 * 32 * 32 - 4 * (8 + 26 + 2 * 32)),
        ({"attention_bias": True}, TOTAL + 4 * (32 + 16 + 16 + 32)),
    ],
)
def test_totals(changes: dict[str, Any], total: int) -> None:
    """Gemma3nForCausalLM: AltUp, LAuReL and an input of its own in each layer, widths by layer."""
    assert total_of({**TEXT, **changes}) == total


def test_windows_and_shared_layers() -> None:
    """Gemma3nTextConfig: every fifth layer is full; the last `num_kv_shared_layers` cache nothing."""
    assert windows_of(TEXT) == [8, None, 8, None]
    assert reserved_of({**TEXT, "num_kv_shared_layers": 2}, 20) == 2 * 2 * 2 * 8 * (7 + 20)
    by_default = {key: value for key, value in TEXT.items() if key not in ("layer_types", "sliding_window")}
    assert windows_of({**by_default, "num_hidden_layers": 6}) == [512, 512, 512, 512, None, 512]


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("gemma3n_text")
    check_cache_against_corpus("gemma3n_text")
