"""How an engine divides a GPU's memory: its share, the weights, what a step needs beside them, and the pool that is left.

Activations, runtime memory and graphs cannot be read from a config: their constants are fitted to public logs
(derive/engines/constants.json says how many), so the pool is an estimate with an interval.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specverify import num
from specverify.derive.gpus import Gpu
from specverify.derive.serving import Serving
from specverify.num import Num
from specverify.spec import Experts, FeedForward, ModelSpec, Role
from specverify.target import Target

DEFAULT_FRACTION = 0.92
"""Of the memory a GPU has, where no engine says: vLLM's `gpu_memory_utilization`."""
HALF_BYTES = 2
"""Activations are in a dtype of two bytes."""
WITH_LARGE_RUNTIME = ("Hopper", "Blackwell")
"""Architectures on which a group of GPUs takes buffers of its own for its collectives."""


class Memory(NamedTuple):
    """Bytes on one GPU. `pool` is what is left for the cache, between `low` and `high`; `estimated` says that it is fitted.

    Where the engine's own needs are not modelled, `overhead` is 0 and the three are the same.
    """

    total: Num
    budget: Num
    overhead: tuple[tuple[str, Num], ...]
    pool: Num
    low: Num
    high: Num
    estimated: bool

    def beside_weights(self) -> Num:
        """What a step needs beside weights and cache."""
        return num.total(amount for _, amount in self.overhead)


def memory(spec: ModelSpec, target: Target, serving: Serving, gpu: Gpu, weights: Num) -> Memory:
    """How the target's engine divides the memory of `gpu` once `weights` bytes are loaded."""
    if serving.release.engine == "vllm":
        return _vllm(spec, target, serving, gpu, weights)
    if serving.release.engine == "sglang":
        return _sglang(target, serving, gpu, weights)
    share = DEFAULT_FRACTION if target.memory_fraction is None else target.memory_fraction
    total = gpu.memory_bytes
    budget = num.floor(total * num.const(share, "memory_fraction")).named("memory budget")
    room = _room(budget, weights)
    return Memory(total, budget, (), room, room, room, estimated=False)


def _room(budget: Num, *taken: Num) -> Num:
    left = budget
    for amount in taken:
        left = left - amount
    return num.maximum(left, 0)


def _vllm(spec: ModelSpec, target: Target, serving: Serving, gpu: Gpu, weights: Num) -> Memory:
    """`gpu_memory_utilization` of what CUDA reports, less weights, the peak of a profiling run, and what is not torch's."""
    constant = serving.release.constant
    stated = target.memory_fraction
    share = constant("memory_fraction") if stated is None else num.const(stated, "memory_fraction")
    total = gpu.runtime_bytes
    budget = num.ceiling(total * share).named("memory budget")
    overhead = [("activation", _activation(spec, target, serving)), ("non_torch", _non_torch(target, serving, gpu))]
    if serving.release.value("graphs_deducted") and not target.eager:
        overhead.append(("graphs", constant("graph_bytes")))
    taken = num.total(amount for _, amount in overhead).named("memory beside weights and cache")
    pool = _room(budget, weights, taken)
    low = _room(budget, weights, taken + constant("overhead_short_bytes") + taken * constant("overhead_short_share"))
    high = _room(budget, weights, taken - constant("overhead_over_bytes") - taken * constant("overhead_over_share"))
    return Memory(total, budget, tuple(overhead), pool, num.floor(low), num.floor(high), estimated=True)


def _activation(spec: ModelSpec, target: Target, serving: Serving) -> Num:
    """The peak of the profiling run: the sampler's over `max_num_seqs` rows of logits, or a step of `max_num_batched_tokens`."""
    constant = serving.release.constant
    part = spec.decoder() or spec.encoder()
    tables = [w for w in (part.weights if part else ()) if w.role in (Role.HEAD, Role.EMBEDDING) and len(w.shape) == 2]
    if part is None or not tables or serving.sequences is None:
        return num.unknown("no table of tokens is known, on which the memory of a step rests")
    vocabulary, hidden = tables[-1].shape
    sampler = num.ceiling(serving.sequences * vocabulary * constant("sampler_bytes")).named("bytes of the sampler's run")
    ways = num.const(target.tensor_parallel, "tensor_parallel")
    layers = [group.feed_forward for group in part.layers if group.feed_forward is not None]
    widths = [_width(layer, ways) for layer in layers if layer.experts is None]
    widest = max(widths, key=lambda width: width.value or 0) if widths else num.const(0)
    step = serving.batched_tokens * (widest + 2 * hidden) * num.const(HALF_BYTES, unit="B")
    peak = [constant("activation_base_bytes"), num.maximum(sampler, step.named("bytes of a step"))]
    if any(other.role == "tower" for other in spec.parts):
        peak.append(constant("tower_bytes"))
    routed = [layer.experts for layer in layers if layer.experts is not None]
    if routed and serving.release.value("expert_workspace"):
        peak.append(_workspace(routed[0], hidden, ways, target, serving).named("bytes of the experts' buffers"))
    return num.total(peak)


