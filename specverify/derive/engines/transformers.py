"""transformers 5.23 DynamicCache: sliding layers keep window - 1 tokens, convolution states the whole kernel.

A window that the class only masks (GPT-Neo) frees nothing.

Falcon's new decoder caches a key and a value for every query head (`FalconAttention._split_heads` broadcasts them first).
"""

from __future__ import annotations

from dataclasses import replace

from specverify.derive.cache import Entry, attention_bytes, cross_attention_bytes, state_bytes
from specverify.derive.engines import Request
from specverify.num import Num


def reserved_bytes(entries: tuple[Entry, ...], request: Request) -> Num:
    """Bytes of the tensors the cache object holds after `context` tokens."""
    held = tuple(
        replace(
            entry,
            cap=None if entry.cap is None or entry.cap_kind == "masked" else entry.cap - 1,
            per_token=entry.per_token if entry.spread_per_token is None else entry.spread_per_token,
        )
        for entry in entries
    )
    return (
        attention_bytes(held, request.context, request.kv_bytes)
        + state_bytes(held, request.kv_dtype, request.state_dtype, whole_kernel=True)
        + cross_attention_bytes(held, request.encoder_context, request.kv_bytes)
    )
