"""Doge against its transformers class."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of, windows_of
from tests.architectures.reading import under

DOGE: dict[str, Any] = {**SMALL, "model_type": "doge", "architectures": ["DogeForCausalLM"]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 37_672),
        ({"mlp_bias": True, "attention_bias": True}, 38_576),
        ({"is_moe": True, "num_experts": 30}, 46_632),
    ],
)
def test_totals(changes: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total_of({**DOGE, **changes}) == expected


def test_experts_found_by_product_keys() -> None:
    """Two tables of a row an expert, five keys either way for thirty of them; what a token touches is not defined."""
    spec = spec_of({**DOGE, "is_moe": True, "num_experts": 30})
    layer = under(spec, "model.layers.0.mlp.")
    assert (layer["down_embed.weight"], layer["router_gate.weight"]) == ((30, 32), (10, 32))
    found = counts(spec)
    assert found is not None
    assert found.activated.value is None
    assert "product keys" in "; ".join(found.activated.reasons())


def test_windows() -> None:
    assert windows_of(DOGE) == [None] * 4
    assert windows_of({**DOGE, "sliding_window": 8}) == [8] * 4


def test_corpus() -> None:
    check_against_corpus("doge")
    check_cache_against_corpus("doge")
