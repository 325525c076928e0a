"""Known findings: a baseline file, or a report of earlier, read and written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from os.path import basename
from typing import Any

from specverify.errors import Unreadable
from specverify.fetch.bounded_json import load_list, load_object
from specverify.outcome import Report
from specverify.policy import Baseline, Known
from specverify.report.json import entries_by_line
from specverify.settings.files import read_regular

BASELINE_VERSION = "1.0"
MOST_BYTES = 64 * 2**20
KINDS = ("finding", "known")
"""Outcomes of a report that a baseline made of it holds: what settings ignore has a reason of its own."""


def read_baseline(path: str) -> Baseline:
    """The findings of a baseline file, of a report in JSON or of a list of reports. Raises NotFound and Unreadable."""
    data = read_regular(path, MOST_BYTES)
    documents: list[Any] = load_list(data, path) if data.lstrip()[:1] == b"[" else [load_object(data, path)]
    found: Counter[Known] = Counter()
    for number, document in enumerate(documents):
        try:
            found.update(_findings(document))
        except (AttributeError, KeyError, TypeError):
            raise Unreadable("neither a baseline nor a report of specverify", file=path, place=f"document {number + 1}") from None
    return Baseline(basename(path), found)


def baseline_text(reports: Iterable[Report]) -> str:
    """The findings of reports as a baseline file, one a line, sorted: the same findings are the same bytes."""
    findings = [
        {"model": report.name, "code": finding.code, "message": finding.message}
        for report in reports
        for finding in (*report.findings, *(one.finding for one in report.accepted if str(one.how) in KINDS))
    ]
    findings.sort(key=lambda entry: tuple(entry.values()))
    return entries_by_line({"baseline_version": BASELINE_VERSION, "findings": findings}, depth=2)


def _findings(document: Any) -> Iterator[Known]:
    """The findings of one document. Raises AttributeError, KeyError or TypeError where it is neither of the two."""
    if "baseline_version" in document:
        yield from ((_text(entry["model"]).casefold(), _text(entry["code"]), _text(entry["message"])) for entry in document["findings"])
        return
    model = _text(document["model"]["name"]).casefold()
    yield from ((model, _text(one["code"]), _text(one["message"])) for one in document["outcomes"] if one["kind"] in KINDS)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
