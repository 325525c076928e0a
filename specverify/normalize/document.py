"""Bytes to a JSON document with nothing lost: duplicate keys, non-finite numbers and a byte order mark are kept as problems."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from specverify.errors import Unreadable
from specverify.spec import Problem

MOST_BYTES = 8 * 2**20
DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Document:
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
    duplicates: list[tuple[str, Any, Any]] = []
    constants: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) < len(items):
            seen: dict[str, Any] = {}
            for key, value in items:
                if key in seen:
                    duplicates.append((key, seen[key], value))
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
        digits = re.search(r"\d{4000,}", text)
        line = text.count("\n", 0, digits.start()) + 1 if digits else 1
        raise Unreadable("an integer of thousands of digits", file=file, place=f"line {line}") from None
    for key, first, last in duplicates:
        same = "the same value twice" if first == last else "the last one wins"
        problems.append(Problem("duplicate", key, f"`{key}` stands twice in one object; {same}", last))
    problems += [Problem("constant", "", f"{name} is not JSON", name) for name in dict.fromkeys(constants)]
    return Document(file, text, root, tuple(problems))


def parse_object(data: bytes, file: str, most: int = MOST_BYTES) -> Document:
    """`parse`, for a file that must hold an object at its root."""
    document = parse(data, file, most)
    if not isinstance(document.root, dict):
        kind = {list: "an array", str: "a string", type(None): "null", bool: "true or false"}.get(type(document.root), "a number")
        raise Unreadable(f"holds {kind}, not an object", file=file, place="line 1")
    return document


def too_deep(text: str) -> int | None:
    """The offset where nesting passes `DEEPEST`; None where it does not. Brackets in strings do not count."""
    if text.count("{") + text.count("[") <= DEEPEST:
        return None
    depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text, re.DOTALL):
        token = match.group()
        if token in "[{":
            depth += 1
            if depth > DEEPEST:
                return match.start()
        elif token in "]}":
            depth -= 1
    return None
