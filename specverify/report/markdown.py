"""A report as Markdown, for a comment on a pull request: the verdict, the findings with evidence to unfold, spec and figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from specverify.outcome import Finding, Report
from specverify.report.amounts import rounded, worked_line
from specverify.report.claims import counted
from specverify.report.first_screen import CAPACITY, KEY_FIGURES, says_something, verdict_words
from specverify.report.places import named
from specverify.report.rendering import Rendering
from specverify.report.rows import TAGS, spec_rows
from specverify.report.sanitize import clean, clean_value
from specverify.report.shape import summary
from specverify.report.tabular import markdown, markdown_line

MOST_FINDINGS = 50
MOST_EVIDENCE = 10
"""A comment holds 65,536 characters."""
LONGEST = 600


def to_markdown(reports: Sequence[Report], how: Rendering) -> str:
    """A section a model. Nothing a repo wrote is markup in it."""
    return "\n".join("\n".join(_section(report)).rstrip() + "\n" for report in reports)


def _section(report: Report) -> Iterator[str]:
    found = summary(report)
    at = report.sha[:12] if report.sha else report.revision
    yield f"## {markdown(report.name)}"
    yield ""
    checks = [f"{found[kind]:,} {kind}" for kind in ("passed", "skipped", "broken") if found[kind]]
    said = [f"**{verdict_words(found)}**", *checks, *([f"claims: {counted(report.claims)}"] if report.claims else ())]
    yield " · ".join([*said, *([f"revision {markdown(at)}"] if at else ())])
    yield ""
    if report.error is not None:
        yield markdown(report.error, LONGEST)
        return
    if report.findings:
        yield from _findings(report.findings)
    yield from _spec(report)
    yield from _figures(report)


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    yield markdown_line(("severity", "rule", "finding", "where"))
    yield "| --- | --- | --- | --- |"
    for finding in findings[:MOST_FINDINGS]:
        where = named(finding.evidence[0]) if finding.evidence else ""
        yield markdown_line((str(finding.severity), f"{finding.code} {finding.name}", finding.message, where), LONGEST)
    if len(findings) > MOST_FINDINGS:
        yield ""
        yield f"{len(findings) - MOST_FINDINGS:,} more findings"
    yield ""
    yield from _folded("Evidence", _evidence(findings[:MOST_FINDINGS]))


def _evidence(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"- {markdown(finding.code)} {markdown(finding.name)}"
        for evidence in finding.evidence[:MOST_EVIDENCE]:
            said = evidence.quote if evidence.quote is not None else "" if evidence.value is None else clean_value(evidence.value)
            told = " ".join(part for part in (said, f"({evidence.note})" if evidence.note else "") if part)
            yield f"  - {TAGS[evidence.source]}, {markdown(named(evidence))}: {markdown(told, LONGEST)}"
        if len(finding.evidence) > MOST_EVIDENCE:
            yield f"  - {len(finding.evidence) - MOST_EVIDENCE:,} more places"
        if finding.fix:
            yield f"  - fix: {markdown(finding.fix, LONGEST)}"


def _spec(report: Report) -> Iterator[str]:
    rows = [] if report.spec is None else list(spec_rows(report.spec, report.figures))
    if rows:
        table = [markdown_line(("spec", "", "known by")), "| --- | --- | --- |", *(markdown_line(row, LONGEST) for row in rows)]
        yield from _folded("Spec", table)


def _figures(report: Report) -> Iterator[str]:
    known = report.figures
    names = [name for name in (*KEY_FIGURES, *CAPACITY) if name in known and says_something(known, name)]
    if not names:
        return
    rows = [
        (name, rounded(known[name].value, known[name].unit), clean(worked_line(known[name].number, known[name].unit), LONGEST))
        for name in names
    ]
    yield from _folded(
        "Figures", [markdown_line(("figure", "value", "working")), "| --- | ---: | --- |", *(markdown_line(r) for r in rows)]
    )


def _folded(title: str, lines: Iterator[str] | Sequence[str]) -> Iterator[str]:
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield from lines
    yield ""
    yield "</details>"
    yield ""
