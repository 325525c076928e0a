"""SpeechT5: the nets of each class, and wav2vec 2.0's convolutions."""

from __future__ import annotations

from tests.architectures.plans import check_against_corpus, check_published
from tests.architectures.reading import encoder_attention, kept, read, tensors

PRENET = "speecht5.encoder.prenet."


def test_the_class_says_which_side_is_speech() -> None:
    synthesis = tensors(read("speecht5", "SpeechT5ForTextToSpeech"))
    assert PRENET + "embed_tokens.weight" in synthesis
    assert synthesis["speecht5.decoder.prenet.speaker_embeds_layer.weight"] == (768, 512 + 768)
    assert synthesis["speech_decoder_postnet.feat_out.weight"] == (160, 768)
    recognition = tensors(read("speecht5", "SpeechT5ForSpeechToText"))
    assert recognition[PRENET + "feature_encoder.conv_layers.0.conv.weight"] == (512, 1, 10)
    assert "speecht5.decoder.prenet.embed_tokens.weight" in recognition
    assert "text_decoder_postnet.lm_head.weight" not in recognition
    conversion = tensors(read("speecht5", "SpeechT5ForSpeechToSpeech"))
    assert {PRENET + "masked_spec_embed", "speech_decoder_postnet.prob_out.bias"} <= conversion.keys()
    assert not any("prenet" in name for name in tensors(read("speecht5", "SpeechT5Model")))


def test_nothing_is_masked_where_no_probability_is() -> None:
    quiet = tensors(read("speecht5", "SpeechT5ForSpeechToText", mask_time_prob=0.0))
    assert PRENET + "masked_spec_embed" not in quiet


def test_positions_by_a_convolution_of_groups() -> None:
    shapes = tensors(read("speecht5", "SpeechT5ForSpeechToText"))
    assert shapes[PRENET + "pos_conv_embed.conv.weight_g"] == (1, 1, 128)
    assert shapes[PRENET + "pos_conv_embed.conv.weight_v"] == (768, 48, 128)
    assert shapes["speecht5.encoder.wrapped_encoder.embed_positions.pe_k.weight"] == (320, 64)


def test_every_convolution_is_normed_or_the_first() -> None:
    norms = [f"{PRENET}feature_encoder.conv_layers.{index}.layer_norm.weight" for index in (0, 6)]
    first = tensors(read("speecht5", "SpeechT5ForSpeechToText"))
    every = tensors(read("speecht5", "SpeechT5ForSpeechToText", feat_extract_norm="layer"))
    assert [name in first for name in norms] == [True, False]
    assert all(name in every for name in norms)


def test_what_is_kept() -> None:
    assert kept(read("speecht5"), 10, 20) == (6 * 2 * 768 * 10 * 2, 6 * 2 * 768 * 20 * 2)
    assert encoder_attention(read("speecht5")) == {(False, False)}


def test_corpus() -> None:
    check_against_corpus("speecht5")


def test_published_configs() -> None:
    check_published("speecht5")
