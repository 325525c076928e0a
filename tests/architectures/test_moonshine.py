"""Moonshine and its streaming kin: raw audio in, heads and widths of two stacks."""

from __future__ import annotations

from specverify.spec import Attention
from tests.architectures.plans import check_against_corpus, check_published
from tests.architectures.reading import encoder_attention, kept, read, tensors, total

STREAMING = {"num_key_value_heads": 8}


def test_the_class_default() -> None:
    assert total(read("moonshine", "MoonshineForConditionalGeneration")) == 27_092_736
    assert kept(read("moonshine"), 100, 50) == (6 * 2 * 288 * 100 * 2, 6 * 2 * 288 * 50 * 2)


def test_the_decoder_has_the_heads_of_the_encoder() -> None:
    spec = read("moonshine", encoder_num_attention_heads=4, encoder_num_key_value_heads=2, decoder_num_key_value_heads=8)
    assert tensors(spec)["model.decoder.layers.0.encoder_attn.k_proj.weight"] == (2 * 72, 288)
    assert kept(spec, 100)[0] == 6 * 2 * 2 * 72 * 100 * 2
    assert spec.keys.unread == ()


def test_only_the_decoder_is_gated() -> None:
    shapes = tensors(read("moonshine"))
    assert shapes["model.encoder.layers.0.mlp.fc1.weight"] == (1_152, 288)
    assert shapes["model.decoder.layers.0.mlp.fc1.weight"] == (2_304, 288)
    assert shapes["model.encoder.conv1.weight"] == (288, 1, 127)
    assert "proj_out.weight" not in shapes


def test_the_streaming_encoder_sees_to_both_sides() -> None:
    spec = read("moonshine_streaming", **STREAMING)
    encoder = spec.encoder()
    assert encoder is not None
    mixers = [mixer for group in encoder.layers for mixer in group.mixers if isinstance(mixer, Attention)]
    assert [None if mixer.window is None else mixer.window.value for mixer in mixers] == [19, 16]
    assert encoder_attention(spec) == {(False, False)}
    assert tensors(spec)["model.encoder.embedder.linear.weight"] == (320, 80)


def test_streaming_widths_that_differ_are_projected() -> None:
    spec = read("moonshine_streaming", hidden_size=128, **STREAMING)
    assert tensors(spec)["model.decoder.proj.weight"] == (128, 320)
    assert tensors(spec)["model.decoder.pos_emb.weight"] == (4_096, 320)
    assert "model.decoder.proj.weight" not in tensors(read("moonshine_streaming", **STREAMING))


def test_every_size_of_the_corpus() -> None:
    check_against_corpus("moonshine", "moonshine_streaming")


def test_published_configs() -> None:
    check_published("moonshine")
