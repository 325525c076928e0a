"""What a model is to run on: the rules between GPUs and ways to split, and what no target can be."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.errors import SpecverifyError
from specverify.target import InvalidTarget, Target


def ways(**given: Any) -> tuple[int, int, int, int]:
    target = Target(**given)
    return target.gpus, target.tensor_parallel, target.pipeline_parallel, target.data_parallel


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, (1, 1, 1, 1)),
        ({"gpus": 8}, (8, 8, 1, 1)),
        ({"tensor_parallel": 4}, (4, 4, 1, 1)),
        ({"tensor_parallel": 4, "pipeline_parallel": 2}, (8, 4, 2, 1)),
        ({"gpus": 8, "tensor_parallel": 4, "data_parallel": 2}, (8, 4, 1, 2)),
        ({"gpus": 16, "tensor_parallel": 4, "pipeline_parallel": 2, "data_parallel": 2}, (16, 4, 2, 2)),
        ({"gpus": 8, "pipeline_parallel": 8}, (8, 1, 8, 1)),
        ({"gpus": 8, "tensor_parallel": 8, "expert_parallel": 8}, (8, 8, 1, 1)),
    ],
)
def test_gpus_are_the_product_of_the_ways(given: dict[str, int], expected: tuple[int, int, int, int]) -> None:
    assert ways(**given) == expected


def test_ways_that_do_not_make_up_the_gpus() -> None:
    with pytest.raises(InvalidTarget, match="8 GPUs, but tensor x pipeline x data parallel is 3 x 1 x 2 = 6"):
        Target(gpus=8, tensor_parallel=3, data_parallel=2)


def test_expert_parallelism_alone_does_not_place_the_rest() -> None:
    with pytest.raises(InvalidTarget, match=r"8 GPUs, but .* 1 x 1 x 1 = 1"):
        Target(gpus=8, expert_parallel=8)


@pytest.mark.parametrize(
    "name",
    ["gpus", "tensor_parallel", "pipeline_parallel", "data_parallel", "expert_parallel", "concurrency", "context", "encoder_context"],
)
@pytest.mark.parametrize("value", [0, -1, True, 1.0, "8", 2**53 + 1])
def test_counts_are_whole_and_positive(name: str, value: Any) -> None:
    with pytest.raises(InvalidTarget, match=f"{name} is {value!r}, not a whole number of at least 1"):
        Target(**{name: value})


def test_no_context_is_the_models_own() -> None:
    assert Target().context is None
    assert Target(context=1, encoder_context=1).encoder_context == 1


@pytest.mark.parametrize(
    ("short", "full"), [("bf16", "bfloat16"), ("fp16", "float16"), ("fp32", "float32"), ("fp8", "fp8"), ("auto", "auto")]
)
def test_short_names_of_dtypes(short: str, full: str) -> None:
    assert Target(kv_dtype=short).kv_dtype == full
    assert short == "fp8" or Target(state_dtype=short).state_dtype == full


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kv_dtype": "int3"}, "kv_dtype is 'int3', not one of auto, bfloat16,"),
        ({"state_dtype": "fp8"}, "state_dtype is 'fp8', not one of auto, bfloat16, float16, float32"),
        ({"engine": "tgi"}, "engine is 'tgi', not one of ideal, vllm, sglang, transformers, llamacpp"),
        ({"memory_fraction": 0}, r"memory_fraction is 0, not in \(0, 1\]"),
        ({"memory_fraction": 1.01}, r"memory_fraction is 1.01, not in \(0, 1\]"),
        ({"memory_fraction": float("nan")}, "memory_fraction is nan"),
        ({"engine": "vllm@latest"}, "engine_version is 'latest', not a version"),
        ({"kv_dtype": "q8_0/auto"}, "kv_dtype is 'q8_0/auto', not one dtype or two"),
        ({"kv_dtype": "q8_0/f17"}, "kv_dtype is 'f17', not one of"),
        ({"quantize": "q2"}, "quantize is 'q2', not one of"),
        ({"gpus": 8, "decode_context_parallel": 3}, "decode_context_parallel is 3, which does not divide the 8 GPUs"),
    ],
)
def test_settings_that_do_not_exist(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidTarget, match=message):
        Target(**given)


def test_an_invalid_target_is_one_of_our_errors_and_a_value_error() -> None:
    assert issubclass(InvalidTarget, SpecverifyError)
    assert issubclass(InvalidTarget, ValueError)


def test_the_settings_by_name() -> None:
    settings = Target("h100-sxm-80gb", 8, kv_dtype="bf16", context=4096).to_dict()
    assert settings["tensor_parallel"] == 8
    assert settings["kv_dtype"] == "bfloat16"
    assert (settings["gpu"], settings["context"], settings["engine"], settings["memory_fraction"]) == ("h100-sxm-80gb", 4096, "ideal", None)


def test_an_engine_may_carry_its_version_and_a_cache_two_dtypes() -> None:
    target = Target(engine="vllm@0.19.0", kv_dtype="q8_0/f16")
    assert (target.engine, target.engine_version, target.kv_dtype) == ("vllm", "0.19.0", "q8_0/float16")
    assert Target(kv_dtype="f16/fp16").kv_dtype == "float16"
