"""Which required items are still open: those that neither files nor a person with a name and a day let pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from specverify.report.checklist.catalogue import ITEMS, SECTIONS
from specverify.report.checklist.filled import Filled, Reply
from specverify.report.checklist.items import State
from specverify.report.checklist.review import Line
from specverify.report.checklist.sections.decision import ADOPT


class UnknownItem(ValueError):
    """Neither an item of the checklist nor a section."""


def items_of(names: Sequence[str]) -> tuple[str, ...]:
    """The items that sections (`B`) and items (`E6`) name, each once, in the order of the page. Raises UnknownItem."""
    asked = [name.strip().upper() for entry in names for name in entry.split(",") if name.strip()]
    known = {section.letter for section in SECTIONS} | set(ITEMS)
    for name in asked:
        if name not in known:
            letters = "".join(section.letter for section in SECTIONS)
            raise UnknownItem(f"{name[:20]!r} is no section ({letters[0]} to {letters[-1]}) and no item of the checklist, such as B1")
    return tuple(item for item in ITEMS if item in asked or item.rstrip("0123456789") in asked)


def open_items(lines: Sequence[Line], filled: Filled, required: Sequence[str], as_of: str | None) -> tuple[tuple[str, str], ...]:
    """The required items that are open, each with the reason. `filled` was held against the lines' digests; `as_of` tells what expired."""
    by_id = {line.item.id: line for line in lines}
    reasons = ((name, why(by_id[name], filled, as_of)) for name in required)
    return tuple((name, reason) for name, reason in reasons if reason is not None)


def why(line: Line, filled: Filled, as_of: str | None) -> str | None:
    """Why an item does not pass; None where it does."""
    reply = filled.reply(line.item.id)
    if line.item.id == "H2":
        return _conditions(filled, as_of)
    if line.item.id == "H3":
        return _signatures(filled)
    if line.answer.state is State.FAIL:
        return f"FAIL, {line.answer.why}" if line.answer.why else "FAIL"
    if line.answer.state is State.PASS:
        return "a person answered no" if reply.answer == "no" else None
    return next(_lacks(line, reply), None)


def _lacks(line: Line, reply: Reply) -> Iterator[str]:
    """What an answer of a person lacks to count."""
    if not reply.answer:
        yield f"{line.answer.state}, and nobody answered it"
    if reply.changed:
        yield "the evidence is another now than when it was answered"
    if not reply.by:
        yield "answered without a name and a day"
    if reply.answer not in line.item.passes:
        yield f"answered {reply.answer}"
    if reply.answer == "n/a" and not reply.note:
        yield "answered n/a without a note that says why"


def _conditions(filled: Filled, as_of: str | None) -> str | None:
    rows = [row for row in filled.conditions if row.is_begun or row.second]
    if any(not row.is_whole for row in rows):
        return "a condition lacks its text, its owner or its day"
    late = [row.first for row in rows if as_of is not None and row.day < as_of]
    if late:
        return f"expired: {'; '.join(late)}"
    return None if rows or filled.reply("H1").answer == ADOPT else "no condition is stated, and H1 is not `adopt`"


def _signatures(filled: Filled) -> str | None:
    rows = [row for row in filled.signatures if row.is_begun]
    if any(not row.is_whole for row in rows):
        return "a signature lacks its name, its role or its day"
    if filled.reply("H3").changed:
        return "the evidence is another now than when it was signed"
    return None if rows else "nobody signed it"
