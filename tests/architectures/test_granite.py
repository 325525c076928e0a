"""Granite, its mixtures and hybrids against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, reserved_of, spec_of, total_of, windows_of

GRANITE: dict[str, Any] = {**SMALL, "model_type": "granite"}
GRANITEMOE: dict[str, Any] = {**SMALL, "num_local_experts": 4, "model_type": "granitemoe"}
GRANITEMOESHARED: dict[str, Any] = {
    **SMALL,
    "num_local_experts": 4,
    "model_type": "granitemoeshared",
    "shared_intermediate_size": 20,
}
GRANITEMOEHYBRID: dict[str, Any] = {
    **SMALL,
    "num_local_experts": 4,
    "model_type": "granitemoehybrid",
    "shared_intermediate_size": 20,
    "mamba_n_heads": 8,
    "mamba_d_state": 6,
    "mamba_n_groups": 2,
    "layer_types": ["mamba", "attention", "mamba", "mamba"],
}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("GraniteForCausalLM", {}, 37_216),
        ("GraniteForCausalLM", {"attention_bias": True}, 37_600),
        ("GraniteForCausalLM", {"mlp_bias": True}, 37_728),
        ("GraniteForCausalLM", {"num_key_value_heads": None}, 41_312),
        ("GraniteForCausalLM", {"tie_word_embeddings": True}, 34_112),
        ("GraniteModel", {}, 34_112),
    ],
)
def test_granite(architecture: str, changes: dict[str, Any], total: int) -> None:
    """GraniteForCausalLM: Llama."""
    assert total_of({**GRANITE, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("GraniteMoeForCausalLM", {}, 93_024),
        ("GraniteMoeForCausalLM", {"attention_bias": True}, 93_408),
        ("GraniteMoeForCausalLM", {"num_local_experts": 3}, 74_464),
        ("GraniteMoeForCausalLM", {"tie_word_embeddings": True}, 89_920),
        ("GraniteMoeModel", {}, 89_920),
    ],
)
def test_granitemoe(architecture: str, changes: dict[str, Any], total: int) -> None:
    """GraniteMoeForCausalLM: the experts of a layer in two tensors."""
    assert total_of({**GRANITEMOE, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("GraniteMoeSharedForCausalLM", {}, 100_704),
        ("GraniteMoeSharedForCausalLM", {"shared_intermediate_size": 0}, 93_024),
        ("GraniteMoeSharedForCausalLM", {"num_local_experts": 3}, 82_144),
        ("GraniteMoeSharedModel", {}, 97_600),
    ],
)
def test_granitemoeshared(architecture: str, changes: dict[str, Any], total: int) -> None:
    """GraniteMoeSharedForCausalLM: a shared feed-forward unless its width is 0."""
    assert total_of({**GRANITEMOESHARED, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("GraniteMoeHybridForCausalLM", {}, 114_576),
        ("GraniteMoeHybridForCausalLM", {"num_local_experts": 0}, 40_336),
        ("GraniteMoeHybridForCausalLM", {"layer_types": None}, 119_200),
        ("GraniteMoeHybridForCausalLM", {"mamba_proj_bias": True}, 115_152),
        ("GraniteMoeHybridForCausalLM", {"mamba_conv_bias": False}, 114_312),
        ("GraniteMoeHybridForCausalLM", {"mamba_n_groups": 1}, 113_244),
        ("GraniteMoeHybridForCausalLM", {"mamba_d_conv": 3}, 114_312),
        ("GraniteMoeHybridForCausalLM", {"mamba_expand": 3}, 124_368),
        ("GraniteMoeHybridForCausalLM", {"mamba_d_state": 8}, 115_464),
        ("GraniteMoeHybridForCausalLM", {"attention_bias": True}, 114_672),
        ("GraniteMoeHybridModel", {}, 111_472),
    ],
)
def test_granitemoehybrid(architecture: str, changes: dict[str, Any], total: int) -> None:
    """GraniteMoeHybridForCausalLM: Mamba-2 by layer kind, no mixture without experts."""
    assert total_of({**GRANITEMOEHYBRID, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("model_type", "changes", "total"),
    [
        ("granite_swa", {}, 34_128),
        ("granite_swa", {"mlp_bias": True, "attention_bias": True}, 35_024),
        ("granitemoe_swa", {"num_local_experts": 4}, 93_040),
        ("granitemoe_swa", {"num_local_experts": 4, "shared_intermediate_size": 20}, 100_720),
    ],
)
def test_with_windows(model_type: str, changes: dict[str, Any], total: int) -> None:
    """GraniteSWAForCausalLM and GraniteMoeSWAForCausalLM: a sink for every head; the first of four layers does not slide."""
    config = {**SMALL, "model_type": model_type, **changes}
    assert total_of(config) == total
    assert windows_of({**config, "sliding_window": 8}) == [None, 8, 8, 8]
    names = [name for name, shape, _ in manifest(spec_of(config)) if name.endswith(".sinks") and shape == (4,)]
    assert len(names) == 4


def test_experts_share_a_tensor() -> None:
    """GraniteMoe: [experts, outputs, inputs]."""
    shapes = {name: shape for name, shape, _ in manifest(spec_of(GRANITEMOE))}
    assert shapes["model.layers.3.block_sparse_moe.input_linear.weight"] == (4, 96, 32)
    assert shapes["model.layers.3.block_sparse_moe.output_linear.weight"] == (4, 32, 48)


def test_the_state_of_the_hybrid() -> None:
    """Three layers of 64 x 6 in float32 and kernels of 88 channels, one of keys and values."""
    assert windows_of(GRANITEMOEHYBRID) == ["mamba2", None, "mamba2", "mamba2"]
    assert reserved_of(GRANITEMOEHYBRID, 16) == 2 * 2 * 8 * 16 * 2 + 3 * (64 * 6 * 4 + (64 + 2 * 2 * 6) * 4 * 2)


def test_positions_are_opted_into() -> None:
    """GraniteMoeHybridConfig: `position_embedding_type` is null, and only `rope` rotates."""
    assert spec_of(GRANITEMOEHYBRID).value("position_scheme") == "none"
    assert spec_of({**GRANITEMOEHYBRID, "position_embedding_type": "rope"}).value("position_scheme") == "rope"


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("granite", "granitemoe", "granitemoeshared", "granitemoehybrid", "granite_swa", "granitemoe_swa")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("granite", "granitemoe", "granitemoeshared", "granitemoehybrid")
