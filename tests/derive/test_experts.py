"""Experts that a batch touches, and what one of them may be given."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specverify.derive.experts import expected_distinct
from tests.derive.served import figure, served


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


@pytest.mark.parametrize(
    ("model", "batch", "hit"),
    [("mixtral-8x7b", 8, 7.2), ("qwen3-30b-a3b", 16, 82), ("deepseek-v3", 32, 163), ("kimi-k2", 64, 284), ("qwen3-next-80b-a3b", 64, 367)],
)
def test_the_figure_is_of_the_target_s_batch(model: str, batch: int, hit: float) -> None:
    assert figure("experts.expected_distinct", model, concurrency=batch) == pytest.approx(hit, abs=0.5 if hit > 10 else 0.05)


def test_one_token_touches_what_it_chooses() -> None:
    assert expected_distinct(8, 2, 1) == pytest.approx(2)
    assert expected_distinct(0, 2, 8) == 0
    assert expected_distinct(8, 8, 3) == 8
    assert expected_distinct(2, 4, 3) == 2


@given(st.integers(1, 600), st.integers(1, 600), st.integers(1, 4096))
@settings(deadline=None)
def test_no_more_than_there_are_and_no_more_than_are_chosen(experts: int, chosen: int, batch: int) -> None:
    hit = expected_distinct(experts, chosen, batch)
    assert min(experts, chosen) <= hit + 1e-6
    assert hit <= min(experts, chosen * batch) + 1e-6
    assert hit <= expected_distinct(experts, chosen, batch + 1) + 1e-6


@pytest.mark.parametrize(("batch", "slots", "imbalance"), [(64, 2, 1.0), (65, 3, 3 * 256 / (65 * 8)), (1, 1, 32.0)])
def test_slots_of_an_expert_and_what_overflows_them(batch: int, slots: int, imbalance: float) -> None:
    """DeepSeek-V3: each token chooses 8 of 256."""
    found = served("deepseek-v3", concurrency=batch)
    assert found["experts.capacity"].value == slots
    assert found["experts.overflow_imbalance"].value == pytest.approx(imbalance)


def test_a_dense_model_has_no_figures_of_experts() -> None:
    assert not any(name.startswith("experts.") for name in served("llama-3.1-8b"))
