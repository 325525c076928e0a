"""A journal as a table: for a terminal, CSV, Markdown, or JSON. Rows pass through one at a time."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from specverify.report.amounts import rounded
from specverify.report.sanitize import clean

Row = dict[str, Any]
COLUMNS: tuple[tuple[str, str, str | None], ...] = (
    ("ref", "model", None),
    ("status", "status", None),
    ("attention", "attention", None),
    ("parameters.total", "total", "parameters"),
    ("parameters.activated", "activated", "parameters"),
    ("context.declared", "context", "tokens"),
    ("cache.sequence_bytes", "KV / sequence", "bytes"),
    ("weights.bytes", "weights", "bytes"),
    ("capacity.fits", "fits", "yes/no"),
    ("findings", "findings", None),
)
"""Key of the row, heading, unit."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""How a spreadsheet knows a formula: a cell that starts so is text that must stay text."""


def to_csv(rows: Iterable[Row]) -> Iterator[str]:
    """Every field, exact, one line a model; a cell that a spreadsheet would run is quoted with an apostrophe."""
    keys = ("ref", "name", "sha", "status", "error", "exactness", "model_type", "prototype", "attention", *(k for k, _, u in COLUMNS if u))
    yield _csv_line((*keys, "findings"))
    for row in rows:
        yield _csv_line((*(_csv_cell(row.get(key)) for key in keys), _csv_cell(_codes(row))))


def to_markdown(rows: Iterable[Row]) -> Iterator[str]:
    """A table in rounded figures, worst first not implied: the order of the rows."""
    yield "| " + " | ".join(heading for _, heading, _ in COLUMNS) + " |\n"
    yield "|" + " --- |" * len(COLUMNS) + "\n"
    for row in rows:
        yield "| " + " | ".join(_markdown_cell(cell) for cell in cells(row)) + " |\n"


def to_json(rows: Iterable[Row]) -> Iterator[str]:
    """An array of the rows as they are."""
    yield "[\n"
    for index, row in enumerate(rows):
        yield (",\n" if index else "") + json.dumps(row, ensure_ascii=True, allow_nan=False)
    yield "\n]\n"


def to_terminal(rows: Iterable[Row]) -> Iterator[str]:
    """Columns as wide as their headings and figures need; the names of models come last, whole. Then the count by status."""
    counted: Counter[str] = Counter()
    yield f"{'status':<12}{'attention':<10}{'total':>9}{'active':>9}{'context':>11}{'KV/seq':>11}{'weights':>11}  model\n"
    for row in rows:
        counted[str(row["status"])] += 1
        total, active, context, cache, weights = (
            short(row, key, unit) for key, _, unit in COLUMNS if unit is not None and unit != "yes/no"
        )
        name = clean(str(row["ref"]), 200)
        told = f"  {clean(str(row['error']), 300)}" if row.get("error") else _told(row)
        yield f"{clean(str(row['status'])):<12}{clean(str(row.get('attention') or '-')):<10}"
        yield f"{total:>9}{active:>9}{context:>11}{cache:>11}{weights:>11}  {name}{told}\n"
    yield "\n" + ", ".join(f"{count} {clean(status)}" for status, count in sorted(counted.items())) + f"; {counted.total()} models\n"


FORMATS: dict[str, Callable[[Iterable[Row]], Iterator[str]]] = {
    "terminal": to_terminal,
    "csv": to_csv,
    "markdown": to_markdown,
    "json": to_json,
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
    return "unknown" if row[key] is None else rounded(row[key], unit)


def _codes(row: Row) -> str:
    return " ".join(str(finding["code"]) for finding in row.get("findings", ()) if finding["severity"] != "info")


def _told(row: Row) -> str:
    codes = _codes(row)
    return f"  {codes}" if codes else ""


def _csv_line(values: Iterable[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(values)
    return buffer.getvalue()


def _csv_cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    text = clean(str(value), 1000)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _markdown_cell(text: str) -> str:
    cleaned = clean(text, 300)
    for character in "\\|`*_[]<>!#":
        cleaned = cleaned.replace(character, "\\" + character)
    return cleaned.replace("\n", " ")
