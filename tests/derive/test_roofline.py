"""Floors of time: FLOPs of a prompt and bytes of a decode step, against sums done by hand and by enumeration."""

from __future__ import annotations

from typing import Any

import pytest

from specverify import num
from specverify.derive.roofline import expected_distinct, pairs
from tests.derive.served import DENSE, figure, served


@pytest.mark.parametrize(
    ("experts", "chosen", "batch", "hit"),
    [
        (8, 2, 8, 7.2),
        (128, 8, 16, 82),
        (256, 8, 8, 57),
        (256, 8, 32, 163),
        (256, 8, 128, 252),
        (128, 4, 32, 82),
        (384, 8, 64, 284),
        (512, 10, 64, 367),
    ],
)
def test_experts_that_a_batch_touches(experts: int, chosen: int, batch: int, hit: float) -> None:
    assert expected_distinct(experts, chosen, batch) == pytest.approx(hit, abs=0.5 if hit > 10 else 0.05)


def test_one_token_touches_what_it_chooses() -> None:
    assert expected_distinct(8, 2, 1) == pytest.approx(2)
    assert expected_distinct(0, 2, 8) == 0
    assert expected_distinct(8, 8, 3) == 8


@pytest.mark.parametrize("context", [1, 2, 5, 8])
@pytest.mark.parametrize("window", [None, 1, 3, 8, 20])
def test_pairs_that_are_scored(context: int, window: int | None) -> None:
    seen = sum(1 for query in range(context) for key in range(query + 1) if window is None or query - key < window)
    reach = None if window is None else num.const(window)
    assert pairs(num.const(context), reach, causal=True).value == seen


def test_both_ways_every_pair_is_scored() -> None:
    assert pairs(num.const(512), None, causal=False).value == 512 * 512


def test_flops_of_a_prompt_by_hand() -> None:
    n, layers, hidden = 16, 4, 32
    weights = layers * (2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 48)
    scores = layers * 2 * 4 * (8 + 8) * (n * (n + 1) // 2)
    head = 97 * hidden
    assert figure("prefill.flops", DENSE, context=n) == 2 * weights * n + scores + 2 * head


def test_flops_count_the_experts_a_token_chooses() -> None:
    mixtral = {**DENSE, "model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "num_local_experts": 8}
    one, two = (figure("prefill.flops", {**mixtral, "num_experts_per_tok": k}, context=10) or 0 for k in (1, 2))
    assert two - one == 2 * 10 * 4 * 3 * 32 * 48


def test_flops_of_windows_are_fewer() -> None:
    unwindowed = {**DENSE, "model_type": "mistral", "architectures": ["MistralForCausalLM"], "sliding_window": None}
    long = figure("prefill.flops", unwindowed, context=100) or 0
    short = figure("prefill.flops", {**unwindowed, "sliding_window": 10}, context=100) or 0
    missing = 100 * 101 // 2 - (10 * 100 - 45)
    assert long - short == 4 * 2 * 4 * 16 * missing


def test_latent_attention_scores_expanded_heads() -> None:
    """DeepSeek-V3: 128 heads of 128 + 64 for scores and 128 for values, in 61 layers."""
    one, two = (figure("prefill.flops", "deepseek-v3", context=n) or 0 for n in (1, 2))
    per_token = figure("prefill.flops", "deepseek-v3", context=3) or 0
    pair = 2 * 61 * 128 * (128 + 64 + 128)
    assert (per_token - two) - (two - one) == pair


def test_an_encoder_decoder_has_no_single_prompt() -> None:
    assert "depends on the task" in served("t5-base")["prefill.flops"].number.reasons()[0]


def test_the_published_example_of_one_stream() -> None:
    """Llama-3.1-8B on an H100 at 4,096 tokens: 15.01 GB of weights and 0.54 GB of cache, 215 tokens a second."""
    found = served("llama-3.1-8b", gpu="h100-sxm-80gb", context=4096)
    floor = found["decode.floor_seconds"]
    assert floor.value == pytest.approx((15_009_849_344 + 536_870_912) / 3350e9)
    assert 1 / (floor.value or 1) == pytest.approx(215, abs=1)


def test_a_tied_table_is_read_as_the_head() -> None:
    def read(**tie: Any) -> float:
        seconds = figure("decode.floor_seconds", {**DENSE, **tie}, gpu="h100-sxm-80gb", context=1) or 0
        return seconds * 3350e9

    assert read(tie_word_embeddings=True) == pytest.approx(read(tie_word_embeddings=False))


def test_a_batch_reads_each_expert_once() -> None:
    one, eight = (served("mixtral-8x7b", gpu="h200-sxm-141gb", context=1, concurrency=n)["decode.floor_seconds"].value or 0 for n in (1, 8))
    expert = 32 * 3 * 4096 * 14336 * 2
    cache = 131_072
    assert (eight - one) * 4800e9 == pytest.approx((expected_distinct(8, 2, 8) - 2) * expert + 7 * cache)


def test_a_replica_serves_its_share_of_the_batch() -> None:
    """Two replicas of eight sequences together take a step as one of four does: a floor may not be beaten."""
    target: dict[str, Any] = {"gpu": "h200-sxm-141gb", "context": 1000}
    split = figure("decode.floor_seconds", "mixtral-8x7b", gpus=2, data_parallel=2, concurrency=8, **target)
    assert split == figure("decode.floor_seconds", "mixtral-8x7b", concurrency=4, **target)


def test_prefill_runs_at_the_rate_the_weights_allow() -> None:
    plain = figure("prefill.floor_seconds", "llama-3.1-8b", gpu="h100-sxm-80gb", context=4096)
    assert plain == pytest.approx(61_574_775_570_432 / 989e12)
    eight_bit = served("deepseek-v3", gpu="h100-sxm-80gb", gpus=8, context=4096)
    assert eight_bit["prefill.floor_seconds"].value == pytest.approx((eight_bit["prefill.flops"].value or 0) / (8 * 1979e12))
