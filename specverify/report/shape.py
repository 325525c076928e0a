"""The versioned shape of a report, as plain JSON values: same inputs, same bytes, and nothing of the machine or the day."""

from __future__ import annotations

from typing import Any

from specverify.num import Num
from specverify.outcome import SCHEMA_VERSION, Broken, Evidence, Figure, Finding, Outcome, Passed, Report, Severity, Skipped
from specverify.spec_form import json_value, spec_to_dict

KINDS: dict[type, str] = {Finding: "finding", Broken: "broken", Skipped: "skipped", Passed: "passed"}
"""What `kind` says of each outcome, in the order they are written."""
LEAVES = ("const", "fact", "count")
"""Numbers with no working to show."""


def report_dict(report: Report) -> dict[str, Any]:
    """The report by `schemas/report.schema.json`. Findings come worst first, the other outcomes by kind and code."""
    return {
        "schema_version": SCHEMA_VERSION,
        "model": _model(report),
        "spec": None if report.spec is None else spec_to_dict(report.spec),
        "figures": {name: figure_dict(figure) for name, figure in sorted(report.figures.items())},
        "outcomes": [_outcome(outcome) for outcome in in_order(report)],
        "summary": summary(report),
        "target": {name: json_value(value) for name, value in report.target.items()},
        "notes": list(report.notes),
    }


def in_order(report: Report) -> list[Outcome]:
    """Findings worst first, then what broke, what was skipped and what passed, each by code."""
    order = list(KINDS)
    rest = [outcome for outcome in report.outcomes if not isinstance(outcome, Finding)]
    return [*report.findings, *sorted(rest, key=lambda outcome: (order.index(type(outcome)), outcome.code))]


def summary(report: Report) -> dict[str, Any]:
    """Counts, and a verdict: `unreadable`, the worst severity found, or `clean`."""
    findings = {str(severity): 0 for severity in reversed(Severity)}
    for finding in report.findings:
        findings[str(finding.severity)] += 1
    kinds = [KINDS[type(outcome)] for outcome in report.outcomes]
    worst = str(report.findings[0].severity) if report.findings else "clean"
    return {
        "verdict": "unreadable" if report.error is not None else worst,
        "findings": findings,
        "broken": kinds.count("broken"),
        "skipped": kinds.count("skipped"),
        "passed": kinds.count("passed"),
    }


def figure_dict(figure: Figure) -> dict[str, Any]:
    """A figure with its formula, worked line, named sub-formulas and the facts it rests on; `reasons` where it is unknown."""
    number = figure.number
    form: dict[str, Any] = {
        "value": json_value(figure.value),
        "unit": figure.unit,
        "formula": number.formula(),
        "worked": worked_line(number, figure.unit),
        "rests_on": [
            {"fact": fact.name} | ({} if not fact.readings else _where(fact.readings[0].where)) for fact in number.rests_on()
        ],
    }
    definitions = {
        named.label: {"value": json_value(named.value), "formula": named.formula(), "worked": worked_line(named, named.unit)}
        for named in number.definitions()
    }
    if definitions:
        form["definitions"] = definitions
    if figure.note is not None:
        form["note"] = figure.note
    if figure.value is None:
        form["reasons"] = list(number.reasons())
    return form


def worked_line(number: Num, unit: str | None) -> str:
    """The formula in values and what it comes to: `61 x (512 + 64) x 2 B = 70,272 B/token`; the value alone where nothing is computed."""
    result = amount(number.value, unit)
    return result if number.body().op in LEAVES else f"{number.worked()} = {result}"


def amount(value: float | None, unit: str | None) -> str:
    """A value with its unit, digits in threes."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    digits = f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
    return f"{digits} {unit}" if unit else digits


def _model(report: Report) -> dict[str, Any]:
    form: dict[str, Any] = {
        "ref": report.ref,
        "name": report.name,
        "origin": report.origin,
        "revision": report.revision,
        "sha": report.sha,
        "files": dict(sorted(report.files.items())),
    }
    if report.error is not None:
        form |= {"error": report.error, "error_kind": report.error_kind}
    return form


def _outcome(outcome: Outcome) -> dict[str, Any]:
    form: dict[str, Any] = {"kind": KINDS[type(outcome)], "code": outcome.code, "name": outcome.name}
    if isinstance(outcome, Finding):
        form |= {"severity": str(outcome.severity), "confidence": str(outcome.confidence), "message": outcome.message}
        form["evidence"] = [_evidence(evidence) for evidence in outcome.evidence]
        form["fix"] = outcome.fix
    elif isinstance(outcome, Skipped):
        form["reason"] = outcome.reason
    elif isinstance(outcome, Broken):
        form["error"] = outcome.error
    return form


def _evidence(evidence: Evidence) -> dict[str, Any]:
    form = {"source": str(evidence.source)} | _where(evidence)
    form["value"] = json_value(evidence.value)
    return form | {name: text for name in ("quote", "note") if (text := getattr(evidence, name)) is not None}


def _where(place: Any) -> dict[str, Any]:
    """File, and pointer or line where there is one, of evidence or of a reading's place."""
    form: dict[str, Any] = {"file": place.file}
    return form | {name: found for name in ("pointer", "line") if (found := getattr(place, name)) is not None}
