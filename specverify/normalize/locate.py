"""Where a JSON pointer stands in the text: line, and the line's own words as a quote."""

from __future__ import annotations

import contextlib
import re
from typing import NamedTuple

_STRING, _WORD = r'"(?:[^"\\]|\\.)*+"', r'[^\s\[\]{},:"]++'
_TOKEN = re.compile(rf"({_STRING})\s*:\s*(?:(?:{_STRING}|{_WORD})\s*,?)?|([\[\]{{}},])|{_STRING}|{_WORD}", re.DOTALL)
"""A key with its value and comma where that is no array or object, a bracket or comma, or a value."""
LONGEST_QUOTE = 160


class Place(NamedTuple):
    """A 1-based line, and the text of it, shortened to `LONGEST_QUOTE` characters."""

    line: int
    quote: str


def locate(text: str, pointer: str) -> Place | None:
    """The place of the key or entry that `pointer` names; the last one where a key stands twice (the last wins)."""
    return place_of(text, offsets(text).get(pointer))


def place_of(text: str, offset: int | None) -> Place | None:
    """The place an offset stands at; None for None."""
    if offset is None:
        return None
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    line = text[start : end if end >= 0 else len(text)]
    if len(line) > LONGEST_QUOTE:
        line = text[offset : offset + LONGEST_QUOTE].split("\n", 1)[0] + " ..."
    return Place(text.count("\n", 0, offset) + 1, line.strip().rstrip(","))


def offsets(text: str) -> dict[str, int]:
    """Every JSON pointer of a well-formed document, with the offset of its key or, in arrays, its value."""
    found: dict[str, int] = {"": 0}
    here = ""
    """the pointer of the value that comes next, or came last"""
    index: int | None = None
    """the entry an array is at; None in objects"""
    above: list[tuple[str, int | None]] = []
    for match in _TOKEN.finditer(text):
        key, bracket = match.groups()
        if key is not None:
            here = f"{above[-1][0] if above else ''}/{_segment(key)}"
            found[here] = match.start()
            continue
        if bracket == ",":
            if index is not None:
                index += 1
            continue
        if bracket in ("]", "}"):
            if above:
                here, index = above.pop()
            continue
        if index is not None:
            here = f"{above[-1][0]}/{index}"
            found[here] = match.start()
        if bracket is not None:
            above.append((here, index))
            index = 0 if bracket == "[" else None
    return found


def _segment(token: str) -> str:
    """A key as it stands in the text, as a segment of a pointer."""
    key = token[1:-1]
    if "\\" in key:
        import json

        with contextlib.suppress(ValueError):
            key = str(json.loads(token))
    return key.replace("~", "~0").replace("/", "~1")
