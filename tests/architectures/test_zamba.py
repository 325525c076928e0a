"""Zamba and Zamba2 against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.figures import figures
from specverify.target import Target
from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_cache_against_corpus,
    check_published,
    decoder_of,
    reserved_of,
    spec_of,
    total_of,
    windows_of,
)

IN_TURNS = ["linear_attention", "hybrid"] * 2
ZAMBA: dict[str, Any] = {**SMALL, "model_type": "zamba", "layers_block_type": IN_TURNS, "n_mamba_heads": 2, "mamba_d_state": 4}
ZAMBA2: dict[str, Any] = {**ZAMBA, "model_type": "zamba2", "n_mamba_heads": 8, "adapter_rank": 2}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("ZambaForCausalLM", {}, 50_720),
        ("ZambaForCausalLM", {"layers_block_type": ["mamba", "mamba", "hybrid", "mamba"]}, 50_720 - 1_024),
        ("ZambaForCausalLM", {"layers_block_type": ["hybrid"] * 4}, 50_720 + 2 * 1_024),
        ("ZambaForCausalLM", {"mamba_dt_rank": 4}, 50_720 + 4 * 2 * 128),
        ("ZambaForCausalLM", {"tie_word_embeddings": False}, 50_720 + 14_944 + 97 * 32),
        ("ZambaForSequenceClassification", {}, 50_720 + 2 * 32),
        ("ZambaModel", {}, 50_720),
    ],
)
def test_zamba(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Four Mamba layers of 7,648, a matrix of 1,024 in each hybrid one, and one block of 14,944 for both."""
    assert total_of({**ZAMBA, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 49_184),
        ({"num_mem_blocks": 2}, 49_184 + 14_944),
        ({"num_mem_blocks": 3}, 49_184 + 14_944),
        ({"use_shared_attention_adapter": True}, 49_184 + 2 * 3 * 256),
        ({"add_bias_linear": True}, 49_184 + 4 * 176 + 128),
        ({"use_conv_bias": False}, 49_184),
    ],
)
def test_zamba2(changes: dict[str, Any], total: int) -> None:
    """Four Mamba-2 layers of 7,136, blocks of 14,944 in turns, and an adapter of 256 for every place of a block."""
    assert total_of({**ZAMBA2, **changes}) == total


def test_blocks_take_turns() -> None:
    """Of five hybrid layers on two blocks, the third and fifth have the first one's tensors, the fourth the second one's."""
    part = decoder_of({**ZAMBA2, "num_hidden_layers": 6, "layers_block_type": ["linear_attention"] + ["hybrid"] * 5, "num_mem_blocks": 2})
    owners = {group.indices: group.mixers[0].weights[0].tied_to for group in part.layers if len(group.mixers) > 1}
    name = "shared_transformer.self_attn.q_proj.weight"
    assert owners == {(1,): None, (3, 5): f"model.layers.1.{name}", (2,): None, (4,): f"model.layers.2.{name}"}


def test_what_a_sequence_keeps() -> None:
    """Every layer keeps a state, every hybrid one keys and values of its own, whoever's tensors made them."""
    assert windows_of(ZAMBA) == ["mamba", None] * 2
    assert reserved_of(ZAMBA, 16) == 4 * (64 * 4 * 2 + 64 * 4 * 4) + 2 * 2 * 2 * 16 * 16 * 2
    assert reserved_of(ZAMBA2, 16) == 4 * (72 * 4 * 2 + 64 * 4 * 4) + 2 * 2 * 2 * 16 * 16 * 2


def test_a_shared_block_is_multiplied_in_every_layer() -> None:
    """As many FLOPs as with a block for each layer."""
    target = Target(context=16)
    apart = {**ZAMBA, "tie_word_embeddings": False}
    assert figures(spec_of(ZAMBA), target)["prefill.flops"].value == figures(spec_of(apart), target)["prefill.flops"].value


def test_a_number_of_blocks_that_cannot_be_read_leaves_the_model_unknown() -> None:
    """Nobody knows then how many blocks there are."""
    assert figures(spec_of({**ZAMBA2, "num_mem_blocks": "two"}), Target(context=16))["parameters.total"].value is None


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("zamba", "zamba2")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("zamba", "zamba2")


def test_published() -> None:
    """Every published config the corpus has of these types."""
    check_published("zamba", "zamba2")
