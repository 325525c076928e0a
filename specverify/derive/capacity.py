"""What fits on the target's GPUs, for how many and how long."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from specverify import num
from specverify.derive.batch import sequences_per_replica
from specverify.derive.gpus import of
from specverify.derive.memory import figures_of, memory
from specverify.derive.serving import Serving
from specverify.frozen import Struct, frozen
from specverify.num import Num
from specverify.spec import Figure, ModelSpec
from specverify.target import Target

LONGEST = 2**34
"""No context is searched beyond this many tokens."""


@frozen
class Load(Struct):
    """What the target has to hold: bytes on one GPU, `per_gpu` one sequence's by context, `limit` the model's own context.

    `pool` gives the figures of a pool of so many bytes as the engine divides it.
    """

    target: Target
    serving: Serving
    pool: Callable[[Num, str], Iterator[Figure]]
    spec: ModelSpec
    weights: Num
    sequence: Num
    per_gpu: Callable[[Num], Num]
    limit: Num
    note: str | None


def capacity(load: Load) -> Iterator[Figure]:
    """The memory and capacity figures. Raises UnknownGpu and TakenName."""
    target = load.target
    gpu = of(target)
    parts = memory(load.spec, target, load.serving, gpu, load.weights)
    for name, number, why in figures_of(parts):
        yield Figure(name, number, "bytes", why)
    counted = "" if parts.overhead else "activations, graphs and runtime memory not counted"
    note = "; ".join(part for part in (load.note, counted or "activations and runtime memory as fitted to logs") if part)
    sequences = sequences_per_replica(target)
    needed = load.weights + parts.beside_weights() + sequences * load.sequence
    yield Figure("capacity.budget_bytes_per_gpu", parts.budget, "bytes", f"what the engine may take of {gpu.name}'s memory")
    yield Figure("capacity.needed_bytes_per_gpu", needed, "bytes", note)
    yield Figure("capacity.fits", num.at_most(needed.named("capacity.needed_bytes_per_gpu"), parts.budget), "yes/no", note)
    room = parts.pool.named("memory.kv_pool_bytes_per_gpu")
    yield Figure("capacity.max_concurrency", _most_sequences(room, load, target), "sequences", note)
    yield Figure("capacity.max_context", _longest(room, sequences, load), "tokens", note)
    yield from load.pool(room, note)


def _most_sequences(room: Num, load: Load, target: Target) -> Num:
    if load.sequence.value == 0:
        return num.unknown("the model keeps nothing per sequence: memory does not bound concurrency")
    each = room // load.sequence
    return each * num.const(target.data_parallel, "data_parallel") if target.data_parallel > 1 else each


def _longest(room: Num, sequences: Num, load: Load) -> Num:
    """The longest context, no longer than the model's own, at which the target's sequences fit: by bisection, since caches only grow."""
    if load.spec.value("prototype") == "encoder-only":
        return num.unknown("the model keeps nothing per sequence: memory does not bound context")
    limit = load.limit.value
    top = LONGEST if limit is None else int(limit)

    def fits(context: int) -> bool | None:
        need = (sequences * load.per_gpu(num.const(context))).value
        return None if need is None or room.value is None else need <= room.value

    all_of_it = fits(top)
    if all_of_it is None:
        reasons = (*room.reasons(), *load.per_gpu(num.const(1)).reasons())
        return num.unknown("; ".join(dict.fromkeys(reasons)))
    if limit is None and all_of_it:
        return num.unknown("neither the model nor memory bounds the context")
    low, high = (top, top + 1) if all_of_it else (1, top) if fits(1) else (0, 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return num.call("longest_that_fits", lambda *_: low, room, sequences, load.sequence, load.limit if limit is not None else top)
