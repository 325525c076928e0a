"""MiniCPM-V 4.6 and 4.7 and MiniCPM-OCR against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of, windows_of
from tests.architectures.reading import tensors

VISION: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 16,
    "patch_size": 4,
}
TEXT: dict[str, Any] = {
    **SMALL,
    "model_type": "qwen3_5_text",
    "head_dim": 8,
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 2,
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 8,
}
TYPES = {"minicpmv4_6": "MiniCPMV4_6", "minicpmv4_7": "MiniCPMV4_7", "minicpm_ocr": "MiniCPMOcr"}


def config(model_type: str, changes: dict[str, Any], ending: str = "ForConditionalGeneration") -> dict[str, Any]:
    """A small config of one of the types."""
    return {
        "model_type": model_type,
        "architectures": [TYPES[model_type] + ending],
        "text_config": TEXT,
        "vision_config": VISION,
        **changes,
    }


@pytest.mark.parametrize(
    ("model_type", "changes", "total"),
    [
        ("minicpmv4_6", {}, 58_116),
        ("minicpmv4_6", {"merger_times": 3}, 68_772),
        ("minicpmv4_6", {"merger_times": 0}, 58_116),
        ("minicpmv4_6", {"vision_config": {**VISION, "window_kernel_size": [1, 2]}}, 52_628),
        ("minicpmv4_6", {"tie_word_embeddings": True}, 55_012),
        ("minicpmv4_7", {"merger_times": 3}, 68_772),
        ("minicpm_ocr", {}, 55_012),
        ("minicpm_ocr", {"merger_times": 3}, 65_668),
    ],
)
def test_totals(model_type: str, changes: dict[str, Any], total: int) -> None:
    """As the class counts them; MiniCPM-OCR alone ties its head by default."""
    assert total_of(config(model_type, changes)) == total


@pytest.mark.parametrize("model_type", TYPES)
def test_bare(model_type: str) -> None:
    """The bare models have no head."""
    assert total_of(config(model_type, {}, "Model")) == 55_012


def test_names() -> None:
    """A window of 2 x 2 patches is 64 wide; the last step of the merger is as wide as the text, those before as a patch."""
    names = tensors(spec_of(config("minicpmv4_6", {"merger_times": 2})))
    assert names["model.vision_tower.vit_merger.pre_norm.weight"] == (64,)
    assert names["model.vision_tower.vit_merger.linear_1.weight"] == (96, 64)
    assert names["model.merger.mlp.0.linear_2.weight"] == (16, 64)
    assert names["model.merger.mlp.1.linear_2.weight"] == (32, 64)
    assert names["model.language_model.layers.0.linear_attn.in_proj_z.weight"] == (16, 32)
    assert names["lm_head.weight"] == (97, 32)


def test_layers() -> None:
    """Three gated delta nets to one layer of attention."""
    assert windows_of(config("minicpmv4_6", {})) == ["gated-delta", "gated-delta", "gated-delta", None]


def test_corpus() -> None:
    """Every class the corpus has, and every cache."""
    check_against_corpus(*TYPES)
    check_cache_against_corpus(*TYPES)
