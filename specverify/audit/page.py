"""An audit as a page: a table that sorts and filters where scripts run, and is whole where they do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from specverify.report.amounts import exact, rounded
from specverify.report.html.page import page

Row = dict[str, Any]
COLUMNS: tuple[tuple[str, str, str | None], ...] = (
    ("attention", "attention", None),
    ("parameters.total", "total", "parameters"),
    ("parameters.activated", "activated", "parameters"),
    ("context.declared", "context", "tokens"),
    ("cache.bytes_per_token", "KV / token", "bytes"),
    ("cache.sequence_bytes", "KV / sequence", "bytes"),
    ("weights.bytes", "weights", "bytes"),
    ("capacity.fits", "fits", "yes/no"),
    ("capacity.max_concurrency", "at once", "sequences"),
)
"""Key of the row, heading, unit (None for a word), between the model with its status and its findings."""
WORDS = ("yes/no", None)
TONES = ("error", "warning", "ok", "unverifiable")
"""The statuses that have a colour of their own; every other is a model that could not be judged."""


class Cell(NamedTuple):
    """A cell: what is shown, the whole of it where that says more, and what it is sorted by (empty where it is not known)."""

    text: str
    whole: str
    value: str
    number: bool


class Told(NamedTuple):
    """A row of the table; of findings those that are more than remarks."""

    name: str
    status: str
    tone: str
    cells: tuple[Cell, ...]
    findings: tuple[dict[str, Any], ...]
    error: str | None


def to_html(rows: Iterable[Row], version: str) -> Iterator[str]:
    """The page, in pieces; a column that no model has a value for is there all the same."""
    counted: Counter[str] = Counter()

    def told() -> Iterator[Told]:
        for row in rows:
            counted[str(row["status"])] += 1
            yield _told(row)

    headings = [("model", False), ("status", False), *((heading, unit not in WORDS) for _, heading, unit in COLUMNS), ("findings", False)]
    values = {
        "rows": told(),
        "headings": headings,
        "version": version,
        "counts": lambda: [(status, _tone(status), count) for status, count in sorted(counted.items())],
    }
    return page("audit.html", values, script=True)


def _told(row: Row) -> Told:
    status = str(row["status"])
    findings = tuple(finding for finding in row.get("findings", ()) if finding["severity"] != "info")
    return Told(
        str(row["ref"]), status, _tone(status), tuple(_cell(row, key, unit) for key, _, unit in COLUMNS), findings, row.get("error")
    )


def _tone(status: str) -> str:
    return status if status in TONES else "broken"


def _cell(row: Row, key: str, unit: str | None) -> Cell:
    value = row.get(key)
    if unit is None:
        return Cell(str(value or "-"), "", str(value or ""), False)
    if key not in row:
        return Cell("-", "", "", unit not in WORDS)
    text, whole = rounded(value, unit).removesuffix(f" {unit}"), exact(value, unit)
    return Cell(text, whole if whole != text else "", "" if value is None else str(value), unit not in WORDS)
