"""What a named engine sets aside for one sequence: one small module an engine, chosen by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from specverify.derive.cache import Entry
from specverify.num import Num


class Request(NamedTuple):
    """One sequence: `context` tokens, `encoder_context` encoder tokens, and the dtypes of its cache and states."""

    context: Num
    encoder_context: Num
    kv_bytes: Num
    kv_dtype: str
    state_dtype: str | None


Reserve = Callable[[tuple[Entry, ...], Request], Num]


def reserve(engine: str) -> Reserve:
    """The policy of an engine: plan and request to bytes."""
    chosen: Reserve = import_module(f"specverify.derive.engines.{engine}").reserved_bytes
    return chosen
