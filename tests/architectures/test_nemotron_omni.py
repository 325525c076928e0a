"""Nemotron Omni against NemotronH_Omni_Reasoning_V3."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import check_against_corpus, check_published, reserved_of, total_of

TEXT: dict[str, Any] = {
    "model_type": "nemotron_h",
    "vocab_size": 97,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "mamba_num_heads": 4,
    "mamba_head_dim": 8,
    "n_groups": 1,
    "ssm_state_size": 8,
    "layers_block_type": ["linear_attention", "full_attention", "mlp"],
    "num_hidden_layers": 3,
}
VISION: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "patch_size": 4,
    "max_img_size": 8,
    "video_temporal_patch_size": 2,
}
AUDIO: dict[str, Any] = {
    "hidden_size": 16,
    "num_attention_heads": 2,
    "num_hidden_layers": 1,
    "intermediate_size": 24,
    "conv_kernel_size": 3,
    "subsampling_conv_channels": 4,
    "num_mel_bins": 16,
    "projection_hidden_size": 12,
    "projection_bias": False,
}
OMNI: dict[str, Any] = {
    "model_type": "nemotron_h_omni",
    "architectures": ["NemotronH_Omni_Reasoning_V3"],
    "text_config": TEXT,
    "vision_config": VISION,
    "vision_hidden_size": 16,
    "projector_hidden_size": 20,
}
SEEN = 5_840 + 1_984
HEARD = 4_224 + 592


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, SEEN),
        ({"downsample_ratio": 1.0}, SEEN - 48 * (1 + 20)),
        ({"text_config": {**TEXT, "num_nextn_predict_layers": 1}}, SEEN + 2 * 16),
        ({"vision_config": {**VISION, "use_swiglu_ffn": True}}, SEEN - 2_128 + 2_416),
        ({"vision_config": {**VISION, "video_temporal_patch_size": None}}, SEEN - 1_536),
        ({"audio_config": AUDIO}, SEEN + HEARD),
        ({"audio_config": {**AUDIO, "attention_bias": True}}, SEEN + HEARD + 4 * 16 + 2 * (24 + 16)),
        ({"audio_config": {**AUDIO, "projection_bias": True}}, SEEN + HEARD + 12 + 32),
    ],
)
def test_totals(changes: dict[str, Any], total: int) -> None:
    """Beside the text model a tower of 2,528 and a layer of 3,312, a projector of 1,984, and where it hears 4,224 and 592."""
    text = total_of(TEXT)
    assert text is not None
    assert total_of({**OMNI, **changes}) == text + total


def test_names_of_released_configs() -> None:
    """The same model by the names that the first checkpoints use; Parakeet has biases there only if it asks for them."""
    older = {"llm_config": TEXT, "vit_hidden_size": 16, "sound_config": AUDIO}
    kept = {key: value for key, value in OMNI.items() if key not in ("text_config", "vision_hidden_size")}
    assert total_of({**kept, **older}) == total_of({**OMNI, "audio_config": AUDIO})


def test_what_a_sequence_keeps() -> None:
    """What the text model keeps."""
    assert reserved_of({**OMNI, "audio_config": AUDIO}, 16) == reserved_of(TEXT, 16)


def test_corpus() -> None:
    """Every row of the corpus. The head is the text model's, and the composite has none that could be left out."""
    check_against_corpus("nemotron_h_omni")


def test_published() -> None:
    """Every published config the corpus has of this type."""
    check_published("nemotron_h_omni")
