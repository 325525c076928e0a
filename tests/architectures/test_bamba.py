"""Bamba and Falcon-H1 against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_cache_against_corpus,
    check_published,
    decoder_of,
    reserved_of,
    total_of,
    windows_of,
)

SIZES: dict[str, Any] = {**SMALL, "mamba_n_heads": 8, "mamba_d_state": 16}
BAMBA: dict[str, Any] = {**SIZES, "model_type": "bamba", "attn_layer_indices": [1]}
FALCON: dict[str, Any] = {**SIZES, "model_type": "falcon_h1", "mamba_d_ssm": 64}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 51_976),
        ({"attn_layer_indices": None}, 51_976 - 3_072 + 7_992),
        ({"mamba_n_groups": 2}, 51_976 + 3 * 32 * (32 + 4 + 1)),
        ({"mamba_proj_bias": True}, 51_976 + 3 * (168 + 32)),
        ({"attention_bias": True}, 51_976 + 32 + 16 + 16 + 32),
        ({"mlp_bias": True}, 51_976 + 4 * (48 + 48 + 32)),
        ({"tie_word_embeddings": True}, 51_976 - 97 * 32),
    ],
)
def test_bamba(changes: dict[str, Any], total: int) -> None:
    """A mixer of 5,376 + 480 + 24 + 64 + 2,048 in three layers, attention of 3,072 in one, 4,672 more in all, and 6,240 outside."""
    assert total_of({**BAMBA, **changes}) == total


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 68_928),
        ({"mamba_d_ssm": None}, 68_928),
        ({"mamba_d_ssm": 32}, 68_928 - 4 * 32 * (64 + 5 + 32)),
        ({"mamba_rms_norm": True}, 68_928 + 4 * 64),
        ({"projectors_bias": True}, 68_928 + 4 * 32),
        ({"mamba_proj_bias": True}, 68_928 + 4 * 168),
    ],
)
def test_falcon_h1(changes: dict[str, Any], total: int) -> None:
    """Bamba's mixer less its norm, and attention, in every layer; biases of the two projections are two switches."""
    assert total_of({**FALCON, **changes}) == total


def test_what_a_sequence_keeps() -> None:
    """A mixer keeps 96 channels of the whole kernel and 8 x 8 x 16 in float32, an attention layer 32 elements a token."""
    mixer, attention = 96 * 4 * 2 + 8 * 8 * 16 * 4, 2 * 2 * 8 * 16 * 2
    assert windows_of(BAMBA) == ["mamba2", None, "mamba2", "mamba2"]
    assert reserved_of(BAMBA, 16) == 3 * mixer + attention
    assert reserved_of(FALCON, 16) == 4 * (mixer + attention)
    assert len(decoder_of(FALCON).layers[0].mixers) == 2


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("bamba", "falcon_h1")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("bamba", "falcon_h1")


def test_published() -> None:
    """Every published config the corpus has of these types."""
    check_published("bamba", "falcon_h1")
