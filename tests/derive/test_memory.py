"""How engines divide a GPU's memory, against what public logs print."""

from __future__ import annotations

from typing import Any

import pytest

from tests.derive.served import GIB, MIB, figure, served

H100, T4 = "h100-sxm-80gb", "t4-16gb"


def pool(model: str, **target: Any) -> tuple[float, float, float]:
    found = served(model, **target)
    low, own, high = (found[f"memory.kv_pool_{part}bytes_per_gpu"].value for part in ("low_", "", "high_"))
    assert low is not None
    assert own is not None
    assert high is not None
    return low / GIB, own / GIB, high / GIB


@pytest.mark.parametrize(
    ("model", "target", "logged"),
    [
        # llm-d's campaign of vLLM 0.19.0, and vLLM 0.11.0 on an A100 of 40 GB: what each log calls available for the cache.
        ("granite-3.0-8b", {"gpu": H100, "engine": "vllm@0.19.0", "memory_fraction": 0.95, "context": 4096}, 58.7),
        ("gemma-2-9b", {"gpu": H100, "engine": "vllm@0.19.0", "memory_fraction": 0.95, "context": 8192}, 54.12),
        ("llama-3.1-8b", {"gpu": "a100-sxm-40gb", "engine": "vllm@0.11.0", "context": 4096}, 19.24),
        ("qwen3-30b-a3b", {"gpu": H100, "engine": "vllm@0.10.2", "context": 6144}, 8.68),
    ],
)
def test_the_pool_is_near_what_a_log_says_and_inside_its_interval(model: str, target: dict[str, Any], logged: float) -> None:
    low, own, high = pool(model, **target)
    assert low < logged < high
    assert own == pytest.approx(logged, rel=0.05)


