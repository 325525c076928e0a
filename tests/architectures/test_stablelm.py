"""StableLM: its switches, and the norm of its own that every head has in the 12B model."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, check_published, total_of
from tests.architectures.reading import kept, read, tensors, under

STABLE = {**SMALL, "model_type": "stablelm"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 37_504),
        ({"qk_layernorm": True}, 37_696),
        ({"use_qkv_bias": True}, 37_760),
        ({"use_parallel_residual": True}, 37_248),
        ({"tie_word_embeddings": True}, 34_400),
    ],
)
def test_totals(changes: dict[str, Any], expected: int) -> None:
    assert total_of({**STABLE, "architectures": ["StableLmForCausalLM"], **changes}) == expected


def test_names() -> None:
    spec = read("stablelm", **SMALL, qk_layernorm=True)
    assert under(spec, "model.layers.1.") == {
        "self_attn.q_proj.weight": (32, 32),
        "self_attn.k_proj.weight": (16, 32),
        "self_attn.v_proj.weight": (16, 32),
        "self_attn.o_proj.weight": (32, 32),
        **{f"self_attn.q_layernorm.norms.{head}.weight": (8,) for head in range(4)},
        **{f"self_attn.k_layernorm.norms.{head}.weight": (8,) for head in range(2)},
        "mlp.gate_proj.weight": (48, 32),
        "mlp.up_proj.weight": (48, 32),
        "mlp.down_proj.weight": (32, 48),
        **{f"{name}_layernorm.{part}": (32,) for name in ("input", "post_attention") for part in ("weight", "bias")},
    }
    assert tensors(spec)["model.norm.bias"] == (32,)


def test_recipe_and_cache() -> None:
    spec = read("stablelm", **SMALL, use_parallel_residual=True)
    assert (spec.value("parallel_blocks"), spec.value("norm"), spec.value("position_scheme")) == (True, "layer", "rope")
    assert read("stablelm", **SMALL).value("parallel_blocks") is False
    assert kept(spec, 10) == (4 * 2 * 2 * 8 * 10 * 2, 0)


def test_corpus() -> None:
    check_against_corpus("stablelm")


def test_published() -> None:
    check_published("stablelm_epoch")
