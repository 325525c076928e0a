"""Ling 3 against BailingHybridForCausalLM."""

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

LING: dict[str, Any] = {
    **SMALL,
    "model_type": "bailing_hybrid",
    "layer_group_size": 2,
    "head_dim": 8,
    "kv_lora_rank": 16,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 8,
    "v_head_dim": 8,
    "first_k_dense_replace": 1,
    "num_experts": 4,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 16,
}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 56_664),
        ({"layer_group_size": 4}, 56_664 + 6_700 - 4_368),
        ({"linear_head_dim": 4}, 56_664 - 2 * (16 * (6 * 32 + 3 * 4 + 1) + 4)),
        ({"attention_bias": True}, 56_664 + 2 * (20 + 32)),
        ({"num_shared_experts": 2}, 56_664 + 3 * 1_536),
        ({"tie_word_embeddings": True}, 56_664),
    ],
)
def test_totals(changes: dict[str, Any], total: int) -> None:
    """Delta attention of 6,700 and latent attention of 4,368 in turns; one feed-forward of 4,608 and three mixtures of 7,808."""
    assert total_of({**LING, **changes}) == total


def test_what_a_sequence_keeps() -> None:
    """Delta layers keep 96 channels and 4 x 8 x 8 in float32 whatever the class makes of `head_dim`, latent ones 16 + 4 a token."""
    assert windows_of(LING) == ["kimi-delta", "latent"] * 2
    assert reserved_of(LING, 16) == 2 * (96 * 4 * 2 + 4 * 8 * 8 * 4) + 2 * 20 * 16 * 2


@pytest.mark.parametrize(("layers", "predicting"), [(0, 0), (1, 4_368 + 7_808 + 5 * 32 + 64 * 32)])
def test_next_token_prediction(layers: int, predicting: int) -> None:
    """A layer of latent attention and a mixture, five norms and the joint of two inputs."""
    found = counts(spec_of({**LING, "num_nextn_predict_layers": layers}))
    assert found is not None
    assert found.mtp.value == predicting


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("bailing_hybrid")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of this type."""
    check_cache_against_corpus("bailing_hybrid")


def test_published() -> None:
    """Every published config the corpus has of this type."""
    check_published("bailing_hybrid")
