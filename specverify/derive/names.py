"""Module name patterns of quantization tables: exact names, globs and regular expressions, none of which may cost time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import translate

from specverify.pattern import Pattern

_PLAIN_REGEX = Pattern(r"(?:[\w^$\-/: ]|\\[.\dwd]|\.\*|\.|\[\d+-\d+\]\+?|\[\^\.\]\+|\\d\+|\([\w|.*\\\-]+\)\+?)*")
"""Regular expressions of literals, `.*` and flat alternatives: what real ignore lists hold, and nothing that can backtrack for long."""
_GLOB = frozenset("*?[")
MOST_STARS = 4


def matcher(patterns: Iterable[str]) -> Callable[[str], bool] | None:
    """A function that says whether a module name is meant by one of the patterns; None where one is not understood.

    `re:` marks a regular expression, matched from the start; `*` and `?` make a glob; a plain name means that module,
    those below it, and those whose last parts it is.
    """
    plain: set[str] = set()
    starts: list[str] = []
    globs: list[str] = []
    expressions: list[str] = []
    for pattern in patterns:
        if pattern.startswith("re:"):
            if not _is_harmless(pattern[3:]):
                return None
            expressions.append(f"(?:{pattern[3:]})")
        elif "*" in pattern or "?" in pattern:
            if pattern.count("*") > MOST_STARS:
                return None
            if pattern.endswith("*") and _GLOB.isdisjoint(pattern[:-1]):
                starts.append(pattern[:-1])
            else:
                globs.append(translate(pattern))
        else:
            plain.add(pattern)
    glob = re.compile("|".join(globs)) if globs else None
    expression = re.compile("|".join(expressions)) if expressions else None
    openings = tuple(starts)
    lengths = {name.count(".") + 1 for name in plain}

    def matches(name: str) -> bool:
        if name.startswith(openings):
            return True
        parts = name.split(".")
        if any(".".join(parts[i : i + length]) in plain for length in lengths for i in range(len(parts) - length + 1)):
            return True
        if glob is not None and any(glob.match(".".join(parts[:stop])) for stop in range(1, len(parts) + 1)):
            return True
        return expression is not None and expression.match(name) is not None

    return matches


def _is_harmless(pattern: str) -> bool:
    if len(pattern) > 300 or pattern.count("*") > MOST_STARS or not _PLAIN_REGEX.fullmatch(pattern):
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
