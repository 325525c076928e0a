"""T5Gemma and T5Gemma 2 against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, reserved_of, spec_of, total_of, windows_of

STACK = {**SMALL, "head_dim": 8, "sliding_window": 8}
T5GEMMA = {"model_type": "t5gemma", "encoder": {**STACK, "hidden_size": 16, "vocab_size": 50}, "decoder": STACK}
READS = 4 * (2 * 16 * 32 + 2 * 16 * 16 + 4 * 16 + 3 * 16 * 48) + 16 + 50 * 16
WRITES = 4 * (2 * 32 * 32 + 2 * 32 * 16 + 4 * 32 + 3 * 32 * 48 + 2 * 32 * 32 + 2 * 16 * 16 + 2 * 32) + 32 + 97 * 32
VISION = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
    "vision_use_head": False,
}
LAYERED = {**STACK, "layer_types": ["sliding_attention", "full_attention"] * 2}
T5GEMMA2 = {"model_type": "t5gemma2", "encoder": {"text_config": LAYERED, "vision_config": VISION}, "decoder": LAYERED}
MERGED = 4 * (2 * 32 * 32 + 2 * 32 * 16 + 2 * 8 + 4 * 32 + 3 * 32 * 48) + 32
IMAGES = 3 * 64 * 16 + 16 + 16 * 16 + 2 * 16 + 4 * (16 * 16 + 16) + 2 * 16 * 24 + 24 + 16 + 4 * 16 + 16 * 32 + 16


@pytest.mark.parametrize(
    ("config", "total"),
    [
        (T5GEMMA, READS + WRITES),
        ({**T5GEMMA, "tie_word_embeddings": False}, READS + WRITES + 97 * 32),
        ({**T5GEMMA, "architectures": ["T5GemmaModel"]}, READS + WRITES),
        ({**T5GEMMA, "architectures": ["T5GemmaEncoderModel"], "is_encoder_decoder": False}, READS),
        ({**T5GEMMA, "architectures": ["T5GemmaForTokenClassification"]}, READS + WRITES + 2 * 32 + 2),
        ({**T5GEMMA, "architectures": ["T5GemmaForSequenceClassification"], "is_encoder_decoder": False}, READS + 2 * 16 + 2),
        (T5GEMMA2, 2 * MERGED + 97 * 32 + 32 + IMAGES),
        ({**T5GEMMA2, "tie_word_embeddings": False}, 2 * MERGED + 3 * 97 * 32 + 2 * 32 + IMAGES),
        ({**T5GEMMA2, "architectures": ["T5Gemma2ForSequenceClassification"]}, 2 * MERGED + 97 * 32 + 32 + IMAGES + 66),
    ],
)
def test_totals(config: dict[str, Any], total: int) -> None:
    """T5GemmaForConditionalGeneration has stacks of their own sizes; T5Gemma2's share one table and need no cross-attention."""
    assert total_of(config) == total


@pytest.mark.parametrize("config", [{**T5GEMMA, "decoder": LAYERED}, T5GEMMA2])
def test_cache(config: dict[str, Any]) -> None:
    """Of 20 tokens a sliding layer keeps 7; all 4 layers keep the keys and values of 10 encoder tokens."""
    assert windows_of(config) == [8, None, 8, None]
    assert reserved_of(config, 20, 10) == 2 * 2 * 2 * 8 * (2 * 7 + 2 * 20 + 4 * 10)


def test_published_layout() -> None:
    """T5Gemma 2 is published with the text encoder's tensors beside the tower, which transformers 5 moves into `text_model`."""
    names = [name for name, _, _ in manifest(spec_of(T5GEMMA2))]
    assert names[:2] == ["model.encoder.embed_tokens.weight", "model.encoder.embed_tokens.eoi_embedding"]
    assert "model.encoder.layers.0.pre_self_attn_layernorm.weight" in names
    assert "model.encoder.vision_tower.vision_model.encoder.layers.0.mlp.fc1.weight" in names


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("t5gemma", "t5gemma2")
    check_cache_against_corpus("t5gemma", "t5gemma2")
