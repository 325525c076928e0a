"""Lengths that run out, beyond the rules' examples."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.outcome import Finding, Severity
from tests.rules.assessed import LLAMA, found, reason, report

Json = dict[str, Any]
BERT: Json = {"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
BERT |= {"intermediate_size": 128, "vocab_size": 1000, "max_position_embeddings": 512, "pad_token_id": 0}
GPT2: Json = {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_embd": 64, "n_layer": 2, "n_head": 4, "vocab_size": 1000}
QWEN2: Json = {**LLAMA, "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "num_hidden_layers": 8, "sliding_window": 1024}
LONGROPE: Json = {
    **LLAMA,
    "max_position_embeddings": 65536,
    "original_max_position_embeddings": 2048,
    "rope_scaling": {"type": "longrope", "short_factor": [1.0] * 32, "long_factor": [2.0] * 32},
}


def at(config: Json, code: str, **target: Any) -> list[Finding]:
    return [finding for finding in report({"config.json": config}, target=target).findings if finding.code == code]


@pytest.mark.parametrize(
    ("limit", "severity"),
    [
        (512, None),
        (513, Severity.WARNING),
        (511, None),
        (8192, Severity.WARNING),
        (1000000000000000019884624838656, Severity.INFO),
        (1e30, Severity.INFO),
    ],
)
def test_texts_longer_than_learned_positions(limit: float, severity: Severity | None) -> None:
    findings = found(BERT, "POS022", **{"tokenizer_config.json": {"model_max_length": limit}})
    assert [finding.severity for finding in findings] == ([severity] if severity else [])


@pytest.mark.parametrize("limit", [None, True, "512"])
def test_a_limit_that_is_no_number(limit: Any) -> None:
    assert not found(BERT, "POS022", **{"tokenizer_config.json": {"model_max_length": limit}})


def test_rotary_positions_do_not_run_out() -> None:
    assert not found(LLAMA, "POS022", **{"tokenizer_config.json": {"model_max_length": 1e30}})


@pytest.mark.parametrize(
    ("context", "positions", "fires"),
    [(512, 1024, True), (1024, 1024, False), (2048, 1024, True), (None, 1024, False), (True, 1024, False)],
)
def test_two_context_sizes(context: Any, positions: int, fires: bool) -> None:
    assert bool(found({**GPT2, "n_ctx": context, "n_positions": positions}, "POS023")) is fires


def test_a_number_of_positions_that_the_class_fills_in_contradicts_nothing() -> None:
    assert "no number of positions" in (reason({**GPT2, "n_ctx": 512}, "POS023") or "")


@pytest.mark.parametrize(("context", "fires"), [(2048, False), (2049, True), (65536, True), (None, False)])
def test_the_context_asked_for_passes_the_switch(context: int | None, fires: bool) -> None:
    assert bool(at(LONGROPE, "POS024", context=context)) is fires


def test_other_scalings_do_not_switch() -> None:
    yarn = {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 2048}
    assert not at({**LLAMA, "max_position_embeddings": 8192, "rope_scaling": yarn}, "POS024", context=8192)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"chunk_size": 4096, "original_max_position_embeddings": 4096}, "dual-chunk attention, beyond 4,096 tokens."),
        ({"chunk_size": 4096}, "dual-chunk attention."),
        ({}, ""),
        (None, ""),
        ("on", ""),
    ],
)
def test_dual_chunks(table: Any, said: str) -> None:
    findings = found({**LLAMA, "dual_chunk_attention_config": table}, "POS025")
    assert [finding.message.endswith(said) for finding in findings] == ([True] if said else [])


@pytest.mark.parametrize(
    ("changes", "fires"),
    [
        ({"use_sliding_window": True, "max_window_layers": 8}, True),
        ({"use_sliding_window": True, "max_window_layers": 28}, True),
        ({"use_sliding_window": True, "max_window_layers": 7}, False),
        ({"use_sliding_window": False, "max_window_layers": 8}, False),
        ({"max_window_layers": 8}, False),
        ({"use_sliding_window": True}, False),
        ({"use_sliding_window": True, "max_window_layers": 8, "sliding_window": None}, False),
        ({"use_sliding_window": True, "max_window_layers": 8, "layer_types": ["sliding_attention"] * 8}, False),
    ],
)
def test_a_window_that_begins_after_the_last_layer(changes: Json, fires: bool) -> None:
    assert bool(found({**QWEN2, **changes}, "POS026")) is fires
