"""Aya Vision and Command A Vision against their transformers classes."""

from __future__ import annotations

from specverify.derive.manifest import manifest
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of, windows_of

COHERE2 = {**SMALL, "model_type": "cohere2", "sliding_window": 8}
VISION = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 0, "num_attention_heads": 2, "image_size": 32, "patch_size": 8}
TEXT = 97 * 32 + 4 * (2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 48 + 32) + 32
TOWER = 3 * 64 * 16 + 16 + 16 * 16 + 2 * 16
SQUARE = 4 * 16


def test_aya_vision() -> None:
    """AyaVisionForConditionalGeneration: a norm over squares of patches; half of what the first matrix makes gates the other half."""
    vision = {**VISION, "vision_use_head": False}
    config = {"model_type": "aya_vision", "text_config": COHERE2, "vision_config": vision}
    assert total_of(config) == TEXT + TOWER + 2 * SQUARE + SQUARE * 32 + 32 + 16 * 32 + 32
    assert total_of({**config, "alignment_intermediate_size": 20}) == TEXT + TOWER + 2 * SQUARE + SQUARE * 20 + 20 + 10 * 32 + 32
    assert windows_of(config) == [8, 8, 8, None]


def test_command_a_vision() -> None:
    """Cohere2VisionForConditionalGeneration: no norm, and all but the head under `model`."""
    vision = {**VISION, "vision_use_head": False}
    config = {"model_type": "cohere2_vision", "text_config": COHERE2, "vision_config": vision, "alignment_intermediate_size": 20}
    assert total_of(config) == TEXT + TOWER + SQUARE * 20 + 20 + 10 * 32 + 32
    names = [name for name, _, _ in manifest(spec_of(config))]
    assert names[0] == "model.language_model.embed_tokens.weight"
    assert "model.vision_tower.vision_model.post_layernorm.weight" in names


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("aya_vision", "cohere2_vision")
    check_cache_against_corpus("aya_vision", "cohere2_vision")
