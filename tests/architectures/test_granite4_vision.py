"""Granite 4 Vision against Granite4VisionForConditionalGeneration."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from tests.architectures.plans import SMALL, check_against_corpus, spec_of, total_of

VISION = {"hidden_size": 64, "intermediate_size": 24, "num_hidden_layers": 0, "num_attention_heads": 4, "image_size": 32, "patch_size": 8}
CONFIG = {
    "model_type": "granite4_vision",
    "text_config": SMALL,
    "vision_config": VISION,
    "qformer_config": {"num_hidden_layers": 1, "intermediate_size": 48, "cross_attention_frequency": 1},
    "deepstack_layer_map": [[-2, 1], [-1, 0]],
    "downsample_rate": "2/4",
}
TEXT = 2 * 97 * 32 + 4 * (2 * 32 * 32 + 2 * 32 * 16 + 2 * 32 + 3 * 32 * 48) + 32
TOWER = 64 + 3 * 64 * 64 + 17 * 64 + 4 * 64
ATTENTION = 4 * (64 * 64 + 64) + 2 * 64
BLOCK = 2 * 64 * 48 + 48 + 64 + 2 * 64
PROJECTOR = 4 * 64 + 16 * 64 + 2 * 64 + 64 * 32 + 32 + 2 * 64 + 2 * ATTENTION + BLOCK


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, TEXT + TOWER + 32 + 6 * PROJECTOR),
        ({"tie_word_embeddings": True}, TEXT - 97 * 32 + TOWER + 32 + 6 * PROJECTOR),
        ({"deepstack_layer_map": []}, TEXT + TOWER + 32 + 4 * PROJECTOR),
        ({"downsample_rate": "1/4"}, TEXT + TOWER + 32 + 6 * (PROJECTOR - 3 * 64)),
        (
            {"qformer_config": {"num_hidden_layers": 2, "intermediate_size": 48, "cross_attention_frequency": 2}},
            TEXT + TOWER + 32 + 6 * (PROJECTOR + ATTENTION + BLOCK),
        ),
    ],
)
def test_totals(changes: dict[str, Any], total: int) -> None:
    """Granite4VisionWindowQFormerDownsampler: one for each pair of layers and each corner, as wide as the tower."""
    assert total_of({**CONFIG, **changes}) == total


@pytest.mark.parametrize("change", [{"downsample_rate": None}, {"downsample_rate": "a half"}, {"deepstack_layer_map": None}])
def test_without_a_map_or_a_rate_it_is_of_unknown_size(change: dict[str, Any]) -> None:
    """The class cannot be built without them."""
    found = counts(spec_of({**CONFIG, **change}))
    assert found is not None
    assert found.total.value is None


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("granite4_vision")
