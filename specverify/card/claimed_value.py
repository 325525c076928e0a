"""The value of a claim as a person types it: a number as cards print it or exact, or words of its kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from specverify.card import kinds
from specverify.card.numbers import Reading, amount, parameters, tokens, whole
from specverify.card.words.values import canonical, values

LONGEST_NUMBER = 60
LONGEST_WORDS = 200
MOST_WORDS = 20
LARGEST = 10**18
GB = 10**9
GIB = 2**30
_NUMBER = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,15})(?:\.[0-9]{1,6})?(?![0-9.,])")
_SECONDS = {"ms": Decimal("0.001"), "milliseconds": Decimal("0.001"), "": Decimal(1), "s": Decimal(1), "seconds": Decimal(1)}
_BYTES = {"gb": (GB, GIB), "gib": (GIB,), "tb": (1000 * GB, 1024 * GIB), "tib": (1024 * GIB,)}
"""A GB of GPU memory is printed for 10^9 and for 2^30 bytes alike."""
_NOUNS = {"parameters": ("parameters", "params"), "bytes": (), "s": ()}
EXAMPLES = {"parameters": "175B", "tokens": "128K", "bytes": "80 GB", "s": "350 ms", "tokens/s": "25 tokens/s"}
"""How cards print a number of a unit; counts are plain."""


class NoValue(Exception):
    """What is typed is no value of the kind; the message goes on from the name of the key."""


def number_of(kind: str, value: object, unit: str | None = None) -> Reading:
    """A number of a kind: exact in the unit of the kind, or as printed (`175B`, `128K`, `350 ms`). Raises NoValue."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise NoValue("states no number")
    if unit is None and isinstance(value, int | float):
        found = _exact(kind, value)
    else:
        text = str(value) if unit is None else f"{value} {unit}"
        found = _printed(kind, text.strip()) if len(text) <= LONGEST_NUMBER else None
    if found is None or not all(0 < said < LARGEST for said in found.values):
        of = kinds.UNITS[kind]
        raise NoValue(f"is no number of {of} as cards print it, such as {EXAMPLES.get(of, '96')}")
    return found


def words_of(kind: str, value: object) -> tuple[str, ...]:
    """The terms of a kind in words: canonical (`gqa`) or as cards say them (`grouped-query attention`). Raises NoValue."""
    said = value if isinstance(value, list) else [value]
    words = [str(word).strip() for word in said if isinstance(word, str | int) and not isinstance(word, bool)]
    if not 0 < len(words) == len(said) <= MOST_WORDS or not all(0 < len(word) <= LONGEST_WORDS for word in words):
        raise NoValue("states no words")
    return tuple(dict.fromkeys(term for word in words for term in _terms(kind, word)))


def _terms(kind: str, words: str) -> tuple[str, ...]:
    if kind == kinds.BASE_MODEL or canonical(kind, words):
        return (words,)
    found = tuple(dict.fromkeys(term for one in values(_TOPICS[kind], words) if one.refused is None for term in one.terms))
    if not found and kind in (kinds.LICENSE, kinds.CODE_LICENSE):
        return (words,)
    if not found:
        raise NoValue(f"is {words[:60]!r}, which names no {kind.replace('_', ' ')} that is known")
    return found


def _exact(kind: str, value: int | float) -> Reading | None:
    if kind in _MEASURED or isinstance(value, int):
        return Reading((value,), (1 if isinstance(value, int) else 0,))
    return Reading((int(value),), (1,)) if value.is_integer() else None


def _printed(kind: str, text: str) -> Reading | None:
    unit = kinds.UNITS[kind]
    noun = next((noun for noun in _NOUNS.get(unit, (unit,)) if text.lower().endswith(noun)), "")
    return _READERS.get(kind, whole)(text[: len(text) - len(noun)].rstrip())


def _time(text: str) -> Reading | None:
    number, unit = _split(text)
    scale = _SECONDS.get(unit)
    return None if number is None or scale is None else _decimal(number * scale)


def _rate(text: str) -> Reading | None:
    number, unit = _split(text)
    return _decimal(number) if number is not None and unit in ("", "tok/s", "tps", "tokens per second") else None


def _memory(text: str) -> Reading | None:
    number, unit = _split(text)
    scales = _BYTES.get(unit)
    return None if number is None or scales is None else Reading(tuple(int(number * scale) for scale in scales), scales)


def _decimal(number: Decimal) -> Reading:
    return Reading((int(number),), (1,)) if number == int(number) else Reading((float(number),), (0,))


def _split(text: str) -> tuple[Decimal | None, str]:
    """A number and the word behind it, in lower case."""
    found = _NUMBER.match(text)
    return (Decimal(found.group().replace(",", "")), text[found.end() :].strip().lower()) if found is not None else (None, "")


_TOPICS = {kind: kind for kind in (kinds.ATTENTION, kinds.ARCHITECTURE, kinds.ACTIVATION, kinds.PRECISION, kinds.QUANTIZATION)} | {
    kinds.CUTOFF: "cutoff",
    kinds.LICENSE: "license",
    kinds.CODE_LICENSE: "code_license",
}
"""What the readers of words call the kinds they read."""
_MEASURED = (kinds.THROUGHPUT, kinds.TTFT, kinds.LATENCY)
"""Kinds whose numbers need not be whole."""
_READERS: Mapping[str, Callable[[str], Reading | None]] = {
    **dict.fromkeys((kinds.TOTAL, kinds.ACTIVE, kinds.NON_EMBEDDING), parameters),
    **dict.fromkeys((kinds.CONTEXT, kinds.OUTPUT, kinds.VOCABULARY), tokens),
    **dict.fromkeys((kinds.TTFT, kinds.LATENCY), _time),
    kinds.TRAINING_TOKENS: amount,
    kinds.THROUGHPUT: _rate,
    kinds.HARDWARE: _memory,
}
