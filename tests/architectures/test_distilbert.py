"""DistilBERT: its names, and the head of each class."""

from __future__ import annotations

import pytest

from specverify.derive import cache
from tests.architectures.plans import check_against_corpus, check_published
from tests.architectures.reading import encoder_attention, read, tensors, total, under

SIZES = {"vocab_size": 97, "dim": 32, "hidden_dim": 48, "n_layers": 4, "n_heads": 4, "max_position_embeddings": 128}


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        ("DistilBertForMaskedLM", 38_497),
        ("DistilBertModel", 37_280),
        ("DistilBertForSequenceClassification", 38_402),
        ("DistilBertForTokenClassification", 37_346),
        ("DistilBertForQuestionAnswering", 37_346),
        ("DistilBertForMultipleChoice", 38_369),
    ],
)
def test_totals(architecture: str, expected: int) -> None:
    assert total(read("distilbert", architecture, **SIZES)) == expected


def test_an_untied_projector() -> None:
    spec = read("distilbert", **SIZES, tie_word_embeddings=False)
    assert total(spec) == 41_601
    assert tensors(spec)["vocab_projector.weight"] == (97, 32)


@pytest.mark.parametrize(
    ("architecture", "head"),
    [
        ("DistilBertForSequenceClassification", {"pre_classifier", "classifier"}),
        ("DistilBertForTokenClassification", {"classifier"}),
        ("DistilBertForQuestionAnswering", {"qa_outputs"}),
    ],
)
def test_heads_by_class(architecture: str, head: set[str]) -> None:
    names = {name.rsplit(".", 1)[0] for name in tensors(read("distilbert", architecture, **SIZES))}
    assert {name for name in names if not name.startswith("distilbert.")} == head


def test_a_bare_model_has_no_prefix() -> None:
    assert "transformer.layer.0.attention.q_lin.weight" in tensors(read("distilbert", "DistilBertModel", **SIZES))


def test_names() -> None:
    spec = read("distilbert", **SIZES)
    assert under(spec, "distilbert.transformer.layer.1.") == {
        **{f"attention.{name}_lin.weight": (32, 32) for name in ("q", "k", "v", "out")},
        **{f"attention.{name}_lin.bias": (32,) for name in ("q", "k", "v", "out")},
        "ffn.lin1.weight": (48, 32),
        "ffn.lin1.bias": (48,),
        "ffn.lin2.weight": (32, 48),
        "ffn.lin2.bias": (32,),
        **{f"{name}_layer_norm.{part}": (32,) for name in ("sa", "output") for part in ("weight", "bias")},
    }
    assert {name for name in tensors(spec) if ".layer." not in name} == {
        "distilbert.embeddings.word_embeddings.weight",
        "distilbert.embeddings.position_embeddings.weight",
        "distilbert.embeddings.LayerNorm.weight",
        "distilbert.embeddings.LayerNorm.bias",
        "vocab_transform.weight",
        "vocab_transform.bias",
        "vocab_layer_norm.weight",
        "vocab_layer_norm.bias",
        "vocab_projector.bias",
    }
    assert tensors(spec)["distilbert.embeddings.position_embeddings.weight"] == (128, 32)


def test_an_encoder_that_keeps_nothing() -> None:
    spec = read("distilbert", **SIZES)
    assert (spec.value("prototype"), spec.value("attention"), spec.value("norm_placement")) == ("encoder-only", "mha", "post")
    assert (spec.value("norm"), spec.value("position_scheme"), spec.value("training_objective")) == ("layer", "learned", "masked")
    assert read("distilbert", **SIZES, sinusoidal_pos_embds=True).value("position_scheme") == "sinusoidal"
    assert cache.plan(spec) == ()
    assert encoder_attention(spec) == {(False, False)}


def test_corpus() -> None:
    check_against_corpus("distilbert")


def test_published() -> None:
    check_published("distilbert")
