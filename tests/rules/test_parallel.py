"""Parallelism against what a layer is made of, beyond the rules' examples."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from specverify.fetch import fetch
from specverify.outcome import Finding, Severity, Skipped
from specverify.pipeline import assess
from specverify.target import Target
from tests.fixture_files import FIXTURES
from tests.rules.assessed import LLAMA, report

Json = dict[str, Any]
HEADS: Json = {**LLAMA, "torch_dtype": "bfloat16", "hidden_size": 768, "num_attention_heads": 96, "num_key_value_heads": 8}
MAMBA2: Json = {
    "model_type": "mamba2",
    "architectures": ["Mamba2ForCausalLM"],
    "torch_dtype": "bfloat16",
    "vocab_size": 32000,
    "hidden_size": 512,
    "expand": 2,
    "num_heads": 64,
    "head_dim": 16,
    "n_groups": 8,
    "state_size": 16,
    "conv_kernel": 4,
    "num_hidden_layers": 2,
}
MOE: Json = {
    **HEADS,
    "model_type": "qwen3_moe",
    "architectures": ["Qwen3MoeForCausalLM"],
    "head_dim": 8,
    "num_experts": 8,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 96,
    "decoder_sparse_step": 1,
    "mlp_only_layers": [],
}
LLAVA: Json = {
    "model_type": "llava",
    "architectures": ["LlavaForConditionalGeneration"],
    "torch_dtype": "bfloat16",
    "image_token_index": 900,
    "vision_feature_layer": -2,
    "vision_feature_select_strategy": "default",
    "text_config": {**LLAMA, "num_attention_heads": 32, "num_key_value_heads": 32},
}
TOWER: Json = {"model_type": "clip_vision_model", "num_hidden_layers": 4, "image_size": 56, "patch_size": 14}
HEALTHY = ("llama-3.1-8b", "llama-3.1-70b", "llama-3.2-1b", "qwen3-8b", "qwen3-30b-a3b", "mixtral-8x7b", "gpt-oss-120b")


def fired(config: Json, code: str, **target: Any) -> list[Finding]:
    return [finding for finding in report({"config.json": config}, target=target).findings if finding.code == code]


def reason(config: Json, code: str, **target: Any) -> str:
    outcomes = report({"config.json": config}, target=target).outcomes
    return next((outcome.reason for outcome in outcomes if outcome.code == code and isinstance(outcome, Skipped)), "")


def levels(findings: Iterable[Finding]) -> list[Severity]:
    return [finding.severity for finding in findings]


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
@pytest.mark.parametrize("gpu", ["a100-sxm-80gb", "h100-sxm-80gb", "h200-sxm-141gb", "b200-sxm-180gb"])
@pytest.mark.parametrize("name", HEALTHY)
def test_common_models_on_common_targets_raise_nothing(name: str, gpu: str, engine: str) -> None:
    files = fetch(str(FIXTURES / name), offline=True)
    for ways in (1, 2, 4, 8):
        made = assess(files, Target(gpu=gpu, gpus=ways, engine=engine), select=("PAR",))
        assert not [(finding.code, ways, finding.message) for finding in made.findings]


@pytest.mark.parametrize("code", [f"PAR00{number}" for number in range(1, 9)])
def test_without_parallelism_no_rule_looks(code: str) -> None:
    assert reason(HEADS, code, engine="vllm").startswith("the target has no ")


@pytest.mark.parametrize(
    ("kv_heads", "ways", "context_ways", "said"),
    [
        (8, 8, 2, "8 GPUs keep 1 copy of each of 8 key-value heads, and 2 ways of decode-context parallelism need 2."),
        (4, 8, 2, ""),
        (4, 8, 4, "8 GPUs keep 2 copies of each of 4 key-value heads, and 4 ways of decode-context parallelism need 4."),
        (2, 8, 4, ""),
        (1, 8, 8, ""),
        (8, 4, 2, "4 GPUs keep 1 copy of each of 8 key-value heads, and 2 ways of decode-context parallelism need 2."),
        (32, 96, 3, ""),
        (8, 32, 4, ""),
    ],
)
def test_copies_of_a_head_and_ways_of_context(kv_heads: int, ways: int, context_ways: int, said: str) -> None:
    config = {**HEADS, "num_key_value_heads": kv_heads}
    found = fired(config, "PAR001", engine="vllm", tensor_parallel=ways, decode_context_parallel=context_ways)
    assert [finding.message for finding in found] == ([said] if said else [])


def test_query_heads_are_shared_out_by_context_too() -> None:
    config = {**HEADS, "num_attention_heads": 6, "num_key_value_heads": 2}
    (finding,) = fired(config, "PAR001", engine="vllm", tensor_parallel=6, decode_context_parallel=2)
    assert finding.message == "3 query heads to each key-value head do not split over 2 ways of context."
    assert not fired(config, "PAR001", engine="vllm", tensor_parallel=6, decode_context_parallel=3)


def test_only_the_bounds_of_vllm_are_known() -> None:
    ways = {"tensor_parallel": 8, "decode_context_parallel": 2}
    assert "vLLM" in reason(HEADS, "PAR001", engine="sglang", **ways)


@pytest.mark.parametrize(
    ("width", "ways", "fires"),
    [
        (1376, 2, False),
        (1376, 8, False),
        (1376, 3, True),
        (1377, 2, True),
        (1376, 32, False),
        (1378, 4, True),
        (1380, 12, False),
        (1, 2, True),
    ],
)
def test_widths_of_feed_forwards(width: int, ways: int, fires: bool) -> None:
    found = fired({**HEADS, "intermediate_size": width}, "PAR002", tensor_parallel=ways)
    assert levels(found) == ([Severity.ERROR] if fires else [])
    if fires:
        assert f"{width:,} wide, which {ways} GPUs" in found[0].message
        assert "/intermediate_size" in {evidence.pointer for evidence in found[0].evidence}


def test_a_width_that_the_class_fills_in_is_weaker_proof() -> None:
    config = {key: value for key, value in HEADS.items() if key != "intermediate_size"}
    assert levels(fired(config, "PAR002", tensor_parallel=3)) == [Severity.WARNING]


def test_experts_spread_whole_are_not_cut() -> None:
    config = {**MOE, "moe_intermediate_size": 97}
    assert levels(fired(config, "PAR002", tensor_parallel=4)) == [Severity.ERROR]
    assert not fired(config, "PAR002", tensor_parallel=4, expert_parallel=4)


@pytest.mark.parametrize("engine", ["transformers", "llamacpp", "ik_llama"])
def test_engines_that_cut_where_they_like_need_no_even_shares(engine: str) -> None:
    assert not fired({**HEADS, "intermediate_size": 1377}, "PAR002", engine=engine, tensor_parallel=2)


def test_heads_that_do_not_split_are_one_finding() -> None:
    made = report({"config.json": {**HEADS, "intermediate_size": 1377}}, target={"engine": "vllm", "tensor_parallel": 7})
    assert {finding.code for finding in made.findings if finding.code.startswith(("PAR", "CAP001"))} == {"CAP001"}


@pytest.mark.parametrize(
    ("rows", "ways", "padded"),
    [
        (151552, 6, 151552),
        (151552, 8, None),
        (151936, 3, 151936),
        (32000, 3, 32000),
        (31937, 3, 32000),
        (128256, 3, None),
        (50257, 2, None),
        (32064, 3, None),
    ],
)
def test_rows_of_the_vocabulary_as_vllm_pads_them(rows: int, ways: int, padded: int | None) -> None:
    found = fired({**HEADS, "vocab_size": rows}, "PAR003", engine="vllm", tensor_parallel=ways)
    assert levels(found) == ([Severity.ERROR] if padded else [])
    if padded:
        assert f"{rows:,} rows, {padded:,} when padded" in found[0].message
        assert not fired({**HEADS, "vocab_size": rows}, "PAR003", engine="sglang", tensor_parallel=ways)


@pytest.mark.parametrize(
    ("heads", "ways", "fires"),
    [(64, 8, False), (64, 2, False), (48, 16, False), (48, 32, True), (6, 4, True), (80, 32, True), (1, 2, True)],
)
def test_heads_of_a_state(heads: int, ways: int, fires: bool) -> None:
    config = {**MAMBA2, "num_heads": heads, "head_dim": 16, "hidden_size": heads * 8, "n_groups": 1}
    found = fired(config, "PAR004", tensor_parallel=ways)
    assert levels(found) == ([Severity.ERROR] if fires else [])
    assert all(f"{heads} heads" in finding.message for finding in found)


def test_channels_of_a_state_without_heads() -> None:
    mamba = {"model_type": "mamba", "architectures": ["MambaForCausalLM"], "hidden_size": 50, "expand": 2, "num_hidden_layers": 2}
    mamba |= {"state_size": 16, "conv_kernel": 4, "vocab_size": 32000, "torch_dtype": "bfloat16"}
    (finding,) = fired({**mamba, "intermediate_size": 100}, "PAR004", tensor_parallel=8)
    assert "100 channels" in finding.message
    assert not fired(mamba, "PAR004", tensor_parallel=4)


@pytest.mark.parametrize(
    ("groups", "ways", "severity"),
    [
        (8, 8, None),
        (8, 4, None),
        (8, 16, Severity.ERROR),
        (8, 32, Severity.ERROR),
        (2, 4, Severity.ERROR),
        (1, 8, Severity.INFO),
        (4, 2, None),
        (1, 2, Severity.INFO),
    ],
)
def test_groups_of_a_state(groups: int, ways: int, severity: Severity | None) -> None:
    assert levels(fired({**MAMBA2, "n_groups": groups}, "PAR005", tensor_parallel=ways)) == ([severity] if severity else [])


def test_groups_are_not_judged_where_heads_do_not_split() -> None:
    assert "heads of the state" in reason({**MAMBA2, "num_heads": 6, "hidden_size": 48, "n_groups": 2}, "PAR005", tensor_parallel=4)


@pytest.mark.parametrize(
    ("layers", "stages", "said"),
    [
        (61, 2, "some hold 30 and others 31"),
        (80, 8, ""),
        (32, 4, ""),
        (36, 8, "some hold 4 and others 5"),
        (8, 8, ""),
        (7, 8, ""),
        (28, 3, "some hold 9 and others 10"),
        (62, 4, "some hold 15 and others 16"),
    ],
)
def test_layers_over_stages(layers: int, stages: int, said: str) -> None:
    found = fired({**HEADS, "num_hidden_layers": layers}, "PAR006", pipeline_parallel=stages)
    assert levels(found) == ([Severity.INFO] if said else [])
    assert all(said in finding.message for finding in found)


@pytest.mark.parametrize(
    ("heads", "width", "ways", "said"),
    [
        (16, 4096, 8, ""),
        (12, 3072, 8, "12 heads, which 8 GPUs"),
        (25, 12800, 4, "25 heads, which 4 GPUs"),
        (16, 4304, 8, ""),
        (16, 4304, 16, ""),
        (16, 4303, 2, "4,303 feed-forward columns, which 2 GPUs"),
        (12, 3072, 4, ""),
        (12, 3071, 8, "12 heads, which 8 GPUs"),
    ],
)
def test_vision_towers(heads: int, width: int, ways: int, said: str) -> None:
    tower = {**TOWER, "hidden_size": heads * 16, "num_attention_heads": heads, "intermediate_size": width}
    found = fired({**LLAVA, "vision_config": tower}, "PAR007", engine="vllm", tensor_parallel=ways)
    assert levels(found) == ([Severity.WARNING] if said else [])
    assert all(said in finding.message for finding in found)


def test_of_towers_only_vllm_is_known() -> None:
    tower = {**TOWER, "hidden_size": 192, "num_attention_heads": 12, "intermediate_size": 3072}
    assert not fired({**LLAVA, "vision_config": tower}, "PAR007", engine="sglang", tensor_parallel=8)
    assert reason(HEADS, "PAR007", engine="vllm", tensor_parallel=8) == "the model has no vision tower"


@pytest.mark.parametrize(
    ("config", "engine", "severity"),
    [
        (HEADS, "vllm", Severity.ERROR),
        (HEADS, "sglang", Severity.WARNING),
        (HEADS, "ideal", Severity.WARNING),
        (MOE, "vllm", None),
        (MOE, "sglang", None),
    ],
)
def test_experts_to_spread(config: Json, engine: str, severity: Severity | None) -> None:
    found = fired(config, "PAR008", engine=engine, tensor_parallel=4, expert_parallel=4)
    assert levels(found) == ([severity] if severity else [])


def test_a_model_that_is_not_surely_read_has_maybe_experts() -> None:
    config = {**HEADS, "model_type": "example", "architectures": ["ExampleForCausalLM"]}
    assert "not surely known" in reason(config, "PAR008", engine="vllm", tensor_parallel=4, expert_parallel=4)
