"""Values of the front matter, and what misspelt ones mean."""

from __future__ import annotations

import time

import pytest

from specverify.card.metadata import MOST_ENTRIES, bare, entries, nearest, texts
from specverify.data import hub_enumerations


def test_one_value_and_a_list_of_them_have_their_places() -> None:
    assert list(entries({"a": "x"}, "a")) == [("a", "x")]
    assert list(entries({"a": ["x", 2]}, "a")) == [("a.0", "x"), ("a.1", 2)]
    assert list(entries({"a": None}, "a")) == []
    assert list(entries({}, "a")) == []
    assert len(list(entries({"a": ["x"] * 1_000}, "a"))) == MOST_ENTRIES


def test_texts_leave_out_what_is_none() -> None:
    assert texts({"a": ["x", 2, "", None, "y"]}, "a") == ("x", "y")


def test_case_and_punctuation_make_no_difference() -> None:
    assert bare("Apache 2.0") == bare("apache-2.0")
    assert bare("openrail++") != bare("openrail")


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("Apache-2.0", "apache-2.0"),
        ("apache2.0", "apache-2.0"),
        ("apache2", "apache-2.0"),
        ("apache license 2.0", None),
        ("MIT", "mit"),
        ("mitt", None),
        ("llama3_1", "llama3.1"),
        ("cc-by-nc-4", "cc-by-nc-4.0"),
        ("llama3.4", None),
        ("cc-by-nc-5.0", None),
        ("proprietary", None),
        ("", None),
    ],
)
def test_the_licence_that_a_misspelt_one_means(word: str, near: str | None) -> None:
    assert nearest(word, hub_enumerations()["licenses"]) == near


def test_a_long_word_means_nothing_and_costs_nothing() -> None:
    began = time.perf_counter()
    assert nearest("a" * 1_000_000, hub_enumerations()["libraries"]) is None
    assert time.perf_counter() - began < 0.1
