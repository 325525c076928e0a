"""Tokens of a minute of video: frames taken a second, merged in time, and each counted as a picture within a budget of pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from specverify import num
from specverify.derive.media.counting import Picture
from specverify.derive.media.patches import budget
from specverify.derive.media.resizing import patches_within
from specverify.derive.media.sources import NO_FILE, Sources
from specverify.num import Num

SECONDS = 60
ASSUMED_RATE = 2
"""Frames a second where the processor states none: the default of Qwen3VLVideoProcessor, and of qwen-vl-utils."""


class Footage(NamedTuple):
    """Tokens of a minute of video, with the frames a second it is taken at, as stated or assumed."""

    tokens: Num
    note: str


class _Class(NamedTuple):
    """What a video processor fills in, and whether its budget of pixels is for a frame or for all of them."""

    patch: int
    least: int
    most: int
    together: bool


CLASSES: Mapping[str, _Class] = {
    "Qwen2VLVideoProcessor": _Class(14, 128 * 28 * 28, 28 * 28 * 768, together=False),
    "Qwen3VLVideoProcessor": _Class(16, 128 * 32 * 32, 32 * 32 * 768, together=True),
}
"""Video processors of transformers 5.23.0 that are known, with their defaults."""
BY_PROCESSOR = {
    **dict.fromkeys(("Qwen2VLProcessor", "Qwen2_5_VLProcessor", "Qwen2_5OmniProcessor", "Qwen3OmniMoeProcessor"), "Qwen2VLVideoProcessor"),
    "Qwen3VLProcessor": "Qwen3VLVideoProcessor",
}
"""The video processor of a processor class, for files that name none."""


def footage(sources: Sources, frame: Picture) -> Footage:
    """A minute of frames of that size; its number is unknown, with the reason, where that cannot be told."""
    if not sources.any_processor():
        return Footage(num.unknown(NO_FILE), "")
    named = sources.text("processor", "processor_class") or ""
    name = sources.text("video", "video_processor_type") or BY_PROCESSOR.get(named)
    known = CLASSES.get(name or "")
    if known is None or name is None:
        return Footage(num.unknown(f"how {name or named or 'a processor that names no class'} takes frames is not known to specverify"), "")
    if sources.is_on("video", "cap_pixels_per_frame", default=False):
        return Footage(num.unknown("cap_pixels_per_frame is on: how it caps them is not known to specverify"), "")
    rate, note = _rate(sources)
    patch, merge, together = (
        sources.count("video", key, default=(value, name))
        for key, value in (("patch_size", known.patch), ("merge_size", 2), ("temporal_patch_size", 2))
    )
    side = (patch * merge).named("pixels along a token", "px")
    least = budget(sources, "video", "min_pixels", "shortest_edge", (known.least, name))
    most = budget(sources, "video", "max_pixels", "longest_edge", (known.most, name))
    fewest_frames, most_frames = (
        sources.count("video", key, default=(value, name)) for key, value in (("min_frames", 4), ("max_frames", 768))
    )
    frames = num.minimum(num.maximum(num.floor(rate * SECONDS), fewest_frames), most_frames).named("frames of a minute")
    shared = (num.ceil_div(frames, together) * together,) if known.together else ()
    each = num.call("patches_within", patches_within, *frame.sides(), side, least, most, *shared)
    tokens = num.ceil_div(frames, together) * each.named("tokens of frames merged in time")
    return Footage(tokens, f"{note}; the marks of time between frames not counted")


def _rate(sources: Sources) -> tuple[Num, str]:
    """Frames a second and in words where that comes from."""
    if sources.find("video", "fps") is not None:
        stated = sources.ratio("video", "fps")
        return stated, "frames a second as stated"
    return num.const(ASSUMED_RATE, "frames a second (assumed)"), f"{ASSUMED_RATE} frames a second assumed: the processor states none"
