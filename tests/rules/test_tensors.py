"""Tensor headers against the quantization the config declares: only what headers prove, in either direction."""

from __future__ import annotations

import json
from typing import Any

import pytest

from specverify.fetch.files import ModelFiles
from specverify.outcome import Finding, Report, Skipped
from specverify.pipeline import assess
from specverify.spec import Tensor
from tests.rules.assessed import LLAMA, Tensors, report

NAME = "model.layers.0.self_attn.q_proj"
PLAIN: Tensors = {
    "model.embed_tokens.weight": ("BF16", [32000, 512]),
    f"{NAME}.weight": ("BF16", [512, 512]),
    "model.norm.weight": ("F32", [512]),
}
FP8 = {"quant_method": "fp8", "weight_block_size": [128, 128]}
GROUPS = {"group_0": {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "int", "strategy": "group", "group_size": 128}}}


def said(code: str, tensors: Tensors | None, config: dict[str, Any], *paths: str) -> list[Finding] | str:
    """The findings of a rule, or why it was skipped."""
    return of(code, report({"config.json": LLAMA | config}, *paths, tensors=tensors))


def of(code: str, made: Report) -> list[Finding] | str:
    skipped = next((outcome for outcome in made.outcomes if isinstance(outcome, Skipped) and outcome.code == code), None)
    return skipped.reason if skipped is not None else [finding for finding in made.findings if finding.code == code]


@pytest.mark.parametrize(
    "table",
    [
        FP8,
        {"quant_method": "gptq", "bits": 4, "group_size": 128},
        {"quant_method": "awq", "bits": 4, "group_size": 128},
        {"quant_method": "mxfp4"},
        {"quant_method": "modelopt", "quant_algo": "NVFP4"},
        {"quant_method": "compressed-tensors", "config_groups": GROUPS},
        {"quant_method": "fbgemm_fp8"},
    ],
    ids=lambda table: table["quant_method"],
)
def test_plain_tensors_under_a_table_are_a_leftover(table: dict[str, Any]) -> None:
    found = said("QNT004", PLAIN, {"quantization_config": table})
    assert not isinstance(found, str)
    (finding,) = found
    assert "all 3 tensors are BF16 or F32" in finding.message
    method, tensor = finding.evidence
    assert (method.pointer, method.value) == ("/quantization_config/quant_method", table["quant_method"])
    assert (tensor.file, tensor.value) == ("model.safetensors", "BF16")
    assert tensor.note is not None
    assert tensor.note.startswith(f"{NAME}.weight")


@pytest.mark.parametrize(
    "more",
    [
        {f"{NAME}.weight": ("F8_E4M3", [512, 512])},
        {f"{NAME}.weight_scale_inv": ("F32", [4, 4])},
        {f"{NAME}.qweight": ("I32", [64, 512])},
        {f"{NAME}.weight_packed": ("I32", [512, 64])},
        {"model.layers.0.mlp.experts.down_proj_blocks": ("U8", [4, 4])},
        {"visual.blocks.0.logit_scale": ("BF16", [1])},
    ],
    ids=lambda more: next(iter(more)),
)
def test_one_tensor_that_may_be_quantized_is_enough_to_keep_silent(more: Tensors) -> None:
    assert said("QNT004", {**PLAIN, **more}, {"quantization_config": FP8}) == []


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "whether bitsandbytes weights are stored quantized is not known"),
        ({"quant_method": "aqlm"}, "whether aqlm weights are stored quantized is not known"),
        (
            {"quant_method": "compressed-tensors", "config_groups": {}},
            "whether compressed-tensors weights are stored quantized is not known",
        ),
        (
            {"quant_method": "compressed-tensors", "format": "dense", "config_groups": GROUPS},
            "the table says that its weights are stored dense",
        ),
        (None, "config.json declares no quantization"),
    ],
)
def test_what_the_headers_cannot_prove_is_skipped(table: dict[str, Any] | None, reason: str) -> None:
    assert said("QNT004", PLAIN, {"quantization_config": table}) == reason


