"""StarCoder2: biases by one switch, two matrices, and a window on every layer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, check_published, total_of, windows_of
from tests.architectures.reading import kept, read, under

STAR = {**SMALL, "model_type": "starcoder2"}


@pytest.mark.parametrize(
    ("changes", "architecture", "expected"),
    [
        ({}, "Starcoder2ForCausalLM", 28_960),
        ({"use_bias": False}, "Starcoder2ForCausalLM", 28_256),
        ({}, "Starcoder2ForTokenClassification", 29_026),
    ],
)
def test_totals(changes: dict[str, Any], architecture: str, expected: int) -> None:
    assert total_of({**STAR, "architectures": [architecture], **changes}) == expected


def test_names() -> None:
    assert under(read("starcoder2", **SMALL), "model.layers.1.") == {
        "self_attn.q_proj.weight": (32, 32),
        "self_attn.q_proj.bias": (32,),
        "self_attn.k_proj.weight": (16, 32),
        "self_attn.k_proj.bias": (16,),
        "self_attn.v_proj.weight": (16, 32),
        "self_attn.v_proj.bias": (16,),
        "self_attn.o_proj.weight": (32, 32),
        "self_attn.o_proj.bias": (32,),
        "mlp.c_fc.weight": (48, 32),
        "mlp.c_fc.bias": (48,),
        "mlp.c_proj.weight": (32, 48),
        "mlp.c_proj.bias": (32,),
        **{f"{name}_layernorm.{part}": (32,) for name in ("input", "post_attention") for part in ("weight", "bias")},
    }


def test_recipe_and_cache() -> None:
    spec = read("starcoder2", **SMALL)
    assert (spec.value("norm"), spec.value("feed_forward"), spec.value("attention")) == ("layer", "plain", "gqa")
    assert kept(spec, 10) == (4 * 2 * 2 * 8 * 10 * 2, 0)
    assert windows_of({**STAR, "sliding_window": 8}) == [8] * 4
    assert windows_of(STAR) == [None] * 4


def test_corpus() -> None:
    check_against_corpus("starcoder2")


def test_published() -> None:
    check_published("starcoder2")
