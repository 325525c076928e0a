"""Llama 3.2 Vision against its transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.spec import Attention
from tests.architectures.plans import SMALL, check_against_corpus, check_published, reserved_of, rows, spec_of, total_of

TEXT: dict[str, Any] = {**SMALL, "num_hidden_layers": 5, "cross_attention_layers": [1, 3], "pad_token_id": 1}
VISION: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 3,
    "num_global_layers": 2,
    "attention_heads": 2,
    "image_size": 16,
    "patch_size": 4,
    "max_num_tiles": 3,
    "vision_output_dim": 48,
    "supported_aspect_ratios": [[1, 1], [1, 2], [2, 1]],
    "intermediate_layers_indices": [0, 1],
}
MLLAMA: dict[str, Any] = {"model_type": "mllama", "text_config": TEXT, "vision_config": VISION}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("MllamaForConditionalGeneration", {}, 61_075),
        ("MllamaForConditionalGeneration", {"text_config": {**TEXT, "cross_attention_layers": [0]}}, 61_057),
        ("MllamaForConditionalGeneration", {"text_config": {**TEXT, "tie_word_embeddings": True}}, 61_075),
        ("MllamaForConditionalGeneration", {"vision_config": {**VISION, "max_num_tiles": 2}}, 59_859),
        ("MllamaForConditionalGeneration", {"vision_config": {**VISION, "supported_aspect_ratios": [[1, 1]]}}, 59_251),
        ("MllamaForConditionalGeneration", {"vision_config": {**VISION, "num_global_layers": 3}}, 62_973),
        ("MllamaForConditionalGeneration", {"vision_config": {**VISION, "image_size": 20}}, 62_947),
        ("MllamaForCausalLM", {}, 45_252),
        ("MllamaModel", {}, 57_971),
    ],
)
def test_mllama(architecture: str, changes: dict[str, Any], total: int) -> None:
    """MllamaForConditionalGeneration: gated cross-attention, positions by aspect ratio, eight more rows in the embedding."""
    assert total_of({**MLLAMA, **changes, "architectures": [architecture]}) == total


def test_what_a_sequence_keeps() -> None:
    """Three layers keep the text's keys and values, two the image's."""
    assert reserved_of(MLLAMA, 16, 24) == 3 * 2 * 2 * 8 * 16 * 2 + 2 * 2 * 2 * 8 * 24 * 2


def test_which_layers_read_the_image() -> None:
    """`cross_attention_layers`, and none where the list cannot be read."""
    decoder = spec_of(MLLAMA).decoder()
    assert decoder is not None
    crossed = {i for group in decoder.layers for i in group.indices if isinstance(group.mixers[0], Attention) and group.mixers[0].cross}
    assert crossed == {1, 3}
    spec = spec_of({**MLLAMA, "text_config": {**MLLAMA["text_config"], "cross_attention_layers": "all"}})
    assert [problem.pointer for problem in spec.problems] == ["/text_config/cross_attention_layers"]


def test_recipe() -> None:
    """One image is 3 tiles of 16 patches and a class token; all self-attention is GQA."""
    spec = spec_of(MLLAMA)
    assert spec.value("encoder_tokens") == 3 * 17
    assert (spec.value("modality_interface"), spec.value("attention")) == ("cross-attention", "gqa")
    assert spec.value("prototype") == "decoder-only"


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("mllama")


def test_cache_of_the_corpus() -> None:
    """Measured with an image of 24 tokens."""
    for row in rows("mllama", table="cache.jsonl"):
        assert reserved_of({**row["config"], "architectures": [row["architecture"]]}, row["bf16"]["n"], 24) == row["bf16"]["bytes"]


def test_published() -> None:
    """Every published config the corpus has of this type."""
    check_published("mllama")
