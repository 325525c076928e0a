"""The table of growth, against sums done by hand and step by step, and against the figures of the target's own context."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from specverify import num
from specverify.derive.figures import figures, setting_of
from specverify.derive.growth import growth
from specverify.derive.request import Costs
from specverify.spec import Figure, ModelSpec
from specverify.target import Target
from tests.architectures.plans import spec_of
from tests.derive.served import DENSE, GIB, MIB, published

H100: dict[str, Any] = {"gpu": "h100-sxm-80gb", "gpus": 8}


def grown(model: str | dict[str, Any], **target: Any) -> dict[str, Figure]:
    spec = published(model) if isinstance(model, str) else spec_of(model)
    wanted = Target(**target)
    return growth(spec, wanted, figures(spec, wanted))


def column(found: dict[str, Figure], name: str) -> dict[int, Any]:
    parts = {tuple(full.split(".")[1:]): figure.value for full, figure in found.items()}
    return {int(context): value for (context, column), value in parts.items() if column == name}


def costs(spec: ModelSpec, **target: Any) -> Costs:
    wanted = Target(**target)
    return Costs(setting_of(spec, wanted, {name: figure.number for name, figure in figures(spec, wanted).items()}))


def test_eighty_layers_of_eight_groups_worked_by_hand() -> None:
    found = grown("dense-80-layers")
    assert column(found, "cache_bytes") == {4096: 1.25 * GIB, 32_768: 10 * GIB, 131_072: 40 * GIB}
    assert column(found, "cache_bytes_at_8") == {4096: 10 * GIB, 32_768: 80 * GIB, 131_072: 320 * GIB}
    assert column(found, "cache_bytes_at_32") == {4096: 40 * GIB, 32_768: 320 * GIB, 131_072: 1280 * GIB}
    assert column(found, "cache_bytes_ratio") == {32_768: 8, 131_072: 4}


def test_the_quadratic_part_of_a_prompt_stands_apart() -> None:
    found = grown("dense-80-layers")
    attention = {n: 80 * 2 * 64 * (128 + 128) * n * (n + 1) // 2 for n in (4096, 32_768, 131_072)}
    matrices = 80 * (8192 * 128 * (64 + 8 + 8 + 64) + 3 * 8192 * 28_672)
    linear = {n: 2 * matrices * n + 2 * 128_000 * 8192 for n in attention}
    assert column(found, "prefill_attention_flops") == attention
    assert column(found, "prefill_linear_flops") == linear
    assert column(found, "prefill_flops") == {n: linear[n] + attention[n] for n in attention}
    assert column(found, "prefill_attention_share") == {n: attention[n] / (linear[n] + attention[n]) for n in attention}


def test_128k_is_not_four_times_32k() -> None:
    found = grown("dense-80-layers", **H100)
    assert column(found, "prefill_flops_ratio")[131_072] > 4
    assert column(found, "prefill_flops_per_token_ratio")[131_072] > 1
    assert column(found, "request_prefill_seconds")[131_072] > 4 * column(found, "request_prefill_seconds")[32_768]
    assert column(found, "sequences_that_fit")[131_072] < column(found, "sequences_that_fit")[32_768] / 3


def test_windows_stop_the_growth() -> None:
    windowed, dense = column(grown("gemma-3-27b"), "cache_bytes_ratio"), column(grown("dense-80-layers"), "cache_bytes_ratio")
    assert windowed[32_768] < dense[32_768]
    assert set(column(grown("mamba-2.8b"), "cache_bytes_ratio").values()) == {1}


def test_the_contexts_are_those_the_model_takes_and_the_one_asked_for() -> None:
    assert list(column(grown("dense-80-layers"), "cache_bytes")) == [4096, 32_768, 131_072]
    assert list(column(grown("gpt2"), "cache_bytes")) == [1024]
    assert list(column(grown("mamba-2.8b"), "cache_bytes")) == [4096, 32_768, 131_072]
    assert list(column(grown("deepseek-v3", context=65_536), "cache_bytes")) == [4096, 32_768, 65_536, 131_072, 163_840]
    assert list(column(grown("gpt2", context=2048), "cache_bytes")) == [1024, 2048]
    assert list(column(grown("phi-3-mini-128k", engine="vllm"), "cache_bytes")) == [4096]


def test_a_target_adds_its_own_batch() -> None:
    found = grown("dense-80-layers", concurrency=3)
    assert column(found, "cache_bytes_at_3")[32_768] == 30 * GIB
    assert {name.rpartition(".")[2] for name in found if "memory" in name} == {f"memory_bytes_per_gpu_at_{n}" for n in (1, 3, 8, 32)}


@pytest.mark.parametrize("model", ["dense-80-layers", "gemma-3-4b", "deepseek-v3", "qwen3-next-80b-a3b", "whisper-large-v3", "jamba-v0.1"])
def test_the_row_of_the_target_says_what_the_figures_say(model: str) -> None:
    wanted = Target(context=2048, concurrency=8, **H100)
    spec = published(model)
    alone = figures(spec, wanted)
    row = {name.removeprefix("growth.2048."): figure for name, figure in growth(spec, wanted, alone).items()}
    same = {
        "cache_bytes": "cache.sequence_bytes",
        "cache_bytes_at_8": "cache.total_bytes",
        "reserved_bytes": "cache.reserved_bytes",
        "reserved_bytes_per_gpu": "cache.sequence_bytes_per_gpu",
        "memory_bytes_per_gpu_at_8": "capacity.needed_bytes_per_gpu",
        "prefill_flops": "prefill.flops",
        "sequences_that_fit": "capacity.max_concurrency",
        "prefill_floor_seconds": "prefill.floor_seconds",
        "decode_floor_seconds": "decode.floor_seconds",
    }
    assert {name: row[name].value for name in same} == {name: alone[figure].value for name, figure in same.items()}


@pytest.mark.parametrize("model", ["dense-80-layers", "deepseek-v3"])
@pytest.mark.parametrize("engine", ["vllm", "sglang"])
def test_the_row_of_an_engine_says_what_its_figures_say(model: str, engine: str) -> None:
    wanted = Target(context=4096, engine=engine, decode_context_parallel=2, **H100)
    spec = published(model)
    alone = figures(spec, wanted)
    row = {name.removeprefix("growth.4096."): figure for name, figure in growth(spec, wanted, alone).items()}
    same = {
        "reserved_bytes": "cache.reserved_bytes",
        "reserved_bytes_per_gpu": "cache.sequence_bytes_per_gpu",
        "sequences_that_fit": "capacity.max_concurrency",
    }
    assert {name: row[name].value for name in same} == {name: alone[figure].value for name, figure in same.items()}
    assert row["decode_floor_seconds"].value < grown(model, context=4096, engine=engine, **H100)["growth.4096.decode_floor_seconds"].value  # type: ignore[operator]


def test_an_engine_reserves_more_than_is_needed() -> None:
    found = grown("gemma-3-27b", engine="vllm")
    assert column(found, "cache_bytes")[131_072] == 11_173_625_856
    assert column(found, "reserved_bytes")[131_072] == 19_301_662_720


def test_data_parallel_replicas_share_the_batch() -> None:
    whole = grown("dense-80-layers", gpu="h100-sxm-80gb", gpus=8)
    split = grown("dense-80-layers", gpu="h100-sxm-80gb", gpus=16, tensor_parallel=8, data_parallel=2)
    assert column(split, "memory_bytes_per_gpu_at_32")[4096] - column(whole, "memory_bytes_per_gpu_at_32")[4096] == -16 * 160 * MIB
    assert column(split, "sequences_that_fit")[4096] == 2 * column(whole, "sequences_that_fit")[4096]


def test_steps_come_to_the_sum_of_them() -> None:
    one = costs(spec_of(DENSE), gpu="h100-sxm-80gb")
    summed = sum(one.step_seconds(num.const(100 + t)).value or 0 for t in range(50))
    assert one.steps_seconds(num.const(100), num.const(50)).value == pytest.approx(summed)


def test_steps_over_windows_that_fill_come_to_less() -> None:
    one = costs(spec_of(DENSE | {"model_type": "mistral", "sliding_window": 120}), gpu="h100-sxm-80gb")
    summed = sum(one.step_seconds(num.const(100 + t)).value or 0 for t in range(50))
    least = 50 * (one.step_seconds(num.const(100)).value or 0)
    assert least < (one.steps_seconds(num.const(100), num.const(50)).value or 0) < summed


def test_a_request_is_its_prefill_and_a_step_for_each_output_token() -> None:
    found = grown("dense-80-layers", output=4000, **H100)
    assert column(found, "request_input_tokens") == {4096: 96, 32_768: 28_768, 131_072: 127_072}
    assert set(column(found, "request_output_tokens").values()) == {4000}
    parts = (column(found, f"request_{part}_seconds") for part in ("prefill", "decode"))
    prefill, decode = parts
    assert column(found, "request_seconds") == {n: prefill[n] + decode[n] for n in prefill}
    assert decode[4096] > 4000 * costs(published("dense-80-layers"), **H100).step_seconds(num.const(96)).value  # type: ignore[operator]


def test_an_output_that_is_not_stated_is_assumed_and_says_so() -> None:
    found = grown("deepseek-v3", context=1000, **H100)
    assert column(found, "request_output_tokens") == {1000: 250, 4096: 1024, 32_768: 1024, 131_072: 1024, 163_840: 1024}
    assert "assumed" in (found["growth.4096.request_seconds"].note or "")
    assert "assumed" not in (grown("deepseek-v3", output=10, **H100)["growth.4096.request_seconds"].note or "")


def test_an_output_as_long_as_the_context_leaves_no_request() -> None:
    figure = grown("dense-80-layers", output=4096, **H100)["growth.4096.request_seconds"]
    assert figure.value is None
    assert figure.number.reasons() == ("4,096 output tokens leave no input in a context of 4,096",)


def test_seconds_are_there_only_with_a_gpu() -> None:
    assert not [name for name in grown("dense-80-layers", tensor_parallel=8) if name.endswith("seconds") or "fit" in name]


def test_what_no_prompt_is_known_for_says_why() -> None:
    found = grown("whisper-large-v3")
    assert found["growth.448.prefill_flops"].value is None
    assert found["growth.448.prefill_attention_flops"].number.reasons() == found["growth.448.prefill_flops"].number.reasons()
    assert found["growth.448.cache_bytes"].value == 319_160_320


def test_there_is_none_for_what_is_no_language_model() -> None:
    assert growth(spec_of({"_class_name": "AutoencoderKL"}), Target(), {}) == {}


NEVER_FALL = (
    *("cache_bytes", "reserved_bytes", "memory_bytes_per_gpu_at_32", "prefill_flops"),
    *("prefill_floor_seconds", "decode_floor_seconds", "request_seconds"),
)


@pytest.mark.parametrize("model", ["dense-80-layers", "gemma-3-27b", "llama-4-scout", "deepseek-v3.2", "qwen3-next-80b-a3b", "mamba-2.8b"])
def test_costs_never_fall_with_the_context(model: str) -> None:
    found = grown(model, **H100)
    for name in NEVER_FALL:
        values = list(column(found, name).values())
        assert len(values) > 1
        assert all(a <= b for a, b in pairwise(values))
