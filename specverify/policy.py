"""What a team has decided about findings: which rules count and how much, what is let pass, and what a model must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date
from typing import Any, NamedTuple

from specverify.facts import Source
from specverify.frozen import Struct, frozen, replace
from specverify.outcome import Acceptance, Accepted, Broken, Evidence, Finding, Outcome, Report, Severity, Skipped

Known = tuple[str, str, str]
"""A finding as a baseline has it: the model's name, the code and the message. Lines move, and a worse finding has another message."""


class Place(NamedTuple):
    """A line of a settings file: what evidence shows of it. `file` is the last part of its path."""

    file: str
    pointer: str
    line: int
    quote: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    def evidence(self, value: Any) -> Evidence:
        """The line as evidence of what it states."""
        return Evidence(Source.DECLARED, self.file, self.pointer, self.line, self.quote, value)


@frozen
class Ignore(Struct):
    """A finding that is let pass: of the rules that `rule` names, in the models that `model` names, through the day `expires`."""

    rule: str
    reason: str
    place: Place
    model: str | None = None
    expires: date | None = None
    expired: bool = False

    def is_of(self, model: str) -> bool:
        """Whether a model of this name is meant; `*` stands for anything, and case for nothing."""
        return self.model is None or _is_like(model.casefold(), self.model.casefold())

    @property
    def is_of_one(self) -> bool:
        """Whether one model is meant, and no others."""
        return self.model is not None and "*" not in self.model


class Allowed(NamedTuple):
    """The names that settings allow, and the line that says so."""

    names: tuple[str, ...]
    place: Place

    def has(self, name: str) -> bool:
        """Whether a name is among them, in any case."""
        return name.casefold() in {one.casefold() for one in self.names}


class Baseline(NamedTuple):
    """Findings that were there before, each with how often, and the file that says so."""

    file: str
    findings: Mapping[Known, int]


@frozen
class Policy(Struct):
    """The decisions of a settings file. `select` are rules by code, start or name, none for all; `severities` likewise."""

    select: tuple[str, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    licenses: Allowed | None = None
    organizations: Allowed | None = None
    baseline: Baseline | None = None

    def applied(self, outcomes: Iterable[Outcome], model: str) -> tuple[Outcome, ...]:
        """Outcomes of a model with the severities stated here; findings that are ignored or known are `Accepted`, with the reason."""
        left = Counter(self.baseline.findings if self.baseline is not None else {})
        return tuple(self._judged(outcome, model, left) if isinstance(outcome, Finding) else outcome for outcome in outcomes)

    def _judged(self, finding: Finding, model: str, left: Counter[Known]) -> Finding | Accepted:
        severity = self._severity(finding)
        finding = finding if severity in (None, finding.severity) else replace(finding, severity=severity)
        for ignore in self.ignores:
            if not ignore.expired and names(ignore.rule, finding) and ignore.is_of(model):
                return Accepted(finding, Acceptance.IGNORED, ignore.reason, str(ignore.place))
        known = known_as(finding, model)
        if self.baseline is not None and left[known] > 0:
            left[known] -= 1
            return Accepted(finding, Acceptance.KNOWN, "it was found before", self.baseline.file)
        return finding

    def _severity(self, finding: Finding) -> Severity | None:
        """The severity stated for a rule, by its name or the longest start of its code that one is stated for."""
        stated = [entry for entry in self.severities if names(entry, finding)]
        best = max(stated, key=lambda entry: (entry.lower() == finding.name, len(entry)), default=None)
        return None if best is None else self.severities[best]


class Uses:
    """What became of the ignores of a policy over many models: only all of them tell that one is of no use."""

    def __init__(self, policy: Policy) -> None:
        self._ignores = [ignore for ignore in policy.ignores if not ignore.expired]
        self._needed: set[Ignore] = set()
        self._about: dict[Ignore, str] = {}

    def saw(self, report: Report) -> None:
        """Take note of a report. An ignore is needed where it is used, and where its rules could not look."""
        used = {accepted.by for accepted in report.accepted if accepted.how is Acceptance.IGNORED}
        for ignore in self._ignores:
            if report.error is None and ignore.is_of(report.name):
                mine = [outcome for outcome in report.outcomes if names(ignore.rule, outcome)]
                told = mine and not any(isinstance(outcome, Skipped | Broken) for outcome in mine)
                self._about[ignore] = report.ref
                if str(ignore.place) in used or not told:
                    self._needed.add(ignore)

    def unused(self) -> Mapping[str, tuple[Ignore, ...]]:
        """The ignores that no model needed, by the ref of the last model that each is of; one that is of none is of others."""
        found: dict[str, tuple[Ignore, ...]] = {}
        for ignore, ref in self._about.items():
            if ignore not in self._needed:
                found[ref] = (*found.get(ref, ()), ignore)
        return found


def names(selector: str, rule: Any) -> bool:
    """Whether a selector is the code of a rule (or of an outcome of one), a start of it, or its name."""
    return bool(selector) and (rule.code.startswith(selector.upper()) or rule.name == selector.lower())


def known_as(finding: Finding, model: str) -> Known:
    """A finding as a baseline has it."""
    return model.casefold(), finding.code, finding.message


def _is_like(name: str, pattern: str) -> bool:
    """Whether a name is what a pattern says, `*` in it for any text; in time that grows with the two lengths."""
    first, *parts = pattern.split("*")
    if not parts:
        return name == first
    *middle, last = parts
    if not name.startswith(first) or not name.endswith(last) or len(name) < len(first) + len(last):
        return False
    at, end = len(first), len(name) - len(last)
    for part in middle:
        found = name.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
