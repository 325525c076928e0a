"""vLLM 0.32: paged blocks, layers of one kind grouped, groups of equal size, windows with what is in flight.

Read from vllm/v1/core/kv_cache_utils.py and vllm/v1/kv_cache_interface.py.
"""

from __future__ import annotations

from dataclasses import replace

from specverify import num
from specverify.derive.cache import Entry, cross_attention_bytes, state_elements
from specverify.derive.dtypes import BYTES
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
    if any(entry.rows for entry in entries):
        return num.unknown("how vLLM pages the rows of an indexer or a compressor beside keys and values is not modelled")
    kinds = _kinds(entries)
    if len({entry.per_token.value for entry in kinds if entry.per_token is not None}) > 1:
        return num.unknown("how vLLM unifies layers with pages of different size is not modelled")
    if any(entry.states for entry in entries):
        return _beside_states(kinds, [entry for entry in entries if entry.states], request)
    size = _group_size([entry.count.value for entry in kinds])
    crossed = num.ceil_div(request.encoder_context, BLOCK) * BLOCK
    reserved = [cross_attention_bytes(entries, crossed, request.kv_bytes)]
    for entry in kinds:
        assert entry.per_token is not None
        layers = entry.count if size is None else num.ceil_div(entry.count, size) * size
        reserved.append(layers * _tokens(entry, request.context) * entry.per_token * request.kv_bytes)
    return num.total(reserved)


def _beside_states(kinds: list[Entry], states: list[Entry], request: Request) -> Num:
    """Attention and recurrent layers in one pool: the attention block is made long enough for its page to hold a layer's state.

    A request holds one page a state layer, as without prefix caching, which vLLM leaves off for these models. Verified with the
    concurrency that Nemotron 3 Nano printed: 4.82 at 262,144 tokens (0.12), 8.03 at 131,072 (0.20).
    """
    pages = {entry: _state_page(entry, request) for entry in states}
    if not kinds:
        return num.total(entry.count * page for entry, page in pages.items())
    if len(kinds) > 1 or kinds[0].cap is not None or kinds[0].is_latent or kinds[0].per_token is None:
        return num.unknown("how vLLM pages windows or latents beside recurrent states is not modelled")
    largest = max(pages.values(), key=lambda page: page.value or 0)
    token = kinds[0].per_token * request.kv_bytes
    block = (num.ceil_div(num.ceil_div(largest, token), BLOCK) * BLOCK).named("tokens of a block, for its page to hold a state")
    size = _group_size([kinds[0].count.value, *(entry.count.value for entry in states)])
    if size is None:
        return num.unknown("how many layers are of a kind is not known")
    groups = num.ceil_div(kinds[0].count, size) * num.ceil_div(request.context, block)
    held = groups + num.total(num.ceil_div(entry.count, size) for entry in states)
    return held * num.const(size, "layers of a group") * block * token


def _state_page(entry: Entry, request: Request) -> Num:
    """Bytes of the states of one layer: convolutions in the model's dtype, the rest in the one asked for, or the config's own."""
    model = request.kv_dtype if request.kv_dtype in ("bfloat16", "float16", "float32") else "bfloat16"
    return num.total(
        state_elements(state, whole_kernel=False)
        * num.const(BYTES[model if state.kernel is not None else request.state_dtype or state.declared or model], unit="B")
        for state in entry.states
    )


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
