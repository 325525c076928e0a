"""What GPUs and engines have kernels for, beyond the rules' examples."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.fetch import fetch
from specverify.outcome import Finding, Severity, Skipped
from specverify.pipeline import assess
from specverify.rules.kernels import LEAST
from specverify.target import Target
from tests.fixture_files import FIXTURES
from tests.rules.assessed import LLAMA, report

Json = dict[str, Any]
V100, T4, A100, L4 = "v100-sxm2-32gb", "t4-16gb", "a100-sxm-80gb", "l4-24gb"
H100, H200, B200, MI300X = "h100-sxm-80gb", "h200-sxm-141gb", "b200-sxm-180gb", "mi300x-192gb"
PLAIN: Json = {**LLAMA, "torch_dtype": "bfloat16", "hidden_size": 512, "num_attention_heads": 4, "num_key_value_heads": 4}
AWQ: Json = {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True, "version": "gemm"}
GPTQ: Json = {"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": False, "sym": True}
FP8: Json = {"quant_method": "fp8", "weight_block_size": [128, 128]}
MODELOPT_FP8: Json = {"quant_method": "modelopt", "quant_algo": "FP8"}
NVFP4: Json = {"quant_method": "modelopt", "quant_algo": "NVFP4"}
BITSANDBYTES: Json = {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}
LATENT: Json = {
    "model_type": "deepseek_v3",
    "architectures": ["DeepseekV3ForCausalLM"],
    "torch_dtype": "bfloat16",
    "vocab_size": 1000,
    "hidden_size": 64,
    "intermediate_size": 128,
    "moe_intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "kv_lora_rank": 32,
    "q_lora_rank": 32,
    "qk_nope_head_dim": 16,
    "qk_rope_head_dim": 8,
    "v_head_dim": 16,
    "first_k_dense_replace": 1,
    "n_routed_experts": 16,
    "n_shared_experts": 1,
    "num_experts_per_tok": 2,
    "n_group": 1,
    "topk_group": 1,
    "max_position_embeddings": 4096,
    "rope_theta": 10000.0,
}
SPARSE: Json = {**LATENT, "model_type": "deepseek_v32", "architectures": ["DeepseekV32ForCausalLM"]}
SPARSE |= {"index_head_dim": 16, "index_n_heads": 4, "index_topk": 64}


def with_table(table: Json, config: Json = PLAIN) -> Json:
    return {**config, "quantization_config": table}


def fired(config: Json, code: str, **target: Any) -> list[Finding]:
    return [finding for finding in report({"config.json": config}, target=target).findings if finding.code == code]


def reason(config: Json, code: str, **target: Any) -> str:
    outcomes = report({"config.json": config}, target=target).outcomes
    return next((outcome.reason for outcome in outcomes if outcome.code == code and isinstance(outcome, Skipped)), "")


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
@pytest.mark.parametrize("gpu", [A100, H100, H200, B200])
@pytest.mark.parametrize("name", ["llama-3.1-8b", "llama-3.1-70b", "qwen3-8b", "qwen3-30b-a3b", "qwen2.5-7b-instruct", "mistral-7b-v0.3"])
def test_unquantized_models_raise_nothing_on_common_gpus(name: str, gpu: str, engine: str) -> None:
    files = fetch(str(FIXTURES / name), offline=True)
    for kv_dtype in ("auto", "bfloat16", "fp8"):
        made = assess(files, Target(gpu=gpu, engine=engine, kv_dtype=kv_dtype), select=("KRN",))
        assert not [(finding.code, kv_dtype, finding.message) for finding in made.findings]


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
@pytest.mark.parametrize("gpu", [H100, H200, B200])
def test_fp8_and_sparse_checkpoints_raise_nothing_on_hopper_and_blackwell(gpu: str, engine: str) -> None:
    for name in ("qwen3-235b-a22b-fp8", "deepseek-v3", "deepseek-v3.2"):
        made = assess(fetch(str(FIXTURES / name), offline=True), Target(gpu=gpu, gpus=8, engine=engine), select=("KRN",))
        assert not made.findings


@pytest.mark.parametrize(
    ("table", "gpu", "engine", "needed"),
    [
        (AWQ, V100, "vllm", "7.5"),
        (AWQ, T4, "vllm", None),
        (GPTQ, V100, "vllm", None),
        (FP8, V100, "vllm", "7.5"),
        (FP8, T4, "vllm", None),
        (FP8, T4, "sglang", "8.0"),
        (FP8, A100, "sglang", None),
        (MODELOPT_FP8, A100, "sglang", "8.9"),
        (MODELOPT_FP8, A100, "vllm", None),
        (MODELOPT_FP8, T4, "vllm", "8.0"),
        (MODELOPT_FP8, L4, "sglang", None),
        (NVFP4, A100, "vllm", None),
        (NVFP4, V100, "vllm", "7.5"),
        (NVFP4, T4, "sglang", "8.0"),
    ],
)
def test_the_least_gpu_of_a_method(table: Json, gpu: str, engine: str, needed: str | None) -> None:
    found = fired(with_table(table), "KRN001", gpu=gpu, engine=engine)
    assert [finding.severity for finding in found] == ([Severity.ERROR] if needed else [])
    if needed:
        assert f"needs compute capability {needed} for" in found[0].message
        assert {evidence.file for evidence in found[0].evidence} == {"config.json", "specverify/derive/capability.json"}


def test_the_least_gpu_is_judged_only_where_all_is_known() -> None:
    assert "no quantization" in reason(PLAIN, "KRN001", gpu=V100, engine="vllm")
    assert "names no GPU" in reason(with_table(AWQ), "KRN001", engine="vllm")
    assert "no engine" in reason(with_table(AWQ), "KRN001", gpu=V100)
    assert "no compute capability" in reason(with_table(AWQ), "KRN001", gpu=MI300X, engine="vllm")
    assert "least GPU" in reason(with_table({"quant_method": "quark"}), "KRN001", gpu=V100, engine="vllm")


def test_a_least_is_a_compute_capability() -> None:
    assert all(50 <= least <= 130 for methods in LEAST.values() for least in methods.values())


@pytest.mark.parametrize(
    ("table", "gpu", "engine", "kind"),
    [
        (FP8, A100, "vllm", "FP8"),
        (FP8, A100, "sglang", "FP8"),
        (FP8, L4, "vllm", None),
        (FP8, H100, "vllm", None),
        (NVFP4, H100, "vllm", "FP4"),
        (NVFP4, H200, "sglang", "FP4"),
        (NVFP4, B200, "vllm", None),
        (AWQ, A100, "vllm", None),
        (GPTQ, H100, "vllm", None),
    ],
)
def test_formats_that_are_unpacked(table: Json, gpu: str, engine: str, kind: str | None) -> None:
    found = fired(with_table(table), "KRN003", gpu=gpu, engine=engine)
    assert [finding.severity for finding in found] == ([Severity.INFO] if kind else [])
    assert all(finding.message.startswith(f"The weights are {kind}, ") for finding in found)


def test_what_does_not_start_is_not_said_to_be_slow() -> None:
    assert "does not start" in reason(with_table(FP8), "KRN003", gpu=T4, engine="sglang")


@pytest.mark.parametrize(
    ("head_dim", "gpu", "fires"),
    [
        (64, A100, False),
        (128, A100, False),
        (256, A100, False),
        (80, A100, True),
        (96, A100, True),
        (128, T4, True),
        (80, L4, False),
        (80, H100, False),
        (96, B200, False),
    ],
)
def test_an_fp8_cache_by_head_size_and_gpu(head_dim: int, gpu: str, fires: bool) -> None:
    found = fired({**PLAIN, "head_dim": head_dim}, "KRN004", gpu=gpu, engine="vllm", kv_dtype="fp8")
    assert [finding.severity for finding in found] == ([Severity.ERROR] if fires else [])
    assert all(f"for heads of {head_dim}." in finding.message for finding in found)


@pytest.mark.parametrize(("engine", "fires"), [("vllm@0.10.2", False), ("vllm@0.11", True), ("vllm@0.19.0", True)])
def test_the_first_vllm_whose_kernels_are_known(engine: str, fires: bool) -> None:
    assert bool(fired({**PLAIN, "head_dim": 80}, "KRN004", gpu=A100, engine=engine, kv_dtype="fp8")) is fires


def test_latents_and_sinks_have_no_fp8_cache_on_ampere() -> None:
    (finding,) = fired(LATENT, "KRN004", gpu=A100, engine="vllm", kv_dtype="fp8")
    assert finding.message.endswith("for latents.")
    assert not fired(LATENT, "KRN004", gpu=H100, engine="vllm", kv_dtype="fp8")
    files = fetch(str(FIXTURES / "gpt-oss-20b"), offline=True)
    (finding,) = assess(files, Target(gpu=A100, engine="vllm", kv_dtype="fp8"), select=("KRN004",)).findings
    assert finding.message.endswith("for heads with sinks.")


def test_a_cache_that_the_config_makes_fp8() -> None:
    table = {"quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_scheme": {"num_bits": 8, "type": "float"}}
    config = with_table(table, {**PLAIN, "head_dim": 80})
    (finding,) = fired(config, "KRN004", gpu=A100, engine="vllm")
    assert "/quantization_config/kv_cache_scheme" in {evidence.pointer for evidence in finding.evidence}
    assert not fired(config, "KRN004", gpu=A100, engine="vllm", kv_dtype="bfloat16")


@pytest.mark.parametrize(
    ("engine", "said"), [("vllm@0.10.2", "that version's kernels"), ("sglang", "the engine's kernels"), ("ideal", "the engine's kernels")]
)
def test_caches_of_engines_that_are_not_known(engine: str, said: str) -> None:
    assert said in reason({**PLAIN, "head_dim": 80}, "KRN004", gpu=A100, engine=engine, kv_dtype="fp8")


@pytest.mark.parametrize(
    ("config", "gpu", "engine", "fires"),
    [
        (SPARSE, A100, "vllm", True),
        (SPARSE, L4, "vllm", True),
        (SPARSE, H100, "vllm", False),
        (SPARSE, H200, "vllm", False),
        (SPARSE, B200, "vllm", False),
        (SPARSE, A100, "sglang", False),
        (LATENT, A100, "vllm", False),
        (PLAIN, A100, "vllm", False),
    ],
)
def test_sparse_attention(config: Json, gpu: str, engine: str, fires: bool) -> None:
    found = fired(config, "KRN005", gpu=gpu, engine=engine)
    assert [finding.severity for finding in found] == ([Severity.ERROR] if fires else [])
    assert all("/index_topk" in {evidence.pointer for evidence in finding.evidence} for finding in found)


@pytest.mark.parametrize(
    ("table", "gpu", "fires"),
    [
        (FP8, MI300X, True),
        (FP8, "mi325x-256gb", True),
        (FP8, "mi355x-288gb", False),
        (MODELOPT_FP8, MI300X, True),
        (AWQ, MI300X, False),
        (NVFP4, MI300X, False),
    ],
)
def test_the_encoding_of_fp8(table: Json, gpu: str, fires: bool) -> None:
    found = fired(with_table(table), "KRN007", gpu=gpu)
    assert [finding.severity for finding in found] == ([Severity.INFO] if fires else [])


def test_an_encoding_that_is_not_stated_is_not_judged() -> None:
    assert "encodes FP8 is not known" in reason(with_table(FP8), "KRN007", gpu=H100)
