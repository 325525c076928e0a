"""Where a JSON pointer stands in the text: line, and the line's own words as a quote."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
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
    pointers = [""]
    indices: list[int | None] = []
    key: str | None = None
    expecting_key = False
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in "{[":
            if indices:
                here = _value_pointer(pointers[-1], indices[-1], key)
                if indices[-1] is not None:
                    found[here] = match.start()
                pointers.append(here)
            else:
                pointers.append("")
            indices.append(None if token == "{" else 0)
            expecting_key, key = token == "{", None
        elif token in "}]":
            if indices:
                indices.pop()
                pointers.pop()
            expecting_key, key = False, None
        elif token == ",":
            if indices and indices[-1] is not None:
                indices[-1] += 1
            expecting_key, key = bool(indices) and indices[-1] is None, None
        elif token == ":":
            expecting_key = False
        elif expecting_key and token.startswith('"'):
            key = _unquote(token)
            found[_value_pointer(pointers[-1], None, key)] = match.start()
        elif indices and indices[-1] is not None:
            found[_value_pointer(pointers[-1], indices[-1], None)] = match.start()
    return found


def _value_pointer(parent: str, index: int | None, key: str | None) -> str:
    segment = str(index) if index is not None else (key or "").replace("~", "~0").replace("/", "~1")
    return f"{parent}/{segment}"


def _unquote(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    import json

    try:
        return str(json.loads(token))
    except ValueError:
        return token[1:-1]
