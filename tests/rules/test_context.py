"""Context lengths and windows, beyond the rules' examples."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.outcome import Confidence, Finding, Severity
from tests.rules.assessed import LLAMA, found, reason, report

Json = dict[str, Any]
MISTRAL: Json = {**LLAMA, "architectures": ["MistralForCausalLM"], "model_type": "mistral", "max_position_embeddings": 32768}
COHERE: Json = {**LLAMA, "architectures": ["CohereForCausalLM"], "model_type": "cohere", "max_position_embeddings": 8192}
LONGROPE: Json = {
    **LLAMA,
    "max_position_embeddings": 65536,
    "original_max_position_embeddings": 2048,
    "rope_scaling": {"type": "longrope", "short_factor": [1.0] * 32, "long_factor": [2.0] * 32},
}
LINEAR: Json = {**LLAMA, "max_position_embeddings": 16384, "rope_scaling": {"type": "linear", "factor": 4.0}}


def asked(config: Json, **target: Any) -> list[Finding]:
    return [finding for finding in report({"config.json": config}, target=target).findings if finding.code == "POS015"]


def test_engines_that_multiply_and_engines_that_do_not() -> None:
    (finding,) = found(LINEAR, "POS010")
    assert "vLLM 65,536; SGLang 65,536; transformers 16,384; llama.cpp 16,384" in finding.message
    assert {evidence.pointer for evidence in finding.evidence} == {"/max_position_embeddings", "/rope_scaling/factor"}


def test_a_longer_length_under_another_key_splits_the_engines() -> None:
    (finding,) = found({**COHERE, "model_max_length": 131072}, "POS010")
    assert "vLLM 131,072" in finding.message
    assert "transformers 8,192" in finding.message
    assert not found(COHERE, "POS010")


def test_a_fallback_is_no_reading_of_the_config() -> None:
    only = {key: value for key, value in LLAMA.items() if key != "max_position_embeddings"}
    unknown = {**only, "model_type": "example", "architectures": ["ExampleForCausalLM"], "max_target_positions": 448}
    assert not found(unknown, "POS010")


def test_encoders_have_no_split() -> None:
    bert = {"model_type": "bert", "architectures": ["BertModel"], "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    assert reason({**bert, "vocab_size": 100, "intermediate_size": 128}, "POS010") == "the engines compared serve decoders"


def test_a_stretch_is_told_with_both_lengths() -> None:
    (finding,) = found(LINEAR, "POS011")
    assert finding.severity is Severity.INFO
    assert "65,536 tokens is 16,384 stretched 4 times" in finding.message


def test_llama3_scaling_says_nothing_of_the_trained_length() -> None:
    table = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
    table["original_max_position_embeddings"] = 8192
    assert not found({**LLAMA, "max_position_embeddings": 131072, "rope_scaling": table}, "POS011")


def test_an_absent_window_is_the_class_default_and_a_null_one_is_none() -> None:
    (finding,) = found(MISTRAL, "POS012")
    assert finding.confidence is Confidence.MEDIUM
    assert "4,096" in finding.message
    assert "32,768" in finding.message
    assert not found({**MISTRAL, "sliding_window": None}, "POS012")
    assert not found({**MISTRAL, "sliding_window": 4096}, "POS012")
    assert not found({**MISTRAL, "max_position_embeddings": 4096}, "POS012")
    assert not found(LLAMA, "POS012")


def test_a_window_on_some_layers_is_no_window_on_all() -> None:
    gemma = {**LLAMA, "architectures": ["Gemma2ForCausalLM"], "model_type": "gemma2", "head_dim": 64, "max_position_embeddings": 8192}
    assert not found({**gemma, "sliding_window": 4096}, "POS013")
    assert found({**MISTRAL, "sliding_window": 4096}, "POS013")


@pytest.mark.parametrize("window", [0, -1])
def test_a_window_of_none_by_number(window: int) -> None:
    (finding,) = found({**MISTRAL, "sliding_window": window}, "POS014")
    assert finding.severity is Severity.WARNING
    assert finding.evidence[0].pointer == "/sliding_window"


def test_a_switch_that_turns_the_window_off_is_no_number() -> None:
    qwen = {**LLAMA, "architectures": ["Qwen2MoeForCausalLM"], "model_type": "qwen2_moe", "use_sliding_window": False}
    assert not found({**qwen, "sliding_window": 4096}, "POS014")


def test_the_limit_is_that_of_the_engine_asked_for() -> None:
    (finding,) = asked(LINEAR, context=131072)
    assert finding.severity is Severity.WARNING
    assert "the config declares 65,536" in finding.message
    assert not asked(LINEAR, context=65536)
    (finding,) = asked(LINEAR, context=65536, engine="transformers")
    assert "transformers takes from the config 16,384" in finding.message
    assert not asked(LINEAR)


def test_relative_positions_go_on() -> None:
    t5 = {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 2}
    (finding,) = asked({**t5, "num_heads": 4, "vocab_size": 100, "n_positions": 512, "is_encoder_decoder": True}, context=2048)
    assert finding.severity is Severity.INFO


def test_a_chunk_size_beside_a_window() -> None:
    assert found({**MISTRAL, "sliding_window": 128, "attention_chunk_size": 128}, "POS016")
    assert not found({**MISTRAL, "sliding_window": 128, "attention_chunk_size": None}, "POS016")
    assert not found({**LLAMA, "model_type": "llama4_text", "architectures": ["Llama4ForCausalLM"], "attention_chunk_size": 128}, "POS016")
    chunked = {"attention_chunk_size": 128, "layer_types": ["chunked_attention"] * 8}
    assert not found({**LLAMA, "model_type": "example", "architectures": ["ExampleForCausalLM"], **chunked}, "POS016")


@pytest.mark.parametrize(
    ("context", "limit", "fires"),
    [(514, 512, False), (8194, 8192, False), (8192, 512, True), (512, 10**30, False), (512, 1e30, False), (2048, 4096, False)],
)
def test_tokenizer_limits(context: int, limit: float, fires: bool) -> None:
    config = {**LLAMA, "max_position_embeddings": context}
    findings = found(config, "POS017", **{"tokenizer_config.json": {"model_max_length": limit}})
    assert [finding.severity for finding in findings] == ([Severity.INFO] if fires else [])


@pytest.mark.parametrize(
    ("config", "target", "said"),
    [
        (LINEAR, {"engine": "vllm"}, ""),
        (LINEAR, {"engine": "sglang"}, ""),
        (LINEAR, {"engine": "llamacpp"}, "llama.cpp serves 16,384 tokens of context, and the config declares 65,536."),
        (LINEAR, {"engine": "llamacpp", "context": 65536}, ""),
        (LONGROPE, {"engine": "vllm"}, "vLLM serves 2,048 tokens of context, and the config declares 65,536."),
        (LONGROPE, {"engine": "vllm", "context": 65536}, ""),
        (LONGROPE, {"engine": "sglang"}, ""),
        (LONGROPE, {"engine": "llamacpp"}, ""),
        (LLAMA, {"engine": "vllm"}, ""),
        (LLAMA, {"engine": "sglang"}, ""),
        (MISTRAL, {"engine": "vllm"}, ""),
    ],
)
def test_the_length_the_engine_of_the_target_takes(config: Json, target: Json, said: str) -> None:
    findings = [f for f in report({"config.json": config}, target=target).findings if f.code == "POS019"]
    assert [finding.message.startswith(said) for finding in findings] == ([True] if said else [])


def test_a_target_without_an_engine_serves_no_length_of_its_own() -> None:
    assert "no engine" in (reason(LINEAR, "POS019") or "")
