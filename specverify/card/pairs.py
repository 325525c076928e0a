"""Several `label: value` pairs in one line or cell: `Layers: 22, Heads: 32` and `Parameters: 7B | Context: 8K`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specverify.card import lexicon
from specverify.pattern import Pattern

LONGEST = 600
"""Characters of a stretch; a longer one is no line of pairs."""
_BREAK = Pattern(r" ?[|•·;] ?|, (?=[^:|•·;,]{2,40}:)")
_PAIR = Pattern(r"(?:> ?)*(?:[-+•] |\d{1,2}[.)] )?([^:=|]{2,60})[:=] ?(\S.*)")


class Pair(NamedTuple):
    """One pair: what its label announces, the remark in the label's parentheses, and the span of its value."""

    kind: str
    remarks: str
    start: int
    end: int


def pairs(text: str) -> tuple[Pair, ...]:
    """The pairs of a stretch that has two known labels or more; none of one that has fewer."""
    if text.count(":") + text.count("=") < 2 or len(text) > LONGEST:
        return ()
    found = tuple(_pairs(text))
    return found if len(found) >= 2 else ()


def _pairs(text: str) -> Iterator[Pair]:
    start = 0
    for end, following in (*((cut.start(), cut.end()) for cut in _BREAK.finditer(text)), (len(text), len(text))):
        pair = _PAIR.fullmatch(text, start, end)
        announced = lexicon.kind_of(pair.group(1)) if pair is not None else None
        if pair is not None and announced is not None and announced[0] != lexicon.SIZE:
            yield Pair(*announced, pair.start(2), end)
        start = following
