"""Values as people read them. The only place where bytes become GiB: always binary, always labelled so."""

from __future__ import annotations

from specverify.num import Num

_BINARY = ("KiB", "MiB", "GiB", "TiB", "PiB")
_DECIMAL = ((10**18, "E"), (10**15, "P"), (10**12, "T"), (10**9, "G"), (10**6, "M"))
_COUNTS = ((10**12, "T"), (10**9, "B"), (10**6, "M"))
_PRECISE = 10**15
"""Below this a float holds every whole number."""
_LEAVES = ("const", "fact", "count")
"""Numbers with no working to show."""


def exact(value: float | None, unit: str | None) -> str:
    """A value with its unit, digits in threes: `70,272 bytes`."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    whole = isinstance(value, int) or (value.is_integer() and abs(value) < _PRECISE)
    digits = f"{int(value):,}" if whole else f"{value:,.6g}"
    return f"{digits} {unit}" if unit and unit != "yes/no" else digits


def rounded(value: float | None, unit: str) -> str:
    """A value in three or four digits: bytes as binary units, parameters in millions and billions as the field does, seconds as ms."""
    if value is None or isinstance(value, bool):
        return exact(value, unit)
    if unit.startswith("bytes"):
        return _binary(value) + unit.removeprefix("bytes")
    if unit == "parameters":
        return _scaled(value, _COUNTS, "")
    if unit == "FLOP":
        return _scaled(value, _DECIMAL, " ") + "FLOP"
    if unit == "s":
        return f"{value:,.3g} s" if value >= 1 else f"{value * 1e3:,.3g} ms"
    return exact(value, unit)


def worked_line(number: Num, unit: str | None) -> str:
    """The formula in values and what it comes to: `61 x (512 + 64) x 2 B = 70,272 bytes`; the value alone where nothing is computed."""
    result = exact(number.value, unit)
    return result if number.body().op in _LEAVES else f"{number.worked()} = {result}"


def _binary(value: float) -> str:
    if value < 1024:
        return exact(value, "B")
    power = min((int(value).bit_length() - 1) // 10, len(_BINARY))
    amount = value / 1024**power
    return f"{amount:,.0f} {_BINARY[power - 1]}" if amount == int(amount) else f"{amount:,.2f} {_BINARY[power - 1]}"


def _scaled(value: float, scales: tuple[tuple[int, str], ...], gap: str) -> str:
    for scale, letter in scales:
        if value >= scale:
            return f"{value / scale:,.{2 if value < 100 * scale else 1}f}{gap}{letter}"
    return exact(value, None) + gap
