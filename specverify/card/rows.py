"""Where the rows of pipe tables stand: markdown-it's table rule without a token for each cell.

A table of GitHub's Markdown has as many cells in each row as its header, so two lines of text can ask for any number of
tokens; the grid is read from the text itself, and needs the rows alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

_DELIMITER = re.compile(r"(?!-[ \t])(?=..)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")
_BLANK = " \t\n\r\f\v"
_CELL_END = re.compile(r"(?<!\\)\|")


def table_rows(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block rule for markdown-it: `table_open`, a `tr_open` for the header and each row with its line, `table_close`."""
    if start + 2 > end or state.sCount[start + 1] < state.blkIndent or state.is_code_block(start + 1) or state.is_code_block(start):
        return False
    delimiter = _line(state, start + 1)
    if not _DELIMITER.fullmatch(delimiter):
        return False
    header = _line(state, start)
    if "|" not in header or _cells(header) != _cells(delimiter):
        return False
    if silent:
        return True
    parent, state.parentType = state.parentType, "table"
    opened = state.push("table_open", "table", 1)
    last = _rows_end(state, start, end)
    opened.map = [start, last]
    for line in (start, *range(start + 2, last)):
        state.push("tr_open", "tr", 0).map = [line, line + 1]
    state.push("table_close", "table", -1)
    state.parentType = parent
    state.line = last
    return True


def _rows_end(state: StateBlock, start: int, end: int) -> int:
    """The line behind the last row: a blank or outdented one, code, or what starts another block."""
    ends_it = state.md.block.ruler.getRules("blockquote")
    line = start + 2
    while line < end and state.sCount[line] >= state.blkIndent and _line(state, line) and not state.is_code_block(line):
        if any(rule(state, line, end, True) for rule in ends_it):
            break
        line += 1
    return line


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip(_BLANK)


def _cells(row: str) -> int:
    """How many cells a row has; the pipes at its ends close none."""
    cells = len(_CELL_END.findall(row)) + 1 - row.startswith("|")
    return cells - (row.endswith("|") and not row.endswith("\\|"))
