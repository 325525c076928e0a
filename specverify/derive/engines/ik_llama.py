"""ik_llama.cpp, a fork of llama.cpp: every layer keeps the whole context, and an indexer's keys are not kept."""

from __future__ import annotations

from specverify.derive.cache import Entry
from specverify.derive.engines import Request, llamacpp
from specverify.frozen import replace
from specverify.num import Num


def reserved_bytes(entries: tuple[Entry, ...], request: Request) -> Num:
    """Bytes of the cells of a context of that size."""
    return llamacpp.reserved_bytes(_whole(entries), request)


def rate(entries: tuple[Entry, ...], request: Request) -> Num:
    """Bytes of the cells of keys and values a token of `n_ctx`."""
    return llamacpp.rate(_whole(entries), request)


def _whole(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    return tuple(replace(entry, cap=None, cap_kind=None, index=None, per_token=_without_index(entry)) for entry in entries)


def _without_index(entry: Entry) -> Num | None:
    return entry.per_token if entry.per_token is None or entry.index is None else entry.per_token - entry.index
