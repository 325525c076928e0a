"""Answers kept for texts that are met again: cards repeat their labels, captions and cells."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import TypeVar, cast

Answer = TypeVar("Answer", bound=Callable[..., object])
MOST_KEPT = 2048
LONGEST = 1000
"""Characters of a text whose answer is kept: a hostile card may hold any number of long ones."""


def remembered(answer: Answer) -> Answer:
    """The same function of a text (and of other hashable arguments), which answers a short text met again from memory."""
    kept = lru_cache(maxsize=MOST_KEPT)(answer)

    @wraps(answer)
    def answered(text: str, *more: Hashable) -> object:
        return (kept if len(text) <= LONGEST else answer)(text, *more)

    return cast("Answer", answered)
