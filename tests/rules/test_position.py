"""Rotary positions, beyond the rules' examples."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.outcome import Severity
from tests.rules.assessed import LLAMA, found, reason

Json = dict[str, Any]
LONG: Json = {**LLAMA, "max_position_embeddings": 131072}
HEAD = 64
"""The head dimension of LLAMA."""


def scaled(table: Json, **more: Any) -> Json:
    return {**LONG, "rope_scaling": table, **more}


def llama3(**change: Any) -> Json:
    table = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
    return {**table, "original_max_position_embeddings": 8192, **change}


def without(table: Json, key: str) -> Json:
    return {name: value for name, value in table.items() if name != key}


@pytest.mark.parametrize(
    ("table", "missing"),
    [
        ({"type": "linear"}, "factor"),
        ({"type": "dynamic"}, "factor"),
        ({"rope_type": "yarn", "original_max_position_embeddings": 4096}, "factor"),
        (without(llama3(), "low_freq_factor"), "low_freq_factor"),
        ({"type": "longrope", "short_factor": [1.0] * (HEAD // 2), "original_max_position_embeddings": 4096}, "long_factor"),
        ({"type": "mrope"}, "mrope_section"),
    ],
)
def test_a_key_that_the_type_cannot_do_without_is_an_error(table: Json, missing: str) -> None:
    (finding,) = found(scaled(table), "POS001")
    assert finding.severity is Severity.ERROR
    assert f"`{missing}`" in finding.message
    assert (finding.evidence[0].pointer or "").startswith("/rope_scaling/")


def test_without_the_original_length_it_loads_and_that_is_a_warning() -> None:
    (finding,) = found(scaled(without(llama3(), "original_max_position_embeddings")), "POS001")
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "table",
    [
        {"type": "yarn", "short_factor": [1.0], "long_factor": [1.0]},
        {"type": "dynamic", "alpha": 1000.0},
        {"rope_type": "gptj"},
        {"rope_type": "default"},
    ],
)
def test_tables_that_go_by_other_keys_are_complete(table: Json) -> None:
    assert not found(scaled(table), "POS001")


def test_types_that_are_the_same_under_two_names_do_not_conflict() -> None:
    sections = {"mrope_section": [8, 12, 12]}
    assert not found(scaled({"type": "su", "rope_type": "longrope", "short_factor": [], "long_factor": []}), "POS002")
    assert not found(scaled({"type": "mrope", "rope_type": "default", **sections}), "POS002")
    (finding,) = found(scaled({"type": "dynamic", "rope_type": "linear", "factor": 2.0}), "POS002")
    assert "`rope_type` says linear and `type` says dynamic" in finding.message
    assert {evidence.pointer for evidence in finding.evidence} == {"/rope_scaling/type", "/rope_scaling/rope_type"}


def test_plain_values_that_repeat_a_table_by_layer_type_are_only_worth_knowing() -> None:
    inner = {"rope_type": "default", "rope_theta": 1000000.0}
    (finding,) = found({**LONG, "rope_parameters": {"full_attention": inner, "rope_theta": 1000000.0}}, "POS003")
    assert finding.severity is Severity.INFO
    (finding,) = found({**LONG, "rope_parameters": {"full_attention": inner, "rope_theta": 5.0}}, "POS003")
    assert finding.severity is Severity.WARNING
    assert [evidence.pointer for evidence in finding.evidence] == ["/rope_parameters/rope_theta"]


def longrope(short: int, long: int, **more: Any) -> Json:
    table = {"type": "longrope", "short_factor": [1.0] * short, "long_factor": [2.0] * long, "original_max_position_embeddings": 4096}
    return scaled(table, **more)


def test_longrope_factors_are_counted_over_the_rotated_part_of_a_head() -> None:
    assert not found(longrope(32, 32), "POS004")
    assert not found(longrope(24, 24, partial_rotary_factor=0.75), "POS004")
    assert [finding.message.split()[0] for finding in found(longrope(31, 30), "POS004")] == ["`short_factor`", "`long_factor`"]
    (finding,) = found(longrope(32, 24, partial_rotary_factor=0.75), "POS004")
    assert "/partial_rotary_factor" in {evidence.pointer for evidence in finding.evidence}


def test_which_part_an_unknown_class_rotates_is_not_guessed() -> None:
    unknown = {**longrope(16, 16), "model_type": "example", "architectures": ["ExampleForCausalLM"]}
    assert "rotates" in (reason(unknown, "POS004") or "")
    assert found({**unknown, "partial_rotary_factor": 1.0}, "POS004")
    assert not found({**unknown, "partial_rotary_factor": 0.5}, "POS004")


@pytest.mark.parametrize(("sections", "fires"), [([16, 8, 8], False), ([16, 16], False), ([16, 16, 16], True), ([8, 8], True)])
def test_mrope_sections_share_out_every_frequency(sections: list[int], fires: bool) -> None:
    assert bool(found(scaled({"type": "default", "mrope_section": sections}), "POS005")) is fires


@pytest.mark.parametrize(
    ("table", "severity"),
    [
        ({"type": "linear", "factor": None}, Severity.ERROR),
        ({"type": "dynamic", "factor": "2"}, Severity.ERROR),
        ({"type": "dynamic", "factor": True}, Severity.ERROR),
        ({"type": "linear", "factor": 0.5}, Severity.WARNING),
        ({"type": "yarn", "factor": None, "original_max_position_embeddings": 4096}, None),
        ({"type": "dynamic", "factor": 1.0, "alpha": 1000.0}, None),
        ({"type": "example", "factor": 0}, None),
    ],
)
def test_factors(table: Json, severity: Severity | None) -> None:
    assert [finding.severity for finding in found(scaled(table), "POS006")] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("factor", "original", "context", "fires"),
    [
        (40, 4096, 163840, False),
        (32.0, 4096, 131072, False),
        (4.0, 32768, 32768, False),
        (4.0, 32768, 16384, True),
        (2, 32768, 131072, True),
    ],
)
def test_yarn_ratio(factor: float, original: int, context: int, fires: bool) -> None:
    table = {"rope_type": "yarn", "factor": factor, "original_max_position_embeddings": original}
    assert bool(found(scaled(table, max_position_embeddings=context), "POS007")) is fires


@pytest.mark.parametrize(
    ("change", "fires"),
    [
        ({}, True),
        ({"max_position_embeddings": 32768}, False),
        ({"rotary_emb_base": 500000}, False),
        ({"rope_parameters": {"rope_type": "default", "rope_theta": 10000.0}}, False),
        ({"rope_scaling": {"type": "linear", "factor": 4.0}}, False),
        ({"model_type": "gemma3_text", "architectures": ["Gemma3ForCausalLM"]}, False),
    ],
)
def test_a_missing_base_counts_only_where_the_class_default_is_too_small(change: Json, fires: bool) -> None:
    assert bool(found({**without(LONG, "rope_theta"), **change}, "POS008")) is fires


def test_a_base_stated_twice_alike_is_no_finding() -> None:
    assert not found({**LONG, "rope_parameters": {"rope_type": "default", "rope_theta": 10000}}, "POS009")
    (finding,) = found({**LONG, "rope_parameters": {"rope_type": "default", "rope_theta": 500000.0}}, "POS009")
    assert {evidence.pointer for evidence in finding.evidence} == {"/rope_theta", "/rope_parameters/rope_theta"}


def test_a_model_without_rotary_positions_is_skipped() -> None:
    bert = {"model_type": "bert", "architectures": ["BertModel"], "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    assert reason({**bert, "vocab_size": 100, "intermediate_size": 128}, "POS001") == "the model has no rotary positions"


@pytest.mark.parametrize(("low", "high", "fires"), [(1.0, 4.0, False), (1.0, 1.0, False), (4.0, 1.0, True), (1.5, 1.0, True)])
def test_bands_of_a_llama3_table(low: float, high: float, fires: bool) -> None:
    table = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": low, "high_freq_factor": high}
    config = {**LLAMA, "max_position_embeddings": 131072, "rope_scaling": {**table, "original_max_position_embeddings": 8192}}
    assert bool(found(config, "POS020")) is fires


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"rotary_dim": 32, "partial_rotary_factor": 0.5}, ""),
        (
            {"rotary_dim": 32, "partial_rotary_factor": 1.0},
            "Of a head of 64, `rotary_dim` 32 is 32 and `partial_rotary_factor` 1 is 64 dimensions.",
        ),
        ({"rotary_pct": 0.25, "partial_rotary_factor": 0.25}, ""),
        (
            {"rotary_pct": 0.25, "partial_rotary_factor": 0.5},
            "Of a head of 64, `rotary_pct` 0.25 is 16 and `partial_rotary_factor` 0.5 is 32 dimensions.",
        ),
        ({"rotary_dim": 32}, ""),
        ({"rotary_dim": 32, "rotary_pct": None}, ""),
        ({"rotary_dim": 32, "rotary_pct": True}, ""),
        ({"head_dim": 128, "rotary_dim": 64, "partial_rotary_factor": 0.5}, ""),
    ],
)
def test_the_rotated_part_is_one_size(keys: dict[str, Any], said: str) -> None:
    assert [finding.message for finding in found({**LLAMA, **keys}, "POS021")] == ([said] if said else [])


def test_the_rotated_part_may_stand_in_the_rotary_table() -> None:
    table = {"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5}
    assert not found({**LLAMA, "rope_parameters": table, "rotary_dim": 32}, "POS021")
    (finding,) = found({**LLAMA, "rope_parameters": table, "rotary_dim": 16}, "POS021")
    assert {evidence.pointer for evidence in finding.evidence} == {"/rotary_dim", "/rope_parameters/partial_rotary_factor"}
