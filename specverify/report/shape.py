"""The versioned shape of a report, as plain JSON values: same inputs, same bytes, and nothing of the machine or the day."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from specverify.facts import Fact
from specverify.num import Num
from specverify.outcome import (
    SCHEMA_VERSION,
    Acceptance,
    Accepted,
    Agreement,
    Broken,
    Compared,
    Evidence,
    Finding,
    Outcome,
    Passed,
    Report,
    Severity,
    Skipped,
    Verdict,
)
from specverify.report.amounts import worked_line
from specverify.report.growth import growth_dict
from specverify.spec import Figure
from specverify.spec_form import json_value, spec_to_dict

KINDS: dict[type, str] = {Finding: "finding", Broken: "broken", Skipped: "skipped", Passed: "passed"}
"""What `kind` says of each outcome, in the order they are written; of one that is accepted it says how."""


def report_dict(report: Report) -> dict[str, Any]:
    """The report by `schemas/report.schema.json`. Findings come worst first, the other outcomes by kind and code."""
    return {
        "schema_version": SCHEMA_VERSION,
        "model": _model(report),
        "spec": None if report.spec is None else spec_to_dict(report.spec),
        "figures": {name: figure_dict(figure, report.figures) for name, figure in sorted(report.figures.items())},
        "growth": growth_dict(report.growth()),
        "outcomes": [_outcome(outcome) for outcome in in_order(report)],
        "claims": [_claim(verdict) for verdict in report.claims],
        "refused": [{"kind": r.kind, "raw": r.raw, "file": r.file, "line": r.line, "reason": r.reason} for r in report.refused],
        "summary": summary(report),
        "target": {name: json_value(value) for name, value in report.target.items()},
        "notes": list(report.notes),
    }


def in_order(report: Report) -> list[Outcome]:
    """Findings worst first, then those accepted, then what broke, what was skipped and what passed, each by code."""
    order = list(KINDS)
    rest = [outcome for outcome in report.outcomes if not isinstance(outcome, Finding | Accepted)]
    return [*report.findings, *report.accepted, *sorted(rest, key=lambda outcome: (order.index(type(outcome)), outcome.code))]


def summary(report: Report) -> dict[str, Any]:
    """Counts, and a verdict: `unreadable`, the worst severity found, `unverifiable` of a closed model, or `clean`."""
    findings = {str(severity): 0 for severity in reversed(Severity)}
    for finding in report.findings:
        findings[str(finding.severity)] += 1
    kinds = [KINDS.get(type(outcome)) for outcome in report.outcomes]
    accepted = [outcome.how for outcome in report.accepted]
    closed = report.spec is not None and report.spec.exactness == "claimed"
    worst = str(report.findings[0].severity) if report.findings else "unverifiable" if closed else "clean"
    return {
        "verdict": "unreadable" if report.error is not None else worst,
        "findings": findings,
        **{str(how): accepted.count(how) for how in Acceptance},
        "broken": kinds.count("broken"),
        "skipped": kinds.count("skipped"),
        "passed": kinds.count("passed"),
        "claims": {str(agreement): sum(v.agreement is agreement for v in report.claims) for agreement in Agreement},
    }


def figure_dict(figure: Figure, figures: Container[str] = ()) -> dict[str, Any]:
    """A figure with its formula, worked line, named sub-formulas and the facts it rests on; `reasons` where it is unknown.

    `figures` are the names of those that stand beside it: what they are made of is not told again.
    """
    number = figure.number
    form: dict[str, Any] = {
        "value": json_value(figure.value),
        "unit": figure.unit,
        "formula": number.formula(),
        "worked": worked_line(number, figure.unit),
        "rests_on": [_rested_on(fact) for fact in number.rests_on()],
    }
    named = {
        part.label: {"value": json_value(part.value), "formula": part.formula(), "worked": worked_line(part, part.unit)}
        for part in definitions(number, figures)
        if part.label not in figures
    }
    if named:
        form["definitions"] = named
    if figure.note is not None:
        form["note"] = figure.note
    if figure.value is None:
        form["reasons"] = list(number.reasons())
    return form


def _rested_on(fact: Fact) -> dict[str, Any]:
    """A fact by name, with the source and place of its strongest reading: `claimed` says that a figure rests on a claim."""
    if not fact.readings:
        return {"fact": fact.name}
    return {"fact": fact.name, "source": str(fact.readings[0].source)} | _where(fact.readings[0].where)


def definitions(number: Num, figures: Container[str] = ()) -> Iterator[Num]:
    """The named sub-formulas in the order a formula mentions them, each once; one that is a figure too is not looked into."""
    seen: set[int | str] = set()
    stack = list(reversed(number.args))
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.op == "named" and node.label is not None:
            if node.label not in seen:
                seen.add(node.label)
                yield node
            if node.label in figures:
                continue
        stack.extend(reversed(node.args))


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
    if isinstance(outcome, Accepted):
        return _outcome(outcome.finding) | {"kind": str(outcome.how), "reason": outcome.reason, "by": outcome.by}
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


def _claim(verdict: Verdict) -> dict[str, Any]:
    form: dict[str, Any] = {
        "kind": verdict.kind,
        "raw": verdict.raw,
        "accepted": [json_value(value) for value in verdict.accepted],
        "unit": verdict.unit,
        "file": verdict.stated.file,
        "line": verdict.stated.line,
        "columns": list(verdict.columns),
        "quote": verdict.stated.quote,
        "emitter": verdict.emitter,
        "role": verdict.role,
        "section": list(verdict.section),
        "subject": verdict.subject,
        "relation": verdict.relation,
        "confidence": str(verdict.confidence),
        "verdict": str(verdict.agreement),
        "reason": verdict.reason,
        "compared": [_compared(compared) for compared in verdict.compared],
    }
    if verdict.remark is not None:
        form["remark"] = verdict.remark
    if verdict.conditions:
        form["conditions"] = list(verdict.conditions)
    if verdict.stated.note is not None:
        form["source"] = verdict.stated.note
    return form


def _compared(compared: Compared) -> dict[str, Any]:
    evidence = [_evidence(one) for one in compared.evidence]
    return {"name": compared.name, "value": json_value(compared.value), "matches": compared.matches, "evidence": evidence}


def _evidence(evidence: Evidence) -> dict[str, Any]:
    form = {"source": str(evidence.source)} | _where(evidence)
    form["value"] = json_value(evidence.value)
    return form | {name: text for name in ("quote", "note") if (text := getattr(evidence, name)) is not None}


def _where(place: Any) -> dict[str, Any]:
    """File, and pointer or line where there is one, of evidence or of a reading's place."""
    form: dict[str, Any] = {"file": place.file}
    return form | {name: found for name in ("pointer", "line") if (found := getattr(place, name)) is not None}
