"""A field with every reading of it: the strongest counts, a claim never, and two that differ are a dispute."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.facts import Fact, Reading, Source, Where, derived, unknown

CONFIG, CARD, HEADER = Where("config.json", "/num_key_value_heads"), Where("README.md", line=42), Where("model.safetensors")


def reading(value: Any, source: Source = Source.DECLARED, where: Where = CONFIG) -> Reading:
    return Reading(value, source, where)


def test_sources_stand_in_order_of_strength() -> None:
    assert list(Source) == ["measured", "declared", "defaulted", "derived", "claimed"]


def test_the_strongest_reading_is_the_value() -> None:
    found = Fact("kv_heads").with_readings(reading(4, Source.DEFAULTED), reading(8), reading(2, Source.MEASURED, HEADER))
    assert [r.source for r in found.readings] == [Source.MEASURED, Source.DECLARED, Source.DEFAULTED]
    assert found.value == 2


def test_equal_strengths_keep_their_order() -> None:
    found = Fact("layers", (reading(2),)).with_readings(reading(6), reading(1, Source.CLAIMED, CARD))
    assert [r.value for r in found.readings] == [2, 6, 1]
    assert found.value == 2


def test_a_claim_is_never_the_value() -> None:
    claimed = Fact("context", (reading(131072, Source.CLAIMED, CARD),))
    assert claimed.value is None
    assert claimed.with_readings(reading(32768)).value == 32768


def test_a_reason_makes_it_unknown_whatever_is_stated() -> None:
    assert Fact("hidden_size", (reading("4096"),), "should be an integer").value is None


def test_false_and_zero_are_values() -> None:
    assert Fact("tie", (reading(False),)).value is False
    assert Fact("n", (reading(0), reading(3, Source.DEFAULTED))).value == 0


@pytest.mark.parametrize(("values", "disputed"), [((8, 8), False), ((8, 4), True), ((8, 8, 4), True), ((8,), False), ((), False)])
def test_readings_that_differ_are_a_dispute(values: tuple[int, ...], disputed: bool) -> None:
    assert Fact("kv_heads", tuple(reading(value) for value in values)).disputed is disputed


def test_a_claim_that_differs_is_a_dispute_too() -> None:
    assert Fact("context", (reading(32768), reading(131072, Source.CLAIMED, CARD))).disputed


def test_an_unknown_fact_has_a_reason_and_no_value() -> None:
    found = unknown("router", "the class is not known")
    assert (found.value, found.reason, found.readings) == (None, "the class is not known", ())


def test_a_derived_fact_says_how_and_where() -> None:
    base = Fact("hidden_size", (reading(64),))
    found = derived("head_dim", 16, "64 // 4", Fact("none"), base)
    assert found.value == 16
    assert (found.readings[0].source, found.readings[0].where, found.readings[0].note) == (Source.DERIVED, CONFIG, "64 // 4")


def test_a_derived_fact_that_rests_on_nothing_is_ours() -> None:
    assert derived("prototype", "decoder-only", "by its mask").readings[0].where == Where("specverify")


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (CONFIG, "config.json#/num_key_value_heads"),
        (Where("config.json", ""), "config.json#"),
        (CARD, "README.md:42"),
        (HEADER, "model.safetensors"),
    ],
)
def test_a_place_in_words(where: Where, text: str) -> None:
    assert str(where) == text
