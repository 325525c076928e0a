"""A comparison as a table for other programs: CSV with exact values, Markdown in rounded ones; a fact a row, a model a column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from specverify.report.compare.cells import Cell, Status
from specverify.report.compare.changes import Told
from specverify.report.compare.comparison import Comparison
from specverify.report.compare.shape import to_json
from specverify.report.compare.terminal import LEGEND, MARK, names, target_line
from specverify.report.tabular import csv_line, markdown, markdown_line

LONGEST = 600
"""Characters of one cell."""
CHANGES = ("section", "name", "change", "before", "after", "place before", "place after")


def to_csv(comparison: Comparison) -> str:
    """Two columns a model, value and note; of two revisions what changed, a row each."""
    if comparison.changes is not None:
        return _csv([CHANGES, *_changed(comparison)])
    called = names(comparison.reports)
    head = ["group", "name", "unit", "differs", *(title for name in called for title in (name, f"note: {name}"))]
    rows = [
        [group.name, row.name, row.unit, "yes" if row.marked else "no", *(part for cell in row.cells for part in _exact(cell))]
        for group in comparison.groups
        for row in group.rows
    ]
    return _csv([head, *rows])


def to_markdown(comparison: Comparison) -> str:
    """A table a group, with numbered notes; of two revisions one table of what changed."""
    if comparison.changes is not None:
        return "\n".join([markdown(target_line(comparison), LONGEST), "", *_markdown(CHANGES, list(_changed(comparison)))]) + "\n"
    called = names(comparison.reports)
    notes: dict[str, int] = {}
    found = [markdown(target_line(comparison), LONGEST), ""]

    def noted(text: str | None) -> str:
        return "" if text is None else f" ({notes.setdefault(text, len(notes) + 1)})"

    for group in comparison.groups:
        found += [f"## {group.title}", ""]
        rows = [
            [(f"{MARK} " if row.marked else "") + row.name + noted(row.note), *(_short(cell) + noted(cell.note) for cell in row.cells)]
            for row in group.rows
        ]
        found += [*_markdown(["", *called], rows), ""]
    found += [markdown(LEGEND, LONGEST), ""]
    found += [f"{number}. {markdown(text, LONGEST)}" for text, number in notes.items()]
    return "\n".join(found).rstrip() + "\n"


FORMATS: Mapping[str, Callable[[Comparison], str]] = {"json": to_json, "markdown": to_markdown, "csv": to_csv}


def _exact(cell: Cell) -> tuple[Any, str]:
    value = cell.text if cell.status is Status.UNKNOWN or not isinstance(cell.value, bool | int | float) else cell.value
    label = "" if cell.status in (Status.KNOWN, Status.UNKNOWN) else f"{cell.status}: "
    return value, f"{label}{cell.note or ', '.join(cell.places)}".removesuffix(": ")


def _short(cell: Cell) -> str:
    label = f" ({cell.status})" if cell.status in (Status.ASSUMED, Status.CLAIMED) else ""
    return f"{cell.text}{label}"


def _changed(comparison: Comparison) -> Iterator[Sequence[Any]]:
    """What changed as rows of `CHANGES`."""
    changes = comparison.changes
    if changes is None:
        return
    for fact in changes.facts:
        how = "known otherwise" if fact.moved else "changed"
        yield "fact", fact.name, how, _value(fact.before), _value(fact.after), _place(fact.before), _place(fact.after)
    for figure in changes.figures:
        (before, one), (after, two) = _exact(figure.before), _exact(figure.after)
        yield f"figure ({figure.unit})" if figure.unit else "figure", figure.name, "changed", before, after, one, two
    for claim in changes.claims:
        sides = [
            ("", "") if v is None else (f"{v.raw} ({v.agreement})", f"{v.stated.file}:{v.stated.line}") for v in (claim.before, claim.after)
        ]
        yield "claim", claim.kind, str(claim.how), sides[0][0], sides[1][0], sides[0][1], sides[1][1]
    for finding in changes.findings:
        told = ["" if f is None else f"{f.severity}: {f.message}" for f in (finding.before, finding.after)]
        yield "finding", f"{finding.code} {finding.name}", str(finding.how), told[0], told[1], "", finding.reason or ""
    for file in changes.files.changed:
        yield "file", file.name, file.how, "", "", "", ""
        for key in file.keys:
            places = [f"{file.name}:{line}" if line is not None else "" for line in (key.line_before, key.line_after)]
            yield "key", f"{file.name}#{key.pointer}", "changed", key.before or "", key.after or "", *places
    for name, reason in changes.files.unseen:
        yield "file", name, f"unknown: {reason}", "", "", "", ""


def _value(told: Told) -> str:
    return told.text if told.source is not None else f"unknown: {told.reason}"


def _place(told: Told) -> str:
    if told.file is None:
        return ""
    return f"{told.file}{f':{told.line}' if told.line is not None else ''}{f'#{told.pointer}' if told.pointer else ''}"


def _csv(rows: Sequence[Sequence[Any]]) -> str:
    return "".join(csv_line(("yes" if value else "no") if isinstance(value, bool) else value for value in row) for row in rows)


def _markdown(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    yield markdown_line(head, LONGEST)
    yield "|" + " --- |" * len(head)
    yield from (markdown_line(map(str, row), LONGEST) for row in rows)
