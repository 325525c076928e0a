"""Fun-ASR-Nano against its transformers class: memory beside attention, and layers between tower and text."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, spec_of, total_of
from tests.architectures.reading import kept, tensors

AUDIO: dict[str, Any] = {
    "num_mel_bins": 4,
    "num_stacked_frames": 3,
    "hidden_size": 16,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "num_hidden_layers": 5,
    "num_timestamp_prediction_layers": 2,
    "fsmn_kernel_size": 3,
}
ADAPTOR: dict[str, Any] = {
    "hidden_size": 32,
    "num_attention_heads": 4,
    "intermediate_size": 8,
    "num_hidden_layers": 2,
    "projector_hidden_size": 20,
}
ASR: dict[str, Any] = {
    "model_type": "fun_asr_nano",
    "audio_config": AUDIO,
    "adaptor_config": ADAPTOR,
    "text_config": {**SMALL, "model_type": "qwen3", "head_dim": 8},
}
MLP = (16 * 24 + 24) + (24 * 16 + 16)
INNER = 4 * (16 * 16 + 16) + 16 * 3 + MLP + 64
FIRST = 3 * (12 * 16 + 16) + (16 * 16 + 16) + 16 * 3 + MLP + 24 + 32
ADAPTING = (16 * 20 + 20) + (20 * 32 + 32) + 2 * (4 * (32 * 32 + 32) + (32 * 8 + 8) + (8 * 32 + 32) + 128)
BODY = 97 * 32 + 4 * (2 * 32 * 32 + 2 * 32 * 16 + 16 + 3 * 32 * 48 + 64) + 32


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("FunAsrNanoForConditionalGeneration", {}, FIRST + 4 * INNER + 64 + ADAPTING + BODY),
        ("FunAsrNanoForConditionalGeneration", {"tie_word_embeddings": False}, FIRST + 4 * INNER + 64 + ADAPTING + BODY + 97 * 32),
        ("FunAsrNanoModel", {}, FIRST + 4 * INNER + 64 + ADAPTING + BODY),
        (
            "FunAsrNanoForConditionalGeneration",
            {"audio_config": {**AUDIO, "num_timestamp_prediction_layers": 5}},
            FIRST + 4 * INNER + 32 + ADAPTING + BODY,
        ),
        (
            "FunAsrNanoForConditionalGeneration",
            {"audio_config": {**AUDIO, "num_hidden_layers": 1, "num_timestamp_prediction_layers": 0}},
            FIRST + 32 + ADAPTING + BODY,
        ),
    ],
)
def test_fun_asr_nano(architecture: str, changes: dict[str, Any], total: int) -> None:
    """The first layer reads 3 frames of 4 mel bins as they are; two layers end with a norm, or one where they are the same."""
    assert total_of({**ASR, **changes, "architectures": [architecture]}) == total


def test_names() -> None:
    """The layout of the checkpoint that transformers wrote, the text model's cache alone."""
    names = tensors(spec_of(ASR))
    assert names["model.audio_tower.layers.0.self_attn.q_proj.weight"] == (16, 12)
    assert names["model.audio_tower.layers.0.self_attn.fsmn.conv.weight"] == (16, 1, 3)
    ends = {name.split(".")[3] for name in names if name.endswith("final_layernorm.weight")}
    assert ends == {"2", "4"}
    assert names["model.multi_modal_projector.layers.1.mlp.fc1.weight"] == (8, 32)
    assert names["model.language_model.layers.3.self_attn.q_norm.weight"] == (8,)
    assert kept(spec_of(ASR), 100) == (100 * 4 * 64, 0)


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("fun_asr_nano")
