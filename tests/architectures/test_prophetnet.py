"""ProphetNet: the decoder of several streams, alone and with its encoder."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from tests.architectures.plans import check_against_corpus, check_cache_against_corpus
from tests.architectures.reading import encoder_attention, kept, read, tensors, total, under

SIZES = {
    "vocab_size": 97,
    "hidden_size": 32,
    "num_encoder_layers": 3,
    "num_decoder_layers": 2,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 40,
    "num_encoder_attention_heads": 2,
    "num_decoder_attention_heads": 4,
    "max_position_embeddings": 128,
}


@pytest.mark.parametrize(
    ("architecture", "changes", "expected"),
    [
        ("ProphetNetForConditionalGeneration", {}, 64_992),
        ("ProphetNetModel", {"ngram": 3, "tie_word_embeddings": False}, 71_232),
        ("ProphetNetForCausalLM", {}, 38_320),
        ("ProphetNetForCausalLM", {"add_cross_attention": False}, 29_744),
    ],
)
def test_totals(architecture: str, changes: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total(read("prophetnet", architecture, **SIZES, **changes)) == expected


def test_the_bias_by_distance_is_read_off_the_input() -> None:
    spec = read("prophetnet", **SIZES, num_buckets=8, ngram=3)
    assert under(spec, "prophetnet.decoder.layers.1.self_attn.relative_pos_embeddings.") == {"weight": (8 * 4, 32), "bias": (8 * 4,)}
    assert tensors(spec)["prophetnet.decoder.ngram_embeddings.weight"] == (3, 32)
    assert not {name for name in under(spec, "prophetnet.encoder.") if "ngram" in name or "relative" in name}


def test_one_table_for_all() -> None:
    tied = {name: weight.tied_to for name, _, weight in manifest(read("prophetnet", "ProphetNetForCausalLM", **SIZES)) if weight.tied_to}
    table = "prophetnet.word_embeddings.weight"
    assert tied == {"prophetnet.decoder.word_embeddings.weight": table, "lm_head.weight": table}


def test_cache() -> None:
    """Only the main stream keeps keys and values, whatever the number of streams; the decoder alone keeps nothing of an encoder."""
    spec = read("prophetnet", **SIZES, ngram=3)
    assert kept(spec, 10, 7) == (2 * 2 * 32 * 10 * 2, 2 * 2 * 32 * 7 * 2)
    assert encoder_attention(spec) == {(False, False)}
    assert kept(read("prophetnet", "ProphetNetForCausalLM", **SIZES), 10, 7) == (2 * 2 * 32 * 10 * 2, 0)


def test_corpus() -> None:
    check_against_corpus("prophetnet")
    check_cache_against_corpus("prophetnet")
