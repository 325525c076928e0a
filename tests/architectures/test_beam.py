"""Beam: windows and positions by layer, a gate, a mixture without shared expert."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, total_of, windows_of
from tests.architectures.reading import read, under

TINY: dict[str, Any] = {
    **SMALL,
    "model_type": "beam",
    "head_dim": 6,
    "moe_intermediate_size": 20,
    "num_experts": 4,
    "num_experts_per_tok": 2,
    "n_group": 2,
    "topk_group": 1,
}


@pytest.mark.parametrize(
    ("architecture", "changes", "expected"),
    [
        ("BeamForCausalLM", {}, 40_736),
        ("BeamModel", {"mlp_layer_types": ["sparse", "dense", "sparse", "sparse"], "attention_bias": True}, 44_352),
    ],
)
def test_totals(architecture: str, changes: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total_of({**TINY, "architectures": [architecture], **changes}) == expected


def test_the_gate_has_a_bias_a_head() -> None:
    layer = under(read("beam", **{key: value for key, value in TINY.items() if key != "model_type"}), "model.layers.0.")
    assert (layer["self_attn.gate_proj.weight"], layer["self_attn.gate_bias"]) == ((24, 32), (4,))
    assert {name for name in layer if name.endswith("layernorm.weight")} == {
        f"{name}_layernorm.weight" for name in ("post_attention", "pre_feedforward", "post_feedforward")
    } | {"input_layernorm.weight"}


def test_every_sixth_layer_and_the_last_see_everything() -> None:
    assert windows_of({**TINY, "num_hidden_layers": 8}) == [512] * 5 + [None, 512, None]


def test_layers_without_positions_are_no_problem() -> None:
    tables = {"sliding_attention": {"rope_type": "default", "rope_theta": 5_000.0}, "full_attention": None}
    spec = read("beam", **{key: value for key, value in TINY.items() if key != "model_type"}, rope_parameters=tables)
    assert spec.problems == ()
    assert spec.rope is not None
    assert spec.rope.theta.value == 5_000.0


def test_corpus() -> None:
    check_against_corpus("beam")
    check_cache_against_corpus("beam")
