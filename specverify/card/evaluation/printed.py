"""Tables in code blocks: the output of an evaluation program, pasted as it was printed."""

from __future__ import annotations

from collections.abc import Iterator

from specverify.card.document import CardDocument
from specverify.card.tables import MAX_COLUMNS, MAX_ROWS, Table, pipe_table
from specverify.pattern import Pattern

FEWEST_PIPES = 3
_RULE = Pattern(r"[\s|:+=-]+")


def printed_tables(document: CardDocument) -> Iterator[Table]:
    """The runs of lines of each code block that have three pipes or more, as grids; rulers between rows are left out."""
    for code in document.codes:
        if document.text.count("|", code.start, code.end) < 3 * FEWEST_PIPES:
            continue
        rows: list[tuple[int, int]] = []
        at = code.start
        for line in document.text[code.start : code.end].split("\n"):
            end = at + len(line)
            if FEWEST_PIPES <= line.count("|") <= MAX_COLUMNS:
                if not _RULE.fullmatch(line) and len(rows) < MAX_ROWS:
                    rows.append((at, end))
            elif rows:
                yield from _grid(document, rows, code.section)
                rows = []
            at = end + 1
        yield from _grid(document, rows, code.section)


def _grid(document: CardDocument, rows: list[tuple[int, int]], section: tuple[str, ...]) -> Iterator[Table]:
    if len(rows) > 1:
        yield pipe_table(document.text, document.plain, rows, section)
