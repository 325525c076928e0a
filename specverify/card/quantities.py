"""Amounts with a unit as cards print them: memory in bytes, times in seconds, rates in tokens per second.

`80GB` on a GPU is 80 x 10^9 or 80 x 1024^3 bytes, so both are readings; a time or a rate has one.
"""

from __future__ import annotations

from specverify.card.numbers import Reading

LARGEST_MEMORY = 10**15
LONGEST_TIME = 10**5
"""Seconds."""
FASTEST_RATE = 10**7
_BYTES = {"m": 2, "g": 3, "t": 4}
_SECONDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "秒"), 1.0),
    **dict.fromkeys(("ms", "millisecond", "milliseconds", "毫秒"), 0.001),
}


def memory(digits: str, unit: str, count: int = 1) -> Reading | None:
    """Bytes of `count` times an amount such as `80`, `GB`; None where it is no memory of a computer."""
    number = _number(digits)
    power = _BYTES.get(unit.strip().lower()[:1])
    if number is None or power is None or number <= 0 or count < 1:
        return None
    bases = (1024**power,) if "i" in unit.lower() else (1000**power, 1024**power)
    step = _step(digits) * count
    values = tuple(round(number * count * base) for base in bases)
    return Reading(values, tuple(max(1, round(step * base)) for base in bases)) if max(values) <= LARGEST_MEMORY else None


def seconds(digits: str, unit: str) -> Reading | None:
    """Seconds from `0.35`, `s` or `350`, `ms`."""
    number, scale = _number(digits), _SECONDS.get(unit.strip().lower())
    if number is None or scale is None or not 0 < number * scale <= LONGEST_TIME:
        return None
    return Reading((number * scale,), (_step(digits) * scale,))


def rate(digits: str, thousands: bool = False) -> Reading | None:
    """Tokens per second from `71.8`, `1,250`, or `24` thousand."""
    number, scale = _number(digits), 1000 if thousands else 1
    if number is None or not 0 < number * scale <= FASTEST_RATE:
        return None
    return Reading((number * scale,), (_step(digits) * scale,))


def _number(digits: str) -> float | None:
    plain = digits.replace(",", "")
    return float(plain) if 0 < len(plain) <= 15 and plain.replace(".", "", 1).isdecimal() else None


def _step(digits: str) -> float:
    """The worth of the last printed digit."""
    return float(10 ** -len(digits.partition(".")[2]))
