"""Quantization, beyond the rules' examples."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.outcome import Finding
from tests.rules.assessed import LLAMA, found, reason, report

Json = dict[str, Any]
BLOCKS: Json = {"quant_method": "fp8", "weight_block_size": [128, 128]}
QWEN3_MOE: Json = {
    **LLAMA,
    "architectures": ["Qwen3MoeForCausalLM"],
    "model_type": "qwen3_moe",
    "num_experts": 8,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 768,
    "decoder_sparse_step": 1,
    "head_dim": 64,
    "mlp_only_layers": [],
}


def quantized(table: Json, config: Json = LLAMA) -> Json:
    return {**config, "quantization_config": table}


def split(config: Json, **target: Any) -> list[Finding]:
    return [finding for finding in report({"config.json": config}, target=target).findings if finding.code == "QNT003"]


def side(**table: Any) -> Json:
    return {"hf_quant_config.json": {"quantization": table}}


def test_a_method_that_is_not_known_is_named() -> None:
    (finding,) = found(quantized({"quant_method": "example"}), "QNT001")
    assert "'example'" in finding.message
    assert finding.evidence[0].pointer == "/quantization_config/quant_method"
    (finding,) = found(quantized({"bits": 3}), "QNT001")
    assert finding.evidence[0].pointer == "/quantization_config"
    assert reason(LLAMA, "QNT001") == "config.json declares no quantization"


def test_a_table_in_the_side_file_alone() -> None:
    (finding,) = found(LLAMA, "QNT002", **side(quant_algo="NVFP4"))
    assert finding.evidence[0].file == "hf_quant_config.json"
    assert "NVFP4" in finding.message


@pytest.mark.parametrize(
    ("cache", "fires"),
    [("FP8", False), ({"num_bits": 8, "type": "float"}, False), ("INT8", True), ({"num_bits": 4, "type": "float"}, True)],
)
def test_cache_dtypes_in_their_spellings(cache: Any, fires: bool) -> None:
    config = quantized({"quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_scheme": cache})
    assert bool(found(config, "QNT002", **side(quant_algo="FP8", kv_cache_quant_algo="FP8"))) is fires


@pytest.mark.parametrize("algorithm", [None, 8, ["FP8"]])
def test_a_side_file_that_names_nothing_is_skipped(algorithm: Any) -> None:
    assert not found(LLAMA, "QNT002", **side(quant_algo=algorithm))


@pytest.mark.parametrize(("ways", "fires"), [(1, False), (2, False), (4, True), (8, True)])
def test_experts_in_blocks(ways: int, fires: bool) -> None:
    assert bool(split(quantized(BLOCKS, QWEN3_MOE), tensor_parallel=ways)) is fires


def test_a_width_that_does_not_divide_at_all() -> None:
    (finding,) = split(quantized(BLOCKS, {**QWEN3_MOE, "moe_intermediate_size": 257}), tensor_parallel=2)
    assert "128.5 each" in finding.message


def test_whole_experts_are_not_cut() -> None:
    assert not split(quantized(BLOCKS, QWEN3_MOE), tensor_parallel=4, expert_parallel=4)
    assert not split(quantized(BLOCKS, QWEN3_MOE), tensor_parallel=4, expert_parallel=2)


def test_what_engines_pad_or_scale_as_a_whole_is_no_defect() -> None:
    assert not split(quantized({"quant_method": "mxfp4"}, QWEN3_MOE), tensor_parallel=16)
    assert not split(quantized({"quant_method": "fp8"}, QWEN3_MOE), tensor_parallel=8)


def test_a_group_is_cut_like_a_block() -> None:
    (finding,) = split(quantized({"quant_method": "gptq", "bits": 4, "group_size": 128}), tensor_parallel=4)
    assert "1,376 wide in blocks of 128, and 4 GPUs would get 344 each" in finding.message


def test_layers_that_are_left_out_are_not_judged() -> None:
    assert not split(quantized({**BLOCKS, "modules_to_not_convert": ["model.layers.0.mlp"]}), tensor_parallel=4)


def outputs(config: Json, **target: Any) -> list[Finding]:
    return [finding for finding in report({"config.json": config}, target=target).findings if finding.code == "QNT007"]


GROUPS: Json = {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True, "version": "gemm"}


@pytest.mark.parametrize(
    ("heads", "head_dim", "ways", "share"),
    [
        (8, 64, 2, None),
        (8, 64, 4, None),
        (8, 64, 8, 64),
        (6, 64, 2, 192),
        (8, 128, 8, None),
        (8, 80, 2, 320),
        (8, 80, 1, None),
        (40, 128, 8, None),
    ],
)
def test_outputs_of_attention_in_groups(heads: int, head_dim: int, ways: int, share: int | None) -> None:
    config = {**LLAMA, "num_attention_heads": heads, "num_key_value_heads": heads, "head_dim": head_dim}
    findings = outputs(quantized(GROUPS, config), tensor_parallel=ways)
    assert [f"would get {share:,} each." in finding.message for finding in findings] == ([True] if share else [])


def test_outputs_that_the_table_leaves_alone_are_not_judged() -> None:
    ignored = [f"model.layers.{layer}.self_attn.o_proj" for layer in range(8)]
    table = {**BLOCKS, "modules_to_not_convert": ignored}
    config = {**LLAMA, "num_attention_heads": 8, "head_dim": 64, "intermediate_size": 1024}
    assert outputs(quantized(BLOCKS, config), tensor_parallel=8)
    assert not outputs(quantized(table, config), tensor_parallel=8)


@pytest.mark.parametrize(
    ("table", "target", "severity"),
    [
        (BLOCKS, {"engine": "vllm"}, "info"),
        (BLOCKS, {"engine": "vllm@0.29.0"}, "info"),
        (BLOCKS, {"engine": "vllm@0.28.1"}, "error"),
        (BLOCKS, {"engine": "sglang"}, "error"),
        (BLOCKS, {}, "error"),
        (GROUPS, {"engine": "vllm"}, "error"),
    ],
)
def test_who_cuts_the_scales_of_experts_finer(table: Json, target: Json, severity: str) -> None:
    """768 over 4 GPUs is 192 each: 64 goes into that, into 128 and into the hidden size."""
    findings = split(quantized(table, QWEN3_MOE), tensor_parallel=4, **target)
    assert [str(finding.severity) for finding in findings] == [severity]
    assert [("blocks of 64" in finding.message) for finding in findings] == [severity == "info"]


def test_finer_blocks_divide_the_blocks_there_are() -> None:
    """192 goes into a share of 192 and into a width of 768, and 64 is the most that also goes into 128."""
    config = {**QWEN3_MOE, "hidden_size": 768, "num_attention_heads": 12, "num_key_value_heads": 12}
    (finding,) = split(quantized(BLOCKS, config), tensor_parallel=4, engine="vllm")
    assert "blocks of 64" in finding.message
