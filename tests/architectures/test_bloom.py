"""BLOOM: the norm behind the embedding, four times the width, and linear biases instead of positions."""

from __future__ import annotations

import pytest

from tests.architectures.plans import check_against_corpus, check_published
from tests.architectures.reading import kept, read, tensors, total, under

SIZES = {"vocab_size": 97, "hidden_size": 32, "n_layer": 4, "n_head": 4}


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        ("BloomForCausalLM", 54_048),
        ("BloomModel", 54_048),
        ("BloomForSequenceClassification", 54_112),
        ("BloomForTokenClassification", 54_114),
        ("BloomForQuestionAnswering", 54_114),
    ],
)
def test_totals(architecture: str, expected: int) -> None:
    assert total(read("bloom", architecture, **SIZES)) == expected


def test_names() -> None:
    spec = read("bloom", **SIZES)
    assert under(spec, "transformer.h.1.") == {
        "self_attention.query_key_value.weight": (96, 32),
        "self_attention.query_key_value.bias": (96,),
        "self_attention.dense.weight": (32, 32),
        "self_attention.dense.bias": (32,),
        "mlp.dense_h_to_4h.weight": (128, 32),
        "mlp.dense_h_to_4h.bias": (128,),
        "mlp.dense_4h_to_h.weight": (32, 128),
        "mlp.dense_4h_to_h.bias": (32,),
        "input_layernorm.weight": (32,),
        "input_layernorm.bias": (32,),
        "post_attention_layernorm.weight": (32,),
        "post_attention_layernorm.bias": (32,),
    }
    assert {name for name in tensors(spec) if ".h." not in name} == {
        "transformer.word_embeddings.weight",
        "transformer.word_embeddings_layernorm.weight",
        "transformer.word_embeddings_layernorm.bias",
        "transformer.ln_f.weight",
        "transformer.ln_f.bias",
    }
    assert "classifier.weight" in tensors(read("bloom", "BloomForTokenClassification", **SIZES))


def test_an_old_export_calls_the_width_n_embed() -> None:
    assert total(read("bloom", vocab_size=97, n_embed=32, n_layer=4, num_attention_heads=4)) == 54_048


def test_recipe_and_cache() -> None:
    spec = read("bloom", **SIZES)
    assert (spec.value("position_scheme"), spec.value("attention"), spec.value("norm")) == ("alibi", "mha", "layer")
    assert kept(spec, 10) == (4 * 2 * 32 * 10 * 2, 0)


def test_corpus() -> None:
    check_against_corpus("bloom")


def test_published() -> None:
    check_published("bloom")
