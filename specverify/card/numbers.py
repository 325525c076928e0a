"""Numbers as cards print them, with every value they can stand for.

`K`, `M` on tokens are 1,000 or 1,024 to the power; on parameters 1,000 alone. A printed number stands for whatever
rounds to it, so each reading carries its `quantum`: the worth of its last printed digit.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

_NOT_WITHIN = r"(?-i:(?<![a-zA-Z0-9_.$-]))(?<!\d,)"
"""A comma before a number may end a clause: full-width ones have no blank behind them.

With regard to case, whatever the pattern around it has: ranges without it take long to compile.
"""
DIGITS = _NOT_WITHIN + r"(?:\d{1,3}(?:,\d{3})+(?!\d|,\d)|\d{1,13}(?:\.\d{1,9})?(?![\d]|,\d))"
_SCALE = {"t": 10**12, "trillion": 10**12, "b": 10**9, "bn": 10**9, "billion": 10**9, "m": 10**6, "million": 10**6, "k": 10**3}
_HAN = {"万亿": 10**12, "千亿": 10**11, "百亿": 10**10, "十亿": 10**9, "亿": 10**8, "百万": 10**6, "万": 10**4}
PARAMETERS = rf"{DIGITS} ?-? ?(?:b billion|trillion|billion|million|bn|[tbm](?![a-z])|万亿|千亿|百亿|十亿|亿|百万|万)"
TOKENS = rf"{DIGITS}(?: ?-? ?(?:million|[km](?![a-z])|万))?(?!(?-i:[a-zA-Z0-9_%])|[.]\d)"
WHOLE = _NOT_WITHIN + r"(?:\d{1,3}(?:,\d{3})+|\d{1,6})(?![\w]|[,.]\d)"
_SPLIT = re.compile(r"([\d,.]+)\s*-?\s*(.*)", re.DOTALL)


class Reading(NamedTuple):
    """What a printed number can mean: `values` by base, each with the worth of its last printed digit."""

    values: tuple[int | float, ...]
    quanta: tuple[int | float, ...]


def parameters(raw: str) -> Reading | None:
    """Parameters, from `671B`, `16.8 billion`, `800亿`, `2.7B billion` or a full count with separators."""
    digits, unit = _parts(raw)
    unit = unit.split()[0] if unit.split() else ""
    scale = _SCALE.get(unit) or _HAN.get(unit) or (1 if not unit else 0)
    if scale in (0, 10**3) or digits is None:
        return None
    value = int(digits * scale)
    return Reading((value,), (_quantum(digits, scale),)) if 10**5 <= value <= 10**14 else None


def amount(raw: str) -> Reading | None:
    """Tokens of a training set, from `15.5T`, `1.3 trillion` or `2.65 万亿`: thousands are 1,000."""
    digits, unit = _parts(raw)
    scale = _SCALE.get(unit.split()[0] if unit.split() else "") or _HAN.get(unit)
    if digits is None or scale is None or scale < 10**6:
        return None
    return Reading((int(digits * scale),), (_quantum(digits, scale),))


def tokens(raw: str) -> Reading | None:
    """A length in tokens, from `128K`, `1 million`, `32,768`, `20万`."""
    digits, unit = _parts(raw)
    if digits is None:
        return None
    power = {"": 0, "k": 1, "m": 2, "million": 2}.get(unit)
    if power is None:
        scale = _HAN.get(unit)
        return None if scale is None else _bounded(Reading((int(digits * scale),), (_quantum(digits, scale),)))
    if power == 0:
        return _bounded(Reading((int(digits),), (1,))) if digits == int(digits) else None
    bases = (1024**power, 1000**power)
    return _bounded(Reading(tuple(int(digits * base) for base in bases), tuple(_quantum(digits, base) for base in bases)))


def whole(raw: str) -> Reading | None:
    """A plain count: layers or heads."""
    digits, unit = _parts(raw)
    return None if digits is None or unit or digits != int(digits) or digits < 1 else Reading((int(digits),), (1,))


def _bounded(reading: Reading) -> Reading | None:
    return reading if 32 <= reading.values[-1] <= 10**8 else None


def _parts(raw: str) -> tuple[Decimal | None, str]:
    found = _SPLIT.match(raw.strip())
    if found is None:
        return None, ""
    text = found.group(1).replace(",", "").rstrip(".")
    if not re.fullmatch(r"\d+(?:\.\d+)?", text):
        return None, ""
    return Decimal(text), found.group(2).strip().lower()


def _quantum(digits: Decimal, scale: int) -> int:
    exponent = digits.as_tuple().exponent
    return max(1, int(scale * Decimal(10) ** (exponent if isinstance(exponent, int) else 0)))
