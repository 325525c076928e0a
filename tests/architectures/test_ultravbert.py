"""UltraVBERT against its transformers classes: UltraBERT behind SigLIP, the heads its own."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.spec import Attention
from tests.architectures.plans import SMALL, check_against_corpus, spec_of, total_of
from tests.architectures.reading import tensors

VISION: dict[str, Any] = {
    "model_type": "siglip_vision_model",
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 16,
    "patch_size": 4,
    "vision_use_head": False,
}
ULTRA: dict[str, Any] = {
    "model_type": "ultravbert",
    "text_config": {**SMALL, "model_type": "ultrabert", "prediction_head_size": 10, "sliding_window": 3},
    "vision_config": VISION,
    "pixel_shuffle_factor": 2,
}
BODY = 97 * 32 + 4 * (2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 48 + 64) + 32
SEEING = (16 * 3 * 16 + 16) + 16 * 16 + 2 * (4 * (16 * 16 + 16) + (16 * 24 + 24) + (24 * 16 + 16) + 64) + 32
REST = SEEING + 64 * 32 + 32


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("UltraVBertForMaskedLM", {}, BODY + REST + 2 * 32 * 10 + 97 * 32),
        ("UltraVBertForMaskedLM", {"tie_word_embeddings": True}, BODY + REST + 2 * 32 * 10),
        ("UltraVBertModel", {}, BODY + REST),
        ("UltraVBertForSequenceClassification", {"num_labels": 5}, BODY + REST + 32 * 5 + 5),
        ("UltraVBertForTokenClassification", {"num_labels": 3}, BODY + REST + 32 * 3 + 3),
    ],
)
def test_ultravbert(architecture: str, changes: dict[str, Any], total: int) -> None:
    """A norm behind the projection of four patches; the waist stands in front of the vocabulary alone."""
    assert total_of({**ULTRA, **changes, "architectures": [architecture]}) == total


def test_names_and_windows() -> None:
    """Two of three layers see three tokens to either side, and all see both ways."""
    spec = spec_of({**ULTRA, "architectures": ["UltraVBertForMaskedLM"]})
    names = tensors(spec)
    assert names["model.connector.modality_projection.weight"] == (32, 64)
    assert names["model.connector.norm.weight"] == (32,)
    assert names["model.text_model.layers.3.mlp.down_proj.weight"] == (32, 48)
    assert names["head.linear1.weight"] == (10, 32)
    assert names["head.decoder.weight"] == (97, 32)
    text = spec.encoder()
    assert text is not None
    seen: dict[int, int | float | None] = {}
    for group in text.layers:
        mixer = group.mixers[0]
        assert isinstance(mixer, Attention)
        assert not mixer.causal
        for index in group.indices:
            seen[index] = None if mixer.window is None else mixer.window.value
    assert [seen[index] for index in sorted(seen)] == [7, 7, None, 7]


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("ultravbert")
