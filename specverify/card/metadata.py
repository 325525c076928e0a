"""Values of a card's front matter as the Hub would take them: one text or a list of them, and what a misspelt one means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from specverify.pattern import Pattern

MOST_ENTRIES = 200
"""Entries of a list that are looked at."""
SHORTEST_FUZZY = 5
"""Characters of a word for which one letter more or less is surely a slip."""
LONGEST = 80
ALIKE = 0.88
_MARKS = Pattern(r"[^a-z0-9+]+")


def entries(values: Mapping[str, Any], key: str) -> Iterator[tuple[str, Any]]:
    """What a key states, each with its dotted path: the value itself, or every entry of a list. Nothing for null."""
    value = values.get(key)
    if isinstance(value, list):
        yield from ((f"{key}.{index}", entry) for index, entry in enumerate(value[:MOST_ENTRIES]))
    elif value is not None:
        yield key, value


def texts(values: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The texts that a key states, alone or in a list."""
    return tuple(value for _, value in entries(values, key) if isinstance(value, str) and value)


def bare(word: str) -> str:
    """A word without case, blanks and punctuation: `Apache 2.0` and `apache-2.0` are alike."""
    return _MARKS.sub("", word[:LONGEST].lower())


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a misspelt one stands for: the same but for punctuation, else one very like it; None for neither."""
    known = list(known)
    plain = bare(word)
    same = next((name for name in known if bare(name) == plain), None)
    if same is not None or len(plain) < SHORTEST_FUZZY or len(word) > LONGEST:
        return same
    from difflib import get_close_matches

    plains = {bare(name): name for name in known}
    close = get_close_matches(plain, plains, n=3, cutoff=ALIKE)
    return next((plains[one] for one in close if _version(one) == _version(plain)), None)


def _version(plain: str) -> str:
    """The digits of a word but for zeros at the end: 2 and 2.0 are one version, 3 and 3.1 two."""
    return "".join(c for c in plain if c.isdigit()).rstrip("0")
