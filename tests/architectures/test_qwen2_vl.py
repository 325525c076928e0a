"""Qwen2-VL and Qwen2.5-VL against their transformers classes."""

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
    "embed_dim": 16,
    "num_heads": 2,
    "hidden_size": 32,
    "patch_size": 4,
    "mlp_ratio": 3,
}
VISION_2_5: dict[str, Any] = {
    "depth": 2,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_heads": 2,
    "out_hidden_size": 32,
    "patch_size": 4,
}
QWEN2_VL: dict[str, Any] = {"model_type": "qwen2_vl", "text_config": SMALL, "vision_config": VISION}
QWEN2_5_VL: dict[str, Any] = {"model_type": "qwen2_5_vl", "text_config": SMALL, "vision_config": VISION_2_5}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("Qwen2VLForConditionalGeneration", {}, 50_784),
        ("Qwen2VLForConditionalGeneration", {"tie_word_embeddings": True}, 47_680),
        ("Qwen2VLForConditionalGeneration", {"text_config": {**SMALL, "tie_word_embeddings": True}}, 47_680),
        ("Qwen2VLForConditionalGeneration", {"vision_config": {**VISION, "mlp_ratio": 2}}, 49_728),
        ("Qwen2VLForConditionalGeneration", {"vision_config": {**VISION, "spatial_merge_size": 3}}, 70_064),
        ("Qwen2VLForConditionalGeneration", {"vision_config": {**VISION, "embed_dim": 24}}, 64_336),
        ("Qwen2VLForConditionalGeneration", {"vision_config": {**VISION, "temporal_patch_size": 3}}, 51_552),
        ("Qwen2VLModel", {}, 47_680),
    ],
)
def test_qwen2_vl(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Qwen2VLForConditionalGeneration: the tower is `embed_dim` wide."""
    assert total_of({**QWEN2_VL, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("Qwen2_5_VLForConditionalGeneration", {}, 49_936),
        ("Qwen2_5_VLForConditionalGeneration", {"tie_word_embeddings": True}, 46_832),
        ("Qwen2_5_VLForConditionalGeneration", {"vision_config": {**VISION_2_5, "intermediate_size": 28}}, 50_336),
        ("Qwen2_5_VLForConditionalGeneration", {"vision_config": {**VISION_2_5, "spatial_merge_size": 3}}, 69_216),
        ("Qwen2_5_VLForConditionalGeneration", {"vision_config": {**VISION_2_5, "out_hidden_size": 40}}, 50_456),
        ("Qwen2_5_VLModel", {}, 46_832),
    ],
)
def test_qwen2_5_vl(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Qwen2_5_VLForConditionalGeneration: RMSNorms and SwiGLU in the tower."""
    assert total_of({**QWEN2_5_VL, **changes, "architectures": [architecture]}) == total


def test_text_keys_at_the_root() -> None:
    """Older files keep the text model's keys at the root: they are read there, and none is nobody's."""
    flat = {**SMALL, "model_type": "qwen2_vl", "vision_config": QWEN2_VL["vision_config"], "image_token_id": 5, "hidden_act": "silu"}
    assert total_of(flat) == total_of(QWEN2_VL)
    spec = spec_of(flat)
    assert spec.keys.unread == ()
    assert spec.value("hidden_size") == 32
    assert spec.fact("hidden_size").readings[0].where.pointer == "/hidden_size"
    sliding = {**flat, "use_sliding_window": True, "sliding_window": 8, "max_window_layers": 1}
    assert windows_of(sliding) == [None, 8, 8, 8]


def test_names() -> None:
    """The published layout: the text model first, the tower under `visual`."""
    names = tensors(spec_of(QWEN2_5_VL))
    assert names["visual.blocks.1.mlp.gate_proj.bias"] == (24,)
    assert names["visual.merger.mlp.2.weight"] == (32, 64)
    assert names["visual.patch_embed.proj.weight"] == (16, 3, 2, 4, 4)
    assert names["model.layers.3.self_attn.q_proj.bias"] == (32,)
    assert "visual.merger.ln_q.bias" in tensors(spec_of(QWEN2_VL))


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("qwen2_vl", "qwen2_5_vl")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("qwen2_vl", "qwen2_5_vl")


def test_published() -> None:
    """Every published config the corpus has of these types."""
    check_published("qwen2_vl")
