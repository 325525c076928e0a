"""HunyuanOCR against its transformers class."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, spec_of, total_of
from tests.architectures.reading import tensors

VISION: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "patch_size": 4,
    "max_image_size": 16,
}
TEXT: dict[str, Any] = {**SMALL, "head_dim": 8}
UNTIED: dict[str, Any] = {**TEXT, "tie_word_embeddings": False}
HUNYUAN_VL: dict[str, Any] = {
    "model_type": "hunyuan_vl",
    "architectures": ["HunYuanVLForConditionalGeneration"],
    "text_config": TEXT,
    "vision_config": VISION,
}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 45_632),
        ({"tie_word_embeddings": False}, 45_632),
        ({"text_config": UNTIED}, 45_632),
        ({"tie_word_embeddings": False, "text_config": UNTIED}, 48_736),
        ({"text_config": {**TEXT, "attention_bias": True}}, 46_016),
        ({"vision_config": {**VISION, "spatial_merge_size": 3}}, 48_192),
        ({"architectures": ["HunYuanVLModel"]}, 45_632),
    ],
)
def test_totals(changes: dict[str, Any], total: int) -> None:
    """HunYuanVLForConditionalGeneration: the head is a tensor of its own only where both configs say so."""
    assert total_of({**HUNYUAN_VL, **changes}) == total


def test_text_keys_at_the_root() -> None:
    """Published files keep the text model's keys at the root, which cannot untie the head."""
    flat = {**TEXT, "model_type": "hunyuan_vl", "vision_config": VISION, "tie_word_embeddings": False}
    assert total_of(flat) == 45_632
    assert spec_of(flat).keys.unread == ()


def test_names() -> None:
    """The published layout: the text model as it stands alone, the tower beside it."""
    names = tensors(spec_of(HUNYUAN_VL))
    assert names["model.layers.3.self_attn.query_layernorm.weight"] == (8,)
    assert names["vit.embeddings.position_embedding.weight"] == (17, 16)
    assert names["vit.layers.1.mlp.dense_h_to_4h.weight"] == (24, 16)
    assert names["vit.perceive.proj.2.weight"] == (64, 32, 1, 1)
    assert names["vit.perceive.image_newline"] == (64,)
    assert names["vit.perceive.image_sep"] == (32,)


def test_corpus() -> None:
    """Every class the corpus has."""
    check_against_corpus("hunyuan_vl")
