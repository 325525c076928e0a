"""gpt-oss against GptOssForCausalLM."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, check_published, decoder_of, spec_of, total_of, windows_of

GPT_OSS = {**SMALL, "model_type": "gpt_oss", "head_dim": 16, "num_local_experts": 4, "num_experts_per_tok": 2}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("GptOssForCausalLM", {}, 108_032),
        ("GptOssForCausalLM", {"head_dim": 8}, 95_488),
        ("GptOssForCausalLM", {"attention_bias": False}, 107_392),
        ("GptOssForCausalLM", {"tie_word_embeddings": True}, 104_928),
        ("GptOssForCausalLM", {"num_local_experts": 3}, 88_956),
        ("GptOssForSequenceClassification", {}, 104_992),
    ],
)
def test_totals(architecture: str, changes: dict[str, Any], total: int) -> None:
    """GptOssForCausalLM: biases on attention, router and experts, and a sink for every head."""
    assert total_of({**GPT_OSS, **changes, "architectures": [architecture]}) == total


def test_windows() -> None:
    """GptOssConfig: even layers slide."""
    assert windows_of(GPT_OSS) == [128, None, 128, None]
    assert windows_of({**GPT_OSS, "sliding_window": 8, "layer_types": ["full_attention"] * 3 + ["sliding_attention"]}) == [None] * 3 + [8]


def test_the_experts_share_their_tensors() -> None:
    """`mlp.experts.gate_up_proj` [experts, inputs, outputs] in the published layout."""
    weights = {weight.name: weight for weight in decoder_of(GPT_OSS).layers[0].weights()}
    stacked = weights["mlp.experts.gate_up_proj"]
    assert [size.value for size in (stacked.copies, *stacked.shape, stacked.active) if size is not None] == [4, 32, 96, 2]
    assert {"mlp.router.bias", "self_attn.sinks", "self_attn.o_proj.bias", "mlp.experts.down_proj_bias"} <= set(weights)


def test_recipe() -> None:
    """Both kinds of layers are GQA, experts are kept even by a loss."""
    spec = spec_of(GPT_OSS)
    assert (spec.value("attention"), spec.value("router"), spec.value("router_balancing")) == ("gqa", "softmax", "auxiliary loss")


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("gpt_oss")


def test_published() -> None:
    """Every published config the corpus has of this type."""
    check_published("gpt_oss")
