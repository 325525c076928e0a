"""No engine: exactly what the mathematics needs."""

from __future__ import annotations

from specverify.derive.cache import Entry, attention_bytes, cross_attention_bytes, state_bytes
from specverify.derive.engines import Request
from specverify.num import Num


def reserved_bytes(entries: tuple[Entry, ...], request: Request) -> Num:
    """The bytes needed."""
    return (
        attention_bytes(entries, request.context, request.kv_bytes)
        + state_bytes(entries, request.kv_dtype, request.state_dtype)
        + cross_attention_bytes(entries, request.encoder_context, request.kv_bytes)
    )


def rate(entries: tuple[Entry, ...], request: Request) -> Num:
    """The bytes needed, over the tokens of the sequence."""
    return reserved_bytes(entries, request) / request.context
