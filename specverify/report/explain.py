"""The answer to "why": of a figure its formula, worked lines and evidence; of a fact every reading; of claims what they were
held against; of a rule its documentation."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from textwrap import indent, wrap
from typing import Protocol

from specverify.errors import SpecverifyError
from specverify.facts import Fact, Reading, Source, Where
from specverify.num import Num
from specverify.outcome import Confidence, Report, Severity
from specverify.report.amounts import exact, rounded, worked_line
from specverify.report.claims import PREFIX, kinds_of, told
from specverify.report.growth import PREFIX as GROWTH
from specverify.report.rows import TAGS, used
from specverify.report.sanitize import clean, clean_value
from specverify.report.shape import definitions

WIDTH = 100
_LONGEST_NOTE = 1000
_LONGEST_FORMULA = 20_000

Quote = Callable[[Where], tuple[int, str] | None]
"""Finds the line of a place and its text, for readings that do not carry them."""


class UnknownName(SpecverifyError):
    """No figure, fact or rule of that name; `near` are the names meant, likeliest first."""

    def __init__(self, kind: str, name: str, names: Iterable[str]) -> None:
        self.near = tuple(difflib.get_close_matches(name, sorted(names), n=4, cutoff=0.5))
        hint = f"; did you mean {', '.join(self.near)}?" if self.near else ""
        super().__init__(f"no {kind} is called {clean(name, 80)!r}{hint}")


class _Rule(Protocol):
    """What is told of a rule (specverify.rules.engine.Rule)."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def confidence(self) -> Confidence: ...
    @property
    def source(self) -> str: ...
    @property
    def since(self) -> str: ...
    @property
    def plugin(self) -> str | None: ...
    @property
    def status(self) -> str: ...
    @property
    def doc(self) -> str: ...


def explain(report: Report, name: str, quote: Quote | None = None) -> str:
    """The figure `name`, the fact `name` with or without `spec.` before it, or the claims of a kind (`claim:context`).

    A figure may be one of the table of growth (`growth.131072.prefill_flops`). Raises UnknownName with near names.
    """
    if name.startswith(PREFIX):
        return explain_claims(report, name)
    fact_name = name.removeprefix("spec.")
    if name in report.figures or name.startswith(GROWTH):
        return explain_figure(report, name, quote)
    if report.spec is not None and fact_name in report.spec.facts:
        return explain_fact(report, fact_name, quote)
    facts = [] if report.spec is None else [f"spec.{known}" for known in report.spec.facts]
    raise UnknownName("figure or fact", name, [*report.figures, *facts])


def explain_figure(report: Report, name: str, quote: Quote | None = None) -> str:
    """Formula, worked line, the same of every named part of it, and the facts it rests on. Raises UnknownName."""
    figures = {**report.figures, **(report.growth() if name.startswith(GROWTH) else {})}
    figure = figures.get(name)
    if figure is None:
        raise UnknownName("figure", name, figures)
    number = figure.number
    value, short = exact(figure.value, figure.unit), rounded(figure.value, figure.unit)
    lines = [f"{name} = {value}" + (f" ({short})" if short not in (value, "unknown") else ""), *_wrapped(figure.note)]
    if figure.value is None:
        lines += ["", "Unknown because", *(line for reason in number.reasons() for line in _wrapped(reason))]
    lines += ["", "Formula", *_working(number, figure.unit)]
    parts = list(definitions(number, figures))
    if parts:
        lines += ["", "where"]
        for part in parts:
            lines += [f"  {clean(part.label or '')}", *(f"  {line}" for line in _working(part, part.unit))]
    rests_on = number.rests_on()
    if rests_on:
        lines += ["", "Rests on", *(line for fact in rests_on for line in _fact(fact, quote))]
    return _text(lines)


def explain_fact(report: Report, name: str, quote: Quote | None = None) -> str:
    """Value, and every reading with its place, its words and its note, strongest first. Raises UnknownName."""
    name = name.removeprefix("spec.")
    facts = {} if report.spec is None else report.spec.facts
    if name not in facts:
        raise UnknownName("fact", name, facts)
    fact = facts[name]
    lines = [f"spec.{clean(name)} = {clean_value(fact.value) if fact.value is not None else 'unknown'}"]
    if fact.reason is not None:
        lines += ["", "Unknown because", *_wrapped(fact.reason)]
    if fact.disputed:
        lines += ["", "Its readings differ; the first is used."]
    lines += ["", "Readings, strongest first" if len(fact.readings) > 1 else "Reading"] if fact.readings else []
    lines += [line for reading in fact.readings for line in _reading(reading, quote)]
    return _text(lines)


def explain_claims(report: Report, name: str) -> str:
    """Every claim of the kinds that `claim:NAME` names, with its place, what it was held against and the verdict.

    Raises UnknownName where the card makes no such claim.
    """
    kinds = kinds_of(report, name)
    if not kinds:
        raise UnknownName("claim of this card", name, {f"{PREFIX}{verdict.kind}" for verdict in report.claims})
    return _text(told(report, kinds))


def explain_rule(rule: _Rule) -> str:
    """What a rule looks for, why, an example of both kinds, and what to do."""
    head = f"{rule.code} {rule.name}"
    facts = f"severity {rule.severity}, confidence {rule.confidence}, {rule.status}, since {rule.since}"
    facts += "" if rule.plugin is None else f", plug-in {rule.plugin}"
    return _text([head, facts, f"source: {rule.source}", "", rule.doc])


def _working(number: Num, unit: str | None) -> Iterator[str]:
    worked = clean(worked_line(number, unit), _LONGEST_FORMULA)
    formula = clean(number.formula(), _LONGEST_FORMULA)
    if formula != worked:
        yield from wrap(formula, WIDTH, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False)
    yield from wrap(worked, WIDTH, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False)


def _fact(fact: Fact, quote: Quote | None) -> Iterator[str]:
    claimed = dict.fromkeys(clean_value(reading.value) for reading in fact.readings if reading.source is Source.CLAIMED)
    if claimed and fact.readings[0].source is Source.CLAIMED:
        yield f"  {clean(fact.name)}: claimed, {' or '.join(claimed)}"
    elif fact.value is None:
        yield f"  {clean(fact.name)}: unknown, {clean(fact.reason or 'null')}"
    else:
        yield f"  {clean(fact.name)} = {clean_value(fact.value)} ({used(fact)}{', disputed' if fact.disputed else ''})"
    for reading in fact.readings[:1]:
        yield from _place(reading, quote, "      ")


def _reading(reading: Reading, quote: Quote | None) -> Iterator[str]:
    yield f"  {TAGS[reading.source]}: {clean_value(reading.value)}"
    yield from _place(reading, quote, "      ")


def _place(reading: Reading, quote: Quote | None, margin: str) -> Iterator[str]:
    """Where a reading stands: the file with line and words where they are known, else with the pointer; and its note."""
    found = quote(reading.where) if quote is not None and reading.quote is None else None
    line, words = found if found is not None else (reading.where.line, reading.quote)
    yield margin + clean(f"{reading.where.file}:{line}" if line is not None else str(reading.where))
    if words is not None:
        yield f"{margin}| {clean(words)}"
    if reading.note:
        yield from (margin + text for text in wrap(clean(reading.note, _LONGEST_NOTE), WIDTH - len(margin)))


def _wrapped(text: str | None) -> list[str]:
    return [indent(line, "  ") for line in wrap(clean(text or "", _LONGEST_NOTE), WIDTH)]


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"
