"""What has changed of a model since it was locked: fact by fact, figure by figure, file by file, and its findings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from specverify.facts import Source
from specverify.frozen import replace
from specverify.outcome import Confidence, Finding, Report, Severity
from specverify.report.amounts import rounded
from specverify.report.compare.cells import Cell, said, unknown
from specverify.report.compare.changes import Changes, Quote, Side, Told, between, side_of
from specverify.report.compare.files import NOT_READ, FileChange, Files
from specverify.report.lock.entry import entry
from specverify.report.sanitize import clean, clean_value
from specverify.spec_form import json_value, value_of_json

HEADER = " (tensors)"
"""What is added to the name of a tensor file, of which the header alone is read."""
OVERALL = ("sha", "verdict", "spec")
"""What an entry says of the model as a whole."""


class Drift(NamedTuple):
    """What became of a locked model. `overall` are the things said of it as a whole that differ, before and after."""

    ref: str
    report: Report
    overall: Mapping[str, tuple[str | None, str | None]]
    changes: Changes

    @property
    def is_changed(self) -> bool:
        """Whether anything differs; a file that could not be compared is not known to."""
        changes = self.changes
        return bool(self.overall or changes.facts or changes.figures or changes.findings or changes.files.changed)

    @property
    def is_told(self) -> bool:
        """Whether the model could be read, and every file of it that was locked."""
        return self.report.error is None and not self.changes.files.unseen


def drift(ref: str, before: Mapping[str, Any], report: Report, quote: Quote) -> Drift:
    """What differs between an entry of a lock file and the report of the model now; `quote` finds lines in the files of now."""
    if report.error is not None:
        return Drift(ref, report, {}, Changes((), (), (), (), Files((), ())))
    after, lean = entry(report), replace(report, kept=None, texts={})
    overall = {name: (before[name], after[name]) for name in OVERALL if before[name] != after[name]}
    return Drift(ref, lean, overall, between(_locked_side(before), _side_now(report, quote), _files(before, after, report)))


def _locked_side(form: Mapping[str, Any]) -> Side:
    return Side(
        {name: _told(fact) for name, fact in form["facts"].items()},
        {name: (figure["unit"], _cell(figure)) for name, figure in form["figures"].items()},
        [
            Finding(one["code"], one["name"], Severity(one["severity"]), Confidence(one["confidence"]), one["message"], ())
            for one in form["findings"]
        ],
        {},
    )


def _side_now(report: Report, quote: Quote) -> Side:
    """What a report says, its values as a lock file would give them back; of claims none, since none are locked."""
    side = side_of(report, quote)
    facts = {name: told._replace(value=value_of_json(json.loads(json.dumps(json_value(told.value))))) for name, told in side.facts.items()}
    return side._replace(facts=facts, claims=())


def _told(fact: Mapping[str, Any]) -> Told:
    if "unknown" in fact:
        return Told("unknown", None, None, None, None, None, None, clean(fact["unknown"]))
    value = value_of_json(fact["value"])
    return Told(clean_value(value), value, Source(fact["source"]), None, None, None, None, None)


def _cell(figure: Mapping[str, Any]) -> Cell:
    if figure["value"] is None:
        return unknown(figure["unknown"])
    return said(rounded(value_of_json(figure["value"]), figure["unit"]), figure["value"])


def _files(before: Mapping[str, Any], after: Mapping[str, Any], report: Report) -> Files:
    changed = [*_changed(before["files"], after["files"], ""), *_changed(before["tensors"], after["tensors"], HEADER)]
    there = report.kept.listing if report.kept is not None else ()
    unseen = {
        one.name: clean(report.files.get(one.name.removesuffix(HEADER), NOT_READ))
        for one in changed
        if one.how == "removed" and one.name.removesuffix(HEADER) in there
    }
    return Files(tuple(one for one in changed if one.name not in unseen), tuple(unseen.items()))


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], suffix: str) -> Iterator[FileChange]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            how = "added" if name not in before else "removed" if name not in after else "changed"
            yield FileChange(clean(name) + suffix, how)