def _width(layer: FeedForward, ways: Num) -> Num:
    """Elements a token takes inside a dense feed-forward block: what goes in and what comes out of its activation."""
    return num.ceil_div((num.const(3) if layer.gated else num.const(2)) * layer.intermediate_size, ways)


def _workspace(experts: Experts, hidden: Num, ways: Num, target: Target, serving: Serving) -> Num:
    """Buffers of the fused experts: for every token and expert of it, the gate and up (or the output), and their product."""
    split = num.const(1) if target.expert_parallel > 1 else ways
    inner = num.ceil_div(experts.intermediate_size, split)
    rows = serving.batched_tokens * experts.per_token
    return rows * (num.maximum(inner * 2, hidden) + inner) * num.const(HALF_BYTES, unit="B")


def _non_torch(target: Target, serving: Serving, gpu: Gpu) -> Num:
    """The CUDA context, the buffers that GPUs of a group talk through, and what the host takes of a memory that is its own too."""
    constant = serving.release.constant
    if gpu.architecture not in WITH_LARGE_RUNTIME:
        return constant("non_torch_small_bytes")
    if target.tensor_parallel == 1:
        alone = constant("non_torch_alone_bytes")
        return alone + constant("host_bytes") if gpu.is_unified else alone
    return constant("non_torch_base_bytes") + num.const(target.tensor_parallel, "tensor_parallel") * constant("non_torch_each_bytes")


def _sglang(target: Target, serving: Serving, gpu: Gpu, weights: Num) -> Memory:
    """`mem_fraction_static` of what is free before loading, less the weights: activations and graphs live in the rest."""
    constant = serving.release.constant
    total = gpu.runtime_bytes
    free = (total - constant("context_bytes")).named("memory free before loading")
    if target.memory_fraction is not None:
        share = num.const(target.memory_fraction, "mem_fraction_static")
    else:
        chunk = _chunk(total)
        reserve = constant("reserve_base_mib") + constant("reserve_mib_per_token") * num.maximum(chunk, num.const(2048, "least chunk"))
        sets = num.const(target.tensor_parallel * target.pipeline_parallel, "GPUs of a replica")
        kept = (reserve + sets * constant("reserve_mib_per_gpu")) * num.const(2**20, unit="B")
        share = ((total - kept) / total).named("mem_fraction_static")
    budget = num.floor(free * share).named("memory budget")
    pool = _room(budget, weights)
    spread = constant("pool_spread_bytes")
    return Memory(total, budget, (), pool, _room(budget, weights, spread), pool + spread, estimated=True)


def _chunk(total: Num) -> Num:
    """`chunked_prefill_size`, which SGLang chooses by the memory of a GPU."""
    gib = (total.value or 0) / 2**30
    sizes = ((20, 2048), (60, 4096), (160, 8192))
    return num.const(next((size for limit, size in sizes if gib < limit), 16384), "chunked_prefill_size")


def figures_of(found: Memory) -> Iterator[tuple[str, Num, str | None]]:
    """Name, number and note of each part of the memory."""
    yield "memory.total_bytes_per_gpu", found.total, None
    yield "memory.budget_bytes_per_gpu", found.budget, None
    note = "fitted to public logs: an estimate" if found.estimated else "activations, graphs and runtime memory not counted"
    for name, amount in found.overhead:
        yield f"memory.{name}_bytes_per_gpu", amount, note
    yield "memory.kv_pool_bytes_per_gpu", found.pool, note
    if found.estimated:
        yield "memory.kv_pool_low_bytes_per_gpu", found.low, "nine of ten logs are within low and high"
        yield "memory.kv_pool_high_bytes_per_gpu", found.high, "nine of ten logs are within low and high"
