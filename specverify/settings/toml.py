"""Settings as TOML within bounds, and the line of every key for the errors and the evidence."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from os.path import basename
from typing import Any, TypeAlias

from specverify.errors import SpecverifyError
from specverify.facts import Where
from specverify.policy import Place
from specverify.report.sanitize import clean

SECTION = ("tool", "specverify")
DEEPEST = 8
LARGEST = 2**63
MOST_ENTRIES = 500
"""Of one table or list."""
MOST_DOTS = 200
"""On one line, and an eighth of them before an equals sign: a key of many parts costs their square and more."""
LONGEST_QUOTE = 200
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_DEEP_HEADER = re.compile(rf"^[ \t]*\[[^\n.,]*(?:\.[^\n.,]*){{{4 * DEEPEST},}}$", re.MULTILINE)
"""A header with more dots than any setting has: every key below it would cost as many steps."""

Path: TypeAlias = tuple[str | int, ...]


class InvalidSettings(SpecverifyError):
    """A settings file that says what none may say; the message names file, line and key."""


class Document:
    """A settings file as parsed. `file` is its path as the user would name it, `name` its last part: what evidence shows."""

    def __init__(self, values: Mapping[str, Any], text: str, file: str, section: tuple[str, ...] = ()) -> None:
        self.values = values
        self.file = file
        self.name = basename(file)
        self._text = text
        self._section = section

    @cached_property
    def _lines(self) -> Mapping[Path, int]:
        from specverify.settings.lines import key_lines

        return key_lines(self._text)

    @cached_property
    def _rows(self) -> list[str]:
        return self._text.split("\n")

    def line(self, path: Path) -> int:
        """The line a key stands at, that of what it is in where it is missing."""
        whole = (*self._section, *path)
        while whole and whole not in self._lines:
            whole = whole[:-1]
        return self._lines.get(whole, 1)

    def quote(self, path: Path) -> str:
        """The line a key stands at, as text."""
        return self._rows[self.line(path) - 1].strip()[:LONGEST_QUOTE]

    def where(self, path: Path) -> Where:
        """The place of a key as evidence: pointer and line."""
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in (*self._section, *path))
        return Where(self.name, pointer="".join(f"/{step}" for step in steps), line=self.line(path))

    def stands(self, path: Path) -> Place:
        """The place of a key with its line as text, for findings that rest on it."""
        where = self.where(path)
        return Place(where.file, where.pointer or "", self.line(path), self.quote(path))

    def wrong(self, path: Path, why: str) -> InvalidSettings:
        """The error for a key; `why` goes on after its name."""
        return InvalidSettings(f"{shown(path)} {why}" if path else why, file=self.file, place=str(self.line(path)))


def parse(data: bytes, file: str, *, section: bool = False) -> Document:
    """The settings of a file's bytes: the whole of it, or `[tool.specverify]`.

    Raises InvalidSettings for what is no UTF-8, no TOML, too deep or holds numbers that are none.
    """
    import tomllib

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidSettings(f"not UTF-8 ({error.reason})", file=file, place=str(line)) from None
    text = text.replace("\r\n", "\n")
    for number, row in enumerate(text.split("\n"), 1):
        key, equals, _ = row.partition("=")
        if row.count(".") > MOST_DOTS or (equals and key.count(".") > MOST_DOTS // 8 and "#" not in key):
            raise InvalidSettings("more dots than a line of settings has", file=file, place=str(number))
    deep = _DEEP_HEADER.search(text)
    if deep is not None:
        raise InvalidSettings("a table nested deeper than any setting", file=file, place=str(text.count("\n", 0, deep.start()) + 1))
    try:
        values: Any = tomllib.loads(text)
    except ValueError as error:
        raise _no_toml(str(error), text, file) from None
    except RecursionError:
        raise InvalidSettings("nested deeper than any setting", file=file) from None
    if section:
        for step in SECTION:
            values = values.get(step) if isinstance(values, dict) else None
        if not isinstance(values, dict):
            raise InvalidSettings(f"it has no [{'.'.join(SECTION)}]", file=file)
    document = Document(values, text, file, SECTION if section else ())
    for path, value in _walk(values):
        if len(path) > DEEPEST:
            raise document.wrong(path[:1], "is nested deeper than any setting")
        if isinstance(value, dict | list) and len(value) > MOST_ENTRIES:
            raise document.wrong(path, f"has {len(value):,} entries, more than {MOST_ENTRIES}")
        if isinstance(value, int) and abs(value) >= LARGEST:
            raise document.wrong(path, "is a number of more than 64 bits")
        if isinstance(value, float) and not math.isfinite(value):
            raise document.wrong(path, f"is {value}, not a number")
    return document


def shown(path: Path) -> str:
    """A path of keys as TOML would write it, with indices: `gpus."my card".memory_mib`, `ignore[0].rule`."""
    words = ""
    for step in path:
        if isinstance(step, int):
            words += f"[{step}]"
        else:
            word = step if _BARE.fullmatch(step) else f'"{step}"'
            words += f".{word}" if words else word
    return clean(words, 120)


def _no_toml(message: str, text: str, file: str) -> InvalidSettings:
    place = _PLACE.search(message)
    if place is None:
        return InvalidSettings(f"not TOML: {clean(message)}", file=file)
    line = place[1] or str(text.rstrip("\n").count("\n") + 1)
    column = f" (column {place[2]})" if place[2] else " (end of the file)"
    return InvalidSettings(f"not TOML: {clean(message[: place.start()])}{column}", file=file, place=line)


def _walk(values: Any) -> Iterator[tuple[Path, Any]]:
    """Every value with its path, without recursion; nothing is looked into below the depth that is refused."""
    stack: list[tuple[Path, Any]] = [((), values)]
    while stack:
        path, value = stack.pop()
        yield path, value
        if len(path) <= DEEPEST:
            inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
            stack.extend(((*path, step), below) for step, below in inner)
