"""Pipeline stages: which layers each takes, and the stage whose GPUs hold the most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from specverify import num
from specverify.derive.sharding import Share
from specverify.derive.weights import NEXT_TOKEN_PREDICTION
from specverify.num import Num
from specverify.spec import ModelSpec, Part, Role

STACKS = ("decoder", "encoder")
LAST = (Role.HEAD, Role.NORM)
"""What stands behind the layers of a stack; the rest outside them stands in front."""


class Stage(NamedTuple):
    """One stage of several: its number from 0 of so many, and the layers it takes of each part, by the part's identity."""

    number: int
    stages: int
    layers: dict[int, frozenset[int]]

    def holds(self, share: Share, tied: frozenset[str]) -> bool:
        """Whether something outside the layers stands on this stage; a table that is the head too stands at both ends."""
        part, weight = share.part, share.weight
        is_last = self.number == self.stages - 1
        if part is not None and part.role == NEXT_TOKEN_PREDICTION:
            return is_last
        if part is None or weight is None or part.role not in STACKS:
            return True
        if weight.role in LAST:
            return is_last
        return self.number == 0 or (is_last and weight.name in tied)


def sizes(layers: int, stages: int, engine: str) -> tuple[int, ...]:
    """How many layers each stage takes.

    vLLM gives those left over to the stages before the last, from behind (`get_pp_indices`); SGLang to the last ones.
    """
    each, over = divmod(layers, stages)
    first = stages - over - (0 if engine == "sglang" else 1)
    return tuple(each + (first <= stage < first + over) for stage in range(stages))


def fullest(spec: ModelSpec, held: Iterable[Share], stages: int, engine: str) -> Num:
    """Bytes on a GPU of the stage that holds the most. Towers and projectors stand on every stage, as vLLM builds them.

    What drafts stands on the last, where its tokens are read from.
    """
    shares = tuple(held)
    taken = {id(part): _taken(part, stages, engine) for part in spec.parts}
    tied = frozenset(weight.tied_to for part in spec.parts for weight in part.weights if weight.tied_to and weight.role is Role.HEAD)
    found = []
    for number in range(stages):
        stage = Stage(number, stages, {name: layers[number] for name, layers in taken.items()})
        amounts = num.totals((share.label, _on(share, stage, tied)) for share in shares)
        parts = [amount.named(label) for label, amount in amounts.items() if amount.op != "const" or amount.value != 0]
        found.append(num.total(parts).named(f"stage {number + 1} bytes"))
    result = found[0]
    for stage_bytes in found[1:]:
        result = num.maximum(result, stage_bytes)
    return result


def _taken(part: Part, stages: int, engine: str) -> Sequence[frozenset[int]]:
    order = sorted({index for group in part.layers for index in group.indices})
    if part.role == NEXT_TOKEN_PREDICTION:
        return [*([frozenset[int]()] * (stages - 1)), frozenset(order)]
    if part.role not in STACKS:
        return [frozenset(order)] * stages
    ends = list(accumulate(sizes(len(order), stages, engine)))
    return [frozenset(order[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


def _on(share: Share, stage: Stage, tied: frozenset[str]) -> Num:
    if not share.indices:
        return share.total() if stage.holds(share, tied) else num.const(0)
    own = stage.layers.get(id(share.part), frozenset())
    here = sum(index in own for index in share.indices)
    if here == len(share.indices):
        return share.total()
    if not here:
        return num.const(0)
    return num.counted(here, f"of them on stage {stage.number + 1}", share.layers) * share.each
