"""The fewest GPUs that hold the target's sequences: of its own kind, and of any kind of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from specverify import num
from specverify.derive.gpus import Gpu, catalogue, of
from specverify.derive.memory import memory
from specverify.derive.serving import Serving, serving
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, Figure, Latent, ModelSpec
from specverify.target import Target

SMALLEST = ("capacity.smallest_tensor_parallel", "capacity.cheapest_set_gpus")
"""The names of the figures."""
WAYS = (1, 2, 4, 8, 16)
"""Tensor-parallel sizes that are tried; one that does not divide the heads does not start."""


class Shard(NamedTuple):
    """One GPU of a tensor-parallel group: the target it is of, and the bytes of weights and of all its sequences on it."""

    target: Target
    weights: Num
    sequences: Num

    def held(self) -> int | float:
        """Bytes of both, 0 where they are unknown."""
        return (self.weights.value or 0) + (self.sequences.value or 0)


def smallest_sets(spec: ModelSpec, target: Target, shard: Callable[[Target], Shard]) -> Iterator[Figure]:
    """The smallest tensor-parallel size on the target's GPU, and the set of catalogue GPUs with the least memory, that hold it.

    `shard` gives what one GPU holds at a target; it is asked for those sizes alone that may be the answer. Raises UnknownGpu.
    """
    own = of(target)
    heads = _heads(spec)
    sizes = [ways for ways in WAYS if all(isinstance(count, int) and count % ways == 0 for count in heads)]
    of_size = cache(lambda ways: shard(_alone(target, ways)))
    whole = of_size(sizes[0]) if sizes else None
    if whole is None or whole.weights.value is None or whole.sequences.value is None:
        reasons = () if whole is None else (*whole.weights.reasons(), *whole.sequences.reasons())
        nothing = num.unknown("; ".join(dict.fromkeys(reasons)) or "no tensor-parallel size divides the heads")
        yield from (Figure(name, nothing, "GPUs") for name in SMALLEST)
        return
    tried = ", ".join(map(str, WAYS))
    note = f"the least of {tried} on {own.name} that holds the target's sequences; what cannot divide the heads is left out"
    room = own.memory_bytes.value or 0
    # The shares of a group come to the whole at least: a size that cannot hold the weights needs no working out.
    likely = (of_size(ways) for ways in sizes if whole.weights.value <= ways * room)
    fitting = next((one for one in likely if one.held() <= room and _holds(spec, one, own)), None)
    yield Figure("capacity.smallest_tensor_parallel", _size(fitting, own), "GPUs", note)
    yield _least_memory(spec, sizes, whole.weights.value, of_size)


def _least_memory(spec: ModelSpec, sizes: list[int], weights: int | float, of_size: Callable[[int], Shard]) -> Figure:
    """The catalogue has no prices: of the sets that hold the target the one with the least memory in all stands for the cheapest."""
    name, unit = "capacity.cheapest_set_gpus", "GPUs"
    for room, gpus, chosen in _sets():
        if gpus not in sizes or room < weights or room < gpus * of_size(gpus).held():
            continue
        if _holds(spec, of_size(gpus), catalogue()[chosen]):
            what = f"{gpus} x {chosen}: the least memory of all sets of the catalogue, which has no prices"
            return Figure(name, _size(of_size(gpus), catalogue()[chosen]), unit, f"{what}; whether the engine runs on it is not judged")
    return Figure(name, num.unknown(f"no set of up to {WAYS[-1]} GPUs of the catalogue holds it"), unit)


@cache
def _sets() -> tuple[tuple[int | float, int, str], ...]:
    """Every set of equal GPUs of the catalogue, the least memory first: bytes in all, how many, and which."""
    known = [(gpu.memory_bytes.value, gpu.name) for gpu in catalogue().values()]
    return tuple(sorted((memory * ways, ways, name) for memory, name in known if memory is not None for ways in WAYS))


def _alone(target: Target, ways: int) -> Target:
    """The target on one tensor-parallel group of `ways` GPUs."""
    return replace(
        target,
        gpus=ways,
        tensor_parallel=ways,
        pipeline_parallel=1,
        data_parallel=1,
        expert_parallel=ways if target.expert_parallel > 1 else 1,
        decode_context_parallel=1,
    )


def _heads(spec: ModelSpec) -> set[int | float | None]:
    """The numbers of heads, all of which a tensor-parallel size has to divide."""
    part = spec.decoder() or spec.encoder()
    mixers = (mixer for group in (part.layers if part else ()) for mixer in group.mixers)
    return {mixer.num_attention_heads.value for mixer in mixers if isinstance(mixer, (Attention, Latent))}


def _holds(spec: ModelSpec, shard: Shard, gpu: Gpu) -> bool:
    target = shard.target
    found = memory(spec, target, _serving(target, gpu), gpu, shard.weights)
    room, budget = found.pool.value, found.budget.value
    needed = shard.weights + found.beside_weights() + shard.sequences
    return room is not None and budget is not None and needed.value is not None and needed.value <= budget


def _serving(target: Target, gpu: Gpu) -> Serving:
    return serving(target if target.gpu == gpu.name else replace(target, gpu=gpu.name))


def _size(shard: Shard | None, gpu: Gpu) -> Num:
    if shard is None:
        return num.unknown(f"no group of up to {WAYS[-1]} {gpu.name} holds it")
    return num.call("fewest_that_hold", lambda *_: shard.target.gpus, shard.weights, shard.sequences, gpu.memory_bytes)
