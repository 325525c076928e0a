"""Claims of a card as text: what each says, where it stands, what it was held against, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import wrap

from specverify.outcome import Agreement, Compared, Report, Verdict
from specverify.report.places import named
from specverify.report.sanitize import clean

WIDTH = 100
MOST_COMPARED = 8
MOST_REFUSED = 20
PREFIX = "claim:"


def counted(verdicts: Sequence[Verdict]) -> str:
    """How many claims came to what: `5 agree, 1 opt-in, 3 unverifiable`; empty where there are none."""
    words = {Agreement.AGREES: "agree", Agreement.DISAGREES: "disagree"}
    found = Counter(verdict.agreement for verdict in verdicts)
    return ", ".join(f"{found[agreement]:,} {words.get(agreement, agreement)}" for agreement in Agreement if found[agreement])


def kinds_of(report: Report, name: str) -> tuple[str, ...]:
    """The kinds of claim that `claim:NAME` asks for: the one of that name, or those that start with it; none is known by another."""
    known = dict.fromkeys([*(verdict.kind for verdict in report.claims), *(refused.kind for refused in report.refused)])
    asked = name.removeprefix(PREFIX)
    return (asked,) if asked in known else tuple(kind for kind in known if asked and kind.startswith(asked))


def told(report: Report, kinds: Sequence[str]) -> Iterator[str]:
    """The lines of the claims of these kinds, each with its place, verdict and what it was held against; then what was refused."""
    for kind in kinds:
        mine = [verdict for verdict in report.claims if verdict.kind == kind]
        yield f"{clean(kind)}: {counted(mine) or 'no claim'}"
        for verdict in mine:
            yield ""
            yield from _verdict(verdict)
        refused = [one for one in report.refused if one.kind == kind]
        if refused:
            yield ""
            yield "Looks like a claim and is none"
        for one in refused[:MOST_REFUSED]:
            yield f"  {clean(one.file)}:{one.line}  {clean(one.raw, 60)}: {clean(one.reason)}"
        if len(refused) > MOST_REFUSED:
            yield f"  {len(refused) - MOST_REFUSED:,} more"
        yield ""


def _verdict(verdict: Verdict) -> Iterator[str]:
    stated = verdict.stated
    yield f"  {clean(stated.file)}:{stated.line}:{verdict.columns[0]}-{verdict.columns[1] - 1}  {clean(verdict.raw, 80)}"
    if stated.quote is not None:
        yield f"      | {clean(stated.quote, 200)}"
    values = " or ".join(_value(value) for value in verdict.accepted)
    unit = f" {clean(verdict.unit)}" if verdict.unit else ""
    whose = f"{verdict.relation}{f' ({clean(verdict.subject, 60)})' if verdict.subject else ''}"
    yield f"      stands for {values}{unit}; role {verdict.role}, about {whose}"
    yield f"      read from a {verdict.emitter}, confidence {verdict.confidence}"
    if stated.note is not None:
        yield f"      said in {clean(stated.note, 200)}"
    for condition in verdict.conditions[:MOST_COMPARED]:
        yield f"      on condition: {clean(condition, 120)}"
    yield from wrap(f"{verdict.agreement}: {clean(verdict.reason, 400)}", WIDTH, initial_indent="      ", subsequent_indent="        ")
    for compared in verdict.compared[:MOST_COMPARED]:
        yield from _compared(compared)
    if len(verdict.compared) > MOST_COMPARED:
        yield f"        {len(verdict.compared) - MOST_COMPARED:,} more"


def _compared(compared: Compared) -> Iterator[str]:
    mark = "=" if compared.matches else "x"
    yield f"        {mark} {clean(compared.name)}{'' if compared.value is None else f': {_value(compared.value)}'}"
    for evidence in compared.evidence:
        said = clean(evidence.quote, 120) if evidence.quote is not None else clean(evidence.note or "", 120)
        yield f"            {clean(named(evidence))}  {said}".rstrip()


def _value(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else clean(str(value), 80)
