"""Granite Speech against its transformers class: a conformer, queries over windows, and a text model."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from specverify.derive.parameters import counts
from specverify.spec import Attention
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of
from tests.architectures.reading import tensors

ENCODER: dict[str, Any] = {
    "input_dim": 6,
    "hidden_dim": 16,
    "num_layers": 2,
    "num_heads": 2,
    "dim_head": 5,
    "feedforward_mult": 3,
    "output_dim": 7,
    "context_size": 4,
    "max_pos_emb": 9,
    "conv_kernel_size": 3,
    "conv_expansion_factor": 2,
}
QUERIES: dict[str, Any] = {
    "model_type": "blip_2_qformer",
    "hidden_size": 12,
    "encoder_hidden_size": 16,
    "intermediate_size": 20,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "cross_attention_frequency": 2,
}
SPEECH: dict[str, Any] = {
    "model_type": "granite_speech",
    "encoder_config": ENCODER,
    "projector_config": QUERIES,
    "text_config": {**SMALL, "model_type": "granite"},
    "window_size": 15,
    "downsample_rate": 5,
}
HALF = 32 + (16 * 48 + 48) + (48 * 16 + 16)
ATTENTION = 32 + 16 * 10 + 16 * 20 + (10 * 16 + 16) + 19 * 5
FILTERS = 32 + (16 * 64 + 64) + 32 * 3 + 64 + (32 * 16 + 16)
CONFORMER = (6 * 16 + 16) + 2 * (2 * HALF + ATTENTION + FILTERS + 32) + (16 * 7 + 7) + (7 * 16 + 16)
OWN = 4 * (12 * 12 + 12) + 24
CROSS = 2 * (12 * 12 + 12) + 2 * (16 * 12 + 12) + 24
WIDE = (12 * 20 + 20) + (20 * 12 + 12) + 24
QFORMER = 3 * 12 + 24 + 3 * (OWN + WIDE) + 2 * CROSS + (12 * 32 + 32)
BODY = 97 * 32 + 4 * (2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 48 + 64) + 32


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("GraniteSpeechForConditionalGeneration", {}, CONFORMER + QFORMER + BODY),
        ("GraniteSpeechForConditionalGeneration", {"tie_word_embeddings": False}, CONFORMER + QFORMER + BODY + 97 * 32),
        ("GraniteSpeechForConditionalGeneration", {"window_size": 20}, CONFORMER + QFORMER + 12 + BODY),
        (
            "GraniteSpeechForConditionalGeneration",
            {"projector_config": {**QUERIES, "use_qformer_text_input": True}},
            CONFORMER + QFORMER + 3 * WIDE + BODY,
        ),
        ("GraniteSpeechModel", {"tie_word_embeddings": False}, CONFORMER + QFORMER + BODY),
    ],
)
def test_granite_speech(architecture: str, changes: dict[str, Any], total: int) -> None:
    """One query for every five frames of a window; every second layer of the Q-Former reads them."""
    assert total_of({**SPEECH, **changes, "architectures": [architecture]}) == total


def test_plus_reads_several_layers_side_by_side() -> None:
    """The projector of Plus is as wide as the layers it is shown, which the config has to say twice."""
    shown = {"encoder_config": {**ENCODER, "cat_hidden_layers": [1]}, "projector_config": {**QUERIES, "encoder_hidden_size": 32}}
    config = {**SPEECH, **shown, "model_type": "granite_speech_plus"}
    assert total_of(config) == CONFORMER + QFORMER + 2 * 2 * 16 * 12 + BODY


def test_names_and_statistics() -> None:
    """Published names; the statistics of batch normalization are stored and are no parameters."""
    spec = spec_of({**SPEECH, "tie_word_embeddings": False})
    names = tensors(spec)
    assert names["encoder.layers.1.attn.to_kv.weight"] == (20, 16)
    assert names["encoder.layers.0.attn.rel_pos_emb.weight"] == (19, 5)
    assert names["encoder.layers.0.conv.depth_conv.conv.weight"] == (32, 1, 3)
    assert names["projector.query"] == (1, 3, 12)
    assert names["projector.qformer.encoder.layer.2.crossattention.attention.key.weight"] == (12, 16)
    assert "projector.qformer.encoder.layer.1.crossattention.attention.key.weight" not in names
    assert names["language_model.model.layers.3.mlp.down_proj.weight"] == (32, 48)
    kept = {name: shape for name, shape, weight in manifest(spec) if weight.buffer}
    assert kept["encoder.layers.0.conv.batch_norm.running_var"] == (32,)
    assert kept["encoder.layers.0.conv.batch_norm.num_batches_tracked"] == ()


def test_blocks_of_frames() -> None:
    """A layer of the conformer sees `context_size` frames at a time."""
    tower = next(part for part in spec_of(SPEECH).parts if part.role == "tower")
    mixer = tower.layers[0].mixers[0]
    assert isinstance(mixer, Attention)
    assert (mixer.window and mixer.window.value, mixer.window_kind, mixer.causal, mixer.head_dim.value) == (4, "chunked", False, 5)


def test_a_projector_nobody_knows_is_unknown() -> None:
    """Another model in the projector's place: its size is unknown, with the reason."""
    found = counts(spec_of({**SPEECH, "projector_config": {**QUERIES, "model_type": "bert"}}))
    assert found is not None
    assert found.total.value is None
    assert any("not known to specverify" in reason for reason in found.total.reasons())


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("granite_speech", "granite_speech_plus")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("granite_speech", "granite_speech_plus")
