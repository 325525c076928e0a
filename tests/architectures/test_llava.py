"""LLaVA and its kin against their transformers classes, with text models and towers of several types."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
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
TEXT: dict[str, Any] = {**SMALL, "model_type": "llama"}
CLIP: dict[str, Any] = {**VISION, "model_type": "clip_vision_model"}
PIXTRAL: dict[str, Any] = {**CLIP, "model_type": "pixtral"}
SIGLIP: dict[str, Any] = {**CLIP, "model_type": "siglip_vision_model"}
LLAVA: dict[str, Any] = {"model_type": "llava", "text_config": TEXT, "vision_config": CLIP}
LLAVA_NEXT: dict[str, Any] = {"model_type": "llava_next", "text_config": TEXT, "vision_config": CLIP}
MISTRAL3: dict[str, Any] = {
    "model_type": "mistral3",
    "text_config": {**TEXT, "model_type": "mistral"},
    "vision_config": {**CLIP, "model_type": "pixtral"},
}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("LlavaForConditionalGeneration", {}, 43_856),
        ("LlavaForConditionalGeneration", {"vision_feature_layer": [-2, -1]}, 44_368),
        ("LlavaForConditionalGeneration", {"multimodal_projector_bias": False}, 43_792),
        ("LlavaForConditionalGeneration", {"tie_word_embeddings": True}, 40_752),
        ("LlavaForConditionalGeneration", {"text_config": {**TEXT, "tie_word_embeddings": True}}, 40_752),
        ("LlavaForConditionalGeneration", {"text_config": {**TEXT, "model_type": "qwen2"}}, 44_112),
        ("LlavaForConditionalGeneration", {"vision_config": {**CLIP, "model_type": "siglip_vision_model"}}, 45_752),
        (
            "LlavaForConditionalGeneration",
            {"vision_config": {**CLIP, "model_type": "siglip_vision_model", "vision_use_head": False}},
            43_808,
        ),
        ("LlavaForConditionalGeneration", {"vision_config": {**CLIP, "model_type": "pixtral"}}, 44_016),
        ("LlavaModel", {}, 40_752),
    ],
)
def test_llava(architecture: str, changes: dict[str, Any], total: int) -> None:
    """LlavaForConditionalGeneration: the text model by its own type, the tower by its own."""
    assert total_of({**LLAVA, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("LlavaNextForConditionalGeneration", {}, 43_888),
        ("LlavaNextForConditionalGeneration", {"tie_word_embeddings": True}, 40_784),
        ("LlavaNextForConditionalGeneration", {"text_config": {**TEXT, "tie_word_embeddings": True}}, 43_888),
        ("LlavaNextForConditionalGeneration", {"text_config": {**TEXT, "model_type": "mistral"}}, 43_888),
        ("LlavaNextModel", {}, 40_784),
    ],
)
def test_llava_next(architecture: str, changes: dict[str, Any], total: int) -> None:
    """LlavaNextForConditionalGeneration: a learned end of row; the root alone decides about the head."""
    assert total_of({**LLAVA_NEXT, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("Mistral3ForConditionalGeneration", {}, 41_888),
        ("Mistral3ForConditionalGeneration", {"tie_word_embeddings": False}, 44_992),
        ("Mistral3ForConditionalGeneration", {"spatial_merge_size": 3}, 43_168),
        ("Mistral3ForConditionalGeneration", {"multimodal_projector_bias": True}, 41_952),
        ("Mistral3ForConditionalGeneration", {"vision_feature_layer": [-1, -2]}, 42_400),
        ("Mistral3ForConditionalGeneration", {"vision_config": {**PIXTRAL, "patch_size": 8}}, 44_192),
        ("Mistral3Model", {}, 41_888),
    ],
)
def test_mistral3(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Mistral3ForConditionalGeneration: patches merged before the projector."""
    assert total_of({**MISTRAL3, **changes, "architectures": [architecture]}) == total


def test_names() -> None:
    """The layout of llava-hf: the text model whole under `language_model`."""
    names = tensors(spec_of(LLAVA))
    assert names["language_model.model.layers.3.mlp.down_proj.weight"] == (32, 48)
    assert names["language_model.lm_head.weight"] == (97, 32)
    assert names["vision_tower.vision_model.embeddings.position_embedding.weight"] == (17, 16)
    assert names["multi_modal_projector.linear_1.weight"] == (32, 16)
    tied = {**LLAVA, "tie_word_embeddings": True}
    assert "language_model.lm_head.weight" not in tensors(spec_of(tied))


def test_a_text_model_of_several_parts() -> None:
    """Copies in next-token-prediction layers are the same as the text model's own tensors, under its prefix."""
    text = {**SMALL, "model_type": "glm4_moe", "moe_intermediate_size": 16, "n_routed_experts": 4, "num_nextn_predict_layers": 1}
    names = tensors(spec_of({**LLAVA, "text_config": {**text, "num_experts_per_tok": 2}}))
    assert "language_model.model.layers.4.eh_proj.weight" in names
    assert "language_model.model.layers.4.embed_tokens.weight" not in names


def test_parts_nobody_knows_are_unknown() -> None:
    """A tower or a text model without a family: its size is unknown, with the reason, and the rest is read."""
    for change in ({"vision_config": {"model_type": "vjepa", "hidden_size": 16}}, {"text_config": {**SMALL, "model_type": "nobodys"}}):
        found = counts(spec_of({**LLAVA, **change}))
        assert found is not None
        assert found.total.value is None
        assert any("not known to specverify" in reason for reason in found.total.reasons())


def test_recipe() -> None:
    """Projected patches among the text, which decides about everything else."""
    spec = spec_of(MISTRAL3)
    assert spec.value("modality_interface") == "encoder + projector"
    assert (spec.value("attention"), spec.value("tied_embeddings"), spec.value("hidden_size")) == ("gqa", True, 32)
    assert spec_of(LLAVA).value("tied_embeddings") is False


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("llava", "llava_next", "llava_next_video", "llava_onevision", "mistral3")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("llava", "llava_next", "llava_next_video", "llava_onevision", "mistral3")
