"""transformers 5.23 DynamicCache: sliding layers keep window - 1 tokens, convolution states the whole kernel.

A window that the class only masks (GPT-Neo) frees nothing.

Falcon's new decoder caches a key and a value for every query head (`FalconAttention._split_heads` broadcasts them first).
"""

from __future__ import annotations

from specverify import num
from specverify.derive.cache import Entry, attention_bytes, cross_attention_bytes, state_bytes
from specverify.derive.engines import Request
from specverify.frozen import replace
from specverify.num import Num


def reserved_bytes(entries: tuple[Entry, ...], request: Request) -> Num:
    """Bytes of the tensors the cache object holds after `context` tokens."""
    for entry in entries:
        if entry.hashed_from is not None and not _is_within(request.context, entry.hashed_from):
            return num.unknown("transformers also keeps the hashes of a prompt longer than a chunk, which are not worked out here")
    held = tuple(
        replace(
            entry,
            cap=_kept(entry),
            per_token=entry.per_token if entry.spread_per_token is None else entry.spread_per_token,
        )
        for entry in entries
    )
    return (
        attention_bytes(held, request.context, request.kv_bytes)
        + state_bytes(held, request.kv_dtype, request.state_dtype, whole_kernel=True)
        + cross_attention_bytes(held, request.encoder_context, request.kv_bytes)
    )


def rate(entries: tuple[Entry, ...], request: Request) -> Num:
    """The bytes the cache object holds, over the tokens of the sequence."""
    return reserved_bytes(entries, request) / request.context


def _kept(entry: Entry) -> Num | None:
    """How many tokens an entry is kept for; None for all."""
    if entry.cap is None or entry.cap_kind == "masked":
        return None
    return entry.cap if entry.cap_kind == "memory" else entry.cap - 1


def _is_within(context: Num, limit: Num) -> bool:
    return context.value is not None and limit.value is not None and context.value <= limit.value
