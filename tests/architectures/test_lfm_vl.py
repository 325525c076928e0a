"""LFM2-VL and LFM3-VL against their transformers classes."""

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
)

VISION: dict[str, Any] = {"hidden_size": 16, "intermediate_size": 24, "patch_size": 4}
LFM2_VL: dict[str, Any] = {
    "model_type": "lfm2_vl",
    "projector_hidden_size": 20,
    "text_config": {**SMALL, "model_type": "lfm2", "block_multiple_of": 8, "full_attn_idxs": [1, 3]},
    "vision_config": {**VISION, "num_hidden_layers": 2, "num_attention_heads": 2, "num_patches": 9, "vision_use_head": False},
}
LFM3_VL: dict[str, Any] = {
    "model_type": "lfm3_vl",
    "projector_hidden_size": 20,
    "text_config": {**SMALL, "model_type": "lfm3", "num_hidden_layers": 5, "head_dim": 8, "sliding_window": 8},
    "vision_config": {**VISION, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2},
}


@pytest.mark.parametrize(
    ("changes", "vision", "total"),
    [
        ({}, {}, 37_220),
        ({}, {"vision_use_head": True}, 37_220 + 16 + 816 + 272 + 32 + 808),
        ({"projector_use_layernorm": False}, {}, 37_220 - 2 * 64),
        ({"projector_bias": False}, {}, 37_220 - 20 - 32),
        ({"downsample_factor": 1}, {}, 37_220 - 48 * (2 + 20)),
        ({"tie_word_embeddings": False}, {}, 37_220 + 97 * 32),
        ({"tie_embedding": False}, {}, 37_220 + 97 * 32),
    ],
)
def test_lfm2_vl(changes: dict[str, Any], vision: dict[str, Any], total: int) -> None:
    """A text model of 30,240, a tower of 960 and two layers of 1,960, a projector of 2,100."""
    assert total_of({**LFM2_VL, **changes, "vision_config": {**LFM2_VL["vision_config"], **vision}}) == total


@pytest.mark.parametrize(
    ("vision", "total"),
    [
        ({}, 58_780),
        ({"layer_types": ["conv"] * 4}, 58_780 - 776 + 1_168),
        ({"conv_kernel_size": 5}, 58_780 + 3 * 16 * 16),
        ({"temporal_patch_size": 1}, 58_780 - 48 * 16),
        ({"spatial_merge_size": 1}, 58_780 - 48 * 20),
    ],
)
def test_lfm3_vl(vision: dict[str, Any], total: int) -> None:
    """A text model of 46,208, a tower of 1,552 with three convolutions of 1,168 and attention of 776, a projector of 2,004."""
    assert total_of({**LFM3_VL, "vision_config": {**LFM3_VL["vision_config"], **vision}}) == total


def test_what_a_sequence_keeps() -> None:
    """What the text model keeps; a tower's layers keep nothing, convolutions neither."""
    assert reserved_of(LFM2_VL, 16) == reserved_of(LFM2_VL["text_config"], 16)
    assert reserved_of(LFM3_VL, 16) == reserved_of(LFM3_VL["text_config"], 16)
    assert spec_of(LFM3_VL).value("prototype") == "decoder-only"


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("lfm2_vl", "lfm3_vl")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("lfm2_vl", "lfm3_vl")


def test_published() -> None:
    """Every published config the corpus has of these types."""
    check_published("lfm2_vl", "lfm3_vl")
