"""ModernBERT and its causal twin: local layers, the layer without a norm, and biases by switch."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive import cache
from specverify.spec import Attention
from tests.architectures.plans import check_against_corpus, windows_of
from tests.architectures.reading import encoder_attention, kept, read, tensors, total, under

SIZES = {"vocab_size": 97, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 4, "num_attention_heads": 4}
FUSED = {"attn.Wqkv.weight": (96, 32)}
APART = {f"attn.{name}_proj.weight": (32, 32) for name in "qkv"}
REST = {"attn.Wo.weight": (32, 32), "mlp_norm.weight": (32,), "mlp.Wi.weight": (96, 32), "mlp.Wo.weight": (32, 48)}
OUTSIDE = {
    "model.embeddings.tok_embeddings.weight",
    "model.embeddings.norm.weight",
    "model.final_norm.weight",
    "decoder.bias",
}


@pytest.mark.parametrize(
    ("model_type", "architecture", "changes", "expected"),
    [
        ("modernbert", "ModernBertForMaskedLM", {}, 39_361),
        ("modernbert", "ModernBertForMaskedLM", {"attention_bias": True}, 39_873),
        ("modernbert", "ModernBertForMaskedLM", {"mlp_bias": True}, 39_873),
        ("modernbert", "ModernBertForMaskedLM", {"norm_bias": True}, 39_681),
        ("modernbert", "ModernBertForMaskedLM", {"decoder_bias": False}, 39_264),
        ("modernbert", "ModernBertForMaskedLM", {"classifier_bias": True}, 39_393),
        ("modernbert", "ModernBertForMaskedLM", {"tie_word_embeddings": False}, 42_465),
        ("modernbert", "ModernBertModel", {}, 38_208),
        ("modernbert", "ModernBertForSequenceClassification", {}, 39_330),
        ("modernbert", "ModernBertForTokenClassification", {}, 39_330),
        ("modernbert", "ModernBertForQuestionAnswering", {}, 39_330),
        ("modernbert", "ModernBertForMultipleChoice", {}, 39_297),
        ("modernbert-decoder", "ModernBertDecoderForCausalLM", {}, 39_361),
        ("modernbert-decoder", "ModernBertDecoderModel", {}, 38_208),
        ("modernbert-decoder", "ModernBertDecoderForSequenceClassification", {}, 39_328),
    ],
)
def test_totals(model_type: str, architecture: str, changes: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total(read(model_type, architecture, **{**SIZES, **changes})) == expected


def test_names() -> None:
    spec = read("modernbert", **SIZES)
    assert under(spec, "model.layers.0.") == {**FUSED, **REST}
    assert under(spec, "model.layers.3.") == {**FUSED, **REST, "attn_norm.weight": (32,)}
    assert {name for name in tensors(spec) if ".layers." not in name} == {*OUTSIDE, "head.dense.weight", "head.norm.weight"}
    twin = read("modernbert-decoder", **SIZES)
    assert under(twin, "model.layers.1.") == {**APART, **REST, "attn_norm.weight": (32,)}
    assert {name for name in tensors(twin) if ".layers." not in name} == {*OUTSIDE, "lm_head.dense.weight", "lm_head.norm.weight"}


def test_heads_by_class() -> None:
    untied = read("modernbert", **SIZES, tie_word_embeddings=False)
    assert tensors(untied)["decoder.weight"] == (97, 32)
    assert "layers.0.mlp.Wi.weight" in tensors(read("modernbert", "ModernBertModel", **SIZES))
    classifier = read("modernbert-decoder", "ModernBertDecoderForSequenceClassification", **SIZES, classifier_bias=True)
    assert tensors(classifier)["classifier.bias"] == (2,)
    assert "head.dense.bias" in tensors(classifier)


def test_what_a_token_sees() -> None:
    """`local_attention` of 128 is 64 tokens either way and the token itself; the causal twin sees 64."""
    spec = read("modernbert", **SIZES)
    encoder = spec.encoder()
    assert encoder is not None
    seen: dict[int, int | float | None] = {}
    for group in encoder.layers:
        mixer = group.mixers[0]
        assert isinstance(mixer, Attention)
        seen |= dict.fromkeys(group.indices, None if mixer.window is None else mixer.window.value)
    assert seen == {0: None, 1: 129, 2: 129, 3: None}
    twin = {**SIZES, "model_type": "modernbert-decoder", "local_attention": 16, "global_attn_every_n_layers": 2}
    assert windows_of(twin) == [None, 8, None, 8]


def test_only_the_twin_keeps_anything() -> None:
    spec = read("modernbert", **SIZES)
    assert (spec.value("prototype"), spec.value("norm"), spec.value("feed_forward")) == ("encoder-only", "layer", "gated")
    assert (spec.value("position_scheme"), spec.value("training_objective")) == ("rope", "masked")
    assert cache.plan(spec) == ()
    assert encoder_attention(spec) == {(False, False)}
    twin = read("modernbert-decoder", **SIZES, local_attention=8)
    assert (twin.value("prototype"), twin.value("training_objective")) == ("decoder-only", "causal")
    assert kept(twin, 10) == ((2 * 10 + 2 * 4) * 2 * 32 * 2, 0)


def test_corpus() -> None:
    check_against_corpus("modernbert", "modernbert-decoder")
