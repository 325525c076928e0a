"""The figures of one report agree with each other, whatever the target."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specverify import num
from specverify.derive.consistency import contradictions
from tests.derive.served import served

MODELS = ("llama-3.1-8b", "gemma-3-27b", "gpt-oss-120b", "deepseek-v3", "deepseek-v3.2", "qwen3-next-80b-a3b", "jamba-v0.1", "mixtral-8x7b")
TARGETS = st.fixed_dictionaries(
    {
        "gpu": st.sampled_from(["h100-sxm-80gb", "h200-sxm-141gb", "b200-sxm-180gb", "a100-sxm-40gb"]),
        "gpus": st.sampled_from([1, 2, 4, 8]),
        "engine": st.sampled_from(["ideal", "vllm", "vllm@0.19.0", "vllm@0.8.5", "sglang", "llamacpp"]),
        "context": st.integers(1, 200_000),
        "concurrency": st.integers(1, 300),
        "kv_dtype": st.sampled_from(["auto", "fp8"]),
    }
)


@given(st.sampled_from(MODELS), TARGETS)
@settings(max_examples=60, deadline=None)
def test_no_target_makes_them_disagree(model: str, target: dict[str, Any]) -> None:
    assert list(contradictions(served(model, **target), target["gpus"], target["engine"])) == []


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("cache.sequence_bytes", 1, "and its parts are"),
        ("memory.budget_bytes_per_gpu", 10**9, "and its parts are"),
        ("memory.kv_pool_low_bytes_per_gpu", 10**12, "outside its interval"),
        ("cache.sequence_bytes_per_gpu", 10**9, "more than the pool"),
        ("capacity.max_concurrency", 10**6, "the pool holds"),
        ("memory.kv_pool_tokens", 10**6, "and the pool"),
        ("weights.bytes_per_gpu", -(10**9), "less than weights.bytes"),
    ],
)
def test_a_figure_that_is_off_is_told(name: str, change: int, words: str) -> None:
    found = served("llama-3.1-8b", gpu="h100-sxm-80gb", engine="vllm", context=8192)
    value = found[name].value
    assert value is not None
    wrong = {**found, name: replace(found[name], number=num.const(value + change))}
    assert any(words in said for said in contradictions(wrong, 1, "ideal"))
