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


KIN: dict[str, tuple[str, dict[str, Any]]] = {
    "llava_onevision": (
        "LlavaOnevision",
        {"text_config": {**SMALL, "model_type": "qwen2"}, "vision_config": {**SIGLIP, "vision_use_head": False}},
    ),
    "llava_next_video": ("LlavaNextVideo", {"text_config": TEXT, "vision_config": CLIP}),
    "video_llava": ("VideoLlava", {"text_config": TEXT, "vision_config": CLIP}),
    "vipllava": ("VipLlava", {"text_config": TEXT, "vision_config": CLIP}),
    "video_llama_3": ("VideoLlama3", {"text_config": {**SMALL, "model_type": "qwen2"}, "vision_config": VISION}),
    "fast_vlm": ("FastVlm", {"text_config": {**SMALL, "model_type": "qwen2"}}),
    "lighton_ocr": ("LightOnOcr", {"text_config": {**SMALL, "model_type": "qwen3", "head_dim": 8}, "vision_config": PIXTRAL}),
}


def kin(model_type: str, changes: dict[str, Any], *, bare: bool = False) -> dict[str, Any]:
    """A small config of one of LLaVA's kin."""
    name, config = KIN[model_type]
    architecture = name + ("Model" if bare else "ForConditionalGeneration")
    return {"model_type": model_type, "architectures": [architecture], **config, **changes}


@pytest.mark.parametrize(
    ("model_type", "changes", "total"),
    [
        ("llava_onevision", {}, 44_096),
        ("llava_onevision", {"text_config": {**SMALL, "model_type": "qwen2", "tie_word_embeddings": True}}, 40_992),
        ("llava_onevision", {"vision_config": SIGLIP}, 46_040),
        ("llava_next_video", {}, 43_888),
        ("llava_next_video", {"spatial_pool_mode": "max"}, 43_888),
        ("llava_next_video", {"spatial_pool_mode": "conv"}, 44_928),
        ("llava_next_video", {"spatial_pool_mode": "conv", "spatial_pool_stride": 3}, 46_208),
        ("llava_next_video", {"spatial_pool_mode": "conv", "spatial_pool_out_channels": 20}, 45_188),
        ("llava_next_video", {"text_config": {**TEXT, "tie_word_embeddings": True}}, 40_784),
        ("video_llava", {}, 48_896),
        ("video_llava", {"tie_word_embeddings": True}, 45_792),
        ("video_llava", {"text_config": {**TEXT, "tie_word_embeddings": True}}, 48_896),
        ("video_llava", {"multimodal_projector_bias": False}, 48_832),
        ("vipllava", {}, 46_064),
        ("vipllava", {"vision_feature_layer": -2}, 43_888),
        ("vipllava", {"vision_feature_layers": [-1, -2]}, 44_432),
        ("vipllava", {"tie_word_embeddings": True}, 42_960),
        ("vipllava", {"text_config": {**TEXT, "tie_word_embeddings": True}}, 46_064),
        ("video_llama_3", {}, 43_808),
        ("video_llama_3", {"text_config": {**SMALL, "model_type": "qwen2", "tie_word_embeddings": True}}, 40_704),
        ("video_llama_3", {"vision_config": {**VISION, "patch_size": 8}}, 46_112),
        ("fast_vlm", {}, 122_714_208 + 99_392 + 37_472),
        ("fast_vlm", {"tie_word_embeddings": True}, 122_714_208 + 99_392 + 34_368),
        ("lighton_ocr", {}, 41_952),
        ("lighton_ocr", {"tie_word_embeddings": False}, 45_056),
        ("lighton_ocr", {"spatial_merge_size": 3}, 43_232),
        ("lighton_ocr", {"multimodal_projector_bias": True, "vision_feature_layer": [-1, -2]}, 41_952),
    ],
)
def test_kin(model_type: str, changes: dict[str, Any], total: int) -> None:
    """What each class adds to LLaVA, and which config ties its head."""
    assert total_of(kin(model_type, changes)) == total


@pytest.mark.parametrize(
    ("model_type", "total"),
    [("llava_onevision", 40_992), ("video_llava", 45_792), ("vipllava", 42_960), ("video_llama_3", 40_704), ("lighton_ocr", 41_952)],
)
def test_bare_kin(model_type: str, total: int) -> None:
    """The bare models have no head."""
    assert total_of(kin(model_type, {}, bare=True)) == total


@pytest.mark.parametrize("change", [{"architecture": "fastvit_sa12"}, {"model_args": {}}, {"model_args": {"inference_mode": False}}])
def test_other_towers_of_timm_are_unknown(change: dict[str, Any]) -> None:
    """Another variant, or branches that are not folded: nothing in the config tells their sizes."""
    vision = {"model_type": "timm_wrapper", "architecture": "fastvit_mci3", "hidden_size": 3072, "model_args": {"inference_mode": True}}
    assert total_of(kin("fast_vlm", {"vision_config": vision})) == total_of(kin("fast_vlm", {}))
    assert total_of(kin("fast_vlm", {"vision_config": {**vision, **change}})) is None


def test_names_of_stages() -> None:
    """Five stages: the first three convolve, the last two attend."""
    names = tensors(spec_of(kin("fast_vlm", {})))
    tower = "model.vision_tower.timm_model."
    assert names[tower + "stages.2.blocks.23.token_mixer.reparam_conv.weight"] == (384, 1, 3, 3)
    assert names[tower + "stages.4.blocks.1.token_mixer.qkv.weight"] == (4608, 1536)
    assert names[tower + "stages.4.blocks.1.mlp.conv.bn.num_batches_tracked"] == ()
    assert names[tower + "final_conv.se.fc1.weight"] == (192, 3072, 1, 1)


def test_names_of_kin() -> None:
    """Two towers beside a text model under one module, or all but the head inside the composite's body."""
    names = tensors(spec_of(kin("video_llava", {})))
    assert names["image_tower.vision_model.embeddings.position_embedding.weight"] == (17, 16)
    assert names["video_tower.vision_model.embeddings.position_embedding.weight"] == (17, 16)
    assert names["language_model.lm_head.weight"] == (97, 32)
    pooled = tensors(spec_of(kin("llava_next_video", {"spatial_pool_mode": "conv", "spatial_pool_stride": 3})))
    assert pooled["vision_resampler.pool.weight"] == (16, 16, 3, 3)
    nested = tensors(spec_of(kin("video_llama_3", {})))
    assert nested["model.language_model.layers.3.mlp.down_proj.weight"] == (32, 48)
    assert nested["lm_head.weight"] == (97, 32)
    assert nested["model.projector.readout.2.weight"] == (32, 32)
    assert not any("position_embedding" in name for name in nested)
    bare = tensors(spec_of(kin("lighton_ocr", {}, bare=True)))
    assert bare["language_model.embed_tokens.weight"] == (97, 32)
    assert bare["vision_projection.patch_merger.merging_layer.weight"] == (16, 64)


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
    check_against_corpus("llava", "llava_next", "mistral3", *KIN)


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("llava", "llava_next", "mistral3", *(model_type for model_type in KIN if model_type != "fast_vlm"))
