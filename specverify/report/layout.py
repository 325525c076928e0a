"""Text laid out in columns of a known width, in styled pieces: written plain as it is, or coloured by rich."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

Piece = tuple[str, str]
"""Text and its style (`bold red`, or `` for none)."""
Words = Sequence[Piece]
"""A paragraph; a line feed in it ends a line."""
MARGIN = "  "
GAP = "  "


class Paragraph(NamedTuple):
    """Words after a margin."""

    words: Words
    margin: str = ""


class Grid(NamedTuple):
    """Rows in columns after a margin; the widest column gives way where they do not fit. `right` is set flush right.

    The first column gives way down to `keep` columns only, unless the others have none left.
    """

    rows: Sequence[Sequence[Words]]
    right: int | None = None
    margin: str = MARGIN
    gap: str = GAP
    keep: int = 0


Block = Paragraph | Grid


def lines(blocks: Iterable[Block], width: int) -> Iterator[Words]:
    """The blocks as lines that are no wider than `width` columns."""
    for block in blocks:
        if isinstance(block, Paragraph):
            for line in wrapped(block.words, width - len(block.margin)):
                yield [(block.margin, ""), *line]
        else:
            yield from _grid_lines(block, width)


def plain(laid_out: Iterable[Words]) -> str:
    """The lines without their styles, each ending in a line feed."""
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in laid_out)


def colored(laid_out: Iterable[Words], width: int) -> str:
    """The lines with their styles as a terminal's colours."""
    import io

    from rich.console import Console
    from rich.text import Text

    console = Console(
        file=io.StringIO(),
        width=width,
        color_system="standard",
        force_terminal=True,
        no_color=False,
        markup=False,
        highlight=False,
        emoji=False,
    )
    with console.capture() as captured:
        for line in laid_out:
            console.print(Text.assemble(*line), no_wrap=True, overflow="ignore", crop=False)
    return "\n".join(line.rstrip() for line in captured.get().split("\n"))


def wrapped(words: Words, width: int) -> list[list[Piece]]:
    """A paragraph in lines of at most `width` columns, broken at spaces, and within words that are longer than a line."""
    room = max(width, 1)
    found: list[list[Piece]] = [[]]
    used = 0
    for text, style in words:
        for number, part in enumerate(text.split("\n")):
            if number:
                found.append([])
                used = 0
            for word in _words(part):
                rest = word
                if used and used + columns(rest.rstrip(" ")) > room:
                    found.append([])
                    used, rest = 0, rest.lstrip(" ")
                while columns(rest.rstrip(" ")) > room:
                    cut = _cut(rest, room)
                    found[-1].append((rest[:cut], style))
                    found.append([])
                    rest = rest[cut:]
                if rest:
                    found[-1].append((rest, style))
                    used += columns(rest)
    return [_without_trailing_space(line) for line in found]


def _without_trailing_space(line: list[Piece]) -> list[Piece]:
    while line and not line[-1][0].rstrip(" "):
        line.pop()
    if line:
        text, style = line[-1]
        line[-1] = (text.rstrip(" "), style)
    return line


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: two for each wide character of East Asia."""
    if text.isascii():
        return len(text)
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _words(text: str) -> Iterator[str]:
    """Words with the spaces that follow them; spaces at the start are a word of their own."""
    start = 0
    while start < len(text):
        end = text.find(" ", start)
        if end < 0:
            end = len(text)
        while end < len(text) and text[end] == " ":
            end += 1
        yield text[start:end]
        start = end


def _cut(word: str, room: int) -> int:
    """How many characters of a word fit into the room; at least one."""
    cut = used = 0
    for character in word:
        used += columns(character)
        if used > room:
            break
        cut += 1
    return max(cut, 1)


def _grid_lines(grid: Grid, width: int) -> Iterator[Words]:
    count = max((len(row) for row in grid.rows), default=0)
    widths = [max((_natural(row[i]) for row in grid.rows if i < len(row)), default=0) for i in range(count)]
    room = max(width - len(grid.margin) - len(grid.gap) * max(count - 1, 0), count)
    while sum(widths) > room:
        giving = range(1, count) if 0 < widths[0] <= grid.keep and max(widths[1:], default=0) > 1 else range(count)
        widest = max(giving, key=widths.__getitem__)
        second = max((widths[i] for i in giving if i != widest), default=0)
        widths[widest] = max(widths[widest] - (sum(widths) - room), min(second, widths[widest] - 1), 1)
    for row in grid.rows:
        cells = [wrapped(cell, widths[i]) for i, cell in enumerate(row)]
        for number in range(max(map(len, cells), default=0)):
            line: list[Piece] = [(grid.margin, "")]
            for i, cell in enumerate(cells):
                pieces = cell[number] if number < len(cell) else []
                padding = " " * (widths[i] - sum(columns(text) for text, _ in pieces))
                line += [(padding, ""), *pieces] if i == grid.right else [*pieces, (padding, "")]
                line.append((grid.gap, ""))
            yield line


def _natural(words: Words) -> int:
    """The columns of a paragraph's longest line, unbroken."""
    return max(columns(line) for line in "".join(text for text, _ in words).split("\n"))
