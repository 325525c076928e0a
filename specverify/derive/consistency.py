"""Do the figures of one report agree with each other? What is sliced must sum to the whole, and nothing may hold more than it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from specverify.derive.figures import LOADING
from specverify.spec import Figure

SHARE = 1e-9
"""How far sums of fractions may be apart."""


def contradictions(figures: Mapping[str, Figure], gpus: int, engine: str) -> Iterator[str]:
    """What cannot be true together on so many GPUs, in words; none for figures that agree. Unknown ones contradict nothing."""
    known = {name: figure.value for name, figure in figures.items() if figure.value is not None}
    yield from _sums(known)
    yield from _pool(known)
    # These may cast what they load, and leave some out.
    if engine not in LOADING:
        yield from _shards(known, gpus)


def _sums(known: Mapping[str, int | float]) -> Iterator[str]:
    parts = ("cache.attention_bytes", "cache.state_bytes", "cache.cross_attention_bytes")
    if "cache.sequence_bytes" in known and all(part in known for part in parts):
        held = sum(known[part] for part in parts)
        if held != known["cache.sequence_bytes"]:
            yield f"cache.sequence_bytes is {known['cache.sequence_bytes']:,}, and its parts are {held:,}"
    pool, budget = known.get("memory.kv_pool_bytes_per_gpu"), known.get("memory.budget_bytes_per_gpu")
    if pool and budget is not None and "weights.bytes_per_gpu" in known:
        beside = sum(known.get(f"memory.{part}_bytes_per_gpu", 0) for part in ("activation", "non_torch", "graphs"))
        held = pool + known["weights.bytes_per_gpu"] + beside
        if abs(held - budget) > 1 + SHARE * budget:
            yield f"memory.budget_bytes_per_gpu is {budget:,}, and its parts are {held:,}"
    low, high = known.get("memory.kv_pool_low_bytes_per_gpu"), known.get("memory.kv_pool_high_bytes_per_gpu")
    if pool is not None and low is not None and high is not None and not low <= pool <= high:
        yield f"memory.kv_pool_bytes_per_gpu is {pool:,}, outside its interval from {low:,} to {high:,}"


def _pool(known: Mapping[str, int | float]) -> Iterator[str]:
    pool, each = known.get("memory.kv_pool_bytes_per_gpu"), known.get("cache.sequence_bytes_per_gpu")
    if pool is None:
        return
    block = known.get("memory.block_bytes", 0)
    concurrency, most = known.get("capacity.engine_concurrency"), known.get("capacity.max_concurrency")
    # What a request keeps is told in whole bytes, rounded up.
    if each and concurrency is not None and concurrency * (each - 1) > pool * (1 + SHARE):
        yield f"capacity.engine_concurrency times cache.sequence_bytes_per_gpu is {concurrency * each:,.0f}, more than the pool of {pool:,}"
    if concurrency is not None and most is not None and most > concurrency + 1 and "memory.kv_pool_blocks" in known:
        yield f"capacity.max_concurrency is {most:,}, and the pool holds {concurrency:,.2f} requests"
    tokens, rate = known.get("memory.kv_pool_tokens"), known.get("cache.engine_bytes_per_token_per_gpu")
    slack = block * (1 + known.get("memory.groups", 0)) + (rate or 0)
    room = pool - known.get("memory.state_pool_bytes_per_gpu", 0)
    if tokens and rate and not -slack <= room - tokens * rate <= slack:
        yield f"memory.kv_pool_tokens times cache.engine_bytes_per_token_per_gpu is {tokens * rate:,.0f}, and the pool {room:,}"


def _shards(known: Mapping[str, int | float], gpus: int) -> Iterator[str]:
    whole, part = known.get("weights.bytes"), known.get("weights.bytes_per_gpu")
    if whole is not None and part is not None and part * gpus < whole:
        yield f"weights.bytes_per_gpu on {gpus} GPUs is {part * gpus:,}, less than weights.bytes, {whole:,}"
