"""Accelerators of one's own: `[gpus.NAME]` with the cells of the catalogue, each at its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from specverify.accelerator import CELLS, Cell, Gpu
from specverify.derive.gpus import TakenName, is_name, known
from specverify.settings.form import WHOLE
from specverify.settings.toml import Document, Path

NO_NAME = "is no name for an accelerator: write letters, digits, dots and dashes, more than a maker's name, and no count such as 8x"


def own_gpus(document: Document) -> tuple[Gpu, ...]:
    """The accelerators that settings state. Raises InvalidSettings for a name that is none or is taken."""
    gpus = tuple(_gpus(document))
    try:
        known(gpus)
    except TakenName as error:
        alias = error.word != error.gpu.name
        raise document.wrong(("gpus", error.gpu.name, *(("aliases",) if alias else ())), f"is taken: {error}") from None
    return gpus


def _gpus(document: Document) -> Iterator[Gpu]:
    for name, row in document.values.get("gpus", {}).items():
        path: Path = ("gpus", name)
        aliases = tuple(row.get("aliases", ()))
        for word, place in ((name, path), *((alias, (*path, "aliases", index)) for index, alias in enumerate(aliases))):
            if not is_name(word):
                raise document.wrong(place, NO_NAME)
        cells = (_cell(row, cell, path, document) for cell in CELLS)
        yield Gpu(name, row.get("vendor", ""), row.get("architecture", ""), aliases, document.where(path), *cells)


def _cell(row: Mapping[str, Any], name: str, path: Path, document: Document) -> Cell:
    if name not in row:
        return Cell(None, None, None, f"{name} is not stated in {document.name}", document.where(path), known=False)
    stated = row[name]
    table = stated if isinstance(stated, dict) else {"value": stated}
    place = (*path, name, "value") if isinstance(stated, dict) else (*path, name)
    where, note = document.where(place), table.get("note")
    if table["value"] == 0:
        return Cell(None, None, None, note or f"no such units or link, says {document.name}:{where.line}", where)
    value = int(table["value"]) if name in WHOLE else table["value"]
    return Cell(value, table.get("source") or f"as {document.name} states it", table.get("confidence"), note, where, document.quote(place))