def test_the_parts_of_the_memory_are_the_whole() -> None:
    found = served("llama-3.1-8b", gpu=H100, engine="vllm", context=8192)
    parts = ("activation", "non_torch", "graphs", "kv_pool")
    held = sum(found[f"memory.{part}_bytes_per_gpu"].value or 0 for part in parts) + (found["weights.bytes_per_gpu"].value or 0)
    assert held == found["memory.budget_bytes_per_gpu"].value
    assert found["memory.budget_bytes_per_gpu"].value == -(-81_090 * MIB * 92 // 100)


def test_eager_engines_and_older_ones_deduct_no_graphs() -> None:
    assert "memory.graphs_bytes_per_gpu" in served("llama-3.1-8b", gpu=H100, engine="vllm")
    assert "memory.graphs_bytes_per_gpu" not in served("llama-3.1-8b", gpu=H100, engine="vllm", eager=True)
    assert "memory.graphs_bytes_per_gpu" not in served("llama-3.1-8b", gpu=H100, engine="vllm@0.19.0")


def test_more_sequences_of_a_step_take_more_memory_once_the_sampler_is_the_peak() -> None:
    def activation(**target: Any) -> int | float | None:
        return figure("memory.activation_bytes_per_gpu", "llama-3.1-8b", gpu=H100, engine="vllm@0.19.0", **target)

    assert activation() == 161_061_274 + -(-1024 * 128_256 * 143 // 10)
    assert activation(max_sequences=1) == 161_061_274 + 8192 * (3 * 14_336 + 2 * 4096) * 2
    assert activation(max_sequences=1, max_batched_tokens=2048) == 161_061_274 + 2048 * (3 * 14_336 + 2 * 4096) * 2


def test_experts_keep_their_buffers_beside_the_sampler_since_they_have_a_workspace() -> None:
    """Qwen3-30B-A3B: 8 experts of 768 for each of 8,192 tokens, of a hidden size of 2,048."""
    asked = {"gpu": H100, "context": 8192}
    new = figure("memory.activation_bytes_per_gpu", "qwen3-30b-a3b", engine="vllm@0.19.0", **asked)
    sampler = 161_061_274 + -(-1024 * 151_936 * 143 // 10)
    assert new == sampler + 8192 * 8 * (2048 + 768) * 2
    old = figure("memory.activation_bytes_per_gpu", "qwen3-30b-a3b", engine="vllm@0.12.0", **asked)
    assert old == 161_061_274 + -(-1024 * 151_936 * 387 // 10)


def test_small_gpus_and_the_a100_run_smaller_steps() -> None:
    for gpu, sequences in ((T4, 256), ("a100-sxm-80gb", 256), (H100, 1024), ("b200-sxm-180gb", 1024)):
        found = served("llama-3.2-1b", gpu=gpu, engine="vllm@0.19.0", context=2048, max_batched_tokens=16)
        assert found["memory.activation_bytes_per_gpu"].value == 161_061_274 + -(-sequences * 128_256 * 143 // 10)


def test_what_vllm_logs_of_its_pool() -> None:
    found = served("gemma-3-27b", gpu=H100, engine="vllm@0.19.0", context=8192)
    blocks = found["memory.kv_pool_blocks"].value
    assert blocks == (found["memory.kv_pool_bytes_per_gpu"].value or 0) // (10 * 16 * 8192)
    assert (found["memory.groups"].value, found["memory.padding_layers"].value, found["memory.block_tokens"].value) == (7, 8, 16)
    assert found["memory.kv_pool_tokens"].value == blocks // 7 * 16
    each = 512 + 6 * min(-(-(1023 + 8192) // 16), 512) + 6
    assert found["capacity.engine_concurrency"].value == pytest.approx(blocks / each)


def test_newer_releases_log_tokens_from_concurrency() -> None:
    found = served("gemma-3-27b", gpu=H100, engine="vllm", context=8192)
    assert found["memory.kv_pool_tokens"].value == int((found["capacity.engine_concurrency"].value or 0) * 8192)


def test_sglang_keeps_the_rest_for_activations() -> None:
    found = served("llama-3.1-8b", gpu=H100, engine="sglang", memory_fraction=0.9, context=8192)
    free = 81_090 * MIB - 512 * MIB
    loaded = 16_060_522_496 + 131_072 * 128 * 4
    assert found["memory.kv_pool_bytes_per_gpu"].value == free * 9 // 10 - loaded
    assert found["memory.kv_pool_tokens"].value == (found["memory.kv_pool_bytes_per_gpu"].value or 0) // 131_072
    unstated = served("llama-3.1-8b", gpu=H100, engine="sglang", context=8192)
    kept = (512 + 1.5 * 8192 + 128) * MIB
    assert unstated["memory.budget_bytes_per_gpu"].value == int(free * (81_090 * MIB - kept) / (81_090 * MIB))


def test_every_constant_of_an_engine_says_where_it_is_from() -> None:
    facts = served("qwen3-30b-a3b", gpu=H100, gpus=2, engine="vllm")["memory.kv_pool_bytes_per_gpu"].number.rests_on()
    places = {fact.readings[0].where.file for fact in facts if fact.name.startswith("vllm.")}
    assert places == {"specverify/derive/engines/constants.json"}
    assert all(fact.readings[0].note for fact in facts if fact.name.startswith("vllm."))


@pytest.mark.parametrize(
    ("model", "ways", "padding"),
    [("qwen3-next-80b-a3b", 4, 0), ("mamba-2.8b", 1, 0), ("gemma-3-27b", 4, 8), ("gpt-oss-20b", 1, 0), ("llama-3.1-8b", 1, 0)],
)
def test_layers_added_for_groups_to_be_full(model: str, ways: int, padding: int) -> None:
    """48 layers are four groups of 12 and leave none over; 62 in groups of 10 do: seven groups are 70."""
    assert served(model, gpu="h100-sxm-80gb", gpus=ways, engine="vllm", context=4096)["memory.padding_layers"].value == padding


@pytest.mark.parametrize(("drafted", "tokens"), [(0, 544), (1, 544), (2, 560)])
def test_a_block_holds_a_state_with_a_column_for_each_token_that_is_drafted(drafted: int, tokens: int) -> None:
    """A page of (8,192 x (3 + drafted) + 32 x 128 x 128) x 2 B over 2,048 B a token, in whole sixteens: 536, 544 and 552."""
    found = served("qwen3-next-80b-a3b", gpu="b300-sxm-288gb", engine="vllm", context=4096, draft_tokens=drafted)
    assert found["memory.block_tokens"].value == tokens
