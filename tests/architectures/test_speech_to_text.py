"""Speech to Text: convolutions that shorten, and what is kept of a recording."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.spec import Modality
from tests.architectures.plans import check_against_corpus, reserved_of, rows
from tests.architectures.reading import kept, read, tensors, total

SIZES = {
    "vocab_size": 97,
    "d_model": 32,
    "encoder_layers": 3,
    "decoder_layers": 2,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 40,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 4,
    "conv_channels": 20,
    "input_feat_per_channel": 6,
}
DEEPER = {"input_channels": 2, "num_conv_layers": 3, "conv_kernel_sizes": [5, 3, 4]}


@pytest.mark.parametrize(
    ("architecture", "changes", "expected"),
    [
        ("Speech2TextForConditionalGeneration", {}, 52_172),
        ("Speech2TextModel", DEEPER, 52_752),
    ],
)
def test_totals(architecture: str, changes: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total(read("speech_to_text", architecture, **SIZES, **changes)) == expected


def test_a_gate_leaves_half_the_channels() -> None:
    shapes = tensors(read("speech_to_text", **SIZES, **DEEPER))
    convolutions = [shapes[f"model.encoder.conv.conv_layers.{index}.weight"] for index in range(3)]
    assert convolutions == [(20, 6 * 2, 5), (20, 10, 3), (2 * 32, 10, 4)]
    assert not {name for name in shapes if "embed_positions" in name or "encoder.embed_tokens" in name}


def test_an_absurd_list_of_convolutions_is_unknown() -> None:
    assert total(read("speech_to_text", **{**SIZES, "conv_kernel_sizes": [3] * 5_000})) is None


def test_a_recording_is_shortened_twice() -> None:
    """6,000 frames are 1,500 tokens after two convolutions, and 3 tokens of 5 frames after one."""
    spec = read("speech_to_text", **SIZES)
    assert spec.value("encoder_tokens") == 1_500
    assert read("speech_to_text", **SIZES, max_source_positions=5, conv_kernel_sizes=[5]).value("encoder_tokens") == 3
    assert kept(spec, 10, 7) == (2 * 2 * 32 * 10 * 2, 2 * 2 * 32 * 7 * 2)
    encoder = spec.encoder()
    assert encoder is not None
    assert encoder.modality is Modality.AUDIO


def test_corpus() -> None:
    check_against_corpus("speech_to_text")


def test_cache_corpus() -> None:
    """What was measured is of a recording of 96 frames, fewer than the class allows for."""
    (row,) = rows("speech_to_text", table="cache.jsonl")
    config = {**row["config"], "architectures": [row["architecture"]]}
    assert reserved_of(config, row["bf16"]["n"], 96 // 4) == row["bf16"]["bytes"]
