"""The review as a Markdown page: a summary, failures first, then every section, with room for what people answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from specverify.frozen import replace
from specverify.outcome import Report
from specverify.report.amounts import exact
from specverify.report.checklist.catalogue import SECTIONS
from specverify.report.checklist.filled import CHANGED, CONDITIONS, LONGEST_NOTE, SIGNATURES, Filled, Reply, Row
from specverify.report.checklist.gate import why
from specverify.report.checklist.items import State
from specverify.report.checklist.lines import text
from specverify.report.checklist.review import Line, counted, review
from specverify.report.checklist.sections.fit import task_of

ROLES = ("Reviewer", "Owner of the service", "Security and licence")
HOW = (
    "> How to answer: behind `Answer:` write yes, no or n/a (H1: adopt, adopt with conditions or reject), behind `By:` your name,",
    "> a comma and the day as YYYY-MM-DD, and behind `Note:` what others should know, on that line. A tick in a box answers nothing.",
    "> Run the same command with this file as its output again: answers stay, and those whose evidence is another by then say so.",
)


def to_markdown(report: Report, as_of: str | None = None, filled: Filled | None = None) -> str:
    """The checklist of a report. `as_of` is the date line's day; what people wrote in `filled` is kept.

    Answers whose evidence is another now than when they were given are marked.
    """
    lines = review(report)
    filled = given(report, lines, filled)
    page = [f"# Pre-adoption review: {text(report.name)}", "", *_head(report, as_of, filled), "", *_summary(lines), "", *HOW, ""]
    for section in SECTIONS:
        page += [f"## {section.letter}. {section.title}", ""]
        for line in lines:
            if line.section is section:
                page += _item(line, filled, as_of)
        page.append("")
    page += _table("Conditions", CONDITIONS, [*filled.conditions, Row("", "", "")])
    page += _table("Signatures", SIGNATURES, filled.signatures or [Row("", role, "") for role in ROLES])
    return "\n".join(page).rstrip() + "\n"


def given(report: Report, lines: Sequence[Line], filled: Filled | None) -> Filled:
    """What people wrote, held against the evidence of now; nothing, where there is no file of theirs."""
    if filled is None:
        return Filled(report.name)
    signed = any(row.is_begun for row in filled.signatures)
    kept = {name: reply for name, reply in filled.replies.items() if reply.is_given or (name == "H3" and signed)}
    return replace(filled, replies=kept).held_against({line.item.id: line.digest for line in lines})


def summary(report: Report) -> str:
    """The first lines of a checklist: the count of each answer, and what failed."""
    return "\n".join([f"Pre-adoption review: {text(report.name)}", *_summary(review(report))]) + "\n"


def _summary(lines: Sequence[Line]) -> Iterator[str]:
    yield counted([line.answer.state for line in lines])
    failures = [line for line in lines if line.answer.state is State.FAIL]
    if failures:
        yield ""
        yield from (f"- **{line.item.id} FAIL** {line.item.asks}: {text(line.answer.why)}" for line in failures)


def _head(report: Report, as_of: str | None, filled: Filled) -> Iterator[str]:
    target, task = report.target, task_of(report)
    gpus = f"{target.get('gpus')} x {target.get('gpu')}" if target.get("gpu") else "no GPU named"
    within = f", 99 of 100 requests within {target['p99_ms']:,} ms" if target.get("p99_ms") else ""
    yield f"- Model: `{text(report.name)}` at `{text(report.sha or report.revision or 'no revision')}` ({text(report.origin or '')})"
    yield f"- Target: {gpus}, {target.get('concurrency')} sequence(s), context {_context(report)}{within}"
    yield f"- Task: {'none named' if task is None else f'{task.name}, whose output is {task.output}'}"
    yield f"- Files read: {', '.join(text(name) for name, what in report.files.items() if what == 'read') or 'none'}"
    yield f"- Date: {as_of or filled.day}".rstrip()
    yield f"- Reviewer: {text(filled.reviewer)}".rstrip()


def _context(report: Report) -> str:
    asked = report.target.get("context")
    declared = report.figures.get("context.declared")
    value = asked or (declared.value if declared is not None else None)
    return exact(value, "tokens")


def _item(line: Line, filled: Filled, as_of: str | None) -> Iterator[str]:
    item, answer, reply = line.item, line.answer, filled.reply(line.item.id)
    passes = answer.state is State.PASS or (reply.is_given and why(line, filled, as_of) is None)
    reason = f": {text(answer.why)}" if answer.why else ""
    yield f"- [{'x' if passes else ' '}] **{item.id}** {item.asks} - **{answer.state}**{reason} <!-- evidence:{line.digest} -->"
    if answer.state.is_for_people:
        yield f"  - Look at: {item.guide.look}"
        yield f"  - Hold against: {item.guide.against}"
        yield f"  - Yes if: {item.guide.yes}"
    yield from (f"  - Found: {text(found)}" for found in answer.evidence)
    yield from _reply(line, reply)


def _reply(line: Line, reply: Reply) -> Iterator[str]:
    """The lines for people: empty ones where it is theirs to answer, and whatever they wrote."""
    if line.item.choices and (line.answer.state.is_for_people or reply.is_given):
        yield f"  - Answer: {reply.answer}".rstrip()
        yield f"  - By: {text(f'{reply.by}, {reply.day}') if reply.by else ''}".rstrip()
    if line.answer.state.is_for_people or reply.note:
        yield f"  - Note: {text(reply.note, LONGEST_NOTE)}".rstrip()
    if reply.changed:
        yield f"  - Changed: {CHANGED.format(digest=reply.changed)}"


def _table(title: str, heads: Sequence[str], rows: Sequence[Row]) -> Iterator[str]:
    """A table of the last section; rows nobody filled in are left out but for the last."""
    yield from (f"### {title}", "", f"| {' | '.join(heads)} |", f"| {' | '.join('---' for _ in heads)} |")
    for row in rows:
        yield "| " + " | ".join((text(row.first), text(row.second), row.day)) + " |"
    yield ""
