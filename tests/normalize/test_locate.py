"""JSON pointers to lines: escapes, arrays, and of two equal keys the last."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specverify.normalize.locate import LONGEST_QUOTE, locate, offsets, place_of

TEXT = """{
  "model_type": "llama",
  "rope_scaling": {"type": "linear",
                   "factor": 2.0},
  "a/b": {"c~d": 1, "e\\u0041": 2},
  "list": [10, {"x": 1},
           [true, null]],
  "": {"": 0},
  "twice": 1,
  "twice": {"in": 2}
}"""


@pytest.mark.parametrize(
    ("pointer", "line", "quote"),
    [
        ("/model_type", 2, '"model_type": "llama"'),
        ("/rope_scaling", 3, '"rope_scaling": {"type": "linear"'),
        ("/rope_scaling/factor", 4, '"factor": 2.0}'),
        ("/a~1b", 5, '"a/b": {"c~d": 1, "e\\u0041": 2}'),
        ("/a~1b/c~0d", 5, '"a/b": {"c~d": 1, "e\\u0041": 2}'),
        ("/a~1b/eA", 5, '"a/b": {"c~d": 1, "e\\u0041": 2}'),
        ("/list/0", 6, '"list": [10, {"x": 1}'),
        ("/list/1/x", 6, '"list": [10, {"x": 1}'),
        ("/list/2", 7, "[true, null]]"),
        ("/list/2/1", 7, "[true, null]]"),
        ("/", 8, '"": {"": 0}'),
        ("//", 8, '"": {"": 0}'),
        ("/twice", 10, '"twice": {"in": 2}'),
        ("/twice/in", 10, '"twice": {"in": 2}'),
        ("", 1, "{"),
    ],
)
def test_a_pointer_is_the_line_of_its_key(pointer: str, line: int, quote: str) -> None:
    place = locate(TEXT, pointer)
    assert place is not None
    assert (place.line, place.quote) == (line, quote)


@pytest.mark.parametrize("pointer", ["/nothing", "/list/3", "/model_type/0", "model_type", "/a/b"])
def test_a_pointer_to_nothing_has_no_place(pointer: str) -> None:
    assert locate(TEXT, pointer) is None


def test_no_offset_is_no_place() -> None:
    assert place_of(TEXT, None) is None


def test_strings_that_look_like_structure_are_strings() -> None:
    text = '{"a": "}, \\"b\\": [1", "c": 2}'
    assert set(offsets(text)) == {"", "/a", "/c"}


def test_a_long_line_is_quoted_from_the_key_on() -> None:
    text = '{"list": [' + "1, " * 200 + '1], "key": "value"}'
    place = locate(text, "/key")
    assert place is not None
    assert place.quote == '"key": "value"} ...'
    long = locate('{"a": 0, "key": "' + "x" * 500 + '"}', "/key")
    assert long is not None
    assert len(long.quote) == LONGEST_QUOTE + len(" ...")


def test_a_file_that_is_one_number() -> None:
    assert offsets("3") == {"": 0}


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


def pointers(value: Any, at: str = "") -> list[str]:
    if isinstance(value, dict):
        below = [(f"{at}/{key.replace('~', '~0').replace('/', '~1')}", entry) for key, entry in value.items()]
    elif isinstance(value, list):
        below = [(f"{at}/{index}", entry) for index, entry in enumerate(value)]
    else:
        return [at]
    return [at, *(found for pointer, entry in below for found in pointers(entry, pointer))]


@given(TREES, st.sampled_from([None, 1]))
@settings(deadline=None)
def test_every_pointer_of_every_document_is_found(tree: Any, indent: int | None) -> None:
    text = json.dumps(tree, indent=indent)
    assert set(offsets(text)) == set(pointers(tree))
