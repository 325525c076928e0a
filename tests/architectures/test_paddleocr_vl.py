"""PaddleOCR-VL against its transformers class."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of
from tests.architectures.reading import tensors

VISION: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 16,
    "patch_size": 4,
}
TEXT: dict[str, Any] = {**SMALL, "head_dim": 8}
UNTIED: dict[str, Any] = {**TEXT, "tie_word_embeddings": False}
PADDLEOCR_VL: dict[str, Any] = {
    "model_type": "paddleocr_vl",
    "architectures": ["PaddleOCRVLForConditionalGeneration"],
    "text_config": TEXT,
    "vision_config": VISION,
}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 45_376),
        ({"tie_word_embeddings": False}, 45_376),
        ({"tie_word_embeddings": False, "text_config": UNTIED}, 48_480),
        ({"text_config": {**TEXT, "use_bias": True}}, 46_272),
        ({"architectures": ["PaddleOCRVLModel"]}, 45_376),
    ],
)
def test_totals(changes: dict[str, Any], total: int) -> None:
    """PaddleOCRVLForConditionalGeneration: the head is a tensor of its own only where both configs say so."""
    assert total_of({**PADDLEOCR_VL, **changes}) == total


def test_published_layout() -> None:
    """Published files keep the text model's keys at the root and repeat the model's type in the tower's config."""
    vision = {**VISION, "model_type": "paddleocr_vl"}
    flat = {**TEXT, "model_type": "paddleocr_vl", "vision_config": vision, "tie_word_embeddings": False}
    assert total_of(flat) == 45_376
    names = tensors(spec_of(flat))
    assert names["visual.vision_model.embeddings.position_embedding.weight"] == (16, 16)
    assert "visual.vision_model.head.probe" not in names
    assert names["mlp_AR.pre_norm.weight"] == (16,)
    assert names["mlp_AR.linear_2.weight"] == (32, 64)
    assert names["model.layers.3.mlp.down_proj.weight"] == (32, 48)


def test_corpus() -> None:
    """Every class the corpus has, and every cache."""
    check_against_corpus("paddleocr_vl")
    check_cache_against_corpus("paddleocr_vl")
