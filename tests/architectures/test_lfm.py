"""LFM2 against Lfm2ForCausalLM."""

from __future__ import annotations

from typing import Any

import pytest

from specverify import num
from specverify.derive import cache
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

LFM2: dict[str, Any] = {**SMALL, "model_type": "lfm2", "block_multiple_of": 8, "full_attn_idxs": [1, 3]}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("Lfm2ForCausalLM", {}, 30_240),
        ("Lfm2ForCausalLM", {"conv_bias": True}, 30_560),
        ("Lfm2ForCausalLM", {"conv_L_cache": 4}, 30_304),
        ("Lfm2ForCausalLM", {"block_auto_adjust_ff_dim": False}, 36_384),
        ("Lfm2ForCausalLM", {"block_ffn_dim_multiplier": 1.3}, 36_384),
        ("Lfm2ForCausalLM", {"block_ff_dim": 60}, 33_312),
        ("Lfm2ForCausalLM", {"full_attn_idxs": None}, 28_032),
        ("Lfm2ForCausalLM", {"tie_embedding": False}, 33_344),
        ("Lfm2Model", {}, 30_240),
    ],
)
def test_lfm2(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Lfm2ForCausalLM: convolutions between gates; the feed-forward's width is adjusted."""
    assert total_of({**LFM2, **changes, "architectures": [architecture]}) == total


def test_what_a_sequence_keeps() -> None:
    """Two layers of keys and values, two of 32 channels: the whole kernel of 3 in transformers, two columns by need."""
    assert windows_of(LFM2) == ["short-convolution", None, "short-convolution", None]
    assert reserved_of(LFM2, 16) == 2 * 2 * 2 * 8 * 16 * 2 + 2 * 32 * 3 * 2
    assert cache.state_bytes(cache.plan(spec_of(LFM2)), "bfloat16", None).value == 2 * 32 * 2 * 2
    assert cache.attention_bytes(cache.plan(spec_of(LFM2)), num.const(16), num.const(2)).value == 2 * 2 * 2 * 8 * 16 * 2


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("lfm2")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("lfm2")


def test_published() -> None:
    """Every published config the corpus has of these types."""
    check_published("lfm2")
