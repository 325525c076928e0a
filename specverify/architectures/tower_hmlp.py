"""The vision tower of Inkling: no attention, but layers that fold space and time into channels, a prime at a time."""

from __future__ import annotations

import math
from itertools import pairwise

from specverify import num
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import depth_of
from specverify.num import Num
from specverify.spec import Modality, Part, Role

ROUND_TO = 64
LARGEST_SIDE = 1 << 16


def hmlp(c: Config, outputs: Num, prefix: str) -> Part:
    """A matrix for each step from pixels to a patch, and a norm behind each but the last; `outputs` is the width of the text."""
    count, weights = c.layers(), list(norm("final_norm", outputs))
    for index, (inputs, width) in enumerate(steps(c, count)):
        last = index == depth_of(count) - 1
        weights += linear(f"layers.linear_{index}", inputs, outputs if last else width, Role.TOWER)
        weights += () if last else norm(f"layers.norm_{index}", width)
    return Part("vision tower", "tower", Modality.VISION, tuple(weights), prefix=prefix)


def steps(c: Config, count: Num) -> list[tuple[Num, Num]]:
    """Inputs and outputs of each layer; unknown where there are fewer layers than scales, which are then assigned another way."""
    side, frames, channels = c.int("patch_size"), c.int("temporal_patch_size"), c.int("num_channels")
    sizes = [int(number.value or 0) for number in (side, frames, channels)]
    if count.value == 0:
        return []
    if not all(sizes) or max(sizes) > LARGEST_SIDE:
        missing = num.unknown("the scales of the vision tower rest on sizes that are not known")
        return [(missing, missing)]
    scales = planned(*sizes)
    if depth_of(count) < len(scales):
        missing = num.unknown(f"how {depth_of(count)} layers share {len(scales)} scales is not worked out here")
        return [(missing, missing)]
    found = []
    for (before, into), (after, width) in pairwise(chosen(scales, depth_of(count))):
        inputs = num.counted(into * (after // before), "channels folded", side, frames, channels)
        found.append((inputs, num.counted(width, "channels", side, frames, channels)))
    return found


def planned(side: int, frames: int, channels: int) -> list[tuple[int, int]]:
    """Pixels folded and channels of each scale: space by its primes from the largest, then time."""
    scales, fold = [(1, channels)], 1
    for prime in reversed(primes_of(side)):
        fold *= prime
        scales.append((fold * fold, math.ceil(fold * fold * channels / ROUND_TO) * ROUND_TO))
    time = 1
    for prime in reversed(primes_of(frames)):
        time *= prime
        # The class rounds up before it would divide: the channels are many times the pixels.
        scales.append((fold * fold * time, fold * fold * channels * time * ROUND_TO))
    return scales


def chosen(scales: list[tuple[int, int]], depth: int) -> list[tuple[int, int]]:
    """The scale nearest to each of `depth` equal steps of the logarithm of what is folded; the first and the last stand."""
    pixels, channels = scales[-1][0], scales[0][1]
    logs = [math.log(folded) for folded, _ in scales]
    ideal = (math.log(pixels * channels) * step / depth for step in range(depth + 1))
    nearest = [min((abs(at - log), index) for index, log in enumerate(logs))[1] for at in ideal]
    return [scales[index] for index in (0, *nearest[1:-1], len(scales) - 1)]


def primes_of(number: int) -> list[int]:
    """Prime factors from the smallest."""
    found, factor = [], 2
    while number > 1:
        while number % factor == 0:
            found.append(factor)
            number //= factor
        factor += 1
    return found
