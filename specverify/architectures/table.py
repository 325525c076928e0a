"""The generated table of class defaults, read an entry at a time: a run needs few of its two thousand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from specverify.data import load_bytes

LONGEST_NAME = 200
"""Of a type or class: a longer one is no entry, and costs nothing."""


@lru_cache(maxsize=4096)
def _entry(section: str, name: str) -> Any:
    text, start, end = _section(section)
    key = b"\n" + json.dumps(name).encode() + b":"
    found = text.find(key, start, end)
    if found < 0:
        return None
    return json.loads(text[found + len(key) : text.find(b"\n", found + 1)].rstrip(b","))


def entry(section: str, name: str) -> Any:
    """The entry of a model type (`types`) or model class (`architectures`); None for one the release lacks."""
    return _entry(section, name) if len(name) <= LONGEST_NAME else None


def entries(section: str) -> Iterator[tuple[str, Any]]:
    """Every entry of `types` or `architectures`, by name."""
    text, start, end = _section(section)
    yield from json.loads(b"{" + text[start:end] + b"}").items()


@cache
def field(name: str) -> Any:
    """A field of the table itself: `release`, `base` or `known`."""
    text = _text()
    key = b"\n" + json.dumps(name).encode() + b":"
    found = text.index(key)
    return json.loads(text[found + len(key) : text.find(b"\n", found + 1)].rstrip(b","))


@cache
def _text() -> bytes:
    return load_bytes("architectures/defaults.json")


@cache
def _section(name: str) -> tuple[bytes, int, int]:
    """The table, and where in it the lines of a section are: one entry a line, as scripts/generate_defaults.py writes them."""
    text = _text()
    start = text.index(b'\n"' + name.encode() + b'":{\n') + len(name) + 5
    return text, start, text.index(b"\n}", start)
