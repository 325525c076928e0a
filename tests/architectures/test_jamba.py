"""Jamba against JambaForCausalLM."""

from __future__ import annotations

from typing import Any

import pytest

from specverify import num
from specverify.derive import cache
from specverify.derive.parameters import counts
from tests.architectures.plans import SMALL, check_against_corpus, check_published, spec_of, total_of, windows_of

JAMBA = {**SMALL, "model_type": "jamba", "num_experts": 4, "num_experts_per_tok": 2, "mamba_dt_rank": 4}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("JambaForCausalLM", {}, 93_680),
        ("JambaForCausalLM", {"attn_layer_offset": 1}, 86_540),
        ("JambaForCausalLM", {"expert_layer_period": 3}, 79_728),
        ("JambaForCausalLM", {"num_experts": 1}, 65_776),
        ("JambaForCausalLM", {"num_experts": 3}, 84_400),
        ("JambaForCausalLM", {"mamba_conv_bias": False}, 93_424),
        ("JambaForCausalLM", {"mamba_proj_bias": True}, 94_320),
        ("JambaForCausalLM", {"mamba_expand": 3}, 114_032),
        ("JambaForCausalLM", {"mamba_d_state": 8}, 87_472),
        ("JambaForCausalLM", {"mamba_d_conv": 3}, 93_424),
        ("JambaForCausalLM", {"mamba_dt_rank": "auto"}, 92_648),
        ("JambaForCausalLM", {"tie_word_embeddings": True}, 90_576),
        ("JambaForSequenceClassification", {}, 90_640),
        ("JambaModel", {}, 90_576),
    ],
)
def test_totals(architecture: str, changes: dict[str, Any], total: int) -> None:
    """JambaForCausalLM: norms over dt, B and C inside Mamba, one expert is no mixture."""
    assert total_of({**JAMBA, **changes, "architectures": [architecture]}) == total


def test_which_layers_attend() -> None:
    """JambaConfig: the layers that leave the offset when divided by the period."""
    assert windows_of({**JAMBA, "num_hidden_layers": 6, "attn_layer_period": 4, "attn_layer_offset": 1}) == [
        "mamba",
        None,
        "mamba",
        "mamba",
        "mamba",
        None,
    ]


def test_a_period_that_cannot_be_read_leaves_the_layers_unknown() -> None:
    """Jamba: without the period nobody knows which layers attend."""
    found = counts(spec_of({**JAMBA, "attn_layer_period": "eight"}))
    assert found is not None
    assert found.total.value is None


def test_the_state_of_the_published_model() -> None:
    """Jamba v0.1: 28 layers of 8192 x 16 in float32 and three columns of 8192 in bfloat16."""
    spec = spec_of({"model_type": "jamba"})
    plan = cache.plan(spec)
    assert cache.state_bytes(plan, "bfloat16", None).value == 16_056_320
    assert cache.state_bytes(plan, "bfloat16", "bfloat16").value == 8_716_288
    assert cache.attention_bytes(plan, num.const(4096), num.const(2)).value == 67_108_864


def test_recipe() -> None:
    """No positions; attention in some layers only."""
    spec = spec_of({"model_type": "jamba"})
    assert (spec.value("position_scheme"), spec.value("attention"), spec.value("prototype")) == ("none", "mixed", "decoder-only")
    assert spec.value("long_context_path") == ["compressed or recurrent state"]


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("jamba")


def test_published() -> None:
    """Every published config the corpus has of this type."""
    check_published("jamba")
