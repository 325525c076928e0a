"""InternVL against InternVLForConditionalGeneration."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of

VISION = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "image_size": [32, 16],
    "patch_size": 8,
}
TEXT = 97 * 32 + 4 * (2 * 32 * 32 + 2 * 32 * 16 + 2 * 16 + 32 + 2 * 32 + 3 * 32 * 48) + 32
TOWER = 16 + 3 * 64 * 16 + 16 + 9 * 16 + 4 * 16 * 16 + 16 + 2 * 16 * 24 + 24 + 16 + 4 * 16 + 2 * 16
PROJECTOR = 2 * 64 + 64 * 32 + 32 + 32 * 32 + 32


@pytest.mark.parametrize(
    ("root", "vision", "total"),
    [
        ({}, {}, 0),
        ({"tie_word_embeddings": False}, {}, 97 * 32),
        ({"downsample_ratio": 1.0}, {}, 2 * 16 + 16 * 32 - 2 * 64 - 64 * 32),
        ({}, {"use_qk_norm": True}, 2 * 16),
        ({}, {"norm_type": "rms_norm"}, -2 * 16),
        ({}, {"attention_bias": True}, 3 * 16),
        ({}, {"use_mask_token": True, "use_mean_pooling": False}, 16 + 2 * 16),
        ({}, {"use_absolute_position_embeddings": False}, -9 * 16),
    ],
)
def test_totals(root: dict[str, Any], vision: dict[str, Any], total: int) -> None:
    """InternVisionModel: a class token and positions for 4 by 2 patches, a scale on each block; squares of patches into the text."""
    config = {"model_type": "internvl", "text_config": {**SMALL, "model_type": "qwen2"}, "vision_config": {**VISION, **vision}, **root}
    assert total_of(config) == TEXT + TOWER + PROJECTOR + total


def test_published_layout() -> None:
    """LLaVA's layout, with the tower as transformers names it."""
    names = {name for name, _, _ in manifest(spec_of({"model_type": "internvl", "text_config": {**SMALL}, "vision_config": VISION}))}
    assert "vision_tower.encoder.layer.0.attention.projection_layer.bias" in names
    assert "multi_modal_projector.layer_norm.weight" in names
    assert "language_model.model.layers.3.self_attn.q_proj.bias" in names


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("internvl")
    check_cache_against_corpus("internvl")
