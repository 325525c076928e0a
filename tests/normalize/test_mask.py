"""Who sees whom in a model that no family describes, and what is no language model."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.architectures.keys import Config
from specverify.normalize.mask import mask_of, not_a_language_model
from tests.architectures.plans import spec_of


def config(model_type: str | None = None, architecture: str | None = None, **raw: Any) -> Config:
    return Config(raw, model_type=model_type, architecture=architecture)


@pytest.mark.parametrize(
    ("c", "mask"),
    [
        (config("opt", "OPTForCausalLM"), "causal"),
        (config("opt"), "causal"),
        (config("electra"), "bidirectional"),
        (config("electra", "ElectraForMaskedLM", is_decoder=True), "causal"),
        (config("bart", "BartForConditionalGeneration", is_encoder_decoder=True), "causal"),
        (config("llama", use_bidirectional_attention=True), "bidirectional"),
        (config("llama", is_causal=False), "bidirectional"),
        (config("chatglm", position_encoding_2d=True), "prefix"),
        (config("chatglm", inner_hidden_size=16384), "prefix"),
        (config("chatglm", multi_query_attention=True), "causal"),
        (config(None, "SomethingForCausalLM"), "causal"),
        (config(None, "SomethingForMaskedLM"), "bidirectional"),
        (config(None, "SomethingModel"), ""),
        (config(), ""),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.model_type}-{value.architecture}-{','.join(value.raw)}",
)
def test_the_mask(c: Config, mask: str) -> None:
    assert mask_of(c) == mask


@pytest.mark.parametrize(
    ("c", "reason"),
    [
        (config(_class_name="UNet2DConditionModel"), "a diffusers component (UNet2DConditionModel)"),
        (config(peft_type="LORA"), "an adapter; its base model decides the cost"),
        (config("vit", "ViTForImageClassification"), "an image classifier"),
        (config("detr", "DetrForObjectDetection"), "an object detector"),
        (config("wav2vec2", "Wav2Vec2ForCTC"), "a speech recognizer without a language model"),
        (config("llama", "LlamaForCausalLM"), None),
        (config(None, "SomethingNewForImageClassification"), None),
        (config(), None),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_no_language_model(c: Config, reason: str | None) -> None:
    assert not_a_language_model(c) == reason


def test_a_long_class_name_is_cut() -> None:
    assert len(not_a_language_model(config(_class_name="x" * 1000)) or "") < 100


def test_a_refusal_is_the_reason_of_prototype_and_attention() -> None:
    spec = spec_of({"model_type": "vit", "architectures": ["ViTForImageClassification"], "num_hidden_layers": 12})
    assert (spec.exactness, spec.parts) == ("none", ())
    for name in ("prototype", "attention"):
        assert spec.fact(name).reason == "not a language model: an image classifier"
