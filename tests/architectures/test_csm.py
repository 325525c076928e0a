"""CSM: a backbone, a decoder over the codebooks of a frame, and Mimi."""

from __future__ import annotations

from tests.architectures.plans import check_against_corpus, check_cache_against_corpus
from tests.architectures.reading import kept, read, tensors, under

TABLE = "backbone_model.embed_tokens.embed_audio_tokens.weight"


def test_the_codebooks_table_is_tied_by_a_switch_of_its_own() -> None:
    assert TABLE not in tensors(read("csm"))
    assert tensors(read("csm"))["depth_decoder.model.embed_tokens.weight"] == (32 * 2_051, 2_048)
    assert TABLE in tensors(read("csm", tie_codebooks_embeddings=False, tie_word_embeddings=True))
    assert "lm_head.weight" in tensors(read("csm", tie_word_embeddings=True))


def test_a_frame_has_its_first_codebook_from_the_backbone() -> None:
    assert tensors(read("csm"))["depth_decoder.codebooks_head.weight"] == (31, 1_024, 2_051)
    assert tensors(read("csm", depth_decoder_config={"num_codebooks": 8}))["depth_decoder.codebooks_head.weight"] == (7, 1_024, 2_051)


def test_only_the_backbone_keeps_a_cache_of_the_sequence() -> None:
    assert kept(read("csm"), 10) == (16 * 2 * 8 * 64 * 10 * 2, 0)


def test_mimi_in_its_published_layout() -> None:
    codec = under(read("csm"), "codec_model.")
    assert codec["encoder.layers.3.conv.weight"] == (128, 64, 8)
    assert codec["decoder.layers.2.conv.weight"] == (1_024, 512, 16)
    assert codec["encoder.layers.1.block.1.conv.weight"] == (32, 64, 3)
    assert codec["downsample.conv.weight"] == (512, 512, 4)
    assert codec["upsample.conv.weight"] == (512, 1, 4)
    assert codec["decoder_transformer.layers.7.mlp_layer_scale.scale"] == (512,)
    assert codec["quantizer.acoustic_residual_vector_quantizer.layers.30.codebook.embed_sum"] == (2_048, 256)


def test_frames_at_the_rate_of_the_convolutions_need_no_step() -> None:
    assert "downsample.conv.weight" not in under(read("csm", codec_config={"frame_rate": 25.0}), "codec_model.")


def test_a_null_half_is_left_out() -> None:
    codec = under(read("csm", codec_config={"model_type": "mimi", "encoder_config": None}), "codec_model.")
    assert not any(name.startswith(("encoder", "downsample")) for name in codec)
    assert "decoder_transformer.layers.0.mlp.fc1.weight" in codec


def test_corpus() -> None:
    check_against_corpus("csm")
    check_cache_against_corpus("csm")
