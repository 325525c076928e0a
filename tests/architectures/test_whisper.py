"""Whisper: an audio encoder, a decoder that reads it, and the classes that have only one of them."""

from __future__ import annotations

import pytest

from specverify.spec import Attention, Modality
from tests.architectures.plans import check_against_corpus
from tests.architectures.reading import encoder_attention, kept, read, tensors, total

LARGE_V3 = {
    "d_model": 1_280,
    "encoder_layers": 32,
    "decoder_layers": 32,
    "encoder_attention_heads": 20,
    "decoder_attention_heads": 20,
    "encoder_ffn_dim": 5_120,
    "decoder_ffn_dim": 5_120,
    "num_mel_bins": 128,
    "vocab_size": 51_866,
}


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        ("WhisperForConditionalGeneration", 37_760_640),
        (None, 37_760_640),
        ("WhisperModel", 37_760_640),
        ("WhisperForCausalLM", 29_552_256),
        ("WhisperForAudioClassification", 37_760_640 - 29_552_256 + 385 * 256 + 257 * 2),
    ],
)
def test_parameters_of_the_class_default_by_class(architecture: str | None, expected: int) -> None:
    assert total(read("whisper", architecture)) == expected


def test_large_v3() -> None:
    spec = read("whisper", "WhisperForConditionalGeneration", **LARGE_V3)
    assert total(spec) == 1_543_490_560
    assert kept(spec, 448, 1_500) == (73_400_320, 245_760_000)
    assert (spec.value("prototype"), spec.value("modality_interface")) == ("encoder-decoder", "cross-attention")


def test_turbo_caches_for_the_layers_it_decodes_with() -> None:
    spec = read("whisper", **{**LARGE_V3, "decoder_layers": 4})
    assert total(spec) == 808_878_080
    assert kept(spec, 448, 1_500) == (73_400_320 // 8, 245_760_000 // 8)


def test_stacks_have_their_own_heads_and_widths() -> None:
    spec = read("whisper", encoder_attention_heads=6, decoder_attention_heads=4, encoder_ffn_dim=100, decoder_ffn_dim=200)
    shapes = tensors(spec)
    assert shapes["model.encoder.layers.0.fc1.weight"] == (100, 384)
    assert shapes["model.decoder.layers.0.fc1.weight"] == (200, 384)
    decoder = spec.decoder()
    assert decoder is not None
    assert [mixer.num_attention_heads.value for mixer in decoder.layers[0].mixers if isinstance(mixer, Attention)] == [4, 4]


def test_names_and_the_missing_key_bias() -> None:
    shapes = tensors(read("whisper"))
    assert shapes["model.encoder.conv1.weight"] == (384, 80, 3)
    assert shapes["model.decoder.embed_positions.weight"] == (448, 384)
    assert "model.decoder.layers.0.encoder_attn.k_proj.bias" not in shapes
    assert "model.decoder.layers.0.encoder_attn.v_proj.bias" in shapes
    assert "proj_out.weight" not in shapes
    assert "encoder.layers.0.self_attn.out_proj.bias" in tensors(read("whisper", "WhisperModel"))


def test_the_encoder_is_audio() -> None:
    spec = read("whisper")
    encoder = spec.encoder()
    assert encoder is not None
    assert encoder.modality is Modality.AUDIO


def test_weighted_layers_belong_to_the_classifier_alone() -> None:
    assert "layer_weights" not in tensors(read("whisper", use_weighted_layer_sum=True))
    assert tensors(read("whisper", "WhisperForAudioClassification", use_weighted_layer_sum=True))["layer_weights"] == (5,)


def test_encoder_layers_see_both_ways_and_keep_nothing() -> None:
    assert encoder_attention(read("whisper")) == {(False, False)}


def test_every_size_of_the_corpus() -> None:
    check_against_corpus("whisper")


def test_the_decoder_alone_keeps_nothing_of_an_encoder() -> None:
    """Four layers of 384, keys and values: the attention to an encoder is built, and has none to read."""
    spec = read("whisper", "WhisperForCausalLM")
    assert kept(spec, 10, 1_500) == (4 * 2 * 384 * 10 * 2, 0)
    assert (spec.value("prototype"), spec.value("training_objective")) == ("decoder-only", "causal")
