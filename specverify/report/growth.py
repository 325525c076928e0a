"""The table of growth: contexts down, costs across; as data with a formula for each column, and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specverify.report.amounts import rounded
from specverify.spec import Figure
from specverify.spec_form import json_value

PREFIX = "growth."
SHARE, TIMES = "of 1", "times"
"""Units of a share and of a ratio."""
ON_A_GPU = {
    "cache_bytes": "cache",
    "sequences_that_fit": "fit",
    "prefill_floor_seconds": "prefill",
    "prefill_attention_share": "attention",
    "decode_floor_seconds": "step",
    "request_seconds": "request",
    "prefill_flops_per_token_ratio": "a token",
}
"""Columns of a terminal's table by their heads, where the target has a GPU."""
WITHOUT_GPU = {
    "cache_bytes": "cache",
    "cache_bytes_at_8": "of 8",
    "cache_bytes_at_32": "of 32",
    "prefill_flops": "prefill",
    "prefill_attention_share": "attention",
    "prefill_flops_per_token_ratio": "a token",
}


def split(name: str) -> tuple[int, str]:
    """Context and column of `growth.<context>.<column>`."""
    context, _, column = name.removeprefix(PREFIX).partition(".")
    return int(context), column


def growth_dict(figures: Mapping[str, Figure]) -> dict[str, Any] | None:
    """Columns by name, each with a value for each context, null where there is none; None where there is nothing to tell.

    The formula is in names and the same for every context; `explain` has the worked line of each value.
    """
    if not figures:
        return None
    contexts: dict[int, None] = {}
    columns: dict[str, dict[int, Figure]] = {}
    for name, figure in figures.items():
        context, column = split(name)
        contexts[context] = None
        columns.setdefault(column, {})[context] = figure
    return {"contexts": list(contexts), "columns": {name: _column(found, list(contexts)) for name, found in sorted(columns.items())}}


def _column(found: Mapping[int, Figure], contexts: list[int]) -> dict[str, Any]:
    last = found[max(found)]
    form: dict[str, Any] = {
        "unit": last.unit,
        "values": [json_value(found[context].value) if context in found else None for context in contexts],
        "formula": last.number.formula(),
        "note": last.note or "",
    }
    reasons = dict.fromkeys(reason for figure in found.values() for reason in figure.number.reasons())
    return form | {"reasons": list(reasons)} if reasons else form


def table(figures: Mapping[str, Figure]) -> list[tuple[str, ...]]:
    """A head and a row for each context, cells rounded and set flush right; no rows where there is nothing to tell."""
    contexts = dict.fromkeys(split(name)[0] for name in figures)
    shown = ON_A_GPU if any(name.endswith(".sequences_that_fit") for name in figures) else WITHOUT_GPU
    rows = [("tokens", *shown.values())]
    for context in contexts:
        cells = (figures.get(f"{PREFIX}{context}.{column}") for column in shown)
        rows.append((f"{context:,}", *("" if cell is None else _cell(cell) for cell in cells)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [tuple(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows] if contexts else []


def _cell(figure: Figure) -> str:
    if figure.value is None:
        return "unknown"
    if figure.unit == SHARE:
        return f"{figure.value:.0%}"
    if figure.unit == TIMES:
        return f"x {figure.value:.2f}"
    return f"{figure.value:,}" if figure.unit == "sequences" else rounded(figure.value, figure.unit)
