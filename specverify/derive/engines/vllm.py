"""vLLM 0.32: paged blocks, layers of one kind grouped, groups of equal size, windows with what is in flight.

Read from vllm/v1/core/kv_cache_utils.py and vllm/v1/kv_cache_interface.py.
"""

from __future__ import annotations

from dataclasses import replace

from specverify import num
from specverify.derive.cache import Entry, cross_attention_bytes
from specverify.derive.engines import Request
from specverify.num import Num

BLOCK = 16
LATENT_BLOCK = 64
BATCHED_TOKENS = 8192
"""`max_num_batched_tokens` of the server on GPUs of 70 GiB and more."""
CONCURRENT_BATCHES = 2
"""Asynchronous scheduling keeps two batches in flight."""


def reserved_bytes(entries: tuple[Entry, ...], request: Request) -> Num:
    """Bytes of the blocks one sequence is admitted with, padding layers included."""
    if any(entry.states for entry in entries):
        return num.unknown("how vLLM aligns the pages of attention and state layers is not modelled")
    if any(entry.rows for entry in entries):
        return num.unknown("how vLLM pages the rows of an indexer or a compressor beside keys and values is not modelled")
    kinds = _kinds(entries)
    if len({entry.per_token.value for entry in kinds if entry.per_token is not None}) > 1:
        return num.unknown("how vLLM unifies layers with pages of different size is not modelled")
    size = _group_size([entry.count.value for entry in kinds])
    crossed = num.ceil_div(request.encoder_context, BLOCK) * BLOCK
    reserved = [cross_attention_bytes(entries, crossed, request.kv_bytes)]
    for entry in kinds:
        assert entry.per_token is not None
        layers = entry.count if size is None else num.ceil_div(entry.count, size) * size
        reserved.append(layers * _tokens(entry, request.context) * entry.per_token * request.kv_bytes)
    return num.total(reserved)


def _kinds(entries: tuple[Entry, ...]) -> list[Entry]:
    """Entries that share a block table put together: the same page, window and kind of window."""
    found: dict[tuple[object, ...], Entry] = {}
    for entry in entries:
        if entry.per_token is None:
            continue
        key = (entry.per_token.value, entry.cap.value if entry.cap is not None else None, entry.cap_kind)
        found[key] = replace(found[key], count=found[key].count + entry.count) if key in found else entry
    return list(found.values())


def _group_size(counts: list[int | float | None]) -> int | None:
    """Layers of a group where there are several kinds: the fewest, or the most where that pads less."""
    known = [int(count) for count in counts if count]
    if len(known) < 2:
        return None
    return max(known) if max(known) < 1.5 * min(known) else min(known)


def _tokens(entry: Entry, context: Num) -> Num:
    block = LATENT_BLOCK if entry.is_latent else BLOCK
    every = num.ceil_div(context, block)
    if entry.cap is None:
        return every * block
    in_flight = num.const(CONCURRENT_BATCHES, "batches in flight") * num.const(BATCHED_TOKENS, "max_num_batched_tokens")
    seen = entry.cap if entry.cap_kind == "chunked" else entry.cap - 1
    return (num.ceil_div(num.minimum(seen + in_flight, context), block) + 1) * block
