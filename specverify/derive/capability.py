"""What engines ask of a GPU before they choose a kernel, by its architecture: derive/capability.json.

A compute capability is written as engines compare it, 89 for 8.9; an architecture whose chips differ in it has a range.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from specverify.data import load_json
from specverify.facts import Fact, Reading, Source, Where

TABLE = "derive/capability.json"


def compute_capability(architecture: str) -> tuple[int, int] | None:
    """The least and the most compute capability of an architecture's chips; None where it has none, or is not known."""
    row = _rows().get(architecture, {}).get("compute")
    return None if row is None else (row[0], row[1])


def fp8_format(architecture: str) -> str | None:
    """The FP8 format with four bits of exponent that an architecture multiplies, where the table states it."""
    form: str | None = _rows().get(architecture, {}).get("fp8")
    return form


def proof(architecture: str, key: str) -> Fact:
    """The cell `key` of an architecture as a fact, for evidence; unknown where there is none."""
    row = _rows().get(architecture, {})
    name = f"architecture.{key}"
    if key not in row:
        return Fact(name, (), f"{architecture} has no {key} in {TABLE}")
    where = Where(f"specverify/{TABLE}", pointer=f"/architectures/{architecture}/{key}")
    return Fact(name, (Reading(row[key], Source.DECLARED, where, note=f"{architecture}: {_table()['sources'][row['source']]}"),))


def _rows() -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = _table()["architectures"]
    return rows


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = load_json(TABLE)
    return table
