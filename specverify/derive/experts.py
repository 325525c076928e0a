"""The routed part of a mixture under a batch: how many experts it touches, and how many tokens one may be given."""

from __future__ import annotations

from collections.abc import Iterator

from specverify import num
from specverify.num import Num
from specverify.spec import Experts, Figure, Part

CAPACITY_FACTOR = 1.0
"""Slots of an expert over its even share: none to spare."""
GSHARD = "GShard, arXiv:2006.16668"


def expected_distinct(experts: float, per_token: float, batch: float) -> float:
    """Experts that a batch touches in a layer, on average, if the router spreads evenly: E (1 - (1 - k/E)^B)."""
    return float(experts * (1 - (1 - min(per_token / experts, 1)) ** batch)) if experts else 0.0


def distinct(experts: Num, per_token: Num, tokens: Num) -> Num:
    """`expected_distinct` of traced numbers."""
    return num.call("expected_distinct", expected_distinct, experts, per_token, tokens)


def mixture(part: Part) -> Experts | None:
    """The mixture of the first layers that have one."""
    return next((group.feed_forward.experts for group in part.layers if group.feed_forward and group.feed_forward.experts), None)


def expert_figures(experts: Experts, tokens: Num) -> Iterator[Figure]:
    """What one decode step of `tokens` tokens asks of the experts of a layer."""
    even = "if the router spreads evenly; a router with favourites touches fewer"
    yield Figure("experts.expected_distinct", distinct(experts.total, experts.per_token, tokens), "experts", even)
    chosen = tokens * experts.per_token
    slots = num.const(CAPACITY_FACTOR, "capacity factor") * chosen / experts.total
    capacity = num.ceiling(slots)
    yield Figure("experts.capacity", capacity, "tokens", f"of one expert in one step ({GSHARD}); engines without dropped tokens have none")
    yield Figure(
        "experts.overflow_imbalance",
        capacity.named("experts.capacity") * experts.total / chosen,
        "x the mean",
        "an expert given more than this many times the mean overflows its capacity",
    )
