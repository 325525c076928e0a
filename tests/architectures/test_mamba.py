"""Mamba, Falcon Mamba and Mamba-2 against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import check_against_corpus, check_cache_against_corpus, check_published, reserved_of, spec_of, total_of

SIZES: dict[str, Any] = {"vocab_size": 97, "hidden_size": 32, "num_hidden_layers": 3, "state_size": 6}
MAMBA: dict[str, Any] = {**SIZES, "model_type": "mamba"}
FALCON_MAMBA: dict[str, Any] = {**SIZES, "model_type": "falcon_mamba"}
MAMBA2: dict[str, Any] = {**SIZES, "model_type": "mamba2", "num_heads": 8, "head_dim": 8, "n_groups": 2}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("MambaForCausalLM", {}, 27_232),
        ("MambaForCausalLM", {"use_bias": True}, 27_712),
        ("MambaForCausalLM", {"use_conv_bias": False}, 27_040),
        ("MambaForCausalLM", {"conv_kernel": 3}, 27_040),
        ("MambaForCausalLM", {"expand": 3}, 39_232),
        ("MambaForCausalLM", {"state_size": 8}, 28_384),
        ("MambaForCausalLM", {"time_step_rank": 5}, 28_384),
        ("MambaForCausalLM", {"tie_word_embeddings": False}, 30_336),
        ("MambaModel", {}, 27_232),
    ],
)
def test_mamba(architecture: str, changes: dict[str, Any], total: int) -> None:
    """MambaForCausalLM: one norm and one mixer a layer, the head tied."""
    assert total_of({**MAMBA, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("FalconMambaForCausalLM", {}, 27_232),
        ("FalconMambaForCausalLM", {"use_bias": True}, 27_712),
        ("FalconMambaForCausalLM", {"conv_kernel": 3}, 27_040),
        ("FalconMambaModel", {}, 27_232),
    ],
)
def test_falcon_mamba(architecture: str, changes: dict[str, Any], total: int) -> None:
    """FalconMambaForCausalLM: Mamba; its norms over dt, B and C have no weights."""
    assert total_of({**FALCON_MAMBA, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("Mamba2ForCausalLM", {}, 29_424),
        ("Mamba2ForCausalLM", {"use_bias": True}, 30_000),
        ("Mamba2ForCausalLM", {"use_conv_bias": False}, 29_160),
        ("Mamba2ForCausalLM", {"n_groups": 1}, 28_092),
        ("Mamba2ForCausalLM", {"num_heads": 4, "head_dim": 16}, 29_004),
        ("Mamba2ForCausalLM", {"conv_kernel": 3}, 29_160),
        ("Mamba2ForCausalLM", {"expand": 3, "num_heads": 12}, 39_636),
        ("Mamba2ForCausalLM", {"tie_word_embeddings": True}, 26_320),
        ("Mamba2Model", {}, 26_320),
    ],
)
def test_mamba2(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Mamba2ForCausalLM: B and C by groups, a gated norm."""
    assert total_of({**MAMBA2, **changes, "architectures": [architecture]}) == total


def test_the_state_does_not_grow() -> None:
    """Mamba: 64 x 6 in float32 and the whole kernel of 64 channels a layer; Mamba-2: 64 x 6 and 88 channels."""
    for tokens in (16, 4096):
        assert reserved_of(MAMBA, tokens) == 3 * (64 * 6 * 4 + 64 * 4 * 2)
        assert reserved_of(FALCON_MAMBA, tokens) == 3 * (64 * 6 * 4 + 64 * 4 * 2)
        assert reserved_of(MAMBA2, tokens) == 3 * (64 * 6 * 4 + (64 + 2 * 2 * 6) * 4 * 2)


def test_recipe() -> None:
    """A causal language model without attention, positions or feed-forward."""
    spec = spec_of(MAMBA2)
    assert [spec.value(name) for name in ("prototype", "attention", "position_scheme", "feed_forward")] == [
        "decoder-only",
        "none",
        "none",
        "none",
    ]


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("mamba", "mamba2", "falcon_mamba")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("mamba", "mamba2", "falcon_mamba")


def test_published() -> None:
    """Every published config the corpus has of these types."""
    check_published("falcon_mamba")
