"""Regular expressions compiled when they are first used: a model needs few of the many, and a cold start pays for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any


class Pattern:
    """A regular expression with the methods of `re.Pattern` that models are read with."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern = pattern
        self.flags = flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The expression itself."""
        return re.compile(self.pattern, self.flags)

    def search(self, text: str, start: int = 0, end: int = 2**62) -> re.Match[str] | None:
        """The first match at or after `start`."""
        return self.compiled.search(text, start, end)

    def match(self, text: str, start: int = 0, end: int = 2**62) -> re.Match[str] | None:
        """A match at `start`."""
        return self.compiled.match(text, start, end)

    def fullmatch(self, text: str, start: int = 0, end: int = 2**62) -> re.Match[str] | None:
        """A match of all from `start` to `end`."""
        return self.compiled.fullmatch(text, start, end)

    def finditer(self, text: str, start: int = 0, end: int = 2**62) -> Iterator[re.Match[str]]:
        """Every match, left to right."""
        return self.compiled.finditer(text, start, end)

    def findall(self, text: str) -> list[Any]:
        """What every match captures: its only group, a tuple of several, or all of it."""
        return self.compiled.findall(text)

    def sub(self, replacement: str | Callable[[re.Match[str]], str], text: str, count: int = 0) -> str:
        """The text with the first `count` matches replaced; 0 is all."""
        return self.compiled.sub(replacement, text, count)

    def split(self, text: str) -> list[str]:
        """The text between the matches."""
        return self.compiled.split(text)
