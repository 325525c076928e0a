"""DBRX against DbrxForCausalLM."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from specverify.derive.parameters import counts
from tests.architectures.plans import check_against_corpus, check_cache_against_corpus, reserved_of, spec_of, total_of

DBRX: dict[str, Any] = {
    "model_type": "dbrx",
    "vocab_size": 97,
    "d_model": 32,
    "n_heads": 4,
    "n_layers": 3,
    "attn_config": {"kv_n_heads": 2, "rope_theta": 10000.0},
    "ffn_config": {"ffn_hidden_size": 20, "moe_num_experts": 4, "moe_top_k": 2},
}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("DbrxForCausalLM", {}, 39_072),
        ("DbrxForCausalLM", {"attn_config": {"kv_n_heads": 1, "rope_theta": 10000.0}}, 37_536),
        ("DbrxForCausalLM", {"ffn_config": {"ffn_hidden_size": 24, "moe_num_experts": 3, "moe_top_k": 2}}, 36_672),
        ("DbrxModel", {}, 35_968),
    ],
)
def test_dbrx(architecture: str, changes: dict[str, Any], total: int) -> None:
    """DbrxForCausalLM: sizes in `attn_config` and `ffn_config`."""
    assert total_of({**DBRX, **changes, "architectures": [architecture]}) == total


def test_experts_stand_one_below_the_other() -> None:
    """DbrxExpertGLU: 4 experts of 20 rows in one matrix; half of them are used."""
    spec = spec_of(DBRX)
    shapes = {name: shape for name, shape, _ in manifest(spec)}
    assert shapes["transformer.blocks.2.ffn.experts.mlp.w1"] == (80, 32)
    assert shapes["transformer.blocks.2.norm_attn_norm.attn.Wqkv.weight"] == (64, 32)
    found = counts(spec)
    assert found is not None
    assert (found.total - found.activated).value == 3 * 2 * 3 * 20 * 32


def test_cache() -> None:
    """Two KV heads of 8 in three layers."""
    assert reserved_of(DBRX, 16) == 3 * 2 * 2 * 8 * 16 * 2


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("dbrx")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("dbrx")
