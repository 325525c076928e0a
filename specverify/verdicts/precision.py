"""Whether a printed number stands for a value: by its own digits, loosely, or not."""

from __future__ import annotations

from enum import IntEnum

from specverify.card.claims import Claim

CLOSE = 0.02
"""Share of a claim by which a value may be off and still be what it prints: 110M is BERT's 109.5M."""
LOOSE = 0.06
COARSE = 0.1
"""A claim of one digit may round to a value and still be this far off: a 3B of 3.48."""
EXACT = 1e-5
"""Where the last printed digit is worth less than this share, all digits are meant: 2,796,431,360."""


class Match(IntEnum):
    """How a value answers a claim. `LOOSE`: cut instead of rounded, or further off than its digits say."""

    NONE = 0
    LOOSE = 1
    PRINTED = 2


def match(claim: Claim, value: float) -> Match:
    """The best of what a claim can stand for (1,000 and 1,024 to the thousand) against a value."""
    best = Match.NONE
    for said, quantum in zip(claim.accepted, claim.quanta, strict=True):
        off = abs(value - said)
        if off < quantum if quantum < EXACT * said else off <= CLOSE * said or quantum / 2 >= off <= COARSE * value:
            return Match.PRINTED
        if off <= max(quantum, LOOSE * said):
            best = Match.LOOSE
    return best


def distance(claim: Claim, value: float) -> float:
    """By what share of the value the claim is off, at the nearest of what it can stand for; below 0 where it states less."""
    said = min(claim.accepted, key=lambda number: abs(number - value))
    return (said - value) / value if value else 0.0


def apart(claim: Claim, value: float, name: str) -> str:
    """The distance in words: `12 % more than NAME`, `4.1 times NAME`."""
    share = distance(claim, value)
    if share >= 1:
        return f"{1 + share:.1f} times {name}"
    amount = f"{abs(share):.0%}" if abs(share) >= 0.095 else f"{abs(share):.1%}"
    return f"{amount.replace('%', ' %')} {'less' if share < 0 else 'more'} than {name}"