@pytest.mark.parametrize("code", ["QNT004", "QNT005"])
def test_without_headers_nothing_is_said(code: str) -> None:
    config = {"quantization_config": FP8} if code == "QNT004" else {}
    assert said(code, None, config) == "no tensor headers were read"


PACKED: tuple[Tensors, ...] = (
    {f"{NAME}.qweight": ("I32", [64, 512]), f"{NAME}.scales": ("F16", [4, 512])},
    {f"{NAME}.weight_packed": ("I32", [512, 64]), f"{NAME}.weight_scale": ("BF16", [512, 4])},
    {"model.layers.0.mlp.experts.gate_up_proj_blocks": ("U8", [4, 4, 4, 16])},
    {f"{NAME}.weight": ("U8", [131072, 1]), f"{NAME}.weight.quant_state.bitsandbytes__nf4": ("U8", [80])},
    {f"{NAME}.weight": ("F8_E4M3", [512, 512]), f"{NAME}.weight_scale_inv": ("F32", [4, 4])},
    {f"{NAME}.weight": ("I8", [512, 512]), f"{NAME}.weight_scale": ("F32", [512, 1])},
    {f"{NAME}.weight": ("U8", [512, 256]), f"{NAME}.weight_scale": ("F8_E4M3", [512, 32])},
)


@pytest.mark.parametrize("tensors", PACKED, ids=lambda tensors: next(reversed(tensors)))
def test_packed_tensors_without_a_table_are_found(tensors: Tensors) -> None:
    found = said("QNT005", {**PLAIN, **tensors}, {})
    assert not isinstance(found, str)
    (finding,) = found
    assert finding.severity == "error"
    assert finding.evidence[0].note is not None
    assert finding.evidence[0].note.rpartition(" [")[0] in tensors


@pytest.mark.parametrize(
    "tensors",
    [
        PLAIN,
        {f"{NAME}.weight": ("F8_E4M3", [512, 512])},
        {**PLAIN, "embeddings.position_ids": ("I64", [1, 512])},
        {**PLAIN, f"{NAME}.weight_scale": ("F32", [1])},
    ],
)
def test_plain_tensors_and_fp8_as_mere_storage_load(tensors: Tensors) -> None:
    assert said("QNT005", tensors, {}) == []


@pytest.mark.parametrize(
    ("config", "paths", "reason"),
    [
        ({"quantization_config": FP8}, (), "a quantization is declared"),
        ({"auto_map": {"AutoModelForCausalLM": "modeling.M"}}, ("modeling.py",), "the repository's own code may take the tensors apart"),
        ({}, ("quant_model_description.json",), "quant_model_description.json may say how they are stored"),
        ({"decoder": {"text": {"quantization_config": FP8}}}, (), "config.json#/decoder/text may say how they are stored"),
    ],
)
def test_a_table_anywhere_else_may_explain_them(config: dict[str, Any], paths: tuple[str, ...], reason: str) -> None:
    assert said("QNT005", PACKED[0], config, *paths) == reason


@pytest.mark.parametrize("code", ["QNT004", "QNT005"])
def test_a_gguf_file_speaks_for_itself(code: str) -> None:
    config = LLAMA | ({"quantization_config": FP8} if code == "QNT004" else {})
    tensors = (Tensor("blk.0.attn_q.weight", (512, 512), "F16", "model.gguf"),)
    contents = {"config.json": json.dumps(config).encode()}
    made = assess(ModelFiles("x", "x", "folder", listing=("config.json", "model.gguf"), contents=contents, tensors=tensors))
    assert of(code, made) == "a GGUF file says itself how its tensors are stored"


EMBEDDING: Tensors = {"model.embed_tokens.weight": ("BF16", [1000, 64])}


