"""What fits: the three figures agree with each other and with memory, down to one token and one sequence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specverify.derive.gpus import UnknownGpu
from tests.derive.served import DENSE, MIB, figure, served

H100 = "h100-sxm-80gb"
BUDGET = int(81_559 * MIB * 0.92)


def check(model: str | dict[str, Any], **target: Any) -> None:
    """The longest context fits and one token more does not; so for the most sequences; and `fits` says the same."""
    found = {name: f.value for name, f in served(model, **target).items()}
    beside = sum(found.get(f"memory.{part}_bytes_per_gpu") or 0 for part in ("activation", "non_torch", "graphs"))
    room = (found["capacity.budget_bytes_per_gpu"] or 0) - (found["weights.bytes_per_gpu"] or 0) - beside
    sequence = found["cache.sequence_bytes_per_gpu"] or 0
    most, longest = found["capacity.max_concurrency"], found["capacity.max_context"]
    assert most is not None
    assert longest is not None
    assert most * sequence <= max(room, 0) < (most + 1) * sequence
    concurrency: int = target.get("concurrency", 1)
    assert found["capacity.fits"] is (most >= concurrency and room >= 0)

    def needed(context: int) -> int:
        size = figure("cache.sequence_bytes_per_gpu", model, **{**target, "context": context})
        assert size is not None
        return int(size) * concurrency

    longest = int(longest)
    assert longest == 0 or needed(longest) <= room
    limit = found["context.declared"]
    assert limit is not None
    assert longest <= limit
    assert longest == limit or needed(longest + 1) > room


@pytest.mark.parametrize(
    ("model", "target"),
    [
        ("llama-3.1-8b", {"gpu": H100}),
        ("llama-3.1-8b", {"gpu": H100, "concurrency": 7, "context": 8192}),
        ("llama-3.1-8b", {"gpu": "rtx-4090-24gb"}),
        ("llama-3.1-70b", {"gpu": H100, "gpus": 2}),
        ("llama-3.1-70b", {"gpu": H100}),
        ("gemma-3-4b", {"gpu": "rtx-4090-24gb", "concurrency": 16}),
        ("mistral-7b-v0.1", {"gpu": "rtx-4090-24gb", "concurrency": 20}),
        ("gpt-oss-20b", {"gpu": "rtx-4090-24gb", "concurrency": 5, "engine": "vllm"}),
        ("deepseek-v3", {"gpu": "h200-sxm-141gb", "gpus": 8, "concurrency": 4}),
        ("jamba-v0.1", {"gpu": H100, "gpus": 2, "concurrency": 64}),
        ("qwen3-30b-a3b", {"gpu": H100, "concurrency": 3, "engine": "llamacpp"}),
    ],
)
def test_the_figures_agree_to_the_token(model: str, target: dict[str, Any]) -> None:
    check(model, **target)


@given(st.integers(1, 400), st.integers(1, 4000), st.sampled_from([1, 2, 4]))
@settings(max_examples=15, deadline=None)
def test_the_figures_agree_for_any_load(concurrency: int, context: int, gpus: int) -> None:
    check("gemma-2-9b", gpu=H100, gpus=gpus, concurrency=concurrency, context=context)


def test_the_worked_example() -> None:
    found = served("llama-3.1-8b", gpu=H100, context=131_072)
    assert found["capacity.budget_bytes_per_gpu"].value == BUDGET
    assert found["capacity.needed_bytes_per_gpu"].value == 16_060_522_496 + 16 * 2**30
    assert found["capacity.fits"].value is True
    assert found["capacity.max_concurrency"].value == (BUDGET - 16_060_522_496) // 2**34 == 3
    assert found["capacity.max_context"].value == 131_072


def test_a_model_larger_than_the_gpu_fits_nothing() -> None:
    found = served("deepseek-v3", gpu=H100, gpus=8)
    assert (found["capacity.fits"].value, found["capacity.max_concurrency"].value, found["capacity.max_context"].value) == (False, 0, 0)


def test_windows_let_the_context_run_to_its_end() -> None:
    """Mistral 7B keeps 4,096 tokens at most: where one window fits, any context does."""
    gpu = "rtx-4090-24gb"
    assert figure("capacity.max_context", "mistral-7b-v0.1", gpu=gpu, concurrency=10) == 32_768
    assert (figure("capacity.max_context", "mistral-7b-v0.3", gpu=gpu, concurrency=10) or 0) < 8_192


def test_replicas_share_the_sequences() -> None:
    one = served("llama-3.1-8b", gpu=H100, concurrency=5, context=131_072)
    two = served("llama-3.1-8b", gpu=H100, gpus=2, data_parallel=2, concurrency=5, context=131_072)
    assert (one["capacity.fits"].value, two["capacity.fits"].value) == (False, True)
    assert two["capacity.needed_bytes_per_gpu"].value == 16_060_522_496 + 3 * 2**34
    assert two["capacity.max_concurrency"].value == 2 * (one["capacity.max_concurrency"].value or 0)


def test_the_fraction_of_memory_is_the_targets() -> None:
    assert figure("capacity.budget_bytes_per_gpu", "gpt2", gpu=H100, memory_fraction=0.5) == 81_559 * MIB // 2


def test_an_encoder_is_not_bounded_by_a_cache() -> None:
    found = served("bert-base", gpu=H100)
    assert found["capacity.fits"].value is True
    assert "memory does not bound concurrency" in found["capacity.max_concurrency"].number.reasons()[0]
    assert "memory does not bound context" in found["capacity.max_context"].number.reasons()[0]


def test_unknown_weights_leave_it_open_and_say_why() -> None:
    found = served({**DENSE, "quantization_config": {"quant_method": "aqlm"}}, gpu=H100)
    for name in ("capacity.fits", "capacity.max_concurrency", "capacity.max_context", "decode.floor_seconds"):
        assert found[name].value is None
        assert any("aqlm" in reason for reason in found[name].number.reasons())


def test_memory_the_catalogue_does_not_know_is_unknown() -> None:
    found = served("gpt2", gpu="gb10-128gb")
    assert found["capacity.fits"].value is None
    assert any("gb10" in reason for reason in found["capacity.fits"].number.reasons())


def test_without_a_declared_context_the_search_has_a_bound() -> None:
    bare = {key: value for key, value in DENSE.items() if key != "max_position_embeddings"}
    unbounded = {**bare, "model_type": "bloom", "architectures": ["BloomForCausalLM"]}
    found = {name: f.value or 0 for name, f in served(unbounded, gpu=H100, context=128).items()}
    assert found["context.declared"] == 0  # unknown
    per_token = found["cache.bytes_per_token"]
    room = found["capacity.budget_bytes_per_gpu"] - found["weights.bytes_per_gpu"]
    assert found["capacity.max_context"] == room // per_token > 2**20


def test_a_gpu_nobody_knows() -> None:
    with pytest.raises(UnknownGpu):
        served("gpt2", gpu="h1000")
