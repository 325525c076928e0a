"""Where the parts of a multimodal model meet, beyond the rules' examples."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.assessed import LLAMA, found, reason

Json = dict[str, Any]
LLAVA: Json = {
    "model_type": "llava",
    "architectures": ["LlavaForConditionalGeneration"],
    "image_token_index": 900,
    "vision_feature_layer": -2,
    "vision_feature_select_strategy": "default",
    "text_config": LLAMA,
    "vision_config": {"model_type": "clip_vision_model", "num_hidden_layers": 4, "image_size": 56, "patch_size": 14},
}


@pytest.mark.parametrize(
    ("layer", "fires"),
    [
        (-1, False),
        (-2, False),
        (-5, False),
        (-6, True),
        (0, False),
        (4, False),
        (5, True),
        ([-2, -7], True),
        ([-2, 3], False),
        ("last", False),
    ],
)
def test_layers_of_the_tower(layer: Any, fires: bool) -> None:
    assert bool(found({**LLAVA, "vision_feature_layer": layer}, "MMD001")) is fires


def test_a_tower_whose_depth_is_not_stated() -> None:
    assert "how deep" in (reason({**LLAVA, "vision_config": {"model_type": "clip_vision_model"}}, "MMD001") or "")
    assert "no layer" in (reason(LLAMA, "MMD001") or "")


@pytest.mark.parametrize(
    ("tokenizer", "fires"),
    [
        ({"image_token": "<image>", "added_tokens_decoder": {"900": {"content": "<image>"}}}, False),
        ({"image_token": "<image>", "added_tokens_decoder": {"901": {"content": "<image>"}}}, True),
        ({"image_token": {"content": "<image>"}, "added_tokens_decoder": {"901": {"content": "<image>"}}}, True),
        ({"image_token": "<image>", "added_tokens_decoder": {"900": {"content": "<image>"}, "901": {"content": "<image>"}}}, False),
        ({"image_token": "<image>", "added_tokens_decoder": {"901": {"content": "<pad>"}}}, False),
        ({"added_tokens_decoder": {"901": {"content": "<image>"}}}, False),
        ({"image_token": "<image>"}, False),
        ({"image_token": "<image>", "added_tokens_decoder": ["<image>"]}, False),
    ],
)
def test_the_token_of_an_image(tokenizer: Json, fires: bool) -> None:
    findings = found(LLAVA, "MMD002", **{"tokenizer_config.json": tokenizer})
    assert bool(findings) is fires
    for finding in findings:
        assert {evidence.file for evidence in finding.evidence} == {"config.json", "tokenizer_config.json"}
