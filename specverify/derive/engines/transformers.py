"""transformers 5.23 DynamicCache: sliding layers keep window - 1 tokens, convolution states the whole kernel."""

from __future__ import annotations

from dataclasses import replace

from specverify.derive.cache import Entry, attention_bytes, cross_attention_bytes, state_bytes
from specverify.derive.engines import Request
from specverify.num import Num


def reserved_bytes(entries: tuple[Entry, ...], request: Request) -> Num:
    """Bytes of the tensors the cache object holds after `context` tokens."""
    held = tuple(entry if entry.cap is None else replace(entry, cap=entry.cap - 1) for entry in entries)
    return (
        attention_bytes(held, request.context, request.kv_bytes)
        + state_bytes(held, request.kv_dtype, request.state_dtype, whole_kernel=True)
        + cross_attention_bytes(held, request.encoder_context, request.kv_bytes)
    )
