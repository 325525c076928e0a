"""Qianfan-OCR against its transformers class."""

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
QIANFAN: dict[str, Any] = {
    "model_type": "qianfan_ocr",
    "architectures": ["QianfanOCRForConditionalGeneration"],
    "text_config": {**SMALL, "model_type": "qwen3", "head_dim": 8},
    "vision_config": VISION,
}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 45_600),
        ({"architectures": ["QianfanOCRModel"]}, 42_496),
        ({"downsample_ratio": 0.3}, 48_320),
        ({"vision_config": {**VISION, "use_qk_norm": True}}, 45_664),
        ({"vision_config": {**VISION, "norm_type": "rms_norm"}}, 45_536),
        ({"vision_config": {**VISION, "use_mean_pooling": False}}, 45_632),
        ({"vision_config": {**VISION, "use_mask_token": True}}, 45_616),
        ({"vision_config": {**VISION, "attention_bias": False}}, 45_504),
        ({"vision_config": {**VISION, "image_size": [16, 32]}}, 45_856),
        ({"vision_config": {**VISION, "use_absolute_position_embeddings": False}}, 45_328),
    ],
)
def test_totals(changes: dict[str, Any], total: int) -> None:
    """QianfanOCRForConditionalGeneration, every switch of its tower."""
    assert total_of({**QIANFAN, **changes}) == total


def test_sizes_that_are_no_pair() -> None:
    """A patch of three sides is refused."""
    vision = {**VISION, "patch_size": [4, 4, 4]}
    assert total_of({**QIANFAN, "vision_config": vision}) is None


def test_names() -> None:
    """InternVL's layout: 4 x 4 patches and a class token, 2 x 2 patches side by side in the projector."""
    names = tensors(spec_of(QIANFAN))
    assert names["vision_model.embeddings.position_embedding"] == (1, 17, 16)
    assert names["vision_model.encoder.layers.1.attn.qkv.weight"] == (48, 16)
    assert names["vision_model.encoder.layers.1.ls2"] == (16,)
    assert names["mlp1.0.weight"] == (64,)
    assert names["language_model.model.layers.3.self_attn.q_norm.weight"] == (8,)


def test_corpus() -> None:
    """Every class the corpus has, and every cache."""
    check_against_corpus("qianfan_ocr")
    check_cache_against_corpus("qianfan_ocr")
