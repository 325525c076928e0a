"""What a model keeps and holds never falls as its context, batch, layers or bytes rise, on any engine; and its shares sum to the whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specverify.spec import Figure
from tests.derive.served import served
from tests.fixture_files import FIXTURES

MODELS = (
    *("llama-3.1-8b", "gemma-3-27b", "gemma-2-9b", "gpt-oss-120b", "mistral-7b-v0.1", "llama-4-scout", "mixtral-8x7b"),
    *("deepseek-v3", "deepseek-v3.2", "qwen3-next-80b-a3b", "jamba-v0.1", "mamba-2.8b", "whisper-large-v3", "t5-base"),
)
ENGINES = ("ideal", "vllm", "vllm@0.19.0", "vllm@0.8.5", "sglang", "llamacpp", "ik_llama")
KEPT = (
    *("cache.bytes_per_token", "cache.fixed_bytes", "cache.attention_bytes", "cache.state_bytes", "cache.cross_attention_bytes"),
    *("cache.sequence_bytes", "cache.total_bytes", "cache.reserved_bytes", "cache.sequence_bytes_per_gpu"),
)
HELD = ("weights.bytes", "weights.bytes_per_gpu")
MODEL, ENGINE = st.sampled_from(MODELS), st.sampled_from(ENGINES)


def values(found: dict[str, Figure], names: tuple[str, ...]) -> dict[str, float]:
    """The figures of these names that are known."""
    return {name: value for name in names if name in found and (value := found[name].value) is not None}


def fallen(less: dict[str, float], more: dict[str, float]) -> dict[str, tuple[float, float]]:
    """What is less in the second than in the first; both must know the same figures."""
    assert less
    assert less.keys() == more.keys()
    return {name: (value, more[name]) for name, value in less.items() if more[name] < value}


@given(MODEL, ENGINE, st.integers(1, 300_000), st.integers(1, 300_000))
@settings(max_examples=120, deadline=None)
def test_as_the_context_rises(model: str, engine: str, one: int, other: int) -> None:
    less, more = (values(served(model, engine=engine, context=context), KEPT + HELD) for context in sorted((one, other)))
    assert fallen(less, more) == {}


@given(MODEL, ENGINE, st.integers(1, 2000), st.integers(1, 2000))
@settings(max_examples=60, deadline=None)
def test_as_the_batch_rises(model: str, engine: str, one: int, other: int) -> None:
    less, more = (
        values(served(model, engine=engine, context=4096, concurrency=concurrency), KEPT + HELD) for concurrency in sorted((one, other))
    )
    assert fallen(less, more) == {}


@given(st.sampled_from(["llama-3.1-8b", "mixtral-8x7b", "deepseek-v3", "mistral-7b-v0.1", "mamba-2.8b"]), ENGINE, st.integers(4, 90))
@settings(max_examples=60, deadline=None)
def test_as_layers_are_added(model: str, engine: str, layers: int) -> None:
    less, more = (values(served(deep(model, count), engine=engine, context=9000), KEPT + HELD) for count in (layers, layers + 1))
    assert fallen(less, more) == {}


def deep(model: str, layers: int) -> dict[str, Any]:
    """The config of a fixture with so many layers."""
    config: dict[str, Any] = json.loads((FIXTURES / model / "config.json").read_bytes())
    return {**config, "num_hidden_layers": layers}


@pytest.mark.parametrize("model", MODELS)
def test_as_the_bytes_of_a_number_rise(model: str) -> None:
    for engine in ENGINES:
        less, more = (values(served(model, engine=engine, context=5000, kv_dtype=dtype), KEPT) for dtype in ("bf16", "fp32"))
        assert fallen(less, more) == {}
    config = json.loads((FIXTURES / model / "config.json").read_bytes())
    inside = config.get("text_config", config)
    if "quantization_config" not in config:
        inside.pop("dtype", None)
        less, more = (values(served({**config, "torch_dtype": dtype}), HELD) for dtype in ("bfloat16", "float32"))
        assert fallen(less, more) == {}


@given(MODEL, st.sampled_from([1, 2, 4, 8, 16]), st.integers(1, 100_000))
@settings(max_examples=80, deadline=None)
def test_the_shares_of_gpus_hold_the_whole(model: str, gpus: int, context: int) -> None:
    alone = values(served(model, context=context), ("weights.bytes", "cache.sequence_bytes"))
    share = values(served(model, context=context, gpus=gpus), ("weights.bytes_per_gpu", "cache.sequence_bytes_per_gpu"))
    assert share["weights.bytes_per_gpu"] * gpus >= alone["weights.bytes"]
    assert share["cache.sequence_bytes_per_gpu"] * gpus >= alone["cache.sequence_bytes"]
    assert share["weights.bytes_per_gpu"] <= alone["weights.bytes"]


@pytest.mark.parametrize("gpus", [1, 2, 4, 8, 16, 32])
def test_kv_heads_are_shared_out_and_then_copied(gpus: int) -> None:
    """Eight KV heads: an eighth each on eight GPUs, and as much on each of more."""
    whole = served("llama-3.1-8b", context=1000)["cache.sequence_bytes"].value
    share = served("llama-3.1-8b", context=1000, gpus=gpus)["cache.sequence_bytes_per_gpu"].value
    assert whole is not None
    assert share is not None
    assert share * min(gpus, 8) == whole
