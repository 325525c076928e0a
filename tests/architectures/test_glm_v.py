"""GLM-4V, GLM-4.5V and GLM-OCR against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_cache_against_corpus,
    check_published,
    decoder_of,
    spec_of,
    total_of,
)
from tests.architectures.reading import tensors

VISION: dict[str, Any] = {
    "depth": 2,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_heads": 2,
    "out_hidden_size": 32,
    "patch_size": 4,
    "image_size": 16,
}
SPARSE: dict[str, Any] = {**SMALL, "moe_intermediate_size": 16, "n_routed_experts": 4, "num_experts_per_tok": 2}
TYPES = {"glm4v": "Glm4v", "glm46v": "Glm46V", "glm_ocr": "GlmOcr", "glm4v_moe": "Glm4vMoe"}


def config(model_type: str, changes: dict[str, Any], ending: str = "ForConditionalGeneration") -> dict[str, Any]:
    """A small config of one of the types."""
    text = SPARSE if model_type == "glm4v_moe" else SMALL
    return {
        "model_type": model_type,
        "architectures": [TYPES[model_type] + ending],
        "text_config": text,
        "vision_config": VISION,
        **changes,
    }


@pytest.mark.parametrize(
    ("model_type", "changes", "total"),
    [
        ("glm4v", {}, 50_224),
        ("glm4v", {"text_config": {**SMALL, "tie_word_embeddings": True}}, 47_120),
        ("glm4v", {"vision_config": {**VISION, "attention_bias": True}}, 50_320),
        ("glm4v", {"vision_config": {**VISION, "spatial_merge_size": 3}}, 52_784),
        ("glm4v", {"vision_config": {**VISION, "image_size": 32}}, 50_992),
        ("glm46v", {}, 50_224),
        ("glm46v", {"text_config": {**SMALL, "model_type": "glm4v_text", "tie_word_embeddings": True}}, 50_224),
        ("glm46v", {"tie_word_embeddings": True}, 47_120),
        ("glm_ocr", {}, 56_128),
        ("glm_ocr", {"vision_config": {**VISION, "attention_bias": False}}, 55_872),
        ("glm_ocr", {"vision_config": {**VISION, "in_channels": 1}}, 48_960),
        ("glm_ocr", {"text_config": {**SMALL, "head_dim": 12}}, 62_272),
        ("glm4v_moe", {}, 59_568),
        ("glm4v_moe", {"text_config": {**SPARSE, "attention_bias": False}}, 59_312),
        ("glm4v_moe", {"text_config": {**SPARSE, "first_k_dense_replace": 2}}, 56_368),
        ("glm4v_moe", {"text_config": {**SPARSE, "n_shared_experts": 2}}, 64_176),
    ],
)
def test_totals(model_type: str, changes: dict[str, Any], total: int) -> None:
    """As the class counts them: the tower's blocks are `out_hidden_size` wide but in GLM-OCR, whose merger has `in_channels` in it."""
    assert total_of(config(model_type, changes)) == total


@pytest.mark.parametrize(("model_type", "total"), [("glm4v", 47_120), ("glm_ocr", 53_024), ("glm4v_moe", 56_464)])
def test_bare(model_type: str, total: int) -> None:
    """The bare models have no head."""
    assert total_of(config(model_type, {}, "Model")) == total


def test_names() -> None:
    """What the two towers share and where they differ: learned positions in the one, norms over heads and biases in the other."""
    dense, ocr = (tensors(spec_of(config(model_type, {}))) for model_type in ("glm4v", "glm_ocr"))
    assert dense["model.visual.patch_embed.proj.weight"] == ocr["model.visual.patch_embed.proj.weight"] == (16, 3, 2, 4, 4)
    assert dense["model.visual.downsample.weight"] == (32, 16, 2, 2)
    assert dense["model.visual.embeddings.position_embedding.weight"] == (16, 16)
    assert "model.visual.embeddings.position_embedding.weight" not in ocr
    assert "model.visual.blocks.1.attn.qkv.bias" not in dense
    assert ocr["model.visual.blocks.1.attn.proj.bias"] == (16,)
    assert ocr["model.visual.blocks.1.attn.q_norm.weight"] == (8,)
    assert dense["model.visual.blocks.1.mlp.gate_proj.weight"] == (32, 16)
    assert ocr["model.visual.blocks.1.mlp.gate_proj.weight"] == (24, 16)
    assert dense["model.language_model.layers.0.self_attn.k_proj.bias"] == (16,)
    assert dense["model.language_model.layers.0.mlp.gate_up_proj.weight"] == (96, 32)
    assert tensors(spec_of(config("glm4v", {}, "Model")))["visual.merger.proj.weight"] == (32, 32)


def test_mixtures() -> None:
    """The first layer of GLM-4.5V is dense, the others choose two of four experts beside one that all share."""
    dense, sparse = (group.feed_forward for group in decoder_of(config("glm4v_moe", {})).layers)
    assert dense is not None
    assert dense.experts is None
    assert sparse is not None
    assert sparse.experts is not None
    assert (sparse.experts.total.value, sparse.experts.per_token.value, sparse.experts.router) == (4, 2, "sigmoid")


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus(*TYPES)


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus(*TYPES)


def test_published() -> None:
    """GLM-4.5V as it is published."""
    check_published(*TYPES)
