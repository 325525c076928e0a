"""Higgs Audio: what text and audio share in a layer, and what each has to itself."""

from __future__ import annotations

from tests.architectures.plans import check_against_corpus, check_cache_against_corpus
from tests.architectures.reading import read, tensors


def test_a_layer_has_a_second_feed_forward() -> None:
    shapes = tensors(read("higgs_audio_v2", mlp_bias=True))
    assert shapes["model.layers.0.audio_mlp.up_proj.weight"] == shapes["model.layers.0.mlp.up_proj.weight"] == (8_192, 3_072)
    assert shapes["model.layers.0.audio_mlp.down_proj.bias"] == (3_072,)


def test_the_head_is_the_audios() -> None:
    shapes = tensors(read("higgs_audio_v2", tie_word_embeddings=True, num_codebooks=3, codebook_size=50))
    assert shapes["audio_lm_head.weight"] == shapes["model.embed_audio_tokens.embed_audio_tokens.weight"] == (150, 3_072)
    assert "lm_head.weight" not in shapes


def test_corpus() -> None:
    check_against_corpus("higgs_audio_v2")
    check_cache_against_corpus("higgs_audio_v2")
