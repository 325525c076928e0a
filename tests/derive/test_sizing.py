"""The fewest GPUs: agrees with what fits when that many are asked for."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.gpus import catalogue
from tests.derive.served import DENSE, served

H100 = "h100-sxm-80gb"


@pytest.mark.parametrize(
    ("model", "target"),
    [
        ("llama-3.1-70b", {"context": 131_072}),
        ("llama-3.1-70b", {"context": 131_072, "concurrency": 8, "engine": "vllm"}),
        ("qwen3-30b-a3b", {"context": 32_768, "concurrency": 16, "engine": "vllm@0.19.0"}),
        ("deepseek-v3", {"context": 4096}),
        ("gpt-oss-120b", {"context": 4096, "engine": "sglang", "memory_fraction": 0.8}),
    ],
)
def test_the_smallest_size_fits_and_half_of_it_does_not(model: str, target: dict[str, Any]) -> None:
    smallest = served(model, gpu=H100, **target)["capacity.smallest_tensor_parallel"].value
    assert isinstance(smallest, int)
    if target.get("engine") != "sglang":
        assert served(model, gpu=H100, gpus=smallest, **target)["capacity.fits"].value is True
        assert smallest == 1 or served(model, gpu=H100, gpus=smallest // 2, **target)["capacity.fits"].value is False


def test_the_set_with_the_least_memory_fits_and_is_named() -> None:
    found = served("llama-3.1-70b", gpu=H100, context=8192)["capacity.cheapest_set_gpus"]
    assert found.note is not None
    gpus, name = found.note.partition(":")[0].split(" x ")
    assert found.value == int(gpus)
    assert served("llama-3.1-70b", gpu=name, gpus=int(gpus), context=8192)["capacity.fits"].value is True
    least = (catalogue()[name].memory_bytes.value or 0) * int(gpus)
    assert served("llama-3.1-70b", gpu=H100, gpus=2, context=8192)["capacity.fits"].value is True
    assert least <= 2 * (catalogue()[H100].memory_bytes.value or 0)


def test_a_size_that_does_not_divide_the_heads_is_not_offered() -> None:
    """Six heads: 1 and 2 divide them, 4 and more do not."""
    config = {**DENSE, "num_attention_heads": 6, "num_key_value_heads": 6, "head_dim": 8, "num_hidden_layers": 4}
    found = served(config, gpu="t4-16gb", context=4096, concurrency=10**9)["capacity.smallest_tensor_parallel"]
    assert found.value is None
    assert "no group" in found.number.reasons()[0]


def test_unknown_weights_leave_the_size_open() -> None:
    found = served({**DENSE, "quantization_config": {"quant_method": "aqlm"}}, gpu=H100)
    assert found["capacity.smallest_tensor_parallel"].value is None
    assert found["capacity.smallest_tensor_parallel"].number.reasons()
