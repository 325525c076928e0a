"""MiniMax against its transformers classes; Text-01 and M1 as published by their known sizes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_cache_against_corpus,
    check_published,
    reserved_of,
    spec_of,
    total_of,
    windows_of,
)

MINIMAX: dict[str, Any] = {**SMALL, "model_type": "minimax", "num_local_experts": 4, "block_size": 8, "head_dim": 10}
MINIMAX_M2: dict[str, Any] = {
    **SMALL,
    "model_type": "minimax_m2",
    "num_local_experts": 4,
    "num_experts_per_tok": 2,
    "head_dim": 10,
}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("MiniMaxForCausalLM", {}, 101_296),
        ("MiniMaxForCausalLM", {"layer_types": ["linear_attention"] * 4}, 106_496),
        ("MiniMaxForCausalLM", {"head_dim": None}, 97_184),
        ("MiniMaxForCausalLM", {"num_local_experts": 3}, 82_736),
        ("MiniMaxForCausalLM", {"num_key_value_heads": 4}, 103_856),
        ("MiniMaxForCausalLM", {"tie_word_embeddings": True}, 98_192),
        ("MiniMaxModel", {}, 98_192),
        ("MiniMaxForSequenceClassification", {}, 98_256),
    ],
)
def test_minimax(architecture: str, changes: dict[str, Any], total: int) -> None:
    """MiniMaxForCausalLM: lightning attention in every other layer; the decays it stores are no parameters."""
    assert total_of({**MINIMAX, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("MiniMaxM2ForCausalLM", {}, 96_336),
        ("MiniMaxM2ForCausalLM", {"num_local_experts": 3}, 77_776),
        ("MiniMaxM2ForCausalLM", {"num_key_value_heads": 1}, 93_736),
        ("MiniMaxM2ForCausalLM", {"head_dim": 8}, 93_216),
        ("MiniMaxM2Model", {}, 93_232),
    ],
)
def test_minimax_m2(architecture: str, changes: dict[str, Any], total: int) -> None:
    """MiniMaxM2ForCausalLM: norms as wide as all heads together."""
    assert total_of({**MINIMAX_M2, **changes, "architectures": [architecture]}) == total


TEXT_01: dict[str, Any] = {
    "model_type": "minimax_m1",
    "attn_type_list": [*[0] * 7, 1] * 10,
    "head_dim": 128,
    "hidden_size": 6144,
    "intermediate_size": 9216,
    "num_attention_heads": 64,
    "num_experts_per_tok": 2,
    "num_hidden_layers": 80,
    "num_key_value_heads": 8,
    "num_local_experts": 32,
    "vocab_size": 200_064,
}


def test_the_published_model() -> None:
    """MiniMax-Text-01 (arXiv:2501.08313): 456 billion, 45.9 of them activated without embeddings."""
    found = counts(spec_of(TEXT_01))
    assert found is not None
    assert found.total.value == 456_089_655_296
    assert found.activated_no_embeddings.value == 45_944_920_064
    assert windows_of(TEXT_01)[6:9] == ["lightning", None, "lightning"]


def test_kinds_that_are_not_listed_are_unknown() -> None:
    """A list that is too short, or missing: remote code has no default."""
    for stated in ([0, 1], None, [2] * 80):
        found = counts(spec_of({**TEXT_01, "attn_type_list": stated}))
        assert found is not None
        assert found.total.value is None
    assert [problem.pointer for problem in spec_of({**TEXT_01, "attn_type_list": [0, 1]}).problems] == ["/attn_type_list"]


def test_the_state_of_lightning_attention() -> None:
    """Two layers of 4 heads of 10 x 10 in the cache dtype, two of keys and values."""
    assert windows_of(MINIMAX) == [None, "lightning", None, "lightning"]
    assert reserved_of(MINIMAX, 16) == 2 * 2 * 2 * 10 * 16 * 2 + 2 * 4 * 10 * 10 * 2


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("minimax", "minimax_m2")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("minimax", "minimax_m2")


def test_published() -> None:
    """Every published config the corpus has of these types."""
    check_published("minimax_m1")
