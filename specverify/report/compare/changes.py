"""What changed between two revisions of a model: facts and figures with both values and places, claims, findings, files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from specverify.facts import Fact, Source, Where
from specverify.outcome import Finding, Report, Skipped, Verdict
from specverify.report.compare.cells import Cell, figure_cell, no_figures, unknown
from specverify.report.compare.files import Files, file_changes
from specverify.report.sanitize import clean, clean_value

Quote = Callable[[Where], tuple[int, str] | None]
"""Finds the line of a place and its text, for readings that do not carry them."""
_One = TypeVar("_One")
OF_THE_REF = frozenset({"SEC002"})
"""Rules about how a model was named, which two revisions never are alike."""


class How(StrEnum):
    """What became of a claim or finding."""

    APPEARED = "appeared"
    WENT = "went"
    CHANGED = "changed"
    UNSEEN = "not checked"
    """a finding that is gone because its rule could not look"""


class Told(NamedTuple):
    """A fact as one revision has it: `text` to read, `value` exact, and the place that says so; `reason` where it is unknown."""

    text: str
    value: Any
    source: Source | None
    file: str | None
    pointer: str | None
    line: int | None
    quote: str | None
    reason: str | None


UNSTATED = Told("unknown", None, None, None, None, None, None, "nothing states it")


class FactChange(NamedTuple):
    """A fact whose value changed, or only how it is known (`moved`): written out where it was a default, or left out."""

    name: str
    moved: bool
    before: Told
    after: Told


class FigureChange(NamedTuple):
    """A figure with both values."""

    name: str
    unit: str
    before: Cell
    after: Cell


class ClaimChange(NamedTuple):
    """A claim that appeared, went, or says or came to something else."""

    kind: str
    how: How
    before: Verdict | None
    after: Verdict | None


class FindingChange(NamedTuple):
    """A finding that appeared, went or says something else; `reason` where its rule could not look at the later revision."""

    code: str
    name: str
    how: How
    before: Finding | None
    after: Finding | None
    reason: str | None


class Changes(NamedTuple):
    """Everything that differs between two revisions, what was first and what is now."""

    facts: tuple[FactChange, ...]
    figures: tuple[FigureChange, ...]
    claims: tuple[ClaimChange, ...]
    findings: tuple[FindingChange, ...]
    files: Files


class Side(NamedTuple):
    """What one revision says, as far as changes are told of it.

    `skipped` are the rules that could not look, each with its reason, and `absent` is the cell of a figure there is none of.
    """

    facts: Mapping[str, Told]
    figures: Mapping[str, tuple[str, Cell]]
    findings: Sequence[Finding]
    skipped: Mapping[str, str]
    claims: Sequence[Verdict] = ()
    absent: Cell = unknown("it was not among the figures")


def changes(before: Report, after: Report, quotes: Sequence[Quote] = ()) -> Changes:
    """What changed from one report to the other. `quotes` finds for each the line of a place in its files."""
    old, new = quotes if len(quotes) == 2 else (nowhere, nowhere)
    was, now = (
        side._replace(findings=[finding for finding in side.findings if finding.code not in OF_THE_REF])
        for side in (side_of(before, old), side_of(after, new))
    )
    return between(was, now, file_changes(before, after, old, new))


def between(before: Side, after: Side, files: Files) -> Changes:
    """What differs between two revisions; `files` is what is known of theirs."""
    return Changes(
        tuple(_facts(before.facts, after.facts)),
        tuple(_figures(before, after)),
        tuple(_claims(before.claims, after.claims)),
        tuple(_findings(before, after)),
        files,
    )


def side_of(report: Report, quote: Quote) -> Side:
    """What a report says."""
    return Side(
        {name: _told(fact, quote) for name, fact in _named(report).items()},
        {name: (figure.unit, figure_cell(report, name)) for name, figure in report.figures.items()},
        report.findings,
        {outcome.code: outcome.reason for outcome in reversed(report.outcomes) if isinstance(outcome, Skipped)},
        report.claims,
        unknown(no_figures(report)),
    )


def nowhere(_: Where) -> tuple[int, str] | None:
    """Finds no line: for places whose files are not at hand."""
    return None


def _facts(before: Mapping[str, Told], after: Mapping[str, Told]) -> Iterator[FactChange]:
    for name in sorted({*before, *after}):
        left, right = before.get(name, UNSTATED), after.get(name, UNSTATED)
        if not _same(left.value, right.value):
            yield FactChange(clean(name), False, left, right)
        elif left.source != right.source and left.value is not None:
            yield FactChange(clean(name), True, left, right)


def _named(report: Report) -> dict[str, Fact]:
    """The facts of a spec by name, those of its rotary scaling and its quantization too."""
    spec = report.spec
    if spec is None:
        return {}
    found = dict(spec.facts)
    more: list[Fact | None] = []
    if spec.rope is not None:
        rope = spec.rope
        more += [rope.type, rope.theta, rope.factor, rope.original_max_position_embeddings, *(fact for _, fact in rope.parameters)]
    if spec.quantization is not None:
        more += [spec.quantization.method, spec.quantization.format, spec.quantization.kv_cache]
    for fact in more:
        if fact is not None:
            found.setdefault(fact.name, fact)
    return found


def _told(fact: Fact, quote: Quote) -> Told:
    """The strongest reading that is no claim, as `Fact.value` takes it."""
    reading = next((one for one in fact.readings if one.source is not Source.CLAIMED), None) if fact.reason is None else None
    if reading is None:
        return Told("unknown", None, None, None, None, None, None, clean(fact.reason or "null"))
    found = quote(reading.where) if reading.quote is None else None
    line, words = found if found is not None else (reading.where.line, reading.quote)
    return Told(
        clean_value(reading.value),
        reading.value,
        reading.source,
        reading.where.file,
        reading.where.pointer,
        line,
        None if words is None else clean(words),
        None,
    )


def _same(one: Any, two: Any) -> bool:
    """Whether two values of a config are the same: true is not 1, and what is no number is itself."""
    return repr(one) == repr(two) or bool(one == two and isinstance(one, bool) == isinstance(two, bool))


def _figures(before: Side, after: Side) -> Iterator[FigureChange]:
    for name in sorted({*before.figures, *after.figures}):
        unit = (after.figures.get(name) or before.figures[name])[0]
        one, two = (side.figures[name][1] if name in side.figures else side.absent for side in (before, after))
        if name not in before.figures or name not in after.figures or not _same(one.value, two.value):
            yield FigureChange(name, unit, one, two)


def _claims(before: Sequence[Verdict], after: Sequence[Verdict]) -> Iterator[ClaimChange]:
    """Claims that say the same and came to the same are no change, wherever they stand now."""
    keys: tuple[Callable[[Verdict], Hashable], ...] = (
        lambda v: (v.kind, v.role, v.relation, v.subject, v.accepted, v.agreement),
        lambda v: (v.kind, v.role, v.relation, v.subject, v.accepted),
        lambda v: (v.kind, v.accepted),
        lambda v: (v.kind, v.role, v.relation, v.subject),
    )
    left, right, pairs = _paired(before, after, keys)
    yield from (ClaimChange(one.kind, How.CHANGED, one, two) for one, two in pairs)
    yield from (ClaimChange(one.kind, How.WENT, one, None) for one in left)
    yield from (ClaimChange(two.kind, How.APPEARED, None, two) for two in right)


def _findings(before: Side, after: Side) -> Iterator[FindingChange]:
    keys: tuple[Callable[[Finding], Hashable], ...] = (lambda f: (f.code, f.message, f.severity), lambda f: f.code)
    left, right, pairs = _paired(before.findings, after.findings, keys)
    yield from (FindingChange(one.code, one.name, How.CHANGED, one, two, None) for one, two in pairs)
    for one in left:
        reason = after.skipped.get(one.code)
        yield FindingChange(one.code, one.name, How.WENT if reason is None else How.UNSEEN, one, None, reason)
    for two in right:
        yield FindingChange(two.code, two.name, How.APPEARED, None, two, before.skipped.get(two.code))


def _paired(
    before: Sequence[_One], after: Sequence[_One], keys: Sequence[Callable[[_One], Hashable]]
) -> tuple[list[_One], list[_One], list[tuple[_One, _One]]]:
    """What is left of each, and the pairs that differ: by the first key all that is equal goes, by each other key pairs are made."""
    left, right = list(before), list(after)
    pairs: list[tuple[_One, _One]] = []
    for number, key in enumerate(keys):
        waiting: dict[Hashable, list[_One]] = defaultdict(list)
        for one in left:
            waiting[key(one)].append(one)
        unpaired = []
        for two in right:
            mates = waiting[key(two)]
            if not mates:
                unpaired.append(two)
                continue
            mate = mates.pop(0)
            if number:
                pairs.append((mate, two))
        kept = {id(one) for mates in waiting.values() for one in mates}
        left, right = [one for one in left if id(one) in kept], unpaired
    return left, right, pairs
