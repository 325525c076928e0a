"""A comparison for a terminal: a column a model, what is unknown or assumed as footnotes; or what changed, one fact a block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from specverify.outcome import Finding, Report, Verdict
from specverify.report.amounts import exact
from specverify.report.compare.cells import MATTERS, Cell, Row, Status
from specverify.report.compare.changes import Changes, ClaimChange, FindingChange, Told
from specverify.report.compare.comparison import Comparison
from specverify.report.compare.files import KeyChange
from specverify.report.layout import Block, Grid, Paragraph, Words, colored, lines, plain
from specverify.report.rows import TAGS
from specverify.report.sanitize import clean

MOST_COLUMNS = 4
"""Models that stand side by side; more come below, in a table of their own."""
MOST_KEYS = 20
"""Keys of a file that are shown; JSON has them all."""
NARROWEST, WIDEST, USUAL = 60, 160, 80
MARK = "*"
USUALLY = {
    "concurrency": 1,
    "engine": "ideal",
    "kv_dtype": "auto",
    "state_dtype": "auto",
    "quantize": None,
    "tensor_parallel": 1,
    "pipeline_parallel": 1,
    "data_parallel": 1,
    "expert_parallel": 1,
}
"""Settings of the target that are named where they are not these."""
BREAKS = ".:_- "
"""Characters a name of a row is broken behind."""
LABEL_SHARE = 4
"""The names of rows take a fourth of the width."""
STYLES = {Status.UNKNOWN: "dim", Status.CLAIMED: "cyan", Status.ASSUMED: "yellow", Status.KNOWN: ""}
LEGEND = (
    f"{MARK} the models differ in it: in words, or in numbers by {MATTERS} % or more. Nothing here ranks them: what is better "
    "depends on the use."
)


def render(comparison: Comparison, *, width: int | None = None, color: bool = False) -> str:
    """What changed where that was asked for, else the models side by side. `width` None is the terminal's, or 80 where there is none."""
    import shutil

    columns = min(max(width or shutil.get_terminal_size((USUAL, 24)).columns, NARROWEST), WIDEST)
    laid_out = lines(_blocks(comparison, columns), columns)
    return (colored(laid_out, columns) if color else plain(laid_out)).rstrip("\n") + "\n"


def _blocks(comparison: Comparison, columns: int) -> Iterator[Block]:
    for report in comparison.reports:
        if report.error is not None:
            yield Paragraph([(f"{clean(report.ref, 100)} could not be read: ", "bold red"), (clean(report.error, 1000), "")])
            yield _blank()
    yield Paragraph([(target_line(comparison), "dim")])
    yield _blank()
    if comparison.changes is not None:
        yield from _changed(comparison, comparison.changes)
        return
    read = [number for number, report in enumerate(comparison.reports) if report.error is None]
    for start in range(0, len(read), MOST_COLUMNS):
        yield from _table(comparison, read[start : start + MOST_COLUMNS], columns)
        yield _blank()
    if read:
        yield Paragraph([(LEGEND, "dim")])
        yield Paragraph([("The working of a figure: specverify explain REF FIGURE.", "dim")])


def target_line(comparison: Comparison) -> str:
    """What the figures are for; where each model has its own context, that is said."""
    target = next((report.target for report in comparison.reports if report.target), {})
    gpu = target.get("gpu")
    said = [f"{target.get('gpus', 1)} x {clean(str(gpu))}" if gpu else "no GPU named (--gpu)"]
    context = target.get("context")
    said.append("each model at its own context (--context sets one)" if context is None else f"{context:,} tokens")
    said += [f"{name.replace('_', ' ')} {clean(str(target[name]))}" for name, usual in USUALLY.items() if target.get(name, usual) != usual]
    return f"Target: {', '.join(said)}"


def names(reports: Sequence[Report]) -> list[str]:
    """What each model is called: its name, with its revision where another has the same."""
    called = [report.name for report in reports]
    return [
        clean(report.name, 100)
        if called.count(report.name) == 1
        else f"{clean(report.name, 100)} @ {clean(at, 40)}"
        if (at := _revision(report))
        else clean(report.ref, 100)
        for report in reports
    ]


