"""Canary and Cohere Transcribe behind Parakeet's encoder."""

from __future__ import annotations

from tests.architectures.plans import check_against_corpus, reserved_of, rows
from tests.architectures.reading import encoder_attention, kept, read, tensors


def test_frames_are_thinned_out_before_the_layers() -> None:
    shapes = tensors(read("canary"))
    assert shapes["model.encoder.subsampling.layers.5.weight"] == (256, 1, 3, 3)
    assert shapes["model.encoder.subsampling.layers.6.weight"] == (256, 256, 1, 1)
    assert shapes["model.encoder.subsampling.linear.weight"] == (1_024, 256 * 128 // 8)
    fewer = tensors(read("canary", encoder_config={"model_type": "parakeet_encoder", "subsampling_factor": 2, "num_mel_bins": 128}))
    assert fewer["model.encoder.subsampling.linear.weight"] == (1_024, 256 * 64)
    assert "model.encoder.subsampling.layers.2.weight" not in fewer


def test_what_training_saw_is_no_parameter() -> None:
    found = {weight.name: weight.buffer for group in read("canary").parts[0].layers for weight in group.weights()}
    assert found["conv.norm.running_mean"]
    assert not found["conv.norm.weight"]


def test_canary_ties_its_head_and_cohere_does_not() -> None:
    assert "proj_out.weight" not in tensors(read("canary"))
    assert "proj_out.weight" in tensors(read("canary", tie_word_embeddings=False))
    assert tensors(read("cohere_asr"))["log_softmax.mlp.layer0.weight"] == (16_384, 1_024)


def test_cohere_is_published_under_nemos_names() -> None:
    shapes = tensors(read("cohere_asr"))
    assert shapes["encoder.layers.0.self_attn.linear_pos.weight"] == (1_280, 1_280)
    assert shapes["transf_decoder._decoder.layers.7.second_sub_layer.key_net.bias"] == (1_024,)
    assert shapes["transf_decoder._decoder.layers.7.third_sub_layer.dense_in.weight"] == (4_096, 1_024)
    assert shapes["transf_decoder._embedding.position_embedding.pos_enc"] == (1_024, 1_024)
    assert shapes["encoder_decoder_proj.weight"] == (1_024, 1_280)


def test_what_is_kept() -> None:
    assert kept(read("cohere_asr"), 10, 20) == (8 * 2 * 1_024 * 10 * 2, 8 * 2 * 1_024 * 20 * 2)
    assert encoder_attention(read("cohere_asr")) == {(False, False)}


def test_corpus() -> None:
    check_against_corpus("canary", "cohere_asr")


def test_the_cache_of_the_corpus_at_the_encoder_length_it_was_measured_with() -> None:
    for row in rows("canary", "cohere_asr", table="cache.jsonl"):
        measured = row["bf16"]
        crossed = row["measured"][1]["layers"][0]["tensors"]["cross:keys"][1]
        assert reserved_of({**row["config"], "architectures": [row["architecture"]]}, measured["n"], crossed[2]) == measured["bytes"]
