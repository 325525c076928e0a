"""A card's text made readable without moving it: every character keeps its line, and its offset or a way back to it.

Markers, links, tags and comments become blanks of the same length; full-width forms become the plain ones. What nobody
sees inside a word is taken out of it, so that `12<zero-width space>8K` reads as the 128K that is shown.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from specverify.card.hidden import HIDDEN
from specverify.pattern import Pattern

_MARKERS = "*`[]\\#"
_PLAIN = {
    **{chr(0xFF01 + i): chr(0x21 + i) for i in range(94)},  # full-width ASCII
    **dict.fromkeys("\u3000\u00a0\u2009\u202f", " "),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
    **dict.fromkeys("∼≈", "~"),
    "、": ",",
    "’": "'",
    "×": "x",
}
_UNSEEN = "\0"
"""Stands for what is not shown until the words around it are known; a card holds none."""
_BARRED = "_"
"""Stands between the parts of a number that a comment of several lines cuts: no number begins or ends at it."""
_ODD = Pattern("[" + "".join(_PLAIN) + "]")
_CUT_WORD = Pattern(r"(?<![\w.,%])[\w.,%]++(?:\0++[\w.,%]++)++")
_CUT_LINE = Pattern(r"(?<=[\w.,%])\0[\0\n]*+(?=[\w.,%])")
_LINK = re.compile(r"\]\((?:[^()\n]|\([^()\n]{0,200}\)){0,600}\)")
_TAG = re.compile(r"</?([A-Za-z])[^<>]{0,600}>")
_BREAK_HERE = re.compile(r"<wbr\s{0,9}/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z]{2,24}));")
_HIDDEN_ENTITIES = ("shy", "zwj", "zwnj", "lrm", "rlm", "ZeroWidthSpace", "NoBreak")
_WORDS = re.compile(r"\S+")
_OPENS_LINE = Pattern(r"[ \t]{0,3}")


class Readable(NamedTuple):
    """The readable form of a text, of its length. `cut` are the words that something was taken out of.

    Such a word stands where it stood, closed up, with blanks behind it: its start, and the offset each character came from.
    """

    text: str
    cut: tuple[tuple[int, tuple[int, ...]], ...] = ()

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The span of the text itself that `text[start:end]` stands for."""
        return (self._origin(start), self._origin(end - 1) + 1) if self.cut and end > start else (start, end)

    def _origin(self, offset: int) -> int:
        at = bisect_right(self.cut, offset, key=lambda word: word[0]) - 1
        if at < 0:
            return offset
        start, origins = self.cut[at]
        return origins[offset - start] if offset - start < len(origins) else offset


def readable(source: str, code: Sequence[tuple[int, int]] = (), at: int = 0) -> Readable:
    """The same text with what is not read as words blanked out; line ends kept.

    `code` are the spans, in order, in which `<!--` opens no comment and nothing is closed up. `at` is the offset in the card
    where the text starts: the result counts from the card's start, with blanks up to there.
    """
    text = _LINK.sub(_blank, _without_comments(source, code))
    text = _TAG.sub(_blank, _BREAK_HERE.sub(_unseen, text))
    text = _ENTITY.sub(_entity, text).replace("__", "  ")
    for marker in _MARKERS:
        text = text.replace(marker, " ")
    if not text.isascii():
        text = _ODD.sub(lambda match: _PLAIN[match.group()], text)
    text = " " * at + HIDDEN.sub(_UNSEEN, text)
    if _UNSEEN not in text:
        return Readable(text)
    cut: list[tuple[int, tuple[int, ...]]] = []

    def closed(match: re.Match[str]) -> str:
        word, start = match.group(), match.start()
        if _within(code, start - at) is not None:
            return word
        cut.append((start, tuple(start + place for place, c in enumerate(word) if c != _UNSEEN)))
        return word.replace(_UNSEEN, "").ljust(len(word))

    text = _CUT_WORD.sub(closed, _CUT_LINE.sub(_barred, text)).replace(_UNSEEN, " ")
    return Readable(text, tuple(cut))


class Compact:
    """A stretch of a card with every run of white space as one blank, and the way back to the card's offsets."""

    def __init__(self, plain: str, start: int, end: int) -> None:
        self.text = " ".join(plain[start:end].split())
        self._stretch = (plain, start, end)

    @cached_property
    def _words(self) -> tuple[list[int], list[int]]:
        """Where each word starts in `text`, and where in the card; most stretches are read and never asked."""
        starts, origins, at = [0], [self._stretch[1]], 0
        for index, match in enumerate(_WORDS.finditer(*self._stretch)):
            if not index:
                origins[0] = match.start()
            else:
                starts.append(at)
                origins.append(match.start())
            at += match.end() - match.start() + 1
        return starts, origins

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The card's offsets of `text[start:end]`."""
        return self._origin(start), self._origin(end - 1) + 1 if end > start else self._origin(start)

    def _origin(self, offset: int) -> int:
        starts, origins = self._words
        word = bisect_right(starts, offset) - 1
        return origins[word] + offset - starts[word]


def mentions(text: str, words: Iterable[str]) -> bool:
    """Whether a text holds one of some words, which are in lower case. Far quicker than an expression that ignores case."""
    lower = text.lower()
    return any(word in lower for word in words)


def compact(plain: str, start: int, end: int) -> Compact:
    """The stretch `plain[start:end]`. Patterns over it need not fear long blanks."""
    return Compact(plain, start, end)


def _blank(match: re.Match[str]) -> str:
    return _filled(match.group(), " ")


def _unseen(match: re.Match[str]) -> str:
    return _filled(match.group(), _UNSEEN)


def _barred(match: re.Match[str]) -> str:
    gap = match.group()
    return _BARRED + gap[1:-1] + _BARRED if "\n" in gap and gap.endswith(_UNSEEN) else gap


def _filled(text: str, filling: str) -> str:
    """As long as the text, with its line ends."""
    return filling * len(text) if "\n" not in text else "".join("\n" if c == "\n" else filling for c in text)


def _entity(match: re.Match[str]) -> str:
    """What an entity shows: a plain character, nothing at all, or something that is no part of a word."""
    decimal, hexadecimal, name = match.groups()
    found = match.group()
    code = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else 0
    character = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
    if name in _HIDDEN_ENTITIES or (character and HIDDEN.match(character)):
        return _UNSEEN * len(found)
    shown = character if character.isascii() and (character.isalnum() or character in ".,%:=") else "-" if name == "ndash" else ""
    return shown + _UNSEEN * (len(found) - 1) if shown else " " * len(found)


def _within(spans: Sequence[tuple[int, int]], offset: int) -> int | None:
    """The end of the span that an offset is in."""
    at = bisect_right(spans, offset, key=lambda span: span[0]) - 1
    return spans[at][1] if at >= 0 and offset < spans[at][1] else None


def _without_comments(source: str, code: Sequence[tuple[int, int]]) -> str:
    """HTML comments made unseen: nobody who reads the card sees them. One that opens a line and is not closed goes to the end."""
    parts, at, look = [], 0, 0
    while (start := source.find("<!--", look)) >= 0:
        if (end := _within(code, start)) is not None:
            look = end
            continue
        closing = source.find("-->", start + 2)
        if closing < 0 and not _OPENS_LINE.fullmatch(source, source.rfind("\n", 0, start) + 1, start):
            break
        end = closing + 3 if closing >= 0 else len(source)
        parts += [source[at:start], _filled(source[start:end], _UNSEEN)]
        at = look = end
    return "".join((*parts, source[at:]))
