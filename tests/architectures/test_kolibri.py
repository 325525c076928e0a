"""Kolibri against Kolibri1ForCausalLM."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.spec import Attention
from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_cache_against_corpus,
    check_published,
    decoder_of,
    total_of,
    windows_of,
)

KOLIBRI: dict[str, Any] = {
    **SMALL,
    "model_type": "kolibri1",
    "num_hidden_layers": 5,
    "head_dim": 8,
    "num_experts": 4,
    "moe_intermediate_size": 16,
    "shared_expert_intermediate_size": 24,
    "sliding_window": 8,
}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 65_200),
        ({"num_local_experts": 6}, 65_200 + 5 * 2 * (32 + 1_536)),
        ({"tie_word_embeddings": True}, 65_200 - 97 * 32),
    ],
)
def test_totals(changes: dict[str, Any], total: int) -> None:
    """Attention of 3,088, a router of 128, experts of 4 x 1,536, a shared one of 2,304, four norms; the bias is no parameter."""
    config = {key: value for key, value in KOLIBRI.items() if "num_local_experts" not in changes or key != "num_experts"}
    assert total_of({**config, **changes}) == total


def test_every_fifth_layer_sees_everything_and_has_no_positions() -> None:
    """Kolibri1Attention turns queries and keys only where the layer slides, or where no window is set at all."""
    assert windows_of(KOLIBRI) == [8, 8, 8, 8, None]
    assert rotary(KOLIBRI) == [True, False]
    assert rotary({**KOLIBRI, "layer_types": ["full_attention"] * 5, "sliding_window": None}) == [True]


def rotary(config: dict[str, Any]) -> list[bool]:
    """Whether each group of layers turns queries and keys."""
    mixers = [group.mixers[0] for group in decoder_of(config).layers]
    return [mixer.rotary for mixer in mixers if isinstance(mixer, Attention)]


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("kolibri1")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of this type."""
    check_cache_against_corpus("kolibri1")


def test_published() -> None:
    """Every published config the corpus has of this type."""
    check_published("kolibri1")
