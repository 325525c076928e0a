"""Module patterns of quantization tables: what each form means, and that none can be made to cost time."""

from __future__ import annotations

import pytest

from specverify.derive.names import matcher

MODULE = "model.layers.3.self_attn.q_proj"


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        (MODULE, True),
        ("model.layers.3.self_attn", True),
        ("model.layers.3", True),
        ("model", True),
        ("q_proj", True),
        ("self_attn.q_proj", True),
        ("layers.3", True),
        ("model.layers.30", False),
        ("attn.q_proj", False),
        ("proj", False),
        ("lm_head", False),
        ("model.layers.3.*", True),
        ("model.layers.*.self_attn*", True),
        ("*self_attn*", True),
        ("model.layers.?.self_attn", True),
        ("model.layers.4*", False),
        ("re:.*self_attn.*", True),
        ("re:model\\.layers\\.\\d+\\.self_attn\\.(q|k|v)_proj", True),
        ("re:self_attn.*", False),
        ("re:.*mlp.*", False),
        ("re:.*q_proj$", True),
        ("re:.*q_pro$", False),
    ],
)
def test_what_a_pattern_means(pattern: str, meant: bool) -> None:
    test = matcher([pattern])
    assert test is not None
    assert test(MODULE) is meant


def test_one_of_several_is_enough() -> None:
    test = matcher(["lm_head", "re:.*router.*", "*.self_attn.*"])
    assert test is not None
    assert test(MODULE)
    assert test("model.layers.0.mlp.router")
    assert test("lm_head")
    assert not test("model.layers.0.mlp.up_proj")


def test_no_pattern_means_nothing() -> None:
    test = matcher([])
    assert test is not None
    assert not test(MODULE)


@pytest.mark.parametrize(
    "pattern", ["re:(a+)+b", "re:(a|a)*b", "re:(.*)*x", "re:[", "re:(?=x)", "re:" + "a" * 301, "*a*b*c*d*e", "re:.*.*.*.*.*"]
)
def test_a_pattern_that_could_cost_time_is_not_understood(pattern: str) -> None:
    assert matcher(["lm_head", pattern]) is None
