"""Bytes to JSON with nothing lost: what is kept as a problem, what is refused, and that no bytes cost much time."""

from __future__ import annotations

import math

import pytest

from specverify.errors import Unreadable
from specverify.normalize.document import DEEPEST, MOST_BYTES, MOST_DUPLICATES, parse, parse_object, too_deep

FILE = "config.json"


def kinds(text: str) -> list[tuple[str, str]]:
    return [(problem.kind, problem.pointer) for problem in parse(text.encode(), FILE).problems]


def refused(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        parse_object(data, FILE)
    assert caught.value.file == FILE
    return str(caught.value)


def test_a_healthy_file_has_no_problem() -> None:
    document = parse(b'{"a": [1, 2.5, null, true, "x"]}', FILE)
    assert document.root == {"a": [1, 2.5, None, True, "x"]}
    assert (document.file, document.problems, document.text) == (FILE, (), '{"a": [1, 2.5, null, true, "x"]}')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1, "a": 2}', [("duplicate", "/a")]),
        ('{"a": 1, "a": 1}', [("repeated", "/a")]),
        ('{"b": {"a": 1, "a": 2}}', [("duplicate", "/b/a")]),
        ('{"b": [0, {"x/y": 1, "x/y": 2}]}', [("duplicate", "/b/1/x~1y")]),
        ('{"a": 1, "b": {"a": 1}}', []),
    ],
)
def test_a_key_that_stands_twice_is_kept_with_its_place(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(text) == expected


def test_the_last_of_two_counts() -> None:
    document = parse(b'{"num_key_value_heads": 8, "num_key_value_heads": 2}', FILE)
    assert document.root == {"num_key_value_heads": 2}
    assert document.problems[0].value == 2


def test_a_thousand_duplicates_are_told_of_once_in_a_while() -> None:
    assert len(kinds("{" + '"a":1,' * 5000 + '"a":2}')) == MOST_DUPLICATES


@pytest.mark.parametrize(
    ("word", "check"), [("NaN", math.isnan), ("Infinity", lambda v: v == math.inf), ("-Infinity", lambda v: v == -math.inf)]
)
def test_numbers_that_are_no_json_are_kept(word: str, check: object) -> None:
    document = parse(f'{{"a": {word}, "b": {word}}}'.encode(), FILE)
    assert callable(check)
    assert check(document.root["a"])
    assert [(p.kind, p.value) for p in document.problems] == [("constant", word)]


def test_a_byte_order_mark_is_kept_as_a_problem() -> None:
    document = parse(b'\xef\xbb\xbf{"a": 1}', FILE)
    assert document.root == {"a": 1}
    assert document.text == '{"a": 1}'
    assert [p.kind for p in document.problems] == ["bom"]


def test_integers_keep_every_digit() -> None:
    assert parse(b'{"a": 123456789012345678901234567890}', FILE).root["a"] == 123456789012345678901234567890


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "config.json:line 1 column 1: not JSON"),
        (b'{"a": 1,}', "config.json:line 1 column 9: not JSON"),
        (b'{"a": 1}\n{"b": 2}', "config.json:line 2 column 1: not JSON"),
        (b"<html>\n</html>", "config.json:line 1 column 1: not JSON"),
        (b'{"a": "\xff"}', "config.json:byte 7: not UTF-8"),
        (b'\xff\xfe{\x00"\x00a\x00', "config.json:byte 0: not UTF-8"),
        (b"[1]", "config.json:line 1: holds an array, not an object"),
        (b'"x"', "config.json:line 1: holds a string, not an object"),
        (b"null", "config.json:line 1: holds null, not an object"),
        (b"true", "config.json:line 1: holds true or false, not an object"),
        (b"3", "config.json:line 1: holds a number, not an object"),
        (b'{\n"a":\n' + b"9" * 5000 + b"}", "config.json:line 3: an integer of thousands of digits"),
        (b'{"x": \n' + b"[" * 100 + b"]" * 100 + b"}", "config.json:line 2: nested deeper than 64 levels"),
    ],
)
def test_what_is_refused_says_where(data: bytes, said: str) -> None:
    assert said in refused(data)


def test_the_size_has_a_bound() -> None:
    assert "bytes, more than the 8,388,608" in refused(b" " * (MOST_BYTES + 1))
    assert parse(b"1" + b" " * (MOST_BYTES - 1), FILE).root == 1


def test_the_depth_has_a_bound() -> None:
    assert parse(b"[" * DEEPEST + b"]" * DEEPEST, FILE).problems == ()
    with pytest.raises(Unreadable, match="nested deeper"):
        parse(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), FILE)


def test_depth_counts_neither_siblings_nor_strings() -> None:
    assert too_deep("[" + "[]," * 500 + "[]]") is None
    assert too_deep('["' + "[{" * 500 + '"]') is None
    assert too_deep('["\\"' + "[{" * 500 + '"]') is None
    assert too_deep('["a\\\\", ' + "[" * DEEPEST + "]" * DEEPEST + "]") == len('["a\\\\", ') + DEEPEST - 1


@pytest.mark.parametrize(
    "data",
    [
        b"[]" * 65 + b'"' + b'\\"' * 2_000_000,
        b"[]" * 65 + b'"' * 1_000_001,
        b"[" + (b"1" * 3999 + b",") * 1_000 + b"1" * 5000 + b"]",
        b"\\" * 4_000_000 + b"[" * 70,
    ],
    ids=["escaped-quotes", "quotes", "digits", "backslashes"],
)
def test_no_bytes_cost_more_than_one_look(data: bytes) -> None:
    """Each of these took minutes when a string that is never closed, or a run of digits, was looked at from every byte of it."""
    refused(data)
