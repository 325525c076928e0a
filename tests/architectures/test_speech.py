"""Composites that hear through a tower like Whisper's, against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.spec import Attention, Modality, Part
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, decoder_of, spec_of, total_of
from tests.architectures.reading import kept, tensors, under

HEARS = (
    "qwen2_audio",
    "voxtral",
    "audioflamingo3",
    "musicflamingo",
    "moss_transcribe_diarize",
    "glmasr",
    "qwen3_asr",
)
AUDIO: dict[str, Any] = {
    "d_model": 16,
    "encoder_layers": 2,
    "encoder_attention_heads": 2,
    "encoder_ffn_dim": 24,
    "num_mel_bins": 8,
    "max_source_positions": 10,
}
TEXT: dict[str, Any] = {**SMALL, "model_type": "llama"}
LAYER = 3 * (16 * 16 + 16) + 16 * 16 + (16 * 24 + 24) + (24 * 16 + 16) + 2 * 32
"""Of Whisper's encoder: four projections, keys without a bias, two matrices and two norms."""
CONVOLUTIONS = 16 * 8 * 3 + 16 + 16 * 16 * 3 + 16
WHISPER = CONVOLUTIONS + 10 * 16 + 2 * LAYER + 32
BODY = 97 * 32 + 4 * (2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 48 + 64) + 32
HEAD = 97 * 32


def composite(model_type: str, architecture: str | None = None, /, **changes: Any) -> dict[str, Any]:
    """A small config of the type."""
    config = {"model_type": model_type, "text_config": TEXT, "audio_config": AUDIO, **changes}
    return config if architecture is None else {**config, "architectures": [architecture]}


def tower_of(config: dict[str, Any]) -> Part:
    """The audio tower of a config."""
    return next(part for part in spec_of(config).parts if part.role == "tower")


@pytest.mark.parametrize(
    ("config", "total"),
    [
        (composite("qwen2_audio"), WHISPER + 16 * 32 + 32 + BODY + HEAD),
        (composite("qwen2_audio", tie_word_embeddings=True), WHISPER + 16 * 32 + 32 + BODY + HEAD),
        (composite("qwen2_audio", "Qwen2AudioModel"), WHISPER + 16 * 32 + 32 + BODY),
        (composite("voxtral"), WHISPER + 24 * 32 + 32 * 32 + BODY + HEAD),
        (composite("audioflamingo3"), WHISPER + 16 * 32 + 32 * 32 + 64 + BODY + HEAD),
        (composite("audioflamingo3", projector_bias=False), WHISPER + 16 * 32 + 32 * 32 + BODY + HEAD),
        (composite("musicflamingo"), WHISPER + 16 * 32 + 32 * 32 + 64 + BODY + HEAD),
        (composite("moss_transcribe_diarize", audio_merge_size=3), WHISPER + 48 * 32 + 32 * 32 + 64 + 64 + BODY),
        (composite("moss_transcribe_diarize", tie_word_embeddings=False), WHISPER + 64 * 32 + 32 * 32 + 64 + 64 + BODY + HEAD),
    ],
)
def test_whisper_before_a_text_model(config: dict[str, Any], total: int) -> None:
    """The tower of each is Whisper's; projectors differ, and whether the head may be tied."""
    assert total_of(config) == total


def test_a_song_has_seconds_and_a_text_a_context() -> None:
    """Music Flamingo writes the length of a song under the key of a context window, as a float."""
    spec = spec_of(composite("musicflamingo", max_position_embeddings=1200.0))
    assert spec.problems == ()
    assert spec.value("max_position_embeddings") == 128


def test_names_where_the_text_model_stands_whole() -> None:
    """The layout of Qwen2-Audio, Voxtral and Audio Flamingo 3: three modules beside each other."""
    names = tensors(spec_of(composite("voxtral")))
    assert names["audio_tower.conv1.weight"] == (16, 8, 3)
    assert names["audio_tower.embed_positions.weight"] == (10, 16)
    assert names["audio_tower.layers.1.fc1.weight"] == (24, 16)
    assert "audio_tower.layers.0.self_attn.k_proj.bias" not in names
    assert names["multi_modal_projector.linear_1.weight"] == (32, 24)
    assert names["language_model.model.layers.3.mlp.down_proj.weight"] == (32, 48)
    assert names["language_model.lm_head.weight"] == (97, 32)


def test_names_where_a_body_holds_all_but_the_head() -> None:
    """The layout of checkpoints that transformers 5 wrote first; a bare class leaves out the name of the body."""
    names = tensors(spec_of(composite("moss_transcribe_diarize", tie_word_embeddings=False)))
    assert names["model.audio_tower.layers.1.fc1.weight"] == (24, 16)
    assert names["model.multi_modal_projector.norm.bias"] == (32,)
    assert names["model.language_model.layers.3.mlp.down_proj.weight"] == (32, 48)
    assert names["lm_head.weight"] == (97, 32)
    bare = tensors(spec_of(composite("moss_transcribe_diarize", "MossTranscribeDiarizeModel")))
    assert {"audio_tower.conv1.bias", "language_model.embed_tokens.weight", "multi_modal_projector.norm.bias"} <= set(bare)


