"""Drift as text for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from specverify.report.compare.shape import changes_dict
from specverify.report.compare.terminal import change_blocks
from specverify.report.json import document
from specverify.report.layout import Block, Grid, Paragraph, colored, lines, plain
from specverify.report.lock.drift import Drift
from specverify.report.sanitize import clean

DRIFT_VERSION = "1.0"
LABELS = {"sha": "commit", "verdict": "verdict", "spec": "digest of the spec"}
SHORT = 12


def render(drifts: Sequence[Drift], *, width: int, color: bool = False) -> str:
    """What changed of each model since it was locked, as text that ends in a line feed."""
    laid_out = lines(_blocks(drifts), width)
    return (colored(laid_out, width) if color else plain(laid_out)).rstrip("\n") + "\n"


def to_json(drifts: Iterable[Drift]) -> str:
    """The same by `schemas/drift.schema.json`."""
    return document({"schema_version": DRIFT_VERSION, "models": [_form(one) for one in drifts]})


def _blocks(drifts: Sequence[Drift]) -> Iterator[Block]:
    for one in drifts:
        yield from _model(one)
        yield Paragraph([("", "")])
    changed = sum(one.is_changed for one in drifts)
    untold = sum(not one.is_told for one in drifts)
    words = f"{changed:,} of {len(drifts):,} changed since they were locked" + (f", {untold:,} could not be told" if untold else "")
    yield Paragraph([(words, "bold")])


def _model(one: Drift) -> Iterator[Block]:
    if one.report.error is not None:
        yield Paragraph([(clean(one.ref, 100), "bold"), (" could not be read: ", "bold red"), (clean(one.report.error, 1000), "")])
        return
    style, word = ("red", "changed") if one.is_changed else ("green", "as locked") if one.is_told else ("yellow", "cannot be told")
    yield Paragraph([(clean(one.ref, 100), "bold"), (f"  {word}", style)])
    if one.overall:
        yield Grid(
            [
                [[(LABELS[name], "")], [(_short(name, before), "red")], [("->", "dim")], [(_short(name, after), "green")]]
                for name, (before, after) in one.overall.items()
            ]
        )
    if one.is_changed or not one.is_told:
        yield from change_blocks(one.changes, apart=True)


def _short(name: str, text: str | None) -> str:
    return "none" if text is None else text if name == "verdict" else text[:SHORT]


def _form(one: Drift) -> dict[str, Any]:
    form: dict[str, Any] = {"ref": one.ref, "name": one.report.name, "revision": one.report.revision}
    if one.report.error is not None:
        return form | {"error": one.report.error, "error_kind": one.report.error_kind}
    overall = {name: {"before": before, "after": after} for name, (before, after) in one.overall.items()}
    return form | {"changed": one.is_changed, **overall, "changes": changes_dict(one.changes)}
