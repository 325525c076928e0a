"""FastSpeech 2 on conformers: what the switches leave out, whose voice it is, and the vocoder."""

from __future__ import annotations

from tests.architectures.plans import check_against_corpus
from tests.architectures.reading import kept, read, tensors

LAYER = "encoder.conformer_layers.0."


def test_nothing_is_kept() -> None:
    spec = read("fastspeech2_conformer")
    assert spec.value("prototype") == "encoder-only"
    assert kept(spec, 10) == (0, 0)


def test_stacks_have_kernels_of_their_own() -> None:
    shapes = tensors(read("fastspeech2_conformer"))
    assert shapes[LAYER + "conv_module.depthwise_conv.weight"] == (384, 1, 7)
    assert shapes["decoder.conformer_layers.0.conv_module.depthwise_conv.weight"] == (384, 1, 31)
    assert shapes[LAYER + "feed_forward.conv1.weight"] == (1_536, 384, 3)


def test_an_object_of_its_own_states_a_stack_where_there_is_one() -> None:
    own = {"num_attention_heads": 4, "layers": 2, "kernel_size": 5, "linear_units": 64, "concat_after": True}
    shapes = tensors(read("fastspeech2_conformer", encoder_config=own, encoder_layers=3))
    assert shapes[LAYER + "conv_module.depthwise_conv.weight"] == (384, 1, 5)
    assert shapes[LAYER + "self_attn.pos_bias_u"] == (4, 96)
    assert LAYER.replace("0", "1") + "concat_linear.bias" in shapes
    assert LAYER.replace("0", "2") + "concat_linear.bias" not in shapes


def test_switches_leave_blocks_out() -> None:
    shapes = tensors(read("fastspeech2_conformer", use_macaron_style_in_conformer=False, use_cnn_in_conformer=False))
    assert not any("macaron" in name or "conv_module" in name or "final_layer_norm" in name for name in shapes)
    assert tensors(read("fastspeech2_conformer", encoder_concat_after=True))[LAYER + "concat_linear.weight"] == (384, 768)


def test_voices() -> None:
    shapes = tensors(read("fastspeech2_conformer", num_speakers=5, num_languages=1, speaker_embed_dim=16))
    assert shapes["speaker_id_embedding.weight"] == (5, 384)
    assert shapes["projection.weight"] == (384, 400)
    assert "language_id_embedding.weight" not in shapes


def test_the_vocoder_stands_beside_the_model() -> None:
    shapes = tensors(read("fastspeech2_conformer_with_hifigan"))
    assert shapes["vocoder.conv_pre.weight"] == (512, 80, 7)
    assert shapes["vocoder.mean"] == (80,)
    assert shapes["model.pitch_predictor.conv_layers.0.conv.weight"] == (256, 384, 5)
    assert shapes["model.speech_decoder_postnet.layers.4.conv.weight"] == (80, 256, 5)


def test_corpus() -> None:
    check_against_corpus("fastspeech2_conformer", "fastspeech2_conformer_with_hifigan")
