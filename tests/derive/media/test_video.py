"""Tokens of a minute of video, by hand."""

from __future__ import annotations

from typing import Any

from specverify.derive.media import FRAME
from specverify.derive.media.sources import Sources
from specverify.derive.media.video import Footage, footage
from tests.derive.media.processors import QWEN2_VL, QWEN3_VL
from tests.derive.served import published


def shown(processor: dict[str, Any], video: dict[str, Any] | None = None) -> Footage:
    files = {"preprocessor_config.json": processor, **({} if video is None else {"video_preprocessor_config.json": video})}
    return footage(Sources(published("gpt2"), files), FRAME)


def test_frames_merged_by_two_each_within_a_budget() -> None:
    # 720 / 28 is 25.7 and 1,280 / 28 is 45.7, within the 12,845,056 pixels of the image's own budget.
    found = shown(QWEN2_VL)
    assert found.tokens.value == 120 // 2 * 26 * 46
    assert found.note.startswith("2 frames a second assumed")


def test_frames_that_share_a_budget() -> None:
    # 120 frames of 720 x 1,280 are 110,592,000 pixels: each side shrinks by the root of 6.59 to 280 and 498, which are 8 and 15 of 32.
    assert shown(QWEN3_VL).tokens.value == 120 // 2 * 8 * 15


def test_a_stated_rate_is_taken() -> None:
    video = {"video_processor_type": "Qwen3VLVideoProcessor", "patch_size": 16, "size": QWEN3_VL["size"], "fps": 1}
    found = shown(QWEN3_VL, video)
    assert found.tokens.value == 60 // 2 * 12 * 22
    assert found.note.startswith("frames a second as stated")
    assert shown(QWEN3_VL, {**video, "fps": "all"}).tokens.value is None


def test_no_more_frames_than_the_most() -> None:
    assert shown({**QWEN2_VL, "fps": 30, "max_frames": 768}).tokens.value == 768 // 2 * 26 * 46


def test_what_is_missing_is_named() -> None:
    reasons = shown({"processor_class": "Gemma4Processor"}).tokens.reasons()
    assert reasons == ("how Gemma4Processor takes frames is not known to specverify",)
