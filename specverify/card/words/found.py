"""What a reader of words hands back, and the vocabularies that turn a card's spelling into one word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from specverify.card.numbers import Reading
from specverify.pattern import Pattern

Vocabulary = tuple[tuple[str, Pattern], ...]
"""Canonical words with their spellings; the first that matches a place has it."""
LONGEST_TEXT = 1500


class Found(NamedTuple):
    """A claim in a piece of text, `text[start:end]`; `refused` says why it is none. `relation` overrules whose it seems."""

    kind: str
    start: int
    end: int
    terms: tuple[str, ...] = ()
    quantity: Reading | None = None
    role: str = "stated"
    conditions: tuple[str, ...] = ()
    refused: str | None = None
    relation: str | None = None
    subject: str | None = None
    size: str | None = None
    """the size that the statement is bound to: `70B`"""
    subject_end: int | None = None
    """where the words end that say whose it is, if not at `start`"""
    own: bool = False
    """whether the wording itself says that it is about the model of the card"""


def spelled(vocabulary: Vocabulary, text: str) -> list[tuple[str, int, int]]:
    """The canonical words in a text with their spans, each place once, in order of place."""
    return [(vocabulary[int((match.lastgroup or "_0")[1:])][0], match.start(), match.end()) for match in _any(vocabulary).finditer(text)]


def last_match(pattern: Pattern, text: str) -> re.Match[str] | None:
    """The match that stands nearest to the end of a text."""
    found = list(pattern.finditer(text))
    return found[-1] if found else None


@cache
def _any(vocabulary: Vocabulary) -> Pattern:
    """One pattern of all spellings, each a group named by its index, so that a text is gone through once."""
    spellings = enumerate(pattern for _, pattern in vocabulary)
    return Pattern("|".join(f"(?P<_{index}>{_with_case(pattern)})" for index, pattern in spellings))


def _with_case(pattern: Pattern) -> str:
    return f"(?i:{pattern.pattern})" if pattern.flags & re.IGNORECASE else pattern.pattern


def all_of(kind: str, vocabulary: Vocabulary, text: str) -> Iterator[Found]:
    """One claim of all canonical words of a value; none where it has none."""
    found = spelled(vocabulary, text)
    if found:
        yield Found(kind, found[0][1], found[-1][2], tuple(dict.fromkeys(word for word, _, _ in found)))
