"""Falcon: what the old and the new architecture share, how many KV heads each keeps, and which norms stand where."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import check_against_corpus, check_published
from tests.architectures.reading import kept, read, tensors, total, under

SIZES = {"vocab_size": 97, "hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4}
NEW = {**SIZES, "new_decoder_architecture": True, "num_kv_heads": 2}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 46_432),
        ({"new_decoder_architecture": True, "num_kv_heads": 2}, 48_736),
        ({"new_decoder_architecture": True, "num_kv_heads": 2, "num_ln_in_parallel_attn": 1}, 48_480),
        ({"num_ln_in_parallel_attn": 2}, 46_688),
        ({"num_kv_heads": 2}, 46_432),
        ({"multi_query": False}, 52_576),
        ({"bias": True, "parallel_attn": False, "alibi": True}, 47_648),
        ({"ffn_hidden_size": 40}, 23_904),
        ({"tie_word_embeddings": False}, 49_536),
    ],
)
def test_totals(changes: dict[str, Any], expected: int) -> None:
    """FalconForCausalLM, built by transformers 5.23."""
    assert total(read("falcon", "FalconForCausalLM", **{**SIZES, **changes})) == expected


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        ("FalconModel", 46_432),
        ("FalconForSequenceClassification", 46_496),
        ("FalconForTokenClassification", 46_498),
        ("FalconForQuestionAnswering", 46_498),
    ],
)
def test_heads_by_class(architecture: str, expected: int) -> None:
    assert total(read("falcon", architecture, **SIZES)) == expected


def test_one_norm_for_both_blocks() -> None:
    assert under(read("falcon", **SIZES), "transformer.h.1.") == {
        "self_attention.query_key_value.weight": (48, 32),
        "self_attention.dense.weight": (32, 32),
        "mlp.dense_h_to_4h.weight": (128, 32),
        "mlp.dense_4h_to_h.weight": (32, 128),
        "input_layernorm.weight": (32,),
        "input_layernorm.bias": (32,),
    }


def test_a_norm_for_each_block_in_the_new_architecture() -> None:
    shapes = under(read("falcon", **NEW), "transformer.h.1.")
    assert {"ln_attn.weight", "ln_attn.bias", "ln_mlp.weight", "ln_mlp.bias"} < set(shapes)
    assert shapes["self_attention.query_key_value.weight"] == ((4 + 2 * 2) * 8, 32)
    assert set(under(read("falcon", **SIZES, parallel_attn=False), "transformer.h.1.")) > {
        "input_layernorm.weight",
        "post_attention_layernorm.weight",
    }
    assert "h.0.ln_attn.weight" in tensors(read("falcon", "FalconModel", **NEW))


def test_names_around_the_layers() -> None:
    outside = {name for name in tensors(read("falcon", "FalconForTokenClassification", **SIZES)) if ".h." not in name}
    body = {"transformer.word_embeddings.weight", "transformer.ln_f.weight", "transformer.ln_f.bias"}
    assert outside == {*body, "classifier.weight", "classifier.bias"}


def test_key_value_heads() -> None:
    """`num_kv_heads` counts in the new architecture alone, and `multi_query` in the old one."""
    assert kept(read("falcon", **SIZES, num_kv_heads=4), 10)[0] == 4 * 2 * 1 * 8 * 10 * 2
    assert kept(read("falcon", **SIZES, multi_query=False), 10)[0] == 4 * 2 * 4 * 8 * 10 * 2
    assert kept(read("falcon", **NEW), 10)[0] == 4 * 2 * 2 * 8 * 10 * 2
    assert read("falcon", **SIZES).value("attention") == "mqa"


def test_recipe() -> None:
    old = read("falcon", **SIZES)
    assert (old.value("position_scheme"), old.value("norm"), old.value("feed_forward")) == ("rope", "layer", "plain")
    assert old.value("parallel_blocks") is True
    in_turn = read("falcon", **SIZES, alibi=True, parallel_attn=False)
    assert (in_turn.value("position_scheme"), in_turn.value("parallel_blocks")) == ("alibi", False)
    assert read("falcon", **NEW, parallel_attn=False).value("parallel_blocks") is True


def test_corpus() -> None:
    check_against_corpus("falcon")


def test_published() -> None:
    check_published("falcon")
