"""What GPUs exchange in a step: sums of tensor parallelism and tokens of expert parallelism."""

from __future__ import annotations

import pytest

from tests.derive.served import DENSE, figure, served

H100 = "h100-sxm-80gb"


def test_the_worked_example() -> None:
    """DeepSeek-V3, 64 tokens: 2 x 61 x 64 x 7,168 x 2 B = 112 MB."""
    found = served("deepseek-v3", gpu=H100, gpus=8, concurrency=64)
    logical = 2 * 61 * 64 * 7168 * 2
    assert found["communication.all_reduce_bytes"].value == logical == 111_935_488
    assert found["communication.all_reduce_wire_bytes"].value == 2 * 7 * logical // 8
    assert found["communication.all_reduce_floor_seconds"].value == pytest.approx(logical / 450e9)


def test_blocks_side_by_side_are_summed_once() -> None:
    """Phi-2's attention and feed-forward stand beside each other."""
    assert figure("communication.all_reduce_bytes", "phi-2", gpus=2) == 32 * 2560 * 2


def test_cross_attention_is_summed_too() -> None:
    """Whisper's 32 decoder layers have two kinds of attention and a feed-forward."""
    assert figure("communication.all_reduce_bytes", "whisper-large-v3", gpus=2) == 32 * 3 * 1280 * 2


def test_tokens_go_to_their_experts_and_back() -> None:
    """58 mixtures, 8 of 256 experts a token, from 4 of 8 groups; weights in FP8 are given FP8, and answer in bfloat16."""
    target = {"gpu": H100, "gpus": 8, "tensor_parallel": 1, "data_parallel": 8, "expert_parallel": 8, "concurrency": 64}
    found = served("deepseek-v3", **target)
    assert found["communication.all_to_all_bytes"].value == 58 * 8 * 64 * 7168 * (1 + 2) * 7 // 8
    assert "communication.all_reduce_bytes" not in found
    gpus = 4 * (1 - (3 / 4) ** 8)
    expected = 58 * gpus * 64 * 7168 * 3 * 7 / 64 / 450e9
    assert found["communication.all_to_all_floor_seconds"].value == pytest.approx(expected)


def test_a_router_of_few_groups_reaches_few_gpus() -> None:
    """4 of 8 groups on 64 GPUs are on 32, on 4 at least on 2; Mixtral has no groups."""
    seconds = {}
    for model, gpus in (("deepseek-v3", 64), ("deepseek-v3", 4), ("mixtral-8x7b", 4)):
        target = {"gpu": H100, "gpus": gpus, "tensor_parallel": 1, "data_parallel": gpus, "expert_parallel": gpus, "concurrency": gpus}
        seconds[model, gpus] = served(model, **target)["communication.all_to_all_floor_seconds"].value or 0
    for gpus, reached in ((64, 32), (4, 2)):
        distinct = reached * (1 - (1 - 1 / reached) ** 8)
        assert seconds["deepseek-v3", gpus] == pytest.approx(58 * distinct * 7168 * 3 * (gpus - 1) / gpus / 450e9)
    assert seconds["mixtral-8x7b", 4] == pytest.approx(32 * (4 * (1 - (3 / 4) ** 2)) * 4096 * 4 * 3 / 4 / 450e9)


def test_experts_within_a_group_are_summed_like_all_that_is_split() -> None:
    """Every GPU of a tensor-parallel group holds the tokens already."""
    found = served("mixtral-8x7b", gpus=2, expert_parallel=2, tensor_parallel=2)
    assert found["communication.all_reduce_bytes"].value == 2 * 32 * 4096 * 2
    assert "communication.all_to_all_bytes" not in found


def test_experts_that_replicas_share_leave_attention_to_be_summed() -> None:
    """Two replicas of two GPUs, four sequences: half of a token's two experts stand with the other replica."""
    found = served("mixtral-8x7b", gpus=4, tensor_parallel=2, data_parallel=2, expert_parallel=4, concurrency=4)
    assert found["communication.all_reduce_bytes"].value == 32 * 2 * 4096 * 2
    assert found["communication.all_to_all_bytes"].value == 32 * 2 * 4 * 4096 * (2 + 2) // 2


def test_one_gpu_exchanges_nothing() -> None:
    assert not any(name.startswith("communication.") for name in served(DENSE, gpu=H100))


def test_a_gpu_without_a_link_has_bytes_and_no_floor() -> None:
    found = served("llama-3.1-8b", gpu="l4-24gb", gpus=2)
    assert found["communication.all_reduce_bytes"].value
    floor = found["communication.all_reduce_floor_seconds"]
    assert floor.value is None
    assert any("PCIe" in reason for reason in floor.number.reasons())
