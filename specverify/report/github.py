"""Findings as annotations of a GitHub workflow: a command a line, which the runner shows at the line it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from specverify.outcome import Finding, Report, Severity
from specverify.report.places import is_file, named, path, region
from specverify.report.rendering import Rendering
from specverify.report.sanitize import clean

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
LONGEST = 1_000
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def to_github(reports: Sequence[Report], how: Rendering) -> str:
    """A line a finding; of a model without any, and of one that could not be read, a line that says so."""
    return "".join(line + "\n" for report in reports for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    name = clean(report.name)
    if report.error is not None:
        yield _command("error", {"title": f"{name} could not be read"}, report.error)
    elif not report.findings:
        yield _command("notice", {"title": "specverify"}, f"{name}: no finding")
    for finding in report.findings:
        where, place = _place(report, finding)
        properties = {**where, "title": f"{finding.code} {finding.name}"}
        fix = f"\nfix: {clean(finding.fix, LONGEST)}" if finding.fix else ""
        yield _command(COMMANDS[finding.severity], properties, f"{name}{place}: {clean(finding.message, LONGEST)}", fix)


def _place(report: Report, finding: Finding) -> tuple[dict[str, str], str]:
    """The properties that say where a finding is, and the same in words. A file of a repo is not in the workflow's folder: words only."""
    first = next((evidence for evidence in finding.evidence if is_file(report, evidence)), None)
    if first is None:
        return {}, ""
    on_disk, found = path(report, first.file), region(report, first)
    properties = {} if on_disk is None else {"file": on_disk}
    if on_disk is not None and found is not None:
        properties["line"] = str(found.line)
        if found.start is not None and found.stop is not None:
            properties |= {"col": str(found.start), "endColumn": str(found.stop)}
    return properties, f" {clean(named(first))}"


def _command(name: str, properties: Mapping[str, str], message: str, after: str = "") -> str:
    """`::error file=a,line=1,title=t::message`, escaped as the runner unescapes it."""
    told = ",".join(f"{key}={clean(value).translate(_PROPERTY)}" for key, value in properties.items())
    return f"::{name} {told}::{(clean(message, LONGEST) + after).translate(_DATA)}"