def told(code: str, config: dict[str, Any], tensors: Tensors, *paths: str, **more: Any) -> list[Finding]:
    return [finding for finding in report({"config.json": config}, *paths, tensors=tensors, **more).findings if finding.code == code]


@pytest.mark.parametrize(
    ("name", "fires"),
    [
        ("a/A-1B-AWQ", True),
        ("a/A-1B-gptq-4bit", True),
        ("a/A-1B-FP8", True),
        ("A__B-1B-NVFP4", True),
        ("a/A-1B", False),
        ("a/hawq-1B", False),
        ("fp8/A-1B", False),
    ],
)
def test_names_of_quantized_models(name: str, fires: bool) -> None:
    assert bool(told("QNT008", LLAMA, EMBEDDING, origin={"name": name})) is fires


def test_a_name_is_believed_where_anything_is_quantized() -> None:
    origin = {"name": "a/A-1B-AWQ"}
    awq = {"quant_method": "awq", "bits": 4, "group_size": 128}
    assert not told("QNT008", {**LLAMA, "quantization_config": awq}, EMBEDDING, origin=origin)
    assert not told("QNT008", LLAMA, {**EMBEDDING, "model.layers.0.mlp.up_proj.qweight": ("I32", [64, 8])}, origin=origin)
    assert not told("QNT008", LLAMA, EMBEDDING, "model-awq.pt", origin=origin)


MIXTRAL: dict[str, Any] = {**LLAMA, "model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "num_local_experts": 4}
GATE = "model.layers.{}.block_sparse_moe.gate"


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({GATE.format(0) + ".weight": ("F8_E4M3", [4, 512])}, "1 router of 8 are F8_E4M3."),
        ({GATE.format(0) + ".qweight": ("I32", [64, 4]), GATE.format(1) + ".qweight": ("I32", [64, 4])}, "2 routers of 8 are I32."),
        ({GATE.format(0) + ".weight": ("F32", [4, 512])}, ""),
        ({"model.layers.0.block_sparse_moe.experts.0.w1.weight": ("F8_E4M3", [128, 512])}, ""),
    ],
)
def test_routers(tensors: Tensors, said: str) -> None:
    assert [finding.message for finding in told("QNT009", MIXTRAL, tensors)] == ([said] if said else [])


@pytest.mark.parametrize(
    ("target", "scale", "severity"),
    [
        ({"kv_dtype": "fp8", "engine": "vllm"}, None, "info"),
        ({"kv_dtype": "fp8_e4m3", "engine": "sglang"}, None, "info"),
        ({"kv_dtype": "fp8_e5m2", "engine": "vllm"}, None, None),
        ({"kv_dtype": "fp8", "engine": "llamacpp"}, None, None),
        ({"engine": "vllm"}, None, None),
        ({"kv_dtype": "fp8", "engine": "vllm"}, "model.layers.0.self_attn.attn.k_scale", None),
        ({"kv_dtype": "fp8", "engine": "vllm"}, "model.layers.0.self_attn.k_proj.output_scale", None),
        ({"kv_dtype": "fp8", "engine": "vllm"}, "model.layers.0.self_attn.k_proj.weight_scale", "info"),
    ],
)
def test_scales_of_the_cache(target: dict[str, Any], scale: str | None, severity: str | None) -> None:
    tensors = {**EMBEDDING, **({scale: ("F32", [])} if scale else {})}
    findings = told("QNT010", LLAMA, tensors, target=target)
    assert [str(finding.severity) for finding in findings] == ([severity] if severity else [])


def test_a_cache_that_the_checkpoint_wants_in_fp8_is_worse_without_scales() -> None:
    table = {"quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_scheme": {"num_bits": 8, "type": "float"}}
    (finding,) = told("QNT010", {**LLAMA, "quantization_config": table}, EMBEDDING, target={"engine": "vllm"})
    assert str(finding.severity) == "warning"
