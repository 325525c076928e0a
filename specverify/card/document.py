"""A card taken apart: front matter, runs of text under their headings, tables as grids, and code blocks.

Positions are offsets into `CardDocument.text`, so anything found can show its line and columns. Markdown is read block by
block only (markdown-it, CommonMark with tables): inline markup is blanked in `plain`, which has the same offsets but within
words that something hidden was taken out of (`CardDocument.origin`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import field
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from specverify.card.bounded_yaml import CardProblem
from specverify.card.front_matter import FrontMatter, read_front_matter
from specverify.card.tables import MAX_TABLES, Table, html_tables, pipe_table
from specverify.card.text import Readable, readable
from specverify.frozen import Struct, frozen

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_BYTES = 5 * 2**20
MAX_BODY = 256 * 1024
"""Characters after the front matter that are read, twice the longest of 700 real cards; a longer one is a problem."""
MAX_LINES = 5_000
MAX_NESTING = 12
_LINE_ENDS = re.compile(r"\r\n?")
_MARKER = re.compile(r"[\s>]*(?:[-+*•]|\d{1,3}[.)])?[ \t]+")


class Run(NamedTuple):
    """A paragraph, list item or heading: `plain[start:end]` of the card, soft line breaks kept. `kind` is which of them."""

    kind: str
    start: int
    end: int
    section: tuple[str, ...]
    list_id: int | None = None
    """which list an item is of"""


class Code(NamedTuple):
    """A fenced or indented block: `text[start:end]`, with the language its fence names."""

    language: str
    start: int
    end: int
    section: tuple[str, ...]


@frozen
class CardDocument(Struct):
    """A parsed card. `text` is all of it, `plain` the readable form of the same length (front matter blanked)."""

    file: str
    text: str
    plain: str
    front_matter: FrontMatter
    runs: tuple[Run, ...] = ()
    tables: tuple[Table, ...] = ()
    codes: tuple[Code, ...] = ()
    problems: tuple[CardProblem, ...] = ()
    _starts: tuple[int, ...] = field(default=(0,), repr=False)
    _read: Readable = field(default=Readable(""), repr=False)

    def line_at(self, offset: int) -> int:
        """The line of an offset, from 1."""
        return bisect_right(self._starts, offset)

    def start_of(self, line: int) -> int:
        """The offset of the first character of a line; the end of the text for one behind the last."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The span of `text` that `plain[start:end]` stands for: the same, but in a word that something hidden was taken out of."""
        return self._read.origin(start, end)

    def columns(self, start: int, end: int) -> tuple[int, int]:
        """The first column and the one behind the last, from 1, of a span on the line where it starts."""
        first = self._starts[self.line_at(start) - 1]
        return start - first + 1, end - first + 1

    def quote(self, line: int) -> str:
        """The text of a line."""
        start = self._starts[line - 1]
        end = self._starts[line] - 1 if line < len(self._starts) else len(self.text)
        return self.text[start:end].strip()

    @property
    def title(self) -> str | None:
        """The first heading."""
        run = next((run for run in self.runs if run.kind == "heading"), None)
        return None if run is None else self.plain[run.start : run.end].strip()


def text_of(data: bytes) -> str:
    """A text file of the repo: UTF-8 with or without a mark, lines ended by `\\n`, what is no UTF-8 replaced, no NUL."""
    return _LINE_ENDS.sub("\n", data.decode("utf-8-sig", errors="replace")).replace("\0", "\ufffd")


