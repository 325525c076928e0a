"""Cells of CSV and Markdown: what a repo wrote stays text, in a spreadsheet and in a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from specverify.report.sanitize import LONGEST, clean

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a spreadsheet knows a formula: a cell that starts so is text that must stay text. The last four are the full-width forms."""
_MARKDOWN = str.maketrans({character: "\\" + character for character in "\\|`*_[]<>!#&~$"})


def csv_line(values: Iterable[Any]) -> str:
    """One line of CSV that ends in a line feed; a cell that a spreadsheet would run is quoted with an apostrophe."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow([_csv_cell(value) for value in values])
    return buffer.getvalue()


def markdown_line(texts: Iterable[str], limit: int = LONGEST) -> str:
    """A row of a table, without a line feed, in which no text is markup."""
    return "| " + " | ".join(markdown(text, limit) for text in texts) + " |"


def markdown(text: str, limit: int = LONGEST) -> str:
    """A text that Markdown shows as it is; a bare address in it is no link either."""
    return clean(text, limit).translate(_MARKDOWN).replace("://", ":\\//").replace("www.", "www\\.")


def _csv_cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    text = clean(str(value), 1000)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
