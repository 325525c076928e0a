"""SGLang 0.5.23: one pool of token slots for every layer; windows are honoured only for the classes on its list."""

from __future__ import annotations

from dataclasses import replace

from specverify import num
from specverify.derive.cache import Entry, attention_bytes, cross_attention_bytes, state_bytes
from specverify.derive.engines import Request
from specverify.num import Num


def reserved_bytes(entries: tuple[Entry, ...], request: Request) -> Num:
    """Bytes of the slots one sequence takes. Unknown with windows: the share of the pool they get is a server setting."""
    if any(entry.cap is not None and (entry.cap.value or 0) < (request.context.value or 0) for entry in entries):
        return num.unknown("how SGLang splits its pool between windowed and full layers depends on the class and swa_full_tokens_ratio")
    if any(row.block is not None for entry in entries for row in entry.rows):
        return num.unknown("how SGLang keeps compressed rows is not modelled")
    held = tuple(replace(entry, cap=None) for entry in entries)
    return (
        attention_bytes(held, request.context, request.kv_bytes)
        + state_bytes(held, request.kv_dtype, request.state_dtype)
        + cross_attention_bytes(held, request.encoder_context, request.kv_bytes)
    )