def parse_card(data: bytes, file: str = "README.md") -> CardDocument:
    """The card of these bytes. Raises nothing: what is wrong with it is in `problems` and the front matter's own."""
    problems = []
    if len(data) > MAX_BYTES:
        problems.append(CardProblem("too-large", 1, f"the card is larger than {MAX_BYTES // 2**20} MB; only that much was read"))
        data = data[:MAX_BYTES]
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(CardProblem("not-utf-8", line, "the card is not UTF-8; the bytes that are not were replaced"))
    text = text_of(data)
    starts = (0, *(match.end() for match in re.finditer("\n", text)))
    front = read_front_matter(text.split("\n"))
    body_line = front.last_line
    body_start = starts[body_line] if body_line < len(starts) else len(text)
    last_line = min(len(starts), body_line + MAX_LINES)
    body_end = starts[last_line] - 1 if last_line < len(starts) else len(text)
    if body_end - body_start > MAX_BODY:
        body_end = text.rfind("\n", body_start, body_start + MAX_BODY)
        body_end = body_start if body_end < 0 else body_end
    if body_end < len(text):
        line = bisect_right(starts, body_end)
        problems.append(CardProblem("too-long", line, "the card is longer than is read; nothing after this line was"))
    body = text[body_start:body_end]
    tokens = _parser().parse(body)
    code = [_lines(token, starts, body_line, len(text)) for token in tokens if token.type in ("fence", "code_block")]
    read = readable(body, [(start - body_start, end - body_start) for start, end in code], body_start)
    runs, tables, codes = _blocks(text, read.text, starts, body_line, tokens)
    if sum(token.type == "table_open" for token in tokens) > MAX_TABLES:
        line = bisect_right(starts, tables[MAX_TABLES - 1].start)
        problems.append(CardProblem("too-long", line, f"the card has more than {MAX_TABLES} tables; none after this line was read"))
    return CardDocument(file, text, read.text, front, runs, tables, codes, tuple(problems), starts, read)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    from specverify.card.rows import table_rows

    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table")
    parser.block.ruler.at("table", table_rows, {"alt": ["paragraph", "reference"]})
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _blocks(
    text: str, plain: str, starts: tuple[int, ...], body_line: int, tokens: Sequence[Token]
) -> tuple[tuple[Run, ...], tuple[Table, ...], tuple[Code, ...]]:
    """What the body is made of, in order."""

    def span(token: Token) -> tuple[int, int]:
        start, end = _lines(token, starts, body_line, len(text))
        return min(start, len(plain)), min(end, len(plain))

    codes: list[Code] = []
    runs: list[Run] = []
    tables: list[Table] = []
    headings: list[tuple[int, str]] = []
    section: tuple[str, ...] = ()
    marked: list[tuple[int, tuple[str, ...]]] = []
    lists: list[int] = []
    table_rows: list[tuple[int, int]] = []
    for token in tokens:
        if token.type == "heading_open":
            start, end = span(token)
            level = int(token.tag[1])
            while headings and headings[-1][0] >= level:
                headings.pop()
            headings.append((level, plain[start:end].strip(" =-\n")))
            runs.append(Run("heading", start, end, section))
            section = tuple(name for _, name in headings)
            marked.append((start, section))
        elif token.type in ("fence", "code_block"):
            codes.append(Code(token.info.split(" ")[0], *span(token), section))
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(span(token)[0])
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "paragraph_open":
            start, end = span(token)
            runs.append(_run(plain, start, end, section, lists[-1] if lists else None))
        elif token.type == "html_block":
            start, end = span(token)
            runs.append(_run(plain, start, end, section, None))
        elif token.type == "tr_open":
            table_rows.append(span(token))
        elif token.type == "table_close":
            if len(tables) < MAX_TABLES:
                tables.append(pipe_table(text, plain, table_rows, section))
            table_rows = []
    fenced = [(code.start, code.end) for code in codes]
    html = html_tables(text, plain, body_end=len(plain), skip=fenced, sections=marked)
    opened = [table.start for table in html]

    def in_table(run: Run) -> bool:
        at = bisect_left(opened, run.end) - 1
        return at >= 0 and run.start < html[at].end

    return tuple(run for run in runs if not in_table(run)), (*tables, *html), tuple(codes)


def _lines(token: Token, starts: tuple[int, ...], body_line: int, length: int) -> tuple[int, int]:
    """The offsets in a card of that length between which the lines of a token stand."""
    first, last = token.map or (0, 0)
    end = starts[body_line + last] - 1 if body_line + last < len(starts) else length
    return starts[min(body_line + first, len(starts) - 1)], end


def _run(plain: str, start: int, end: int, section: tuple[str, ...], list_id: int | None) -> Run:
    marker = _MARKER.match(plain, start, end)
    return Run("paragraph" if list_id is None else "item", marker.end() if marker else start, end, section, list_id)


def lines_of(document: CardDocument, run: Run) -> Iterator[tuple[int, int]]:
    """The span of each line of a run."""
    cuts = [run.start, *(match.end() for match in re.finditer("\n", document.plain[run.start : run.end])), run.end - run.start]
    edges = [cuts[0], *(run.start + cut for cut in cuts[1:])]
    yield from pairwise(edges)
