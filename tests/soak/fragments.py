"""Texts that the program's own patterns look for, drawn from the patterns themselves: a module added later is covered as it is.

A regular expression is slow on what it nearly matches, so what it matches, cut short and repeated, is what finds a slow one.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from functools import cache
from random import Random
from typing import Any

from specverify.pattern import Pattern

PACKAGES = ("specverify.card", "specverify.verdicts", "specverify.rules")
"""What a card goes through."""
MOST_REPEATS = 3
"""Beyond the fewest a repeat of a pattern asks for."""
_LETTERS = "abkmBKM"
_CATEGORIES = {"DIGIT": "0123456789", "SPACE": " \t\n", "WORD": "aB7_层", "NOT_DIGIT": "a-", "NOT_SPACE": "a7|", "NOT_WORD": " -.(、"}
_ANY = "aK7 ,.:|(参"


@cache
def patterns() -> tuple[re.Pattern[str], ...]:
    """Every regular expression that stands at the top of a module a card goes through, in a stable order."""
    found: dict[tuple[str, int], re.Pattern[str]] = {}
    for package in map(importlib.import_module, PACKAGES):
        for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            module = importlib.import_module(info.name)
            for pattern in _within(list(vars(module).values()), 5):
                found[(pattern.pattern, pattern.flags)] = pattern
    return tuple(found[key] for key in sorted(found))


def _within(value: Any, depth: int) -> Iterator[re.Pattern[str]]:
    if isinstance(value, Pattern):
        yield value.compiled
    elif isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif depth and isinstance(value, list | tuple | set | frozenset):
        for part in value:
            yield from _within(part, depth - 1)
    elif depth and isinstance(value, Mapping):
        yield from _within([*value.keys(), *value.values()], depth - 1)
    elif depth and dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from _within([getattr(value, field.name) for field in dataclasses.fields(value)], depth - 1)


@cache
def _tree(pattern: re.Pattern[str]) -> Any:
    """The parsed pattern. Only the standard library's own parser knows its grammar, and it is not public."""
    return importlib.import_module("re._parser").parse(pattern.pattern, pattern.flags)


def fragment(rng: Random) -> str:
    """A text that one of the patterns matches, or nearly does."""
    return drawn_from(rng.choice(patterns()), rng)[:400]


def drawn_from(pattern: re.Pattern[str], rng: Random) -> str:
    """A text that this pattern matches, or nearly does."""
    return "".join(_draw(_tree(pattern), rng))


def _draw(tree: Any, rng: Random) -> Iterator[str]:
    for op, argument in tree:
        name = str(op)
        if name == "LITERAL":
            yield chr(argument)
        elif name == "NOT_LITERAL":
            yield rng.choice(_ANY.replace(chr(argument), ""))
        elif name == "ANY":
            yield rng.choice(_ANY)
        elif name == "IN":
            yield _member(argument, rng)
        elif name == "BRANCH":
            yield from _draw(rng.choice(argument[1]), rng)
        elif name == "SUBPATTERN":
            yield from _draw(argument[3], rng)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, most, body = argument
            for _ in range(rng.randint(least, min(int(most), least + MOST_REPEATS))):
                yield from _draw(body, rng)
        elif name == "ATOMIC_GROUP":
            yield from _draw(argument, rng)
        elif name == "ASSERT" and argument[0] > 0:
            yield from _draw(argument[1], rng)


def _member(parts: Any, rng: Random) -> str:
    """A character of a class; of a negated one, any that is easily outside."""
    if str(parts[0][0]) == "NEGATE":
        return rng.choice(_ANY)
    op, argument = rng.choice(parts)
    if str(op) == "LITERAL":
        return chr(argument)
    if str(op) == "RANGE":
        return chr(rng.randint(*argument))
    return rng.choice(_CATEGORIES.get(str(argument).removeprefix("CATEGORY_"), _LETTERS))
