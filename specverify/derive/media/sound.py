"""Tokens of a minute of sound, by the encoder that makes them out of the frames of a spectrogram."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from specverify import num
from specverify.derive.media.sources import NO_FILE, Sources
from specverify.num import Num

MINUTE = num.const(60, "a minute", unit="s")


class Minute(NamedTuple):
    """Tokens of a minute and in words how they come about; `crossed` ones are kept by cross-attention, outside of the prompt."""

    tokens: Num
    how: str
    crossed: bool = False


def minute(sources: Sources) -> Minute:
    """A minute of sound; its number is unknown, with the reason, where it cannot be told."""
    if not sources.any_processor():
        return Minute(num.unknown(NO_FILE), "")
    encoders = (sources.text("config", part, "model_type") for part in ("audio_config", "encoder_config"))
    encoder, whole = next(filter(None, encoders), None), sources.text("config", "model_type")
    make = (ENCODERS if encoder else ALONE).get(encoder or whole or "")
    if make is None:
        who = " of ".join(filter(None, (encoder, whole))) or "an audio encoder that names no type"
        return Minute(num.unknown(f"how {who} turns sound into tokens is not known to specverify"), "")
    return make(sources)


def _whisper(sources: Sources) -> Minute:
    """Clips of one length, the last filled with silence, and an encoder position for every two frames (arXiv:2212.04356)."""
    positions = num.of(sources.spec.fact("max_source_positions"))
    clips = num.ceil_div(MINUTE, _clip(sources)).named("clips of a minute")
    return Minute(clips * positions, "each clip a request of its own, kept by cross-attention", crossed=True)


def _halved_and_pooled(sources: Sources) -> Minute:
    """A convolution of stride 2, then the mean of two (Qwen-Audio, arXiv:2311.07919)."""
    return _clipped(sources, halved_and_pooled, "every second frame, and the mean of two of them")


def halved_and_pooled(frames: int) -> int:
    """Tokens of so many frames of a spectrogram, as Qwen2AudioEncoder has them."""
    return ((frames - 1) // 2 + 1 - 2) // 2 + 1


def _in_windows(sources: Sources) -> Minute:
    """Windows of 100 frames, each halved three times to 13 tokens (Qwen3-Omni, arXiv:2509.17765)."""
    windows = sources.find("config", "audio_config", "n_window")
    if windows is not None and windows.value != 50:
        return Minute(num.unknown(f"{windows.readings[0].where}: tokens of windows of other than 2 x 50 frames are not known"), "")
    return _clipped(sources, thirteen_a_hundred, "13 for every window of 100 frames")


def thirteen_a_hundred(frames: int) -> int:
    """Tokens of so many frames of a spectrogram, as Qwen3OmniMoeAudioEncoder has them."""
    windows, rest = divmod(frames, 100)
    for _ in range(3):
        rest = (rest - 1) // 2 + 1
    return rest + windows * 13


def _stacked(sources: Sources) -> Minute:
    """Every second frame, and as many stacked as the projector's input is wide (Voxtral, arXiv:2507.13264)."""
    wide, hidden = (sources.count("config", "audio_config", key) for key in ("intermediate_size", "hidden_size"))
    stacked = (wide // hidden).named("frames of a token")
    clip = _clip(sources)
    frames = (_rate(sources) * clip // 2).named("encoder positions of a clip")
    tokens = num.ceil_div(MINUTE, clip) * (frames // stacked)
    return Minute(tokens, "clips, the last filled with silence; every second frame, and several stacked")


def _soft(sources: Sources) -> Minute:
    """A number of its own for every clip (Gemma 3n), which are of 30 s at most."""
    each = sources.count("processor", "audio_seq_length", default=(188, "Gemma3nProcessor"))
    clips = num.ceil_div(MINUTE, num.const(30, "seconds of a clip, as Gemma3nProcessor cuts them", unit="s"))
    return Minute(clips * each, "one number of tokens for every clip of up to 30 s")


def _quartered(sources: Sources) -> Minute:
    """Two convolutions of stride 2 over the frames of a clip of 30 s (Gemma 4)."""
    by = "Gemma4AudioFeatureExtractor"
    sampled, frame, hop = (
        sources.count("audio", key, default=(value, by))
        for key, value in (("sampling_rate", 16_000), ("frame_length", 320), ("hop_length", 160))
    )
    clip = num.const(480_000, f"samples of a clip, as {by} cuts them")
    most = sources.count("processor", "audio_seq_length", default=(750, "Gemma4Processor"))
    each = num.minimum(num.call("quartered", quartered, clip, frame, hop), most).named("tokens of a clip")
    return Minute(num.ceil_div(MINUTE * sampled, clip) * each, "every fourth frame; in clips of what is heard at once")


def quartered(samples: int, frame: int, hop: int) -> int:
    """Tokens of so many samples, as Gemma4AudioSubSampleConvProjection has them."""
    frames = max(0, (samples + frame // 2 - frame - 1) // hop + 1)
    for _ in range(2):
        frames = (frames + 1) // 2
    return frames


def _projected(sources: Sources) -> Minute:
    """Every second frame, and windows of them projected to fewer (Granite speech, arXiv:2505.08699)."""
    by = "GraniteSpeechFeatureExtractor"
    sampled, window, less = (
        sources.count("audio", key, default=(value, by))
        for key, value in (("sampling_rate", 16_000), ("projector_window_size", 15), ("projector_downsample_rate", 5))
    )
    hop = (
        sources.count("audio", "melspec_kwargs", "hop_length")
        if sources.find("audio", "melspec_kwargs")
        else sources.count("audio", "hop_length", default=(160, by))
    )
    frames = (MINUTE * sampled // hop + 1).named("frames of a minute")
    return Minute(num.ceil_div(frames // 2, window) * (window // less), "every second frame, and windows of them projected to fewer")


def _compressed(sources: Sources) -> Minute:
    """Frames merged by a rate (Phi-4-Multimodal, arXiv:2503.01743)."""
    by = "Phi4MultimodalFeatureExtractor"
    keys = {"sampling_rate": 16_000, "win_length": 400, "hop_length": 160, "audio_feat_stride": 1}
    sampled, window, hop, stride = (sources.count("audio", key, default=(value, by)) for key, value in keys.items())
    frames = (num.maximum((MINUTE * sampled - window) // hop + 1, 0) * stride).named("frames of a minute")
    for key, value in (("audio_compression_rate", 8), ("audio_downsample_rate", 1)):
        frames = num.ceil_div(frames, sources.count("audio", key, default=(value, by)))
    return Minute(frames, "frames merged by the rates of the processor")


def _clipped(sources: Sources, tokens: Callable[[int], int], how: str) -> Minute:
    """Clips of what the extractor takes at once, or the minute in one; all of them full."""
    clip = num.minimum(_clip(sources), MINUTE).named("seconds of a clip", "s")
    each = num.call(tokens.__name__, tokens, _rate(sources) * clip)
    return Minute(num.ceil_div(MINUTE, clip) * each, f"{how}; in clips of what is heard at once")


def _clip(sources: Sources) -> Num:
    return sources.count("audio", "chunk_length", default=(30, "WhisperFeatureExtractor"))


def _rate(sources: Sources) -> Num:
    """Frames of the spectrogram a second."""
    by = "WhisperFeatureExtractor"
    sampled = sources.count("audio", "sampling_rate", default=(16_000, by))
    return (sampled // sources.count("audio", "hop_length", default=(160, by))).named("frames a second")


ENCODERS: Mapping[str, Callable[[Sources], Minute]] = {
    **dict.fromkeys(("qwen2_audio_encoder", "qwen2_5_omni_audio_encoder", "audioflamingo3_encoder"), _halved_and_pooled),
    **dict.fromkeys(("qwen3_omni_moe_audio_encoder", "qwen3_asr_encoder"), _in_windows),
    "voxtral_encoder": _stacked,
    "gemma3n_audio": _soft,
    "gemma4_audio": _quartered,
    "granite_speech_encoder": _projected,
    "phi4_multimodal_audio": _compressed,
}
"""Types of audio encoders, by how they count."""
ALONE: Mapping[str, Callable[[Sources], Minute]] = {"whisper": _whisper}
"""Types of models that are their own encoder. What another model does with such an encoder's output is its own."""
