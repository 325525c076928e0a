"""Bytes that GPUs of a set exchange in one decode step: sums over tensor parallelism, tokens to their experts and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specverify import num
from specverify.derive.batch import replicas_joined
from specverify.derive.experts import distinct
from specverify.num import Num
from specverify.spec import Attention, Experts, Figure, LayerGroup, ModelSpec, Part
from specverify.target import Target

DEEPEP = "https://github.com/deepseek-ai/DeepEP"
ALL_REDUCE = "communication.all_reduce_bytes"
ALL_TO_ALL = "communication.all_to_all_bytes"


class Step(NamedTuple):
    """One decode step: `tokens` of a replica, `routed` to one set of experts, each `hidden` wide.

    `activation_bytes` an element, `dispatch_bytes` on the way to an expert; `link` is the scale-up link in bytes a second one way,
    None where no GPU is chosen.
    """

    tokens: Num
    routed: Num
    hidden: Num
    activation_bytes: Num
    dispatch_bytes: Num
    link: Num | None


def exchanges(spec: ModelSpec, part: Part, target: Target, step: Step) -> Iterator[Figure]:
    """The figures of the exchanges that the target's parallelism makes.

    The GPUs of a tensor-parallel group all hold its tokens: experts spread over them alone are summed as anything split is, and
    tokens travel to experts where replicas share theirs.
    """
    if target.tensor_parallel > 1:
        yield from _all_reduce(spec, part, target, step)
    if replicas_joined(target) > 1:
        yield from _all_to_all(part, target, step)


def _all_reduce(spec: ModelSpec, part: Part, target: Target, step: Step) -> Iterator[Figure]:
    parallel, apart = bool(spec.value("parallel_blocks")), replicas_joined(target) > 1
    sums = num.total(group.passes() * _sums(group, parallel=parallel, experts_apart=apart) for group in part.layers)
    reduced = sums.named("sums over the GPUs") * step.tokens * step.hidden * step.activation_bytes
    yield Figure(ALL_REDUCE, reduced, "bytes", "behind attention and behind the feed-forward of each layer; head and embedding left out")
    named, ways = reduced.named(ALL_REDUCE), num.const(target.tensor_parallel, "tensor_parallel")
    wire = num.const(2) * (ways - 1) * named // ways
    yield Figure("communication.all_reduce_wire_bytes", wire, "bytes", "what each GPU of a ring sends")
    if step.link is not None:
        note = "each GPU sends what is summed once, as to a switch that adds; one way of the scale-up link: a lower bound"
        yield Figure("communication.all_reduce_floor_seconds", named / step.link, "s", note)


def _sums(group: LayerGroup, *, parallel: bool, experts_apart: bool) -> Num:
    """How many sums over the GPUs one layer takes: behind its mixers, behind cross-attention, behind its feed-forward.

    One where attention and feed-forward stand side by side; experts that replicas share are sent tokens instead.
    """
    crosses = [isinstance(mixer, Attention) and mixer.cross for mixer in group.mixers]
    block = group.feed_forward
    ends = (not all(crosses), any(crosses), block is not None and not (experts_apart and block.experts is not None))
    return num.const(1 if parallel else sum(ends))


def _all_to_all(part: Part, target: Target, step: Step) -> Iterator[Figure]:
    mixed = [(group, experts) for group in part.layers if (experts := _experts(group)) is not None]
    if not mixed:
        return
    ways = num.const(target.expert_parallel, "expert_parallel")
    others = ways - num.const(target.tensor_parallel, "tensor_parallel")
    both = (step.dispatch_bytes + step.activation_bytes).named("bytes there and back")
    each = step.routed * step.hidden * both
    sent = num.total(group.passes() * experts.per_token for group, experts in mixed).named("experts of a token")
    note = f"tokens to each of their experts on GPUs of another replica, and back (dispatch and combine, {DEEPEP})"
    yield Figure(ALL_TO_ALL, num.floor(sent * each * others / ways), "bytes", note)
    if step.link is not None:
        spread = (group.passes() * distinct(_within_reach(experts, ways), num.const(1), experts.per_token) for group, experts in mixed)
        gpus = num.total(spread).named("GPUs with a token's experts, over the layers")
        floor = gpus * each * others / (ways * ways) / step.link
        note = "a token goes once to a GPU, not once to an expert; one way of the scale-up link: a lower bound"
        yield Figure("communication.all_to_all_floor_seconds", floor, "s", note)


def _within_reach(experts: Experts, ways: Num) -> Num:
    """GPUs that one token's experts may stand on, at least: a router limited to some groups of experts reaches those of the groups."""
    if experts.groups is None or experts.groups_per_token is None:
        return ways
    return num.ceil_div(ways * experts.groups_per_token, experts.groups)


def _experts(group: LayerGroup) -> Experts | None:
    return None if group.feed_forward is None else group.feed_forward.experts
