"""LFM2, its mixtures and LFM3 against their transformers classes."""

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


MOE: dict[str, Any] = {
    **SMALL,
    "model_type": "lfm2_moe",
    "layer_types": ["conv", "full_attention", "conv", "conv"],
    "num_experts": 4,
    "moe_intermediate_size": 16,
}
LFM3: dict[str, Any] = {**SMALL, "model_type": "lfm3", "num_hidden_layers": 5, "head_dim": 8, "sliding_window": 8}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 40_816),
        ({"num_dense_layers": 3}, 40_816 - 6_272 + 4_608),
        ({"use_expert_bias": False}, 40_816),
        ({"tie_embedding": False}, 40_816 + 97 * 32),
    ],
)
def test_lfm2_moe(changes: dict[str, Any], total: int) -> None:
    """Three convolutions of 4,192, attention of 3,088, two feed-forwards of 4,608 and two mixtures of 128 + 4 x 1,536."""
    assert total_of({**MOE, **changes}) == total


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 46_208),
        ({"use_attention_gate": False}, 46_208 - 2 * 32 * 4),
        ({"use_sandwich_norm": False}, 46_208 - 5 * 2 * 32),
        ({"attention_bias": True}, 46_208 + 2 * 96),
        ({"conv_bias": True}, 46_208 + 3 * 160),
        ({"tie_word_embeddings": False}, 46_208 + 97 * 32),
    ],
)
def test_lfm3(changes: dict[str, Any], total: int) -> None:
    """Three convolutions of 4,320, two attentions of 3,088 with a gate of 128, five feed-forwards of 4,608 between four norms."""
    assert total_of({**LFM3, **changes}) == total


def test_lfm3_slides_in_every_fourth_layer() -> None:
    """Convolution, full, convolution, sliding from the second layer on; a full window of 8 holds 7 tokens in transformers."""
    assert windows_of(LFM3) == ["short-convolution", "short-convolution", None, "short-convolution", 8]
    assert reserved_of(LFM3, 16) == 2 * 2 * 8 * (16 + 7) * 2 + 3 * 32 * 7 * 2


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("lfm2", "lfm2_moe", "lfm3")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("lfm2", "lfm2_moe", "lfm3")


def test_published() -> None:
    """Every published config the corpus has of these types."""
    check_published("lfm2", "lfm2_moe", "lfm3")
