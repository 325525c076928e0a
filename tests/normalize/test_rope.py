"""Rotary scaling: two spellings of one table, tables by layer type, older names, and keys that stand beside the table."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.facts import Source
from specverify.spec import ModelSpec, Rope
from tests.architectures.plans import SMALL, spec_of
from tests.derive.served import published


def spec(model_type: str = "llama", /, **raw: Any) -> ModelSpec:
    return spec_of({"model_type": model_type, **SMALL, **raw})


def rope(model_type: str = "llama", /, **raw: Any) -> Rope:
    found = spec(model_type, **raw).rope
    assert found is not None
    return found


def places(fact: Any) -> list[tuple[Any, str]]:
    return [(reading.value, reading.where.pointer) for reading in fact.readings]


def test_nothing_stated_is_the_class_default() -> None:
    found = rope()
    assert (found.type.value, found.theta.value, found.factor) == ("default", 10_000.0, None)
    assert found.theta.readings[0].source is Source.DEFAULTED


@pytest.mark.parametrize("key", ["rope_scaling", "rope_parameters"])
@pytest.mark.parametrize("name", ["type", "rope_type"])
def test_either_spelling_of_table_and_type(key: str, name: str) -> None:
    found = rope(**{key: {name: "linear", "factor": 2.0}})
    assert (found.type.value, found.factor and found.factor.value) == ("linear", 2.0)
    assert places(found.type) == [("linear", f"/{key}/{name}")]


def test_of_two_tables_rope_scaling_wins_and_both_are_read() -> None:
    found = rope(rope_parameters={"rope_type": "yarn", "factor": 8.0}, rope_scaling={"rope_type": "linear", "factor": 2.0})
    assert found.type.value == "linear"
    assert found.factor is not None
    assert places(found.factor) == [(2.0, "/rope_scaling/factor"), (8.0, "/rope_parameters/factor")]
    assert found.factor.disputed


def test_a_null_table_says_nothing() -> None:
    assert rope(rope_scaling=None, rope_parameters={"rope_type": "linear", "factor": 2.0}).type.value == "linear"
    assert rope(rope_scaling=None).type.value == "default"


def test_of_type_and_rope_type_the_newer_wins() -> None:
    found = rope(rope_scaling={"type": "linear", "rope_type": "yarn", "factor": 2.0})
    assert places(found.type) == [("yarn", "/rope_scaling/rope_type"), ("linear", "/rope_scaling/type")]


def test_su_is_longrope() -> None:
    found = rope("phi3", pad_token_id=0, rope_scaling={"type": "su", "short_factor": [1.0], "long_factor": [2.0]})
    assert found.type.value == "longrope"
    assert dict(found.parameters)["long_factor"].value == [2.0]


def test_the_base_in_the_table_wins_over_the_one_beside_it() -> None:
    found = rope(rope_theta=500_000.0, rope_parameters={"rope_type": "default", "rope_theta": 10_000.0})
    assert places(found.theta) == [(10_000.0, "/rope_parameters/rope_theta"), (500_000.0, "/rope_theta")]
    beside = rope(rope_theta=500_000.0, rope_parameters={"rope_type": "default"})
    assert places(beside.theta) == [(500_000.0, "/rope_theta")]
    assert rope(rope_theta=500_000.0).theta.value == 500_000.0


def test_a_table_without_a_base_has_the_class_default() -> None:
    found = rope(rope_scaling={"rope_type": "linear", "factor": 2.0})
    assert (found.theta.value, found.theta.readings[0].source) == (10_000.0, Source.DEFAULTED)


def test_of_two_tables_the_first_counts_whole() -> None:
    """A factor of the table that does not count is no factor of the model."""
    found = rope(rope_scaling={"rope_type": "default"}, rope_parameters={"rope_type": "linear", "factor": 8.0})
    assert (found.type.value, found.factor) == ("default", None)


def test_phi_3_states_its_original_length_at_the_root() -> None:
    found = rope(
        "phi3",
        pad_token_id=0,
        original_max_position_embeddings=64,
        rope_scaling={"type": "longrope", "original_max_position_embeddings": 32},
    )
    original = found.original_max_position_embeddings
    assert original is not None
    assert places(original) == [(64, "/original_max_position_embeddings"), (32, "/rope_scaling/original_max_position_embeddings")]
    shipped = published("phi-3-mini-128k").rope
    assert shipped is not None
    assert shipped.original_max_position_embeddings is not None
    assert shipped.original_max_position_embeddings.value == 4096


@pytest.mark.parametrize("order", [("full_attention", "sliding_attention"), ("sliding_attention", "full_attention")])
def test_by_layer_type_the_layers_that_see_everything_count(order: tuple[str, str]) -> None:
    tables = {
        "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1_000_000.0},
        "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
    }
    found = rope("gemma3_text", head_dim=8, rope_parameters={name: tables[name] for name in order})
    assert (found.type.value, found.theta.value) == ("linear", 1_000_000.0)
    assert places(found.type) == [("linear", "/rope_parameters/full_attention/rope_type")]


def test_layer_tables_beside_values_are_a_problem() -> None:
    mixed = spec(rope_parameters={"full_attention": {"rope_type": "default"}, "factor": 2.0})
    assert [(p.kind, p.pointer) for p in mixed.problems] == [("rope-mixed", "/rope_parameters")]


@pytest.mark.parametrize("table", ["linear", 2, ["linear"], True])
def test_a_table_that_is_no_object_is_a_problem(table: Any) -> None:
    found = spec(rope_scaling=table)
    assert [(p.kind, p.pointer) for p in found.problems] == [("type", "/rope_scaling")]
    assert found.rope is not None
    assert found.rope.type.value == "default"


def test_a_type_that_is_no_text_is_unknown() -> None:
    found = spec(rope_scaling={"type": 3, "factor": 2.0})
    assert found.rope is not None
    assert (found.rope.type.value, found.rope.type.reason) == (None, "the rotary scaling type is no string")
    assert [(p.kind, p.pointer) for p in found.problems] == [("type", "/rope_scaling/type")]


def test_a_table_without_a_type_is_not_scaled_and_says_so() -> None:
    found = rope(rope_scaling={"factor": 2.0})
    assert found.type.value == "default"
    assert (found.type.readings[0].source, found.type.readings[0].note) == (Source.DERIVED, "no scaling type is stated")


def test_a_model_without_rotary_positions_has_none() -> None:
    assert published("bert-base").rope is None
    assert published("gpt2").rope is None


def test_the_readings_are_facts_of_the_spec() -> None:
    facts = spec(rope_scaling={"type": "yarn", "factor": 4.0, "beta_fast": 32}).facts
    assert (facts["rope_type"].value, facts["rope_factor"].value, facts["beta_fast"].value) == ("yarn", 4.0, 32)


def test_the_table_counts_as_read() -> None:
    keys = spec(rope_scaling={"type": "linear", "factor": 2.0}, rope_theta=1.0).keys
    assert not {"/rope_scaling", "/rope_theta"} & {*keys.unread, *keys.unused}
