"""Safety and debuggability: what the checks found in each model, and how much of it they could see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from specverify.outcome import Broken, Finding, Outcome, Passed, Report, Severity, Skipped
from specverify.report.compare.cells import Cell, Row, Status, is_closed, of_each, row, rule_cell, said, unknown, why_not
from specverify.report.sanitize import clean

PICKLES = "SEC001"
MOST_REASONS = 6


def safety(reports: Sequence[Report]) -> Iterator[Row]:
    """The rows of the group."""
    yield row("open or closed", of_each(reports, lambda r: said("closed" if is_closed(r) else "open")))
    yield row("revision", of_each(reports, _revision), mark=False)
    yield row("checks", of_each(reports, _checks), mark=False)
    yield row("pickles", of_each(reports, _pickles))
    yield row("keys that nothing read", of_each(reports, _unread), mark=False)
    for severity in reversed(Severity):
        yield row(f"findings: {severity}", of_each(reports, partial(_count, severity)), mark=False)
    yield from _by_code(reports)


def _revision(report: Report) -> Cell:
    if report.sha is not None:
        return said(f"commit {report.sha[:12]}", report.sha)
    return unknown("nothing is public" if is_closed(report) else f"a {report.origin or 'folder'} has no commit")


def _checks(report: Report) -> Cell:
    """How many looked; the reasons of those that could not, most common first."""
    counts = {kind: sum(isinstance(o, kind) for o in report.outcomes) for kind in (Skipped, Broken)}
    asked = len({outcome.code for outcome in report.outcomes})
    silent = {outcome.code for outcome in report.outcomes if isinstance(outcome, Skipped | Broken)}
    reasons: dict[str, list[str]] = {}
    for outcome in report.outcomes:
        why = why_not(outcome)
        if why is not None:
            reasons.setdefault(why, []).append(outcome.code)
    ordered = sorted(reasons.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    told = [
        f"{clean(why, 100)} ({', '.join(codes) if len(codes) < 4 else f'{len(codes)} checks'})" for why, codes in ordered[:MOST_REASONS]
    ]
    more = [f"{len(ordered) - MOST_REASONS:,} more reasons"] if len(ordered) > MOST_REASONS else []
    crashed = f", {counts[Broken]:,} crashed" if counts[Broken] else ""
    return said(f"{asked - len(silent):,} of {asked:,} could look{crashed}", note="; ".join([*told, *more]) or None)


def _pickles(report: Report) -> Cell:
    return rule_cell(report, (PICKLES,), lambda _: "the weights are pickles alone", "no weights as pickles alone")


def _unread(report: Report) -> Cell:
    if report.spec is None or is_closed(report):
        return unknown("there is no config")
    return said(f"{len(report.spec.keys.unread):,}", len(report.spec.keys.unread))


def _count(severity: Severity, report: Report) -> Cell:
    if report.outcomes and all(isinstance(outcome, Skipped) for outcome in report.outcomes):
        return unknown("no check could look")
    count = sum(finding.severity is severity for finding in report.findings)
    return said(f"{count:,}", count)


def _by_code(reports: Sequence[Report]) -> Iterator[Row]:
    """A row for each rule that found its defect in a model, worst first, with what it says of the others."""
    found: dict[str, Finding] = {}
    for finding in sorted((f for report in reports for f in report.findings), key=lambda f: (-f.severity.rank, f.code)):
        found.setdefault(finding.code, finding)
    for code, finding in found.items():
        yield row(f"{code} {finding.name}", of_each(reports, partial(_outcome, code)))


def _outcome(code: str, report: Report) -> Cell:
    mine: list[Outcome] = [outcome for outcome in report.outcomes if outcome.code == code]
    findings = [finding for finding in report.findings if finding.code == code]
    if findings:
        times = f" x {len(findings)}" if len(findings) > 1 else ""
        return said(f"{findings[0].severity}{times}", str(findings[0].severity), note="; ".join(finding.message for finding in findings))
    accepted = next((outcome for outcome in report.accepted if outcome.code == code), None)
    if accepted is not None:
        return said(str(accepted.how), note=f"{accepted.finding.message} {accepted.reason} ({accepted.by})")
    if any(isinstance(outcome, Passed) for outcome in mine):
        return said("passed")
    cell = unknown(next(filter(None, map(why_not, mine)), f"{code} was not run"))
    return cell._replace(text="not checked", status=Status.UNKNOWN)
