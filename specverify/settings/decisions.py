"""What settings decide about findings: rules, severities, what is ignored until when, and what a model must be."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from typing import Any

from specverify.frozen import Struct, frozen, replace
from specverify.outcome import Severity
from specverify.policy import Allowed, Baseline, Ignore, Policy, names
from specverify.settings.check import brief
from specverify.settings.toml import Document, Path

MOST_NEAR = 3


@frozen
class Decisions(Struct):
    """What a file states, before a day says what of it has expired."""

    select: tuple[str, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    licenses: Allowed | None = None
    organizations: Allowed | None = None

    def policy(self, as_of: date, baseline: Baseline | None = None) -> Policy:
        """The policy on a day: an ignore holds through the day it expires."""
        ignores = tuple(replace(one, expired=one.expires is not None and one.expires < as_of) for one in self.ignores)
        return Policy(self.select, ignores, self.severities, self.licenses, self.organizations, baseline)


def decisions(document: Document) -> Decisions:
    """The decisions of a file that is of its form. Raises InvalidSettings for a rule there is none of, and a day that is none."""
    values = document.values
    for path, selector in _selectors(values):
        _is_rule(path, selector, document)
    severities = {selector: Severity(severity) for selector, severity in values.get("severity", {}).items()}
    ignores = tuple(_ignore(index, entry, document) for index, entry in enumerate(values.get("ignore", ())))
    allowed = {name: _allowed(name, document) for name in ("licenses", "organizations")}
    return Decisions(tuple(values.get("select", ())), ignores, severities, **allowed)


def _ignore(index: int, entry: Mapping[str, Any], document: Document) -> Ignore:
    path: Path = ("ignore", index)
    return Ignore(entry["rule"], entry["reason"], document.stands(path), entry.get("model"), _day(entry, (*path, "expires"), document))


def _day(entry: Mapping[str, Any], path: Path, document: Document) -> date | None:
    day = entry.get("expires")
    try:
        return date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError:
        raise document.wrong(path, f"is {brief(day)}, and there is no such day") from None


def _allowed(name: str, document: Document) -> Allowed | None:
    stated = document.values.get("allowed", {}).get(name)
    return None if stated is None else Allowed(tuple(stated), document.stands(("allowed", name)))


def _selectors(values: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Everything that names rules, each at its place."""
    yield from ((("select", index), selector) for index, selector in enumerate(values.get("select", ())))
    yield from ((("ignore", index, "rule"), entry["rule"]) for index, entry in enumerate(values.get("ignore", ())))
    yield from ((("severity", selector), selector) for selector in values.get("severity", {}))


def _is_rule(path: Path, selector: str, document: Document) -> None:
    from specverify.rules.engine import rules

    known = rules()
    if any(names(selector, rule) for rule in known):
        return
    words = [word for rule in known for word in (rule.code, rule.name)]
    near = difflib.get_close_matches(selector, words, n=MOST_NEAR) or difflib.get_close_matches(selector.upper(), words, n=MOST_NEAR)
    hint = f"did you mean {', '.join(near)}?" if near else "see `specverify rules`"
    said = "names no rule" if path[0] == "severity" else f"is {brief(selector)}, and no rule is called that"
    raise document.wrong(path, f"{said}: {hint}")
