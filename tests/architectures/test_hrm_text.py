"""HRM-Text against its transformers class: two stacks, passed through many times."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, reserved_of, spec_of, total_of
from tests.architectures.reading import tensors

HRM: dict[str, Any] = {**SMALL, "model_type": "hrm_text", "head_dim": 6, "architectures": ["HrmTextForCausalLM"]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 73_824),
        ({"num_layers_per_stack": 3, "attention_bias": True, "mlp_bias": True}, 58_464),
        ({"num_hidden_layers": 96, "num_layers_per_stack": 4}, 73_824),
    ],
)
def test_totals(changes: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23, which takes `num_hidden_layers` for one stack's unless that is stated."""
    assert total_of({**HRM, **changes}) == expected


def test_the_depth_of_a_stack() -> None:
    """What the file states is taken, the default of the signature too; what is no count leaves the model unknown."""
    absent = {key: value for key, value in HRM.items() if key != "num_hidden_layers"}
    assert total_of({**HRM, "num_hidden_layers": 16}) == total_of(absent) == 6_240 + 16 * (73_824 - 6_240) // 4
    spec = spec_of({**HRM, "num_hidden_layers": "4"})
    found = counts(spec)
    assert found is not None
    assert found.total.value is None
    assert "/num_hidden_layers" in [problem.pointer for problem in spec.problems]


def test_both_stacks_are_named() -> None:
    names = tensors(spec_of(HRM))
    assert {name.split(".layers.")[0] for name in names if ".layers." in name} == {"model.L_module", "model.H_module"}
    assert names["model.H_module.layers.3.attn.gqkv_proj.weight"] == (4 * 4 * 6, 32)
    assert names["model.z_L_init"] == (32,)


def test_every_pass_keeps_keys_and_values() -> None:
    """Two slow passes, each after three fast ones, over stacks of four layers."""
    assert reserved_of(HRM, 10) == 2 * (3 + 1) * 4 * 10 * 2 * 4 * 6 * 2
    assert reserved_of({**HRM, "L_cycles": 5}, 10) == 2 * (5 + 1) * 4 * 10 * 2 * 4 * 6 * 2


def test_mask() -> None:
    assert [spec_of({**HRM, "prefix_lm": flag}).value("prototype") for flag in (True, False)] == ["prefix-lm", "decoder-only"]


def test_corpus() -> None:
    check_against_corpus("hrm_text")
    check_cache_against_corpus("hrm_text")
