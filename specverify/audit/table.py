"""A journal as a table: for a terminal, CSV, Markdown, JSON or HTML. Rows pass through one at a time."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from specverify.audit import rows as audit_rows
from specverify.audit.rows import FACTS, FIGURES
from specverify.outcome import Report
from specverify.report.amounts import rounded
from specverify.report.rendering import Rendering
from specverify.report.sanitize import clean
from specverify.report.tabular import csv_line, markdown_line

Row = dict[str, Any]
COLUMNS: tuple[tuple[str, str, str | None], ...] = (
    ("ref", "model", None),
    ("status", "status", None),
    ("attention", "attention", None),
    ("parameters.total", "total", "parameters"),
    ("parameters.activated", "activated", "parameters"),
    ("context.declared", "context", ""),
    ("cache.sequence_bytes", "KV / sequence", "bytes"),
    ("weights.bytes", "weights", "bytes"),
    ("capacity.fits", "fits", "yes/no"),
    ("findings", "findings", None),
)
"""Key of the row, heading, unit (the empty one for a count that its heading explains)."""
LINE = (("status", 12), ("attention", 9), ("total", 8), ("activated", 9), ("context", 10), ("KV / sequence", 13), ("weights", 10))
"""Columns of the terminal's table by heading, with their width in characters; the first two are words, the rest figures."""
GAP = "  "
SCREENFUL = 30
RANKS = {"error": 1, "warning": 2, "ok": 3}
"""How bad a status is, least worst; any other is a model that could not be judged, and comes first."""


def to_csv(rows: Iterable[Row]) -> Iterator[str]:
    """Every field, exact, one line a model; a cell that a spreadsheet would run is quoted with an apostrophe."""
    keys = ("ref", "name", "sha", "status", "error", "exactness", *FACTS, *FIGURES)
    yield csv_line((*keys, "findings"))
    for row in rows:
        yield csv_line((*(row.get(key) for key in keys), _codes(row)))


def rows_as_csv(reports: Sequence[Report], how: Rendering) -> str:
    """The same of reports: one line a model."""
    return "".join(to_csv(map(audit_rows.row, reports)))


def to_markdown(rows: Iterable[Row]) -> Iterator[str]:
    """A table in rounded figures, in the order of the rows."""
    yield markdown_line(heading for _, heading, _ in COLUMNS) + "\n"
    yield "|" + " --- |" * len(COLUMNS) + "\n"
    for row in rows:
        yield markdown_line(cells(row)) + "\n"


def to_json(rows: Iterable[Row]) -> Iterator[str]:
    """An array of the rows as they are, a line each."""
    yield "[\n"
    for index, row in enumerate(rows):
        yield f"{',' if index else ''}{json.dumps(row, ensure_ascii=True, allow_nan=False)}\n"
    yield "]\n"


def to_terminal(rows: Iterable[Row], most: int = SCREENFUL) -> Iterator[str]:
    """Columns that never touch; the names of models come last, whole, and what is said of them. Then the count by status.

    Of more than `most` models the worst are shown, worst first; the other formats have them all.
    """
    counted: Counter[str] = Counter()

    def told() -> Iterator[tuple[int, int, Row]]:
        for number, row in enumerate(rows):
            counted[str(row["status"])] += 1
            yield RANKS.get(str(row["status"]), 0), number, row

    worst = heapq.nsmallest(most, told(), key=lambda entry: entry[:2])
    left = counted.total() - len(worst)
    yield _aligned(heading for heading, _ in LINE) + "model\n"
    for *_, row in worst if left else sorted(worst, key=lambda entry: entry[1]):
        named = dict(zip((heading for _, heading, _ in COLUMNS), cells(row), strict=True))
        said = clean(named["findings"])
        yield _aligned(named[heading] for heading, _ in LINE) + clean(named["model"], 200) + (f"{GAP}{said}" if said else "") + "\n"
    if left:
        yield f"and {left:,} more that are no worse: --format csv, markdown, json or html has every model\n"
    yield "\n" + ", ".join(f"{count} {clean(status)}" for status, count in sorted(counted.items())) + f"; {counted.total()} models\n"


def _aligned(texts: Iterable[str]) -> str:
    padded = (f"{clean(text):{'<' if place < 2 else '>'}{width}}" for place, (text, (_, width)) in enumerate(zip(texts, LINE, strict=True)))
    return GAP.join(padded) + GAP


def to_html(rows: Iterable[Row]) -> Iterator[str]:
    """A page that sorts and filters."""
    from specverify import __version__
    from specverify.audit import page

    return page.to_html(rows, __version__)


FORMATS: dict[str, Callable[[Iterable[Row]], Iterator[str]]] = {
    "terminal": to_terminal,
    "csv": to_csv,
    "markdown": to_markdown,
    "json": to_json,
    "html": to_html,
}


def cells(row: Row) -> Iterator[str]:
    """The cells of a row in the order of `COLUMNS`."""
    for key, _, unit in COLUMNS:
        if key == "findings":
            yield str(row["error"]) if row.get("error") else _codes(row)
        elif unit is None:
            yield str(row.get(key) or "-")
        else:
            yield short(row, key, unit)


def short(row: Row, key: str, unit: str) -> str:
    """A figure rounded with its unit; `-` where the row has none, `unknown` where it is not known."""
    if key not in row:
        return "-"
    return rounded(row[key], unit)


def _codes(row: Row) -> str:
    return " ".join(str(finding["code"]) for finding in row.get("findings", ()) if finding["severity"] != "info")
