"""MusicGen: which class reads the text, and how; EnCodec."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import check_against_corpus, check_cache_against_corpus
from tests.architectures.reading import kept, read, tensors, total, under

WHOLE, MELODY = "MusicgenForConditionalGeneration", "MusicgenMelodyForConditionalGeneration"


def test_the_decoder_alone_keeps_nothing_of_a_text() -> None:
    assert kept(read("musicgen", "MusicgenForCausalLM"), 10, 20) == (24 * 2 * 1_024 * 10 * 2, 0)
    assert kept(read("musicgen", WHOLE), 10, 20) == (24 * 2 * 1_024 * 10 * 2, 24 * 2 * 1_024 * 20 * 2)


def test_melody_puts_the_text_in_front() -> None:
    spec = read("musicgen_melody", MELODY)
    assert spec.value("prototype") == "decoder-only"
    assert kept(spec, 10, 20) == (24 * 2 * 1_024 * 10 * 2, 0)
    assert tensors(spec)["audio_enc_to_dec_proj.weight"] == (1_024, 12)
    assert read("musicgen", WHOLE).value("prototype") == "encoder-decoder"


def test_a_text_as_wide_as_the_decoder_is_not_projected() -> None:
    assert tensors(read("musicgen", WHOLE))["enc_to_dec_proj.weight"] == (1_024, 512)
    assert "enc_to_dec_proj.weight" not in tensors(read("musicgen", WHOLE, text_encoder={"model_type": "t5", "d_model": 1_024}))
    assert "enc_to_dec_proj.weight" not in tensors(read("musicgen", WHOLE, decoder={"cross_attention_hidden_size": 512}))


def test_encodec() -> None:
    codec = under(read("musicgen", WHOLE), "audio_encoder.")
    assert codec["encoder.layers.3.conv.weight_g"] == (64, 1, 1)
    assert codec["encoder.layers.3.conv.weight_v"] == (64, 32, 4)
    assert codec["decoder.layers.3.conv.weight_v"] == (512, 256, 16)
    assert codec["decoder.layers.1.lstm.weight_hh_l1"] == (2_048, 512)
    # 24 kbit/s over 75 frames a second of 10 bits a code.
    assert "quantizer.layers.31.codebook.embed" in codec
    assert "quantizer.layers.32.codebook.embed" not in codec


def test_encodec_under_group_normalization() -> None:
    codec = under(read("musicgen", WHOLE, audio_encoder={"model_type": "encodec", "norm_type": "time_group_norm"}), "audio_encoder.")
    assert codec["decoder.layers.3.conv.weight"] == (512, 256, 16)
    assert codec["decoder.layers.3.norm.bias"] == (256,)


@pytest.mark.parametrize("bandwidths", [[10**400], [float("inf")], [True], [], [[1]], None])
def test_bandwidths_that_are_none_leave_the_total_unknown(bandwidths: Any) -> None:
    assert total(read("musicgen", WHOLE, audio_encoder={"model_type": "encodec", "target_bandwidths": bandwidths})) is None


def test_corpus() -> None:
    check_against_corpus("musicgen", "musicgen_melody")
    check_cache_against_corpus("musicgen", "musicgen_melody")
