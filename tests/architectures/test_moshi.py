"""Moshi and Kyutai's speech recognition."""

from __future__ import annotations

from tests.architectures.plans import check_against_corpus, check_cache_against_corpus
from tests.architectures.reading import kept, read, tensors

WHOLE = {"audio_encoder_config": {"model_type": "mimi"}, "depth_decoder_config": {"num_codebooks": 3}}


def test_the_text_decoder_alone() -> None:
    shapes = tensors(read("moshi", "MoshiForCausalLM", tie_word_embeddings=True))
    assert shapes["model.embed_tokens.weight"] == (32_001, 4_096)
    assert shapes["lm_head.weight"] == (32_000, 4_096)
    assert shapes["model.layers.0.mlp.fc1.weight"] == (22_528, 4_096)
    assert shapes["model.layers.0.mlp.fc2.weight"] == (4_096, 11_264)


def test_the_root_says_what_the_depth_decoder_reads() -> None:
    shapes = tensors(read("moshi", "MoshiForConditionalGeneration", hidden_size=64, num_codebooks=4, **WHOLE))
    assert shapes["depth_decoder.input_projections.weight"] == (4, 1_024, 64)
    assert shapes["depth_decoder.lm_heads.weight"] == (4, 2_048, 1_024)
    assert shapes["depth_decoder.layers.0.self_attn.q_proj.linear.weight"] == (4, 1_024, 1_024)
    assert "depth_decoder.embed_tokens.2.weight" in shapes
    assert "depth_decoder.embed_tokens.3.weight" not in shapes
    assert "embed_tokens.7.weight" in shapes
    assert "embed_tokens.8.weight" not in shapes


def test_the_cache_is_a_window_of_the_text_decoder() -> None:
    spec = read("moshi", "MoshiForConditionalGeneration", **WHOLE)
    assert kept(spec, 10_000)[0] == 32 * 2 * 4_096 * 3_000 * 2


def test_kyutai_has_one_table() -> None:
    shapes = tensors(read("kyutai_speech_to_text"))
    assert shapes["model.embed_tokens.embed_tokens.weight"] == (4_001 + 32 * 2_049 + 1, 2_048)
    assert "codec_model.encoder.layers.0.conv.weight" in shapes
    bare = tensors(read("kyutai_speech_to_text", "KyutaiSpeechToTextModel"))
    assert not any(name.startswith("codec_model.") for name in bare)


def test_corpus() -> None:
    check_against_corpus("moshi", "kyutai_speech_to_text")
    check_cache_against_corpus("moshi", "kyutai_speech_to_text")
