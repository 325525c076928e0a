"""One line of an audit: what a report says in a few fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from specverify.outcome import Broken, Evidence, Report, Severity
from specverify.report.places import named

FIGURES = (
    "parameters.total",
    "parameters.activated",
    "context.declared",
    "cache.bytes_per_token",
    "cache.sequence_bytes",
    "weights.bytes",
    "capacity.fits",
    "capacity.max_concurrency",
    "capacity.max_context",
)
FACTS = ("model_type", "prototype", "attention")
UNREADABLE = "unreadable"
UNVERIFIABLE = "unverifiable"
"""Of a closed model: its figures are claims."""
LONGEST = 2_000
"""Characters of any one text: a row is bounded whatever a repo says."""
MOST_FINDINGS = 100


def row(report: Report) -> dict[str, Any]:
    """The row of a report: `ref` and `sha` are its key, `status` is `ok`, a severity, `unverifiable`, `broken`, or the kind of error."""
    found: dict[str, Any] = {"ref": report.ref, "name": report.name, "sha": report.sha, "status": status(report)}
    if report.error is not None:
        return {**found, "error": report.error[:LONGEST]}
    spec = report.spec
    found["exactness"] = spec.exactness if spec is not None else None
    found |= {name: _bounded(spec.value(name)) if spec is not None else None for name in FACTS}
    found |= {name: report.figures[name].value for name in FIGURES if name in report.figures}
    found["findings"] = [
        {"code": f.code, "severity": str(f.severity), "message": f.message[:LONGEST], "place": _place(f.evidence)}
        for f in report.findings[:MOST_FINDINGS]
    ]
    accepted = [
        {"code": one.code, "how": str(one.how), "reason": one.reason[:LONGEST], "by": one.by} for one in report.accepted[:MOST_FINDINGS]
    ]
    return {**found, "accepted": accepted} if accepted else found


def status(report: Report) -> str:
    """The worst thing said of a model, in a word."""
    if report.error is not None:
        return report.error_kind or UNREADABLE
    if any(isinstance(outcome, Broken) for outcome in report.outcomes):
        return "broken"
    if report.spec is not None and report.spec.exactness == "claimed":
        return UNVERIFIABLE
    worst = max((finding.severity.rank for finding in report.findings), default=-1)
    return "ok" if worst < Severity.WARNING.rank else str(list(Severity)[worst])


def _bounded(value: Any) -> Any:
    return value[:LONGEST] if isinstance(value, str) else value


def _place(evidence: Sequence[Evidence]) -> str | None:
    if not evidence:
        return None
    return named(evidence[0])[:LONGEST]
