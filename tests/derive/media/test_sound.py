"""Tokens of a minute of sound, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.media.sound import Minute, minute
from specverify.derive.media.sources import Sources
from tests.derive.served import published

HEARD = {"sampling_rate": 16_000, "hop_length": 160, "chunk_length": 30}


def heard(audio: dict[str, Any], processor: dict[str, Any] = HEARD, part: str = "audio_config") -> Minute:
    return minute(Sources(published("gpt2"), {"config.json": {part: audio}, "preprocessor_config.json": processor}))


@pytest.mark.parametrize(
    ("audio", "tokens"),
    [
        ({"model_type": "qwen2_audio_encoder"}, 60 * 25),
        ({"model_type": "qwen2_5_omni_audio_encoder"}, 60 * 25),
        ({"model_type": "qwen3_omni_moe_audio_encoder"}, 60 * 13),
        ({"model_type": "voxtral_encoder", "intermediate_size": 5120, "hidden_size": 1280}, 60 * 12.5),
        ({"model_type": "gemma3n_audio"}, 2 * 188),
        ({"model_type": "gemma4_audio"}, 60 * 25),
        ({"model_type": "phi4_multimodal_audio"}, 60 * 12.5),
    ],
)
def test_a_minute(audio: dict[str, Any], tokens: float) -> None:
    assert heard(audio).tokens.value == tokens
    assert not heard(audio).crossed


def test_windows_projected_to_fewer() -> None:
    processor = {"melspec_kwargs": {"hop_length": 160}, "projector_window_size": 15, "projector_downsample_rate": 5}
    assert heard({"model_type": "granite_speech_encoder"}, processor, "encoder_config").tokens.value == 60 * 10


def test_whisper_fills_two_clips_outside_of_the_prompt() -> None:
    files: dict[str, Any] = {"config.json": {"model_type": "whisper"}, "preprocessor_config.json": HEARD}
    found = minute(Sources(published("whisper-large-v3"), files))
    assert (found.tokens.value, found.crossed) == (2 * 1500, True)


def test_a_longer_clip_leaves_nothing_to_fill() -> None:
    assert heard({"model_type": "qwen2_5_omni_audio_encoder"}, {**HEARD, "chunk_length": 300}).tokens.value == 60 * 25


def test_what_is_missing_is_named() -> None:
    files: dict[str, Any] = {
        "config.json": {"model_type": "ultravox", "audio_config": {"model_type": "whisper"}},
        "processor_config.json": {},
    }
    reasons = minute(Sources(published("gpt2"), files)).tokens.reasons()
    assert reasons == ("how whisper of ultravox turns sound into tokens is not known to specverify",)
    other = heard({"model_type": "qwen3_omni_moe_audio_encoder", "n_window": 100}).tokens
    assert other.reasons() == ("config.json#/audio_config/n_window: tokens of windows of other than 2 x 50 frames are not known",)
