"""Module name patterns of quantization tables: exact names, globs and regular expressions, none of which may cost time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import translate
from functools import lru_cache

_PLAIN_REGEX = re.compile(r"(?:[\w^$\-/: ]|\\[.\dwd]|\.\*|\.|\[\d+-\d+\]\+?|\[\^\.\]\+|\\d\+|\([\w|.*\\\-]+\)\+?)*")
"""Regular expressions of literals, `.*` and flat alternatives: what real ignore lists hold, and nothing that can backtrack for long."""
MOST_STARS = 4


def matcher(patterns: Iterable[str]) -> Callable[[str], bool] | None:
    """A function that says whether a module name is meant by one of the patterns; None where one is not understood.

    `re:` marks a regular expression, matched from the start; `*` and `?` make a glob; a plain name means that module,
    those below it, and those whose last parts it is.
    """
    plain: set[str] = set()
    tests: list[re.Pattern[str]] = []
    for pattern in patterns:
        if pattern.startswith("re:"):
            compiled = _regex(pattern[3:])
            if compiled is None:
                return None
            tests.append(compiled)
        elif "*" in pattern or "?" in pattern:
            if pattern.count("*") > MOST_STARS:
                return None
            tests.append(re.compile(translate(pattern)))
        else:
            plain.add(pattern)

    def matches(name: str) -> bool:
        parts = name.split(".")
        for start in range(len(parts)):
            for stop in range(start + 1, len(parts) + 1):
                if ".".join(parts[start:stop]) in plain:
                    return True
        return any(test.match(name) or any(test.fullmatch(".".join(parts[:stop])) for stop in range(1, len(parts))) for test in tests)

    return matches


@lru_cache(maxsize=512)
def _regex(pattern: str) -> re.Pattern[str] | None:
    if len(pattern) > 300 or pattern.count("*") > MOST_STARS or not _PLAIN_REGEX.fullmatch(pattern):
        return None
    try:
        return re.compile(pattern)
    except re.error:
        return None