def _revision(report: Report) -> str | None:
    """The branch or tag with its commit, or the commit; None for a folder that has none."""
    short = report.sha[:12] if report.sha else None
    if report.revision and report.revision != report.sha:
        return f"{report.revision} ({short})" if short else report.revision
    return short


class _Notes:
    """Footnotes, each text once."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def mark(self, text: str | None) -> str:
        """` [3]` for a text, nothing for none."""
        if text is None:
            return ""
        return f" [{self.numbers.setdefault(text, len(self.numbers) + 1)}]"


def _table(comparison: Comparison, shown: Sequence[int], columns: int) -> Iterator[Block]:
    notes = _Notes()
    called = names(comparison.reports)
    room = columns // LABEL_SHARE
    rows: list[Sequence[Words]] = [[[("", "")], *([(called[number], "bold")] for number in shown)]]
    for group in comparison.groups:
        rows += [[[("", "")]], [[(group.title, "bold")]]]
        rows += [_row(row, shown, notes, room) for row in group.rows]
    yield Grid(rows, margin="", keep=room)
    if notes.numbers:
        yield _blank()
        yield Paragraph([("Unknown, assumed, or said of a row", "bold")])
        yield Grid([[[(f"[{number}]", "")], [(text, "dim")]] for text, number in notes.numbers.items()])


def _row(row: Row, shown: Sequence[int], notes: _Notes, room: int) -> Sequence[Words]:
    label = _label(f"{MARK if row.marked else ' '} ", f"{row.name}{notes.mark(row.note)}", room)
    return [[(label, "bold" if row.marked else "")], *(_cell(row.cells[number], notes) for number in shown)]


def _label(mark: str, name: str, room: int) -> str:
    """The name of a row after its mark, broken behind a dot or underscore where it has no room."""
    written: list[str] = []
    start, rest = mark, name
    while len(start) + len(rest) > room:
        end = max((place + 1 for place, character in enumerate(rest[: room - len(start)]) if character in BREAKS), default=0)
        if not end:
            break
        written.append(start + rest[:end])
        start, rest = " " * (len(mark) + 2), rest[end:]
    return "\n".join([*written, start + rest])


def _cell(cell: Cell, notes: _Notes) -> Words:
    label = f" ({cell.status})" if cell.status in (Status.ASSUMED, Status.CLAIMED) else ""
    return [(f"{cell.text}{label}", STYLES[cell.status]), (notes.mark(cell.note), "dim")]


def _blank() -> Block:
    return Paragraph([("", "")])


def _changed(comparison: Comparison, changes: Changes) -> Iterator[Block]:
    before, after = names(comparison.reports)
    yield Paragraph([("- ", "red"), (before, "bold")])
    yield Paragraph([("+ ", "green"), (after, "bold")])
    yield from change_blocks(changes)


def change_blocks(changes: Changes, *, apart: bool = False) -> Iterator[Block]:
    """Everything that changed, a section a kind; `apart` from what was told before."""
    sections: list[tuple[str, list[Block]]] = [
        ("Facts", [block for one in changes.facts if not one.moved for block in _pair(one.name, _fact(one.before), _fact(one.after))]),
        (
            "Known otherwise, the value the same",
            [block for one in changes.facts if one.moved for block in _pair(one.name, _fact(one.before), _fact(one.after))],
        ),
        ("Figures", [_figure_grid(changes)] if changes.figures else []),
        ("Claims of the card", [block for one in changes.claims for block in _claim_change(one)]),
        ("Findings", [block for one in changes.findings for block in _finding_change(one)]),
        ("Files", list(_files(changes))),
    ]
    for title, blocks in sections:
        if blocks:
            yield _blank()
            yield Paragraph([(title, "bold")])
            yield from blocks
    if not any(blocks for _, blocks in sections):
        yield _blank()
        yield Paragraph([("nothing else that was read differs" if apart else "nothing that was read differs", "green")])


def _pair(title: str, before: str | None, after: str | None) -> Iterator[Block]:
    yield Paragraph([(title, "")], "  ")
    for sign, style, text in (("-", "red", before), ("+", "green", after)):
        if text is not None:
            yield Grid([[[(sign, style)], [(text, "")]]], margin="    ", gap=" ")


def _fact(told: Told) -> str:
    """Value, how it is known, and the place with its line."""
    if told.source is None:
        return f"unknown: {told.reason}"
    place = f"{told.file or ''}{f':{told.line}' if told.line is not None else ''}{f'#{told.pointer}' if told.pointer else ''}"
    quoted = f"  | {told.quote}" if told.quote is not None else ""
    return f"{told.text}  {TAGS[told.source]} {clean(place)}{quoted}"


def _figure_grid(changes: Changes) -> Block:
    rows = [
        [[(one.name, "")], [(_amount(one.before, one.unit), "red")], [("->", "dim")], [(_amount(one.after, one.unit), "green")]]
        for one in changes.figures
    ]
    return Grid(rows)


def _amount(cell: Cell, unit: str) -> str:
    """Rounded, and exact where rounding hid digits; unknown with its reason."""
    if cell.status is Status.UNKNOWN:
        return f"unknown: {cell.note}"
    whole = exact(cell.value, unit) if isinstance(cell.value, int | float) else cell.text
    label = f" ({cell.status})" if cell.status is not Status.KNOWN else ""
    return (cell.text if whole == cell.text else f"{whole} ({cell.text})") + label


def _claim_change(change: ClaimChange) -> Iterator[Block]:
    yield from _pair(f"{clean(change.kind)} {change.how}", _claim(change.before), _claim(change.after))


def _claim(verdict: Verdict | None) -> str | None:
    if verdict is None:
        return None
    place = f"{verdict.stated.file}:{verdict.stated.line}"
    role = "" if verdict.role == "stated" else f" ({clean(verdict.role)})"
    return f"{clean(verdict.raw, 60)}{role}  {clean(place)}  {verdict.agreement}: {clean(verdict.reason, 200)}"


def _finding_change(change: FindingChange) -> Iterator[Block]:
    why = f": {clean(change.reason)}" if change.reason else ""
    what = f"{clean(change.code)} {clean(change.name)} {change.how}{why if change.after is None else ''}"
    unseen = f" (the earlier one was not checked{why})" if change.reason and change.after is not None else ""
    yield from _pair(what + unseen, _finding(change.before), _finding(change.after))


def _finding(finding: Finding | None) -> str | None:
    return None if finding is None else f"{finding.severity}: {clean(finding.message, 600)}"


def _files(changes: Changes) -> Iterator[Block]:
    for one in changes.files.changed:
        yield Paragraph([(f"{one.name} {one.how}", "")], "  ")
        rows = [_key(key) for key in one.keys[:MOST_KEYS]]
        if rows:
            yield Grid(rows, margin="    ")
        left = len(one.keys) - len(rows) + one.more
        if left:
            yield Paragraph([(f"{left:,} more keys", "dim")], "    ")
    by_reason: dict[str, list[str]] = {}
    for name, reason in changes.files.unseen:
        by_reason.setdefault(reason, []).append(name)
    for reason, unseen in by_reason.items():
        some = ", ".join(unseen[:MOST_KEYS]) + (f" and {len(unseen) - MOST_KEYS:,} more" if len(unseen) > MOST_KEYS else "")
        yield Paragraph([(f"unknown whether it differs: {some} ({reason})", "dim")], "  ")


def _key(key: KeyChange) -> Sequence[Words]:
    sides = ((key.before, key.line_before, "red"), (key.after, key.line_after, "green"))
    shown = [
        (f"{'not there' if value is None else value}{f' (line {line})' if line is not None else ''}", style) for value, line, style in sides
    ]
    return [[(key.pointer, "")], [shown[0]], [("->", "dim")], [shown[1]]]
