"""A card's text made readable without moving it: every character keeps its offset, so a match knows its line and columns.

Markers, links, tags and comments become spaces of the same length; full-width forms become the plain ones.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

_PLAIN = {
    **{0xFF01 + i: 0x21 + i for i in range(94)},  # full-width ASCII
    **{ord(c): " " for c in "*`[]\\#\u3000\u00a0\u2009\u202f\u200b\u200c\u200d\u2060\ufeff\u00ad"},
    **{ord(c): "-" for c in "\u2010\u2011\u2012\u2013\u2212"},
    ord("、"): ",",
    ord("∼"): "~",
    ord("～"): "~",
    ord("≈"): "~",
    ord("’"): "'",
    ord("×"): "x",
}
_LINK = re.compile(r"\]\((?:[^()\n]|\([^()\n]{0,200}\)){0,600}\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,600}>")
_ENTITY = re.compile(r"&(?:#\d{1,6}|[A-Za-z]{2,8});")
_EMPHASIS = re.compile(r"__")
_WORDS = re.compile(r"\S+")


def readable(source: str) -> str:
    """The same text with what is not read as words blanked out; the same length, line ends kept."""
    text = _without_comments(source)
    text = _LINK.sub(_blank, text)
    text = _TAG.sub(_blank, text)
    text = _ENTITY.sub(_blank, text)
    return _EMPHASIS.sub("  ", text.translate(_PLAIN))


@dataclass(frozen=True, slots=True)
class Compact:
    """A stretch of a card with every run of white space as one blank, and the way back to the card's offsets."""

    text: str
    _starts: tuple[int, ...]
    _origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The card's offsets of `text[start:end]`."""
        return self._origin(start), self._origin(end - 1) + 1 if end > start else self._origin(start)

    def _origin(self, offset: int) -> int:
        word = bisect_right(self._starts, offset) - 1
        return self._origins[word] + offset - self._starts[word]


def mentions(text: str, words: Iterable[str]) -> bool:
    """Whether a text holds one of some words, which are in lower case. Far quicker than an expression that ignores case."""
    lower = text.lower()
    return any(word in lower for word in words)


def compact(plain: str, start: int, end: int) -> Compact:
    """The stretch `plain[start:end]`. Patterns over it need not fear long blanks."""
    words, starts, origins, at = [], [], [], 0
    for match in _WORDS.finditer(plain, start, end):
        words.append(match.group())
        starts.append(at)
        origins.append(match.start())
        at += len(match.group()) + 1
    return Compact(" ".join(words), tuple(starts) or (0,), tuple(origins) or (start,))


def _blank(match: re.Match[str]) -> str:
    found = match.group()
    return " " * len(found) if "\n" not in found else "".join("\n" if c == "\n" else " " for c in found)


def _without_comments(source: str) -> str:
    """HTML comments blanked: nobody who reads the card sees them."""
    parts, at = [], 0
    while (start := source.find("<!--", at)) >= 0 and (end := source.find("-->", start + 4)) >= 0:
        hidden = source[start : end + 3]
        parts += [source[at:start], "".join("\n" if c == "\n" else " " for c in hidden)]
        at = end + 3
    return "".join((*parts, source[at:]))
