"""T5: two stacks, explicit head size, shared bias tables, gated or plain, tied or with a head of its own."""

from __future__ import annotations

import pytest

from tests.architectures.plans import check_against_corpus, check_published
from tests.architectures.reading import encoder_attention, kept, read, tensors, total

BASE = {"d_model": 768, "d_ff": 3_072, "num_heads": 12, "num_layers": 12}
FLAN_BASE = {**BASE, "d_ff": 2_048, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}
BIAS = "block.0.layer.0.SelfAttention.relative_attention_bias.weight"


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        ("T5ForConditionalGeneration", 222_903_552),
        ("T5WithLMHeadModel", 222_903_552),
        (None, 222_903_552),
        ("T5Model", 222_903_552),
        ("T5EncoderModel", 109_628_544),
        ("T5ForTokenClassification", 109_628_544 + 2 * 769),
        ("T5ForQuestionAnswering", 222_903_552 + 2 * 769),
        ("T5ForSequenceClassification", 222_903_552 + 768 * 769 + 2 * 769),
    ],
)
def test_parameters_of_t5_base_by_class(architecture: str | None, expected: int) -> None:
    assert total(read("t5", architecture, **BASE)) == expected


def test_published_flan_has_a_head_of_its_own() -> None:
    spec = read("t5", "T5ForConditionalGeneration", **FLAN_BASE)
    assert total(spec) == 247_577_856
    assert spec.value("tied_embeddings") is False
    assert tensors(spec)["lm_head.weight"] == (32_128, 768)
    assert tensors(spec)["encoder.block.4.layer.1.DenseReluDense.wi_1.weight"] == (2_048, 768)


def test_a_tied_checkpoint_stores_one_table() -> None:
    names = tensors(read("t5", **BASE))
    assert "shared.weight" in names
    assert not {"lm_head.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"} & set(names)


def test_only_the_first_block_of_a_stack_has_a_bias_table() -> None:
    shapes = tensors(read("t5", **BASE))
    assert [name for name in shapes if "relative_attention_bias" in name] == [f"encoder.{BIAS}", f"decoder.{BIAS}"]
    assert shapes[f"encoder.{BIAS}"] == (32, 12)
    assert not any("relative_attention_bias" in name for name in tensors(read("t5", "T5EncoderModel", **{**BASE, "num_layers": 0})))
    assert len([name for name in tensors(read("umt5")) if "relative_attention_bias" in name]) == 16


def test_heads_need_not_fill_the_width() -> None:
    spec = read("t5", d_model=1_024, d_kv=128, num_heads=32, num_layers=24, d_ff=16_384)
    assert tensors(spec)["decoder.block.0.layer.1.EncDecAttention.k.weight"] == (4_096, 1_024)
    assert kept(spec, 10, 3) == (24 * 2 * 4_096 * 10 * 2, 24 * 2 * 4_096 * 3 * 2)


def test_cache_is_the_decoders_and_its_view_of_the_encoder() -> None:
    assert kept(read("t5", **BASE), 512, 512) == (18_874_368, 18_874_368)
    assert kept(read("t5", **BASE, num_decoder_layers=2), 512, 512) == (3_145_728, 3_145_728)


def test_the_encoder_class_keeps_nothing() -> None:
    spec = read("t5", "T5EncoderModel", **BASE)
    assert kept(spec, 512, 512) == (0, 0)
    assert spec.value("mask") == "bidirectional"


def test_prototype_and_recipe() -> None:
    spec = read("t5", **BASE)
    assert (spec.value("prototype"), spec.value("position_scheme")) == ("encoder-decoder", "relative")
    assert (spec.value("norm"), spec.value("training_objective")) == ("rms", "span corruption")


@pytest.mark.parametrize(
    ("stated", "gated", "activation"),
    [
        ({}, "plain", "relu"),
        ({"feed_forward_proj": "gated-gelu"}, "gated", "gelu_new"),
        ({"feed_forward_proj": "gated-silu"}, "gated", "silu"),
        ({"is_gated_act": True, "dense_act_fn": "gelu_pytorch_tanh"}, "gated", "gelu_pytorch_tanh"),
        ({"feed_forward_proj": "gated-gelu", "is_gated_act": False}, "plain", "gelu_new"),
    ],
)
def test_feed_forward(stated: dict[str, object], gated: str, activation: str) -> None:
    fact = read("t5", **BASE, **stated).fact("feed_forward")
    assert (fact.value, fact.readings[0].note) == (gated, f"activation {activation}")


def test_encoder_layers_see_both_ways_and_keep_nothing() -> None:
    assert encoder_attention(read("t5")) == {(False, False)}


def test_every_size_of_the_corpus() -> None:
    check_against_corpus("t5", "mt5", "umt5")


def test_every_published_config_of_the_corpus() -> None:
    check_published("t5")
