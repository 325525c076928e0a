"""llama.cpp: cells for the whole context up front, padded to 256; windowed layers keep window + one micro-batch."""

from __future__ import annotations

from specverify import num
from specverify.derive.cache import Entry, cross_attention_bytes, state_bytes
from specverify.derive.engines import Request
from specverify.derive.kept_bytes import token_bytes
from specverify.num import Num

PADDING = num.const(256, "cells are made in")
MICRO_BATCH = num.const(512, "n_ubatch")


def reserved_bytes(entries: tuple[Entry, ...], request: Request) -> Num:
    """Bytes of the cells of a context of that size; recurrent states are kept in float32."""
    return _keys_and_values(entries, request) + num.total(
        (
            state_bytes(entries, request.kv_dtype, request.state_dtype or "float32"),
            cross_attention_bytes(entries, request.encoder_context, request.kv_bytes),
        )
    )


def rate(entries: tuple[Entry, ...], request: Request) -> Num:
    """Bytes of the cells of keys and values a token of `n_ctx`: recurrent states are logged apart."""
    return _keys_and_values(entries, request) / request.context


def _keys_and_values(entries: tuple[Entry, ...], request: Request) -> Num:
    if any(entry.rows for entry in entries):
        return num.unknown("how llama.cpp keeps the rows of an indexer or a compressor is not modelled")
    cells = num.ceil_div(request.context, PADDING) * PADDING
    parts = []
    for entry in entries:
        if entry.per_token is not None:
            kept = cells if entry.cap is None else num.ceil_div(num.minimum(cells, entry.cap + MICRO_BATCH), PADDING) * PADDING
            parts.append(entry.count * kept * token_bytes(entry, request.kv_dtype, indexed_in_fp8=False))
    return num.total(parts)
