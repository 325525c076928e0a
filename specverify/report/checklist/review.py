"""The items of a report with their answers, and a short digest of what each rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from specverify.frozen import Struct, frozen
from specverify.outcome import Report
from specverify.report.checklist.answering import closed_or
from specverify.report.checklist.catalogue import SECTIONS
from specverify.report.checklist.items import Answer, Item, Section, State
from specverify.report.checklist.lines import shown

DIGEST = 12
"""Hexadecimal digits of a digest."""
ASKED = ("task", "p99_ms", "gpu", "gpus", "context", "concurrency", "engine", "quantize", "kv_dtype")
"""What of a target an answer of a person depends on."""
DECISION = ("H1", "H3")
"""Items that rest on all the others."""


@frozen
class Line(Struct):
    """An item of one report: its section, its answer, and the digest of that answer's evidence, revision and target."""

    section: Section
    item: Item
    answer: Answer
    digest: str


def review(report: Report) -> tuple[Line, ...]:
    """Every item with its answer, in order."""
    given = [(section, item, _answer(item, report)) for section in SECTIONS for item in section.items]
    about = (report.sha, [report.target.get(name) for name in ASKED])
    own = [_digest(item.id, str(answer.state), answer.why, answer.evidence, about) for _, item, answer in given]
    whole = _digest(*own)
    lines = []
    for (section, item, answer), digest in zip(given, own, strict=True):
        held = answer
        if item.id in DECISION:
            told = (
                counted([answer.state for _, _, answer in given]),
                *(f"{i.id} FAIL: {i.asks}" for _, i, a in given if a.state is State.FAIL),
            )
            held = Answer(answer.state, answer.why, told)
        lines.append(Line(section, item, held, whole if item.id in DECISION else digest))
    return tuple(lines)


def counted(states: Sequence[State]) -> str:
    """How many items are in each state."""
    return ", ".join(f"{states.count(state)} {state}" for state in State)


def _answer(item: Item, report: Report) -> Answer:
    told = () if item.told is None else item.told(report)
    if item.answer is not None:
        answer = closed_or(item.answer(report), report)
        return Answer(answer.state, answer.why, (*answer.evidence, *told)) if answer.state.is_for_people else answer
    return Answer(State.HUMAN, evidence=(*shown(report, item.shows, unknown=True), *told))


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, default=list).encode()).hexdigest()[:DIGEST]
