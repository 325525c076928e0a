"""BERT and RoBERTa: every head of the class, the mask, and who keeps keys and values."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import unlistable
from tests.architectures.plans import check_against_corpus, check_published
from tests.architectures.reading import encoder_attention, kept, read, tensors, total

ROBERTA_BASE = {"max_position_embeddings": 514, "type_vocab_size": 1}


@pytest.mark.parametrize(
    ("architecture", "labels", "expected"),
    [
        ("BertForMaskedLM", None, 109_514_298),
        ("BertLMHeadModel", None, 109_514_298),
        (None, None, 109_514_298),
        ("BertModel", None, 109_482_240),
        ("BertForPreTraining", None, 110_106_428),
        ("BertForNextSentencePrediction", None, 109_482_240 + 2 * 769),
        ("BertForSequenceClassification", None, 109_482_240 + 2 * 769),
        ("BertForSequenceClassification", 5, 109_482_240 + 5 * 769),
        ("BertForMultipleChoice", 5, 109_482_240 + 769),
        ("BertForTokenClassification", 9, 108_891_648 + 9 * 769),
        ("BertForQuestionAnswering", None, 108_891_648 + 2 * 769),
    ],
)
def test_parameters_of_bert_base_by_class(architecture: str | None, labels: int | None, expected: int) -> None:
    stated = {} if labels is None else {"id2label": {str(i): f"L{i}" for i in range(labels)}}
    assert total(read("bert", architecture, **stated)) == expected


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        ("RobertaForMaskedLM", 124_697_433),
        ("RobertaModel", 124_645_632),
        ("RobertaForSequenceClassification", 124_647_170),
        ("RobertaForTokenClassification", 124_055_040 + 2 * 769),
    ],
)
def test_parameters_of_roberta_base_by_class(architecture: str, expected: int) -> None:
    assert total(read("roberta", architecture, **ROBERTA_BASE)) == expected


@pytest.mark.parametrize("model_type", ["bert", "roberta", "xlm-roberta", "camembert"])
def test_an_encoder_sees_both_ways_and_owns_no_cache(model_type: str) -> None:
    spec = read(model_type)
    assert (spec.value("prototype"), spec.value("mask"), spec.value("training_objective")) == ("encoder-only", "bidirectional", "masked")
    assert kept(spec, 4_096) == (0, 0)


def test_the_language_head_class_alone_does_not_make_it_causal() -> None:
    assert read("bert", "BertLMHeadModel").value("mask") == "bidirectional"


def test_is_decoder_makes_it_causal_with_a_cache() -> None:
    spec = read("bert", "BertLMHeadModel", is_decoder=True)
    assert (spec.value("prototype"), spec.value("mask")) == ("decoder-only", "causal")
    assert kept(spec, 1_000, 1_000) == (12 * 2 * 768 * 1_000 * 2, 0)
    assert total(spec) == 109_514_298


def test_cross_attention_adds_weights_and_encoder_keys() -> None:
    spec = read("roberta", "RobertaForCausalLM", is_decoder=True, add_cross_attention=True, **ROBERTA_BASE)
    assert kept(spec, 1_000, 500) == (12 * 2 * 768 * 1_000 * 2, 12 * 2 * 768 * 500 * 2)
    assert total(spec) == 124_697_433 + 12 * (4 * 768 * 769 + 2 * 768)
    assert "roberta.encoder.layer.11.crossattention.output.LayerNorm.bias" in tensors(spec)


def test_untied_head_keeps_its_matrix_and_its_second_bias() -> None:
    assert total(read("bert", tie_word_embeddings=False)) == 109_514_298 + 30_522 * 769


@pytest.mark.parametrize(
    ("model_type", "architecture", "present", "absent"),
    [
        ("bert", "BertModel", "encoder.layer.0.attention.self.query.weight", "bert.pooler.dense.weight"),
        ("bert", "BertForMaskedLM", "cls.predictions.transform.LayerNorm.weight", "cls.predictions.decoder.weight"),
        ("roberta", "RobertaForMaskedLM", "lm_head.layer_norm.weight", "lm_head.decoder.bias"),
        ("roberta", "RobertaForSequenceClassification", "classifier.out_proj.weight", "roberta.pooler.dense.weight"),
        ("xlm-roberta", "XLMRobertaModel", "pooler.dense.bias", "roberta.pooler.dense.bias"),
    ],
)
def test_checkpoint_names(model_type: str, architecture: str, present: str, absent: str) -> None:
    names = tensors(read(model_type, architecture))
    assert present in names
    assert absent not in names


def test_relative_positions_bring_a_table_of_distances_in_every_layer() -> None:
    spec = read("bert", position_embedding_type="relative_key_query")
    assert spec.value("position_scheme") == "relative"
    assert tensors(spec)["bert.encoder.layer.3.attention.self.distance_embedding.weight"] == (1_023, 64)
    assert read("bert", position_embedding_type="absolute").value("position_scheme") == "learned"


def test_a_head_nobody_described_makes_the_total_unknown() -> None:
    spec = read("bert", "BertForSomethingElse")
    assert total(spec) is None
    assert "BertForSomethingElse" in str(unlistable(spec))


@pytest.mark.parametrize("wrong", [{"num_attention_heads": 0}, {"hidden_size": "768"}, {"num_hidden_layers": 10**9}, {"vocab_size": None}])
def test_a_wrong_size_is_unknown_and_never_a_number(wrong: dict[str, Any]) -> None:
    spec = read("bert", **wrong)
    assert total(spec) is None
    assert unlistable(spec) is not None


def test_encoder_layers_see_both_ways_and_keep_nothing() -> None:
    assert encoder_attention(read("bert")) == {(False, False)}


def test_every_size_of_the_corpus() -> None:
    check_against_corpus("bert", "roberta", "xlm-roberta", "camembert")


def test_every_published_config_of_the_corpus() -> None:
    check_published("bert", "roberta", "xlm-roberta")
