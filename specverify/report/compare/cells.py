"""What a comparison is made of: groups of rows, and a cell for each model that is never blank."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from specverify.outcome import Accepted, Broken, Finding, Outcome, Passed, Report, Scored, Skipped, Verdict
from specverify.report.amounts import rounded
from specverify.report.rows import TAGS
from specverify.report.sanitize import clean
from specverify.spec import Figure
from specverify.spec_form import json_value

MATTERS = 10
"""Numbers differ for a reader where the largest is at least so many percent above the smallest."""
LONGEST = 400
ASSUMED = "assumed"
_TAG = re.compile(rf" \(({'|'.join(TAGS.values())})\)")
"""How a row says that a part of it is known otherwise than the rest."""


class Status(StrEnum):
    """How far a cell can be relied on."""

    KNOWN = "known"
    ASSUMED = "assumed"
    """known, if what its note says is so"""
    CLAIMED = "claimed"
    """said by a card or report, and held against nothing"""
    UNKNOWN = "unknown"


class Cell(NamedTuple):
    """What is known of one model: `text` to read, `value` exact, `places` where a card says it.

    `note` says why it is unknown or what it rests on.
    """

    text: str
    value: Any = None
    status: Status = Status.KNOWN
    note: str | None = None
    places: tuple[str, ...] = ()


class Row(NamedTuple):
    """One fact with a cell a model. `marked`: the models differ in it by what a reader should look at, whoever it favours.

    `name` is what `specverify explain` takes, where the row is a figure; `note` is said of every cell.
    """

    name: str
    unit: str
    cells: tuple[Cell, ...]
    marked: bool
    note: str | None = None


class Group(NamedTuple):
    """The rows of one dimension."""

    name: str
    title: str
    rows: tuple[Row, ...]


def said(
    text: str, value: Any = None, status: Status = Status.KNOWN, note: str | None = None, lines: Iterable[Verdict | Scored] = ()
) -> Cell:
    """A cell that is known; `value` is the text where none is given, `lines` what of the card says it. It is made safe here."""
    shown = clean(text, LONGEST)
    told = None if note is None else clean(note, LONGEST)
    return Cell(shown, shown if value is None else value, status, told, tuple(dict.fromkeys(map(place_of, lines))))


def place_of(stated: Verdict | Scored) -> str:
    """The file and line of a claim or score."""
    at = stated.stated if isinstance(stated, Verdict) else stated
    return clean(f"{at.file}:{at.line}")


def unknown(reason: str) -> Cell:
    """A cell that is not known, with the reason."""
    return Cell("unknown", None, Status.UNKNOWN, clean(reason, LONGEST))


def row(name: str, cells: Iterable[Cell], *, unit: str = "", note: str | None = None, mark: bool = True) -> Row:
    """A row, marked where its known cells differ by what matters; `mark` off is for what is told, not compared."""
    given = tuple(cells)
    return Row(name, unit, given, mark and differ(given), note)


def differ(cells: Sequence[Cell]) -> bool:
    """Whether the known cells say different things: numbers by `MATTERS` percent, all else by their words."""
    values = [cell.value for cell in cells if cell.status is not Status.UNKNOWN]
    if len(values) < 2:
        return False
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        low, high = sorted((min(values), max(values)), key=abs)
        return bool(low != high and 100 * abs(high) >= (100 + MATTERS) * abs(low))
    return len({_TAG.sub("", value) if isinstance(value, str) else repr(value) for value in values}) > 1


def rule_cell(report: Report, codes: Sequence[str], found: Callable[[Sequence[Finding]], str], passed: str) -> Cell:
    """What rules say together: what was found, `passed` where all looked and found nothing, else unknown and why."""
    outcomes = [outcome for outcome in report.outcomes if outcome.code in codes]
    findings = findings_of(outcomes)
    if findings:
        return said(found(findings), note="; ".join(finding.message for finding in findings))
    if outcomes and all(isinstance(outcome, Passed) for outcome in outcomes):
        return said(passed)
    return unknown("; ".join(dict.fromkeys(filter(None, map(why_not, outcomes)))) or f"{', '.join(codes)} was not run")


def findings_of(outcomes: Iterable[Outcome]) -> list[Finding]:
    """What was found, accepted or not: two models are compared in what is so, and not in what somebody lets pass."""
    return [
        outcome.finding if isinstance(outcome, Accepted) else outcome for outcome in outcomes if isinstance(outcome, Accepted | Finding)
    ]


def why_not(outcome: Outcome) -> str | None:
    """Why a rule could not tell; None for one that could."""
    return outcome.reason if isinstance(outcome, Skipped) else f"it crashed: {outcome.error}" if isinstance(outcome, Broken) else None


def of_each(reports: Sequence[Report], tell: Callable[[Report], Cell]) -> list[Cell]:
    """A cell for each model: what `tell` says, or why the model could not be read."""
    return [unknown(f"could not be read: {report.error}") if report.error is not None else tell(report) for report in reports]


def figure_row(reports: Sequence[Report], name: str) -> Row | None:
    """The row of a figure; None where no model has it."""
    found = [(report, report.figures[name]) for report in reports if name in report.figures]
    if not found:
        return None
    notes = dict.fromkeys(clause for report, figure in found if not is_closed(report) for clause in _clauses(figure, assumed=False))
    cells = of_each(reports, lambda report: figure_cell(report, name))
    return row(name, cells, unit=found[0][1].unit, note=clean("; ".join(notes), LONGEST) or None)


def figure_cell(report: Report, name: str) -> Cell:
    """A figure of a model: assumed where its note says so, claimed for a closed model."""
    figure = report.figures.get(name)
    if figure is None:
        return unknown(no_figures(report))
    if figure.value is None:
        return unknown("; ".join(figure.number.reasons()) or "nothing states it")
    text, value = rounded(figure.value, figure.unit), json_value(figure.value)
    if is_closed(report):
        return said(text, value, Status.CLAIMED, figure.note)
    assumed = _clauses(figure, assumed=True)
    return said(text, value, Status.ASSUMED if assumed else Status.KNOWN, "; ".join(assumed) or None)


def is_closed(report: Report) -> bool:
    """Whether all there is of a model is claims."""
    return report.spec is not None and report.spec.exactness == "claimed"


def no_figures(report: Report) -> str:
    """Why a figure is not among those of a report."""
    if report.spec is not None and not report.spec.parts:
        return report.spec.fact("prototype").reason or "its layers are not known"
    return "not derived for this model"


def _clauses(figure: Figure, *, assumed: bool) -> list[str]:
    """The clauses of a figure's note that say what was assumed, or the others."""
    return [clause for clause in (figure.note or "").split("; ") if clause and (ASSUMED in clause) == assumed]
