"""Any encoder before any decoder: what each keeps of its own type, what stands between, and the towers of images and waves."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.spec import Modality, ModelSpec
from tests.architectures.plans import check_against_corpus, hub_configs, reserved_of, spec_of
from tests.architectures.reading import encoder_attention, kept, read, tensors, total, under

BERT = {
    "model_type": "bert",
    "vocab_size": 96,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 40,
    "max_position_embeddings": 32,
}
READS = {"is_decoder": True, "add_cross_attention": True}
GPT2 = {**READS, "model_type": "gpt2", "vocab_size": 80, "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 40}
MBART = {
    "model_type": "mbart",
    "vocab_size": 90,
    "d_model": 48,
    "decoder_layers": 2,
    "decoder_ffn_dim": 40,
    "decoder_attention_heads": 16,
    "max_position_embeddings": 32,
}
VIT = {
    "model_type": "vit",
    "hidden_size": 24,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 36,
    "image_size": 32,
    "patch_size": 8,
}
SWIN = {
    "model_type": "donut-swin",
    "embed_dim": 12,
    "depths": [2, 1],
    "num_heads": [2, 4],
    "window_size": 3,
    "image_size": [40, 24],
    "patch_size": 4,
}
WAVE: dict[str, Any] = {
    "model_type": "wav2vec2",
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 36,
    "conv_dim": [12, 16],
    "conv_kernel": [5, 3],
    "num_conv_pos_embeddings": 6,
    "num_conv_pos_embedding_groups": 4,
}


def text(**changes: Any) -> ModelSpec:
    """BERT before BERT."""
    return read("encoder-decoder", "EncoderDecoderModel", **{"encoder": BERT, "decoder": {**BERT, **READS}, **changes})


def image(encoder: dict[str, Any], decoder: dict[str, Any]) -> ModelSpec:
    """An image encoder before a text decoder."""
    return read("vision-encoder-decoder", "VisionEncoderDecoderModel", encoder=encoder, decoder=decoder)


def speech(encoder: dict[str, Any]) -> ModelSpec:
    """A speech encoder before BERT of the same width."""
    return read("speech-encoder-decoder", "SpeechEncoderDecoderModel", encoder=encoder, decoder={**BERT, **READS})


def test_the_encoder_is_bare_and_the_decoder_causal() -> None:
    shapes = tensors(text())
    assert {"encoder.pooler.dense.weight", "decoder.cls.predictions.bias"} <= set(shapes)
    assert "decoder.cls.predictions.decoder.weight" not in shapes
    assert "decoder.bert.encoder.layer.0.crossattention.self.key.weight" in shapes
    assert "encoder.encoder.layer.0.crossattention.self.key.weight" not in shapes


def test_a_decoder_without_cross_attention_has_none() -> None:
    spec = text(decoder=BERT)
    assert "decoder.bert.encoder.layer.0.crossattention.self.key.weight" not in tensors(spec)
    assert spec.value("prototype") == "encoder-decoder"


@pytest.mark.parametrize(("width", "between"), [(32, {}), (48, {"weight": (48, 32), "bias": (48,)})])
def test_a_matrix_stands_between_other_widths(width: int, between: dict[str, tuple[int, ...]]) -> None:
    assert under(text(decoder={**BERT, **READS, "hidden_size": width}), "enc_to_dec_proj.") == between


def test_a_decoder_that_reads_another_width_needs_no_matrix() -> None:
    trocr = {**MBART, "model_type": "trocr", "cross_attention_hidden_size": 24}
    shapes = tensors(image(VIT, trocr))
    assert "enc_to_dec_proj.weight" not in shapes
    assert shapes["decoder.model.decoder.layers.0.encoder_attn.k_proj.weight"] == (48, 24)


def test_cache() -> None:
    """Layers of keys and values: two of 32 in BERT, three of 32 in GPT-2, two of 48 in mBART, which reads an encoder here."""
    assert kept(text(), 10, 7) == (2 * 2 * 32 * 10 * 2, 2 * 2 * 32 * 7 * 2)
    assert kept(text(decoder=GPT2), 10, 7) == (3 * 2 * 32 * 10 * 2, 3 * 2 * 32 * 7 * 2)
    assert kept(image(SWIN, MBART), 10, 7) == (2 * 2 * 48 * 10 * 2, 2 * 2 * 48 * 7 * 2)
    assert encoder_attention(text()) == {(False, False)}


def test_cache_as_transformers_held_it() -> None:
    """Measured with transformers 5.23 in float32 at 10 tokens, 7 of the encoder or one image; halved for bfloat16."""
    two = {"model_type": "encoder-decoder", "architectures": ["EncoderDecoderModel"], "encoder": BERT, "decoder": {**BERT, **READS}}
    assert reserved_of(two, 10, 7) == 8_704 // 2
    assert reserved_of({**two, "decoder": GPT2}, 10, 7) == 13_056 // 2
    seen = {"model_type": "vision-encoder-decoder", "architectures": ["VisionEncoderDecoderModel"], "encoder": SWIN, "decoder": MBART}
    assert reserved_of(seen, 10) == 19_200 // 2


@pytest.mark.parametrize(
    ("encoder", "tokens"),
    [
        (VIT, 4 * 4 + 1),
        ({**VIT, "model_type": "deit", "image_size": [32, 16]}, 4 * 2 + 2),
        (SWIN, 5 * 3),
        ({**SWIN, "depths": [1, 1, 1], "num_heads": [1, 2, 4]}, 3 * 2),
    ],
)
def test_tokens_of_an_image(encoder: dict[str, Any], tokens: int) -> None:
    """Patches, and the tokens beside them; Swin halves a grid of 10 by 6 with every stage but the last, rounded up."""
    spec = image(encoder, MBART)
    assert spec.value("encoder_tokens") == tokens
    assert spec.value("modality_interface") == "cross-attention"


def test_names_of_vit() -> None:
    shapes = under(image({**VIT, "qkv_bias": False}, MBART), "encoder.")
    assert (shapes["embeddings.cls_token"], shapes["embeddings.position_embeddings"]) == ((1, 1, 24), (1, 17, 24))
    assert "encoder.layer.0.attention.attention.query.bias" not in shapes
    assert shapes["encoder.layer.2.attention.output.dense.bias"] == (24,)
    assert shapes["pooler.dense.weight"] == (24, 24)
    deit = under(image({**VIT, "model_type": "deit"}, MBART), "encoder.")
    assert (deit["embeddings.distillation_token"], deit["embeddings.position_embeddings"]) == ((1, 1, 24), (1, 18, 24))


def test_stages_of_swin() -> None:
    shapes = under(image(SWIN, MBART), "encoder.")
    assert shapes["encoder.layers.0.downsample.reduction.weight"] == (24, 48)
    assert "encoder.layers.1.downsample.norm.weight" not in shapes
    assert shapes["encoder.layers.1.blocks.0.attention.self.relative_position_bias_table"] == (25, 4)
    assert shapes["encoder.layers.0.blocks.1.attention.self.relative_position_index"] == (9, 9)
    assert shapes["encoder.layers.1.blocks.0.intermediate.dense.weight"] == (96, 24)


def test_swin_itself_ends_in_a_norm() -> None:
    """Built by transformers 5.23."""
    decoder = {**BERT, **READS}
    assert total(image({**SWIN, "model_type": "swin"}, decoder)) == 41_884
    assert total(image(SWIN, decoder)) == 41_884 - 2 * 24


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"num_heads": [2]}, "/encoder/num_heads"), ({"image_size": [40]}, "/encoder/image_size")],
)
def test_lists_of_another_length_are_a_problem(changes: dict[str, Any], pointer: str) -> None:
    found = image({**SWIN, "use_absolute_embeddings": True, **changes}, MBART)
    assert [problem.pointer for problem in found.problems] == [pointer]
    assert total(found) is None


def test_a_wave_goes_through_convolutions() -> None:
    shapes = under(speech(WAVE), "encoder.")
    assert [shapes[f"feature_extractor.conv_layers.{index}.conv.weight"] for index in (0, 1)] == [(12, 1, 5), (16, 12, 3)]
    assert {name for name in shapes if "conv_layers.1" in name} == {"feature_extractor.conv_layers.1.conv.weight"}
    assert shapes["encoder.pos_conv_embed.conv.weight_g"] == (1, 1, 6)
    assert shapes["encoder.pos_conv_embed.conv.weight_v"] == (32, 8, 6)
    assert shapes["masked_spec_embed"] == (32,)
    layered = under(speech({**WAVE, "feat_extract_norm": "layer", "conv_bias": True, "mask_time_prob": 0.0}), "encoder.")
    assert {"feature_extractor.conv_layers.1.layer_norm.bias", "feature_extractor.conv_layers.1.conv.bias"} <= set(layered)
    assert "masked_spec_embed" not in layered


def test_an_adapter_hands_on_another_width() -> None:
    """The matrix between is there by what is handed on, and as wide as the encoder all the same."""
    adapted = {**WAVE, "add_adapter": True, "output_hidden_size": 24, "num_adapter_layers": 2}
    spec = speech(adapted)
    shapes = under(spec, "encoder.adapter.")
    assert (shapes["proj.weight"], shapes["layers.1.conv.weight"]) == ((24, 32), (48, 24, 3))
    assert tensors(spec)["enc_to_dec_proj.weight"] == (32, 32)
    assert "enc_to_dec_proj.weight" not in tensors(speech(WAVE))


def test_hubert_and_wavlm() -> None:
    hubert = under(speech({**WAVE, "model_type": "hubert", "conv_pos_batch_norm": True, "feat_proj_layer_norm": False}), "encoder.")
    assert hubert["encoder.pos_conv_embed.batch_norm.running_mean"] == (32,)
    assert "feature_projection.layer_norm.weight" not in hubert
    wavlm = under(speech({**WAVE, "model_type": "wavlm", "num_buckets": 10}), "encoder.")
    assert {name for name in wavlm if "rel_attn_embed" in name} == {"encoder.layers.0.attention.rel_attn_embed.weight"}
    assert wavlm["encoder.layers.2.attention.gru_rel_pos_linear.weight"] == (8, 8)


def test_the_encoder_of_speech_is_audio() -> None:
    encoder = speech(WAVE).encoder()
    assert encoder is not None
    assert encoder.modality is Modality.AUDIO


def test_an_encoder_that_nobody_described_is_unknown() -> None:
    assert total(image({"model_type": "levit", "hidden_size": 24}, MBART)) is None


def test_corpus() -> None:
    check_against_corpus("encoder-decoder", "vision-encoder-decoder", "speech-encoder-decoder")


def test_published() -> None:
    """The one published config names a class that transformers does not have, so what it adds is unknown."""
    for _, config in hub_configs("speech-encoder-decoder"):
        spec = spec_of(config)
        assert (spec.exactness, spec.problems, total(spec)) == ("exact", (), None)
