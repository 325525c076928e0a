"""Pipeline stages: who takes which layers, and what the fullest stage holds."""

from __future__ import annotations

import pytest

from specverify.derive.stages import sizes
from tests.derive.served import DENSE, figure, served

V, H, F, L = 97, 32, 48, 4
LAYER = 2 * (2 * H * H + 2 * H * 16 + 3 * H * F + 2 * H)
TABLE, NORM = 2 * V * H, 2 * H
UNTIED = {**DENSE, "tie_word_embeddings": False}


@pytest.mark.parametrize(
    ("layers", "stages", "engine", "expected"),
    [
        (32, 4, "vllm", (8, 8, 8, 8)),
        (61, 8, "vllm", (7, 7, 8, 8, 8, 8, 8, 7)),
        (61, 8, "sglang", (7, 7, 7, 8, 8, 8, 8, 8)),
        (5, 2, "vllm", (3, 2)),
        (5, 2, "sglang", (2, 3)),
        (7, 4, "vllm", (2, 2, 2, 1)),
        (2, 4, "vllm", (0, 1, 1, 0)),
    ],
)
def test_layers_left_over_go_where_the_engine_puts_them(layers: int, stages: int, engine: str, expected: tuple[int, ...]) -> None:
    assert sizes(layers, stages, engine) == expected
    assert sum(expected) == layers


def test_the_table_is_first_and_norm_and_head_are_last() -> None:
    """So the last stage is the fuller one, by a norm, where the layers divide."""
    assert figure("weights.bytes_per_gpu", UNTIED, pipeline_parallel=2) == 2 * LAYER + TABLE + NORM
    assert figure("weights.bytes_per_gpu", UNTIED, pipeline_parallel=4) == LAYER + TABLE + NORM


def test_a_tied_table_stands_at_both_ends() -> None:
    tied = {**DENSE, "tie_word_embeddings": True}
    assert figure("weights.bytes_per_gpu", tied, pipeline_parallel=2) == 2 * LAYER + TABLE + NORM
    assert figure("weights.bytes", tied) == 4 * LAYER + TABLE + NORM


def test_a_stage_of_more_layers_may_be_fuller_than_one_with_a_table() -> None:
    """Five layers over three stages are 2, 2 and 1: the table meets two layers, the head one."""
    five = {**UNTIED, "num_hidden_layers": 5}
    assert figure("weights.bytes_per_gpu", five, pipeline_parallel=3) == 2 * LAYER + TABLE


def test_stages_count_together_with_tensor_parallelism() -> None:
    half = 2 * ((2 * H * H + 2 * H * 16 + 3 * H * F) // 2 + 2 * H)
    assert figure("weights.bytes_per_gpu", UNTIED, tensor_parallel=2, pipeline_parallel=2) == 2 * half + 49 * H * 2 + NORM


def test_all_stages_together_hold_the_whole() -> None:
    number = served("llama-3.1-8b", pipeline_parallel=4)["weights.bytes_per_gpu"].number
    stages = {node.label: int(node.value or 0) for node in number.definitions() if node.label and node.label.startswith("stage")}
    assert len(stages) == 4
    assert sum(stages.values()) == figure("weights.bytes", "llama-3.1-8b")
    assert max(stages.values()) == number.value
    assert stages["stage 2 bytes"] == stages["stage 3 bytes"] < stages["stage 1 bytes"]


def test_the_layers_of_a_mixed_plan_stay_on_the_stages_they_are_numbered_for() -> None:
    """DeepSeek-V3 opens with three dense layers: they are all on the first of four stages."""
    number = served("deepseek-v3", pipeline_parallel=4)["weights.bytes_per_gpu"].number
    stages = {node.label: node for node in number.definitions() if node.label and node.label.startswith("stage")}
    labels = {stage: {node.label for node in stages[stage].definitions()} for stage in stages}
    assert "feed-forward bytes" in labels["stage 1 bytes"]
    assert "feed-forward bytes" not in labels["stage 2 bytes"]
    assert sum(int(stage.value or 0) for stage in stages.values()) == figure("weights.bytes", "deepseek-v3")


def test_what_drafts_is_on_the_last_stage() -> None:
    number = served("deepseek-v3", pipeline_parallel=4, draft_tokens=1)["weights.bytes_per_gpu"].number
    plain = served("deepseek-v3", pipeline_parallel=4)["weights.bytes_per_gpu"].number
    stages, before = (
        {node.label: node.value for node in one.definitions() if node.label and node.label.startswith("stage")} for one in (number, plain)
    )
    assert [stages[name] == before[name] for name in sorted(stages)] == [True, True, True, False]
    drafting = (figure("weights.bytes", "deepseek-v3", draft_tokens=1) or 0) - (figure("weights.bytes", "deepseek-v3") or 0)
    assert (stages["stage 4 bytes"] or 0) - (before["stage 4 bytes"] or 0) == drafting
