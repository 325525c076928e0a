"""Bytes to a JSON document with nothing lost: duplicate keys, non-finite numbers and a byte order mark are kept as problems."""

from __future__ import annotations

import json
import re
from dataclasses import field
from typing import Any, NamedTuple

from specverify.errors import Unreadable
from specverify.pattern import Pattern
from specverify.spec import Problem

_STRING_OR_BRACKET = Pattern(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""A string that is never closed runs to the end, so that no part of it is looked at twice."""
MOST_BYTES = 8 * 2**20
DEEPEST = 64
MOST_DUPLICATES = 100
"""A file of nothing but one key over and over says no more by its millionth."""


class Document(NamedTuple):
    """A parsed file: its `root`, its `text` for finding lines, and what was wrong with the bytes."""

    file: str
    text: str
    root: Any
    problems: tuple[Problem, ...] = field(default=())


def parse(data: bytes, file: str, most: int = MOST_BYTES) -> Document:
    """Parse JSON.

    Raises Unreadable, with the line or offset, for bytes that are no UTF-8, no JSON, larger than `most`, nested deeper
    than 64, or hold an integer of thousands of digits.
    """
    if len(data) > most:
        raise Unreadable(f"{len(data):,} bytes, more than the {most:,} it may have", file=file)
    problems: list[Problem] = []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 ({error.reason})", file=file, place=f"byte {error.start}") from None
    if text.startswith("\ufeff"):
        text = text[1:]
        problems.append(Problem("bom", "", "starts with a byte order mark, which JSON parsers and transformers refuse"))
    place = too_deep(text)
    if place is not None:
        raise Unreadable(f"nested deeper than {DEEPEST} levels", file=file, place=f"line {text.count(chr(10), 0, place) + 1}")
    duplicates: list[tuple[dict[str, Any], str, Any, Any]] = []
    constants: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) < len(items):
            seen: dict[str, Any] = {}
            for key, value in items:
                if key in seen and len(duplicates) < MOST_DUPLICATES:
                    duplicates.append((found, key, seen[key], value))
                seen[key] = value
        return found

    def constant(name: str) -> float:
        constants.append(name)
        return float(name.replace("Infinity", "inf"))

    try:
        root = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {error.msg}", file=file, place=f"line {error.lineno} column {error.colno}") from None
    except ValueError:
        digits = re.search(r"(?<!\d)\d{4000,}", text)
        line = text.count("\n", 0, digits.start()) + 1 if digits else 1
        raise Unreadable("an integer of thousands of digits", file=file, place=f"line {line}") from None
    places = _places(root, [owner for owner, *_ in duplicates]) if duplicates else {}
    for owner, key, first, last in duplicates:
        pointer = f"{places.get(id(owner), '')}/{key.replace('~', '~0').replace('/', '~1')}"
        if first == last:
            problems.append(Problem("repeated", pointer, f"`{key}` stands twice in one object, with the same value", last))
        else:
            problems.append(Problem("duplicate", pointer, f"`{key}` stands twice in one object, and the last one wins", last))
    problems += [Problem("constant", "", f"{name} is not JSON", name) for name in dict.fromkeys(constants)]
    return Document(file, text, root, tuple(problems))


def parse_object(data: bytes, file: str, most: int = MOST_BYTES) -> Document:
    """`parse`, for a file that must hold an object at its root."""
    document = parse(data, file, most)
    if not isinstance(document.root, dict):
        kind = {list: "an array", str: "a string", type(None): "null", bool: "true or false"}.get(type(document.root), "a number")
        raise Unreadable(f"holds {kind}, not an object", file=file, place="line 1")
    return document


def _places(root: Any, wanted: list[dict[str, Any]]) -> dict[int, str]:
    """The JSON pointers of objects in a document, by identity; one that a later duplicate replaced has none."""
    missing = {id(one) for one in wanted}
    found: dict[int, str] = {}
    stack = [(root, "")]
    while stack and missing:
        value, pointer = stack.pop()
        if id(value) in missing:
            missing.discard(id(value))
            found[id(value)] = pointer
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        stack += [(inner, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}") for key, inner in items]
    return found


def too_deep(text: str) -> int | None:
    """The offset where nesting passes `DEEPEST`; None where it does not. Brackets in strings do not count."""
    if text.count("{") + text.count("[") <= DEEPEST:
        return None
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        token = match.group()
        if token in "[{":
            depth += 1
            if depth > DEEPEST:
                return match.start()
        elif token in "]}":
            depth -= 1
    return None
