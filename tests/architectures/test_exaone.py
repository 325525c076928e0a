"""EXAONE 4.5 against its transformers class."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_cache_against_corpus,
    check_published,
    spec_of,
    total_of,
    windows_of,
)
from tests.architectures.reading import tensors

VISION: dict[str, Any] = {
    "depth": 2,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_heads": 2,
    "num_key_value_heads": 1,
    "out_hidden_size": 32,
    "patch_size": 4,
}
TEXT: dict[str, Any] = {**SMALL, "model_type": "exaone4"}
EXAONE4_5: dict[str, Any] = {
    "model_type": "exaone4_5",
    "architectures": ["Exaone4_5_ForConditionalGeneration"],
    "text_config": TEXT,
    "vision_config": VISION,
}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 49_200),
        ({"architectures": ["Exaone4_5_Model"]}, 46_096),
        ({"tie_word_embeddings": True}, 46_096),
        ({"vision_config": {**VISION, "num_key_value_heads": 2}}, 49_744),
        ({"text_config": {**SMALL, "model_type": "exaone4_5_text"}}, 49_200),
    ],
)
def test_exaone4_5(changes: dict[str, Any], total: int) -> None:
    """Exaone4_5_ForConditionalGeneration: EXAONE 4, by either name of its type, behind a tower with grouped queries."""
    assert total_of({**EXAONE4_5, **changes}) == total


def test_names() -> None:
    """One query head of two has no keys of its own: the tensor of q, k and v is (2 + 2 x 1) x 8 wide."""
    names = tensors(spec_of(EXAONE4_5))
    assert names["model.visual.blocks.1.attn.qkv.weight"] == (32, 16)
    assert names["model.language_model.layers.0.post_feedforward_layernorm.weight"] == (32,)


def test_windows() -> None:
    """The text model slides as it says."""
    kinds = ["sliding_attention", "sliding_attention", "sliding_attention", "full_attention"]
    text = {**TEXT, "sliding_window": 16, "layer_types": kinds}
    assert windows_of({**EXAONE4_5, "text_config": text}) == [16, 16, 16, None]


def test_corpus() -> None:
    """Every class the corpus has, and every cache."""
    check_against_corpus("exaone4_5")
    check_cache_against_corpus("exaone4_5")


def test_published() -> None:
    """EXAONE 4.5 as it is published."""
    check_published("exaone4_5")
