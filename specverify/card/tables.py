"""Tables of a card as grids of cells with offsets: pipe tables, and simple HTML tables with row and column spans."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from specverify.pattern import Pattern

MAX_TABLES = 200
MAX_ROWS = 500
MAX_COLUMNS = 60
_PIPE = re.compile(r"(?<!\\)\|")
_TAG = re.compile(r"<(/?)(table|tr|td|th)\b([^<>]{0,600})>", re.IGNORECASE)
_SPAN = Pattern(r"(row|col)span\s*=\s*[\"']?\s*(\d{1,3})", re.IGNORECASE)


class Cell(NamedTuple):
    """A cell: its readable text, and where that stands in the card. A spanning cell is repeated."""

    text: str
    start: int
    end: int
    header: bool = False


class Table(NamedTuple):
    """A grid. The first row is its header; rows may differ in length, and none is empty."""

    rows: tuple[tuple[Cell, ...], ...]
    start: int
    end: int
    section: tuple[str, ...]


def pipe_table(text: str, plain: str, rows: Sequence[tuple[int, int]], section: tuple[str, ...]) -> Table:
    """The grid of a pipe table whose rows stand at these spans."""
    grid = []
    for start, end in rows[:MAX_ROWS]:
        cuts = [match.start() for match in _PIPE.finditer(text, start, end)]
        first = plain[start:end].lstrip(" >\t")
        if not first.startswith("|"):
            cuts.insert(0, start - 1)
        if not plain[start:end].rstrip().endswith("|") or text[start:end].rstrip().endswith("\\|"):
            cuts.append(end)
        grid.append(tuple(_cell(plain, a + 1, b) for a, b in pairwise(cuts[: MAX_COLUMNS + 1])))
    return Table(tuple(row for row in grid if row), rows[0][0] if rows else 0, rows[-1][1] if rows else 0, section)


def _cell(plain: str, start: int, end: int, header: bool = False) -> Cell:
    text = plain[start:end]
    stripped = text.strip()
    begin = start + len(text) - len(text.lstrip())
    return Cell(" ".join(stripped.split()), begin, begin + len(stripped), header)


def html_tables(
    text: str, plain: str, *, body_end: int, skip: Sequence[tuple[int, int]], sections: Sequence[tuple[int, tuple[str, ...]]]
) -> list[Table]:
    """The HTML tables outside code. `sections` is the heading path from each offset on."""
    found: list[Table] = []
    tags: list[re.Match[str]] = []
    starts = [offset for offset, _ in sections]
    fences = [start for start, _ in skip]

    def in_code(offset: int) -> bool:
        at = bisect_right(fences, offset) - 1
        return at >= 0 and offset < skip[at][1]

    opened: int | None = None
    for tag in _TAG.finditer(text, 0, body_end):
        if plain[tag.start() : tag.end()].strip() or in_code(tag.start()):
            continue
        closing, name = tag.group(1) == "/", tag.group(2).lower()
        if name == "table" and not closing:
            opened, tags = tag.start(), []
        elif name == "table" and opened is not None:
            at = bisect_right(starts, opened) - 1
            found.append(Table(_grid(plain, tags, tag.start()), opened, tag.end(), sections[at][1] if at >= 0 else ()))
            opened = None
            if len(found) == MAX_TABLES:
                break
        elif opened is not None:
            tags.append(tag)
    return found


def _grid(plain: str, tags: Sequence[re.Match[str]], end: int) -> tuple[tuple[Cell, ...], ...]:
    """The cells by row; a row span of 0 reaches to the last row, as browsers read it."""
    rows: list[dict[int, Cell]] = []
    carried: dict[int, tuple[int, Cell]] = {}
    for index, tag in enumerate(tags):
        closing, name = tag.group(1) == "/", tag.group(2).lower()
        if closing:
            continue
        if name == "tr":
            if len(rows) == MAX_ROWS:
                break
            rows.append({column: cell for column, (left, cell) in carried.items() if left > 0})
            carried = {column: (left - 1, cell) for column, (left, cell) in carried.items() if left > 1}
            continue
        if not rows:
            rows.append({})
        if len(rows[-1]) >= MAX_COLUMNS:
            continue
        spans = {kind.lower(): int(count) for kind, count in _SPAN.findall(tag.group(3))}
        down = min(spans.get("row", 1) or MAX_ROWS, MAX_ROWS)
        cell = _cell(plain, tag.end(), tags[index + 1].start() if index + 1 < len(tags) else end, name == "th")
        column = next(c for c in range(MAX_COLUMNS) if c not in rows[-1])
        for wide in range(column, min(column + max(spans.get("col", 1), 1), MAX_COLUMNS)):
            rows[-1][wide] = cell
            if down > 1:
                carried[wide] = (down - 1, cell)
    return tuple(tuple(row[column] for column in sorted(row)) for row in rows if row)