def test_glm_asr() -> None:
    """Rotary positions, grouped keys, and a projector twice as wide as the text model."""
    audio = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 24}
    config = composite("glmasr", audio_config={**audio, "num_mel_bins": 8})
    names = under(spec_of(config), "audio_tower.")
    assert names["layers.0.self_attn.k_proj.weight"] == (8, 16)
    assert names["layers.0.mlp.fc1.bias"] == (24,)
    assert "embed_positions.weight" not in names
    layer = 2 * (16 * 16 + 16) + 16 * 8 + (16 * 8 + 8) + (16 * 24 + 24) + (24 * 16 + 16) + 64
    assert total_of(config) == CONVOLUTIONS + 2 * layer + 32 + 24 * 64 + 64 + 64 * 32 + 32 + BODY


ASR_AUDIO = {**AUDIO, "downsample_hidden_size": 6, "output_dim": 32, "num_mel_bins": 20}
ASR_TOWER = (6 * 9 + 6) + 2 * (6 * 6 * 9 + 6) + 6 * 3 * 16 + 2 * (LAYER + 16) + 32


@pytest.mark.parametrize(
    ("architecture", "changes", "head"),
    [
        ("Qwen3ASRForConditionalGeneration", {}, 0),
        ("Qwen3ASRForConditionalGeneration", {"tie_word_embeddings": False}, HEAD),
        ("Qwen3ASRModel", {"tie_word_embeddings": False}, 0),
        ("Qwen3ASRForTokenClassification", {"num_labels": 5}, 5 * 32),
        ("Qwen3ASRForTokenClassification", {"num_labels": 5, "token_classification_bias": True}, 5 * 32 + 5),
    ],
)
def test_qwen3_asr(architecture: str, changes: dict[str, Any], head: int) -> None:
    """20 mel bins halved three times, upwards, are 3; the forced aligner has a class for each step of time."""
    config = composite("qwen3_asr", architecture, audio_config=ASR_AUDIO, **changes)
    assert total_of(config) == ASR_TOWER + (16 * 16 + 16) + (16 * 32 + 32) + BODY + head
    if "Token" in architecture:
        assert tensors(spec_of(config))["score.weight"] == (5, 32)


ASR_TEXT = {**SMALL, "model_type": "qwen3_asr_text", "head_dim": 8}
NORMS = 4 * 16


@pytest.mark.parametrize(
    ("changes", "head"),
    [
        ({}, HEAD),
        ({"text_config": {**ASR_TEXT, "tie_word_embeddings": True}}, 0),
        ({"model_type": "qwen3_asr"}, HEAD),
        ({"model_type": "qwen3_forced_aligner", "classify_num": 7}, 7 * 32),
    ],
)
def test_qwen3_asr_as_published(changes: dict[str, Any], head: int) -> None:
    """Qwen's own layout, which transformers' class passes over: all within a thinker, the projector within the tower."""
    thinker = {
        "model_type": "qwen3_asr_thinker",
        "audio_config": {**ASR_AUDIO, "model_type": "qwen3_asr_audio_encoder"},
        "text_config": ASR_TEXT,
    }
    config = {"model_type": "qwen3_asr", "thinker_config": {**thinker, **changes}, "architectures": ["Qwen3ASRForConditionalGeneration"]}
    assert total_of(config) == ASR_TOWER + (16 * 16 + 16) + (16 * 32 + 32) + BODY + NORMS + head
    names = tensors(spec_of(config))
    assert names["thinker.audio_tower.proj2.weight"] == (32, 16)
    assert names["thinker.model.layers.3.self_attn.q_norm.weight"] == (8,)
    assert ("thinker.lm_head.weight" in names) == (head > 0)


REALTIME: dict[str, Any] = {
    "model_type": "voxtral_realtime",
    "text_config": {**SMALL, "head_dim": 8, "sliding_window": 16},
    "audio_config": {
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "head_dim": 4,
        "intermediate_size": 24,
        "num_mel_bins": 8,
        "sliding_window": 5,
    },
}


def test_voxtral_realtime() -> None:
    """A causal tower with windows; every text layer has two matrices of rank 32 for the delay."""
    layer = 2 * (16 * 8 + 8) + 16 * 8 + (8 * 16 + 16) + 3 * 16 * 24 + 16 + 32
    tower = CONVOLUTIONS + 2 * layer + 16
    assert total_of(REALTIME) == tower + 64 * 32 + 32 * 32 + BODY + 4 * 2 * 32 * 32
    mixers = [mixer for group in tower_of(REALTIME).layers for mixer in group.mixers if isinstance(mixer, Attention)]
    assert [(m.causal, m.cached, m.window and m.window.value) for m in mixers] == [(True, False, 5)]
    assert under(spec_of(REALTIME), "language_model.model.layers.0.ada_rms_norm.")["linear1.weight"] == (32, 32)


def test_the_text_model_alone_keeps_a_cache() -> None:
    """Keys and values of the text model up to its window; the tower's are not counted."""
    assert kept(spec_of(REALTIME), 10) == (10 * 4 * 2 * 2 * 8 * 2, 0)
    assert kept(spec_of(REALTIME), 100) == (16 * 4 * 2 * 2 * 8 * 2, 0)
    assert tower_of(composite("qwen2_audio")).modality is Modality.AUDIO
    assert len(decoder_of(composite("qwen2_audio")).layers[0].indices) == 4


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus(*HEARS, "voxtral_realtime")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus(*HEARS)
