"""BART and its kin: positions, norms and tables by type, heads by class, and what the decoder keeps of the encoder."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from tests.architectures.plans import check_against_corpus, check_published
from tests.architectures.reading import encoder_attention, kept, read, tensors, total, under

SIZES = {
    "vocab_size": 97,
    "d_model": 32,
    "encoder_layers": 3,
    "decoder_layers": 2,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 40,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 4,
    "max_position_embeddings": 128,
}
KIN = ("bart", "plbart", "mbart", "pegasus", "marian", "m2m_100", "blenderbot", "blenderbot-small")
PARTS = ("weight", "bias")
LABELS = {"id2label": {str(index): "x" for index in range(5)}}


@pytest.mark.parametrize(
    ("model_type", "changes", "architecture", "expected"),
    [
        ("bart", {}, "BartForConditionalGeneration", 56_608),
        ("bart", {"tie_word_embeddings": False}, "BartForConditionalGeneration", 65_920),
        ("bart", {}, "BartModel", 56_608),
        ("bart", {}, "BartForCausalLM", 29_872),
        ("bart", {}, "BartForSequenceClassification", 57_763),
        ("bart", LABELS, "BartForSequenceClassification", 57_829),
        ("bart", {"num_labels": 5}, "BartForSequenceClassification", 57_829),
        ("bart", LABELS, "BartForQuestionAnswering", 56_674),
        ("plbart", {}, "PLBartForConditionalGeneration", 56_608),
        ("plbart", {}, "PLBartForSequenceClassification", 57_730),
        ("mbart", {}, "MBartForConditionalGeneration", 56_736),
        ("mbart", {}, "MBartForCausalLM", 29_936),
        ("mbart", {}, "MBartForSequenceClassification", 57_858),
        ("pegasus", {}, "PegasusForConditionalGeneration", 56_480),
        ("pegasus", {}, "PegasusForCausalLM", 29_808),
        ("marian", {}, "MarianMTModel", 56_352),
        ("marian", {"tie_word_embeddings": False}, "MarianMTModel", 65_664),
        ("marian", {"tie_word_embeddings": False, "decoder_vocab_size": 50}, "MarianMTModel", 64_160),
        ("marian", {"share_encoder_decoder_embeddings": False, "decoder_vocab_size": 50}, "MarianMTModel", 57_952),
        ("marian", {}, "MarianModel", 56_352),
        ("marian", {}, "MarianForCausalLM", 29_744),
        ("m2m_100", {}, "M2M100ForConditionalGeneration", 48_288),
        ("m2m_100", {"tie_word_embeddings": False}, "M2M100ForConditionalGeneration", 57_600),
        ("blenderbot", {}, "BlenderbotForConditionalGeneration", 56_480),
        ("blenderbot", {}, "BlenderbotForCausalLM", 29_808),
        ("blenderbot-small", {}, "BlenderbotSmallForConditionalGeneration", 56_480),
        ("blenderbot-small", {}, "BlenderbotSmallForCausalLM", 29_808),
    ],
)
def test_totals(model_type: str, changes: dict[str, Any], architecture: str, expected: int) -> None:
    """Built by transformers 5.23."""
    assert total(read(model_type, architecture, **{**SIZES, **changes})) == expected


def attention(name: str) -> dict[str, tuple[int, ...]]:
    """Attention of width 32 with its norm."""
    shapes: dict[str, tuple[int, ...]] = {f"{name}_layer_norm.weight": (32,), f"{name}_layer_norm.bias": (32,)}
    for projection in ("q_proj", "k_proj", "v_proj", "out_proj"):
        shapes |= {f"{name}.{projection}.weight": (32, 32), f"{name}.{projection}.bias": (32,)}
    return shapes


def feed_forward(width: int) -> dict[str, tuple[int, ...]]:
    """Two matrices with their norm."""
    return {
        "fc1.weight": (width, 32),
        "fc1.bias": (width,),
        "fc2.weight": (32, width),
        "fc2.bias": (32,),
        "final_layer_norm.weight": (32,),
        "final_layer_norm.bias": (32,),
    }


@pytest.mark.parametrize("model_type", KIN)
def test_layers(model_type: str) -> None:
    spec = read(model_type, **SIZES)
    assert under(spec, "model.encoder.layers.2.") == {**attention("self_attn"), **feed_forward(48)}
    assert under(spec, "model.decoder.layers.1.") == {**attention("self_attn"), **attention("encoder_attn"), **feed_forward(40)}


@pytest.mark.parametrize(
    ("model_type", "rows", "norms", "position", "placement"),
    [
        ("bart", 130, {"layernorm_embedding"}, "learned", "post"),
        ("plbart", 130, {"layernorm_embedding"}, "learned", "post"),
        ("mbart", 130, {"layernorm_embedding", "layer_norm"}, "learned", "pre"),
        ("pegasus", 128, {"layer_norm"}, "sinusoidal", "pre"),
        ("marian", 128, set(), "sinusoidal", "post"),
        ("m2m_100", None, {"layer_norm"}, "sinusoidal", "pre"),
        ("blenderbot", 128, {"layer_norm"}, "learned", "pre"),
        ("blenderbot-small", 128, {"layernorm_embedding"}, "learned", "post"),
    ],
)
def test_what_stands_around_the_layers(model_type: str, rows: int | None, norms: set[str], position: str, placement: str) -> None:
    spec = read(model_type, **SIZES)
    assert (spec.value("position_scheme"), spec.value("norm_placement"), spec.value("norm")) == (position, placement, "layer")
    for stack in ("encoder", "decoder"):
        shapes = {name: shape for name, shape in under(spec, f"model.{stack}.").items() if not name.startswith("layers.")}
        expected = {f"{name}.{part}": (32,) for name in norms for part in ("weight", "bias")}
        assert shapes == expected | ({} if rows is None else {"embed_positions.weight": (rows, 32)})


def test_one_table_for_all() -> None:
    tied = {name: weight.tied_to for name, _, weight in manifest(read("bart", **SIZES)) if weight.tied_to}
    assert tied == {
        "model.encoder.embed_tokens.weight": "model.shared.weight",
        "model.decoder.embed_tokens.weight": "model.shared.weight",
        "lm_head.weight": "model.shared.weight",
    }


def test_source_and_target_tables_of_marian() -> None:
    spec = read("marian", "MarianMTModel", **SIZES, share_encoder_decoder_embeddings=False, decoder_vocab_size=50)
    assert tensors(spec)["model.encoder.embed_tokens.weight"] == (97, 32)
    assert tensors(spec)["model.decoder.embed_tokens.weight"] == (50, 32)
    assert tensors(spec)["final_logits_bias"] == (1, 50)
    assert "model.shared.weight" not in tensors(spec)


def test_the_bias_on_the_logits_is_no_parameter() -> None:
    biases = [weight.buffer for name, _, weight in manifest(read("bart", **SIZES)) if name == "final_logits_bias"]
    assert biases == [True]
    assert "final_logits_bias" not in tensors(read("m2m_100", **SIZES))


@pytest.mark.parametrize("model_type", KIN)
def test_cache(model_type: str) -> None:
    """The decoder keeps its own keys and values, and the encoder's output's; the encoder keeps none."""
    spec = read(model_type, **SIZES)
    assert kept(spec, 10, 7) == (2 * 2 * 32 * 10 * 2, 2 * 2 * 32 * 7 * 2)
    assert encoder_attention(spec) == {(False, False)}
    assert (spec.value("prototype"), spec.value("attention")) == ("encoder-decoder", "mha")


@pytest.mark.parametrize(
    ("architecture", "head"),
    [
        ("BartForCausalLM", set()),
        ("BartForSequenceClassification", {f"classification_head.{name}.{part}" for name in ("dense", "out_proj") for part in PARTS}),
        ("BartForQuestionAnswering", {f"qa_outputs.{part}" for part in PARTS}),
    ],
)
def test_heads_by_class(architecture: str, head: set[str]) -> None:
    assert {name for name in tensors(read("bart", architecture, **SIZES)) if not name.startswith("model.")} == head


def test_the_decoder_alone() -> None:
    spec = read("bart", "BartForCausalLM", **SIZES, tie_word_embeddings=False)
    assert tensors(spec)["model.decoder.embed_tokens.weight"] == tensors(spec)["lm_head.weight"] == (97, 32)
    assert len(under(spec, "model.decoder.layers.1.")) == 2 * 10 + 6
    assert spec.value("training_objective") == "causal"


def test_the_decoder_alone_keeps_nothing_of_an_encoder() -> None:
    spec = read("bart", "BartForCausalLM", **SIZES)
    assert kept(spec, 10, 7) == (2 * 2 * 32 * 10 * 2, 0)
    assert spec.value("prototype") == "decoder-only"


def test_corpus() -> None:
    check_against_corpus(*KIN)


def test_published() -> None:
    check_published("bart", "plbart", "marian", "m2m_100")
