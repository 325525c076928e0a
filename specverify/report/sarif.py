"""Findings as SARIF 2.1.0, for code scanning: a run a model, regions in its files, fingerprints that no moved line changes.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from specverify.outcome import Accepted, Broken, Evidence, Finding, Report, Severity, Skipped
from specverify.report.json import document
from specverify.report.places import REPOS, address, is_file, region, repository, uri
from specverify.report.rendering import Rendering, RuleText
from specverify.report.sanitize import clean, clean_value

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
"""The words of code scanning for a rule's severity."""
BASE = "MODEL"
"""The base that the files of a repo are relative to."""
FINGERPRINT = "specverify/v1"
LONGEST = 2_000


def to_sarif(reports: Sequence[Report], how: Rendering) -> str:
    """The log of these reports. A model that could not be read is a run that did not succeed."""
    return document({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, how) for report in reports]})


def _run(report: Report, how: Rendering) -> dict[str, Any]:
    found = {finding.code for finding in report.findings} | {accepted.code for accepted in report.accepted}
    told = [rule for rule in how.rules if rule.code in found]
    indices = {rule.code: index for index, rule in enumerate(told)}
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "specverify", "version": how.version, "semanticVersion": how.version, "rules": [*map(_rule, told)]}},
        "automationDetails": {"id": f"specverify/{clean(report.name)}/"},
        "invocations": [_invocation(report)],
        "columnKind": "unicodeCodePoints",
    }
    whole, base = repository(report, how.hub), address(report, how.hub)
    if base is not None:
        run["originalUriBaseIds"] = {BASE: {"uri": base}}
        run["versionControlProvenance"] = [{"repositoryUri": whole, "revisionId": report.sha}]
    files = sorted(file for file, state in report.files.items() if state == "read")
    run["artifacts"] = [_artifact(report, file) for file in files]
    places = {file: index for index, file in enumerate(files)}
    run["results"] = list(_results(report, indices, places))
    return run


def _rule(rule: RuleText) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.name.replace("-", " ")},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.doc, "markdown": rule.doc},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"precision": str(rule.confidence), "problem.severity": PROBLEMS[rule.severity], "source": rule.source},
    }


def _invocation(report: Report) -> dict[str, Any]:
    """Whether the run went well, what broke, and what was not looked at and why, the rules of one reason together."""
    said = [] if report.error is None else [_notification("error", report.error)]
    broken = [outcome for outcome in report.outcomes if isinstance(outcome, Broken)]
    said += [
        _notification("error", f"the rule crashed: {outcome.error}") | {"associatedRule": {"id": outcome.code}}
        for outcome in sorted(broken, key=lambda outcome: outcome.code)
    ]
    skipped: dict[str, list[str]] = {}
    for outcome in report.outcomes:
        if isinstance(outcome, Skipped):
            skipped.setdefault(outcome.reason, []).append(outcome.code)
    said += [_notification("note", f"not looked at: {', '.join(sorted(codes))}: {reason}") for reason, codes in sorted(skipped.items())]
    form: dict[str, Any] = {"executionSuccessful": report.error is None and not broken}
    return form | ({"toolExecutionNotifications": said} if said else {})


def _notification(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": _message(text)}


def _artifact(report: Report, file: str) -> dict[str, Any]:
    form: dict[str, Any] = {"location": _file(report, file)}
    contents = None if report.kept is None else report.kept.contents.get(file)
    if contents is not None:
        form |= {"length": len(contents), "hashes": {"sha-256": hashlib.sha256(contents).hexdigest()}}
    return form


def _results(report: Report, rules: Mapping[str, int], files: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """The findings, then those accepted. Suppressions are told of every result or of none (SARIF 3.27.23): an empty list says none."""
    seen: Counter[str] = Counter()
    told: list[tuple[Finding, Accepted | None]] = [(finding, None) for finding in report.findings]
    told += [(accepted.finding, accepted) for accepted in report.accepted]
    for finding, accepted in told:
        fingerprint = _fingerprint(finding)
        seen[fingerprint] += 1
        in_files = [evidence for evidence in finding.evidence if is_file(report, evidence)]
        first = in_files[0] if in_files else None
        form: dict[str, Any] = {"ruleId": finding.code}
        if finding.code in rules:
            form["ruleIndex"] = rules[finding.code]
        form |= {
            "level": LEVELS[finding.severity],
            "message": _message(finding.message + (f" Fix: {finding.fix}" if finding.fix else "")),
            "locations": [_location(report, first, files)] if first is not None else [_whole(report, files)],
            "partialFingerprints": {FINGERPRINT: f"{fingerprint}:{seen[fingerprint]}"},
            "properties": {"confidence": str(finding.confidence)},
        }
        if report.accepted:
            form["suppressions"] = [] if accepted is None else [_suppression(accepted)]
        others = [evidence for evidence in finding.evidence if evidence is not first]
        if others:
            form["relatedLocations"] = [
                {"id": number, **_location(report, evidence, files), "message": _message(_reading(evidence))}
                for number, evidence in enumerate(others, 1)
            ]
        yield form


def _suppression(accepted: Accepted) -> dict[str, Any]:
    """Outside of the model's files, by settings or a baseline: the reason, and the line that gives it."""
    properties = {"how": str(accepted.how), "by": clean(accepted.by)}
    return {"kind": "external", "status": "accepted", "justification": clean(accepted.reason, LONGEST), "properties": properties}


def _fingerprint(finding: Finding) -> str:
    """Of the rule, the file and what stands there: the pointer, else the words. Never of the line."""
    first = finding.evidence[0] if finding.evidence else None
    parts = [finding.code] if first is None else [finding.code, first.file, first.pointer or " ".join((first.quote or "").split())]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _location(report: Report, evidence: Evidence, files: Mapping[str, int]) -> dict[str, Any]:
    if not is_file(report, evidence):
        return {"logicalLocations": [{"fullyQualifiedName": clean(f"{evidence.file}#{evidence.pointer or ''}".rstrip("#"))}]}
    physical: dict[str, Any] = {"artifactLocation": _file(report, evidence.file, files)}
    found = region(report, evidence)
    if found is not None:
        place: dict[str, Any] = {"startLine": found.line}
        if found.start is not None:
            place |= {"startColumn": found.start, "endColumn": found.stop}
        if evidence.quote is not None:
            place["snippet"] = {"text": clean(evidence.quote, LONGEST)}
        physical["region"] = place
    form: dict[str, Any] = {"physicalLocation": physical}
    if evidence.pointer:
        form["logicalLocations"] = [{"fullyQualifiedName": clean(evidence.pointer), "kind": "member"}]
    return form


def _whole(report: Report, files: Mapping[str, int]) -> dict[str, Any]:
    """The first file that was read, as a whole: code scanning shows no result that has no file."""
    return {"physicalLocation": {"artifactLocation": _file(report, next(iter(files), "config.json"), files)}}


def _file(report: Report, file: str, files: Mapping[str, int] | None = None) -> dict[str, Any]:
    form: dict[str, Any] = {"uri": uri(report, file)}
    if report.origin in REPOS and report.sha is not None:
        form["uriBaseId"] = BASE
    return form | ({"index": files[file]} if files is not None and file in files else {})


def _reading(evidence: Evidence) -> str:
    said = evidence.quote if evidence.quote is not None else None if evidence.value is None else clean_value(evidence.value)
    return "; ".join(part for part in (str(evidence.source), said, evidence.note) if part)


def _message(text: str) -> dict[str, str]:
    """A message in which nothing is a link: in one, `[words](place)` would be."""
    return {"text": clean(text, LONGEST).replace("](", "]\\(")}
