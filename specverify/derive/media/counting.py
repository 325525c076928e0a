"""A picture, and how a model counts the tokens of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from specverify import num
from specverify.num import Num


class Picture(NamedTuple):
    """A picture in pixels, by what it stands for."""

    what: str
    height: int
    width: int

    def sides(self) -> tuple[Num, Num]:
        """Height and width."""
        return num.const(self.height, "height", unit="px"), num.const(self.width, "width", unit="px")


class Counter(NamedTuple):
    """How a model counts pictures: `tokens` of one, the `least` and the `most` of any, and in words `how`.

    `crossed` tokens are kept by cross-attention, outside of the prompt.
    """

    tokens: Callable[[Picture], Num]
    least: Num
    most: Num
    how: str
    crossed: bool = False


def fixed(tokens: Num, how: str) -> Counter:
    """One number for every picture."""
    return Counter(lambda picture: tokens, tokens, tokens, how)


def uncounted(reason: str) -> Counter:
    """None that is known, and why."""
    return fixed(num.unknown(reason), "")
