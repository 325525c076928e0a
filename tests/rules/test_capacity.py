"""The target, beyond the rules' examples."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.outcome import Finding, Severity, Skipped
from tests.rules.assessed import LLAMA, report

Json = dict[str, Any]
BIG: Json = {**LLAMA, "hidden_size": 8192, "intermediate_size": 28672, "num_hidden_layers": 80, "num_attention_heads": 64}
BIG["torch_dtype"] = "bfloat16"
QWEN3_NEXT_LIKE: Json = {**LLAMA, "num_attention_heads": 16, "num_key_value_heads": 2}


def fired(config: Json, code: str, *paths: str, **target: Any) -> list[Finding]:
    return [finding for finding in report({"config.json": config}, *paths, target=target).findings if finding.code == code]


def reason(config: Json, code: str, *paths: str, **target: Any) -> str | None:
    outcomes = report({"config.json": config}, *paths, target=target).outcomes
    return next((outcome.reason for outcome in outcomes if outcome.code == code and isinstance(outcome, Skipped)), None)


@pytest.mark.parametrize("code", [f"CAP00{number}" for number in range(1, 8)])
def test_without_a_target_no_rule_looks(code: str) -> None:
    assert (reason(BIG, code) or "").startswith("the target")


@pytest.mark.parametrize(("heads", "ways", "fires"), [(28, 8, True), (28, 4, False), (71, 2, True), (64, 8, False)])
def test_heads(heads: int, ways: int, fires: bool) -> None:
    config = {**LLAMA, "hidden_size": heads * 16, "num_attention_heads": heads, "num_key_value_heads": heads}
    assert bool(fired(config, "CAP001", tensor_parallel=ways)) is fires


@pytest.mark.parametrize(
    ("kv_heads", "ways", "severity", "said"),
    [
        (8, 8, None, ""),
        (8, 2, None, ""),
        (2, 8, Severity.WARNING, "8 GPUs keep 4 copies of 2 key-value heads, so the cache shrinks 2-fold and no more."),
        (1, 8, Severity.WARNING, "8 GPUs keep 8 copies of 1 key-value head, so the cache does not shrink."),
        (3, 8, Severity.ERROR, "3 key-value heads and 8 GPUs: neither count divides the other."),
        (12, 8, Severity.ERROR, "12 key-value heads and 8 GPUs: neither count divides the other."),
    ],
)
def test_key_value_heads(kv_heads: int, ways: int, severity: Severity | None, said: str) -> None:
    config = {**LLAMA, "hidden_size": 384, "num_attention_heads": 24, "num_key_value_heads": kv_heads}
    findings = fired(config, "CAP002", tensor_parallel=ways)
    assert [(finding.severity, finding.message) for finding in findings] == ([(severity, said)] if severity else [])


def test_one_cause_gives_one_finding() -> None:
    assert fired(QWEN3_NEXT_LIKE, "CAP001", tensor_parallel=6)
    assert "query heads" in (reason(QWEN3_NEXT_LIKE, "CAP002", tensor_parallel=6) or "")


def test_heads_that_the_class_fills_in_are_weaker_proof() -> None:
    gemma = {"model_type": "gemma2", "architectures": ["Gemma2ForCausalLM"], "num_hidden_layers": 2, "vocab_size": 1000}
    (finding,) = fired(gemma, "CAP002", tensor_parallel=8)
    assert finding.severity is Severity.INFO


def test_what_does_not_fit_is_told_in_bytes() -> None:
    (finding,) = fired(BIG, "CAP004", gpu="h100-sxm-80gb")
    made = report({"config.json": BIG}, target={"gpu": "h100-sxm-80gb"}).figures
    for name in ("capacity.needed_bytes_per_gpu", "capacity.budget_bytes_per_gpu", "weights.bytes_per_gpu", "cache.sequence_bytes_per_gpu"):
        assert f"{made[name].value:,}" in finding.message
    assert any("h100" in (evidence.note or "") for evidence in finding.evidence)
    assert not fired(BIG, "CAP004", gpu="h100-sxm-80gb", gpus=8)


def test_what_would_fit_is_the_remedy() -> None:
    many = fired(BIG, "CAP004", gpu="h100-sxm-80gb", gpus=4, concurrency=10_000)
    assert many[0].fix is not None
    assert "With 10,000 at once" in many[0].fix


def test_weights_quantized_by_another_file_are_judged_by_the_size_they_have() -> None:
    def weights(files: dict[str, Any]) -> float:
        value = report({"config.json": BIG, **files}, target={"gpu": "h100-sxm-80gb"}).figures["weights.bytes"].value
        assert value is not None
        return value

    table = {"quantization": {"quant_algo": "NVFP4", "group_size": 16, "exclude_modules": ["lm_head"]}}
    assert weights({"hf_quant_config.json": table}) < weights({}) / 3


def test_unknown_bytes_fit_nowhere_and_are_no_defect() -> None:
    unknown = {**BIG, "quantization_config": {"quant_method": "example"}}
    assert "example" in (reason(unknown, "CAP004", gpu="h100-sxm-80gb") or "")


@pytest.mark.parametrize(("stages", "fires"), [(8, False), (9, True)])
def test_stages(stages: int, fires: bool) -> None:
    assert bool(fired(LLAMA, "CAP005", pipeline_parallel=stages)) is fires


@pytest.mark.parametrize(("ways", "fires"), [(4, False), (8, True)])
def test_experts(ways: int, fires: bool) -> None:
    mixture = {"num_experts": 60, "num_experts_per_tok": 4, "moe_intermediate_size": 64, "shared_expert_intermediate_size": 128}
    qwen = {**LLAMA, "architectures": ["Qwen2MoeForCausalLM"], "model_type": "qwen2_moe", **mixture}
    assert bool(fired(qwen, "CAP006", tensor_parallel=8, expert_parallel=ways)) is fires
    assert reason(LLAMA, "CAP006", tensor_parallel=8, expert_parallel=8) == "no experts are known"


@pytest.mark.parametrize(
    ("dtype", "gpu", "fires"), [("bfloat16", "v100-sxm2-32gb", True), ("float16", "t4-16gb", False), ("bfloat16", "a10-24gb", False)]
)
def test_bfloat16(dtype: str, gpu: str, fires: bool) -> None:
    assert bool(fired({**LLAMA, "torch_dtype": dtype}, "CAP007", gpu=gpu)) is fires


@pytest.mark.parametrize(
    ("context", "target", "fires"),
    [
        (131072, {}, False),
        (1048576, {}, True),
        (1048576, {"context": 4096}, False),
        (1048576, {"gpu": "h100-sxm-80gb"}, False),
    ],
)
def test_one_sequence_beyond_any_accelerator(context: int, target: Json, fires: bool) -> None:
    config = {**BIG, "num_key_value_heads": 8, "head_dim": 128, "max_position_embeddings": context}
    findings = fired(config, "CAP008", **target)
    assert bool(findings) is fires
    for finding in findings:
        assert finding.message == "One sequence of 1,048,576 tokens keeps 320 GiB, and the largest accelerator has 288 GiB."
