"""Qwen4-Exp against its transformers classes: residual streams, the keys of an indexer, tables of hashed n-grams."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.architectures.qwen4 import primes_from
from specverify.derive.parameters import counts
from tests.architectures.plans import check_against_corpus, check_cache_against_corpus, reserved_of, spec_of, total_of
from tests.architectures.reading import kept, tensors, under

TEXT: dict[str, Any] = {
    "model_type": "qwen4_exp_text",
    "architectures": ["Qwen4ExpForCausalLM"],
    "vocab_size": 70,
    "hidden_size": 32,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 8,
    "linear_num_key_heads": 1,
    "linear_num_value_heads": 2,
    "linear_key_head_dim": 4,
    "linear_value_head_dim": 6,
    "moe_intermediate_size": 12,
    "shared_expert_intermediate_size": 20,
    "num_experts": 4,
    "num_experts_per_tok": 2,
    "indexer_n_heads": 2,
    "indexer_kv_heads": 1,
    "indexer_head_dim": 16,
    "indexer_budget": 8,
    "indexer_compress_ratio": 4,
    "hc_count": 2,
    "hc_lowrank": 5,
}
GRAMS: dict[str, Any] = {
    **TEXT,
    "ple_layer_ids": [3, 1],
    "eos_token_id": 1,
    "heads_per_ngram": 2,
    "ngram_vocab_size_base": 100,
    "make_ngram_vocab_size_divisible_by": 16,
}


def test_a_layer_has_no_norms_but_those_of_the_streams() -> None:
    layer = under(spec_of(TEXT), "model.layers.3.")
    assert layer["attn_hyper_connection.hc_norm.weight"] == (64,)
    assert layer["attn_hyper_connection.input_mix_weight_down.weight"] == (5, 64)
    assert layer["mlp_hyper_connection.block_inject_weight.weight"] == (2, 64)
    assert layer["self_attn.indexer.index_qk_proj.weight"] == (3 * 16, 32)
    assert layer["self_attn.q_proj.weight"] == (2 * 2 * 8, 32)
    assert not [name for name in layer if "layernorm" in name and "indexer" not in name]
    last = under(spec_of(TEXT), "model.hyper_connection_mixer.")
    assert last.keys() == {"hc_norm.weight", "input_mix_weight_down.weight", "input_mix_weight_up.weight"}


def test_primes() -> None:
    assert primes_from(0, 4) == [2, 3, 5, 7]
    assert primes_from(100, 5) == [101, 103, 107, 109, 113]


def test_ngrams() -> None:
    """Two layers of four heads: 101 + 103 + 107 + 109 rows and 113 + 127 + 131 + 137, rounded up to sixteens."""
    first, third = (under(spec_of(GRAMS), f"model.layers.{index}.ple.") for index in (0, 2))
    assert first["ple_embedding.ngram_embedding.weight"] == (432, 8)
    assert third["ple_embedding.ngram_embedding.weight"] == (512, 8)
    assert first["conv1d.weight"] == (64, 1, 4)
    assert under(spec_of(GRAMS), "model.layers.1.ple.") == {}
    each = 3 * 64 + 64 * 32 + 32 * 32 + 64 * 4
    assert total_of(GRAMS) == (total_of(TEXT) or 0) + (432 + 512) * 8 + 2 * each


@pytest.mark.parametrize(
    "changes", [{"ngram_vocab_size_base": 10**12}, {"heads_per_ngram": 1000, "ple_embed_dim": 2000}, {"heads_per_ngram": "x"}]
)
def test_a_table_that_is_not_plausible(changes: dict[str, Any]) -> None:
    found = counts(spec_of({**GRAMS, **changes}))
    assert found is not None
    assert found.total.value is None


def test_what_a_sequence_keeps() -> None:
    """Keys, values and the indexer's keys of one layer; three delta states and convolutions; with n-grams two more and six tokens."""
    assert kept(spec_of(TEXT), 10)[0] == (2 * 8 + 16) * 10 * 2
    own = (2 * 8 + 16) * 10 * 2 + 3 * (2 * 4 * 6 * 4 + (2 * 4 + 12) * 4 * 2)
    assert reserved_of(TEXT, 10) == own
    assert reserved_of(GRAMS, 10) == own + 2 * (64 * 9 * 2 + 2 * 8)


def test_composite() -> None:
    """Qwen3.5's tower without deep features; the class of the text model alone has none."""
    vision = {"depth": 1, "hidden_size": 24, "num_heads": 2, "intermediate_size": 20, "out_hidden_size": 32, "num_position_embeddings": 9}
    whole = {"model_type": "qwen4_exp", "text_config": {**TEXT, "architectures": None}, "vision_config": vision}
    names = tensors(spec_of({**whole, "architectures": ["Qwen4ExpForConditionalGeneration"]}))
    assert {"model.language_model.layers.0.linear_attn.A_log", "model.visual.merger.norm.bias", "lm_head.weight"} <= names.keys()
    assert total_of({**whole, "architectures": ["Qwen4ExpForCausalLM"]}) == total_of(TEXT)


def test_corpus() -> None:
    check_against_corpus("qwen4_exp_text", "qwen4_exp")
    check_cache_against_corpus("qwen4_exp_text", "qwen4_exp")
