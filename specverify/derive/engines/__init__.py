"""What a named engine sets aside for one sequence: one small module an engine, chosen by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import NamedTuple, Protocol

from specverify.derive.cache import Entry
from specverify.derive.engines.constants import Release
from specverify.num import Num


class Request(NamedTuple):
    """One sequence: `context` tokens, `encoder_context` encoder tokens, and the dtypes of its cache and states.

    `release` is the engine's, with its constants; `batched_tokens` is what one scheduler step takes, `draft_tokens` what is
    guessed a step, `architectures` are the classes the config names.
    """

    context: Num
    encoder_context: Num
    kv_bytes: Num
    kv_dtype: str
    state_dtype: str | None
    release: Release
    batched_tokens: Num
    draft_tokens: int = 0
    architectures: tuple[str, ...] = ()


Reserve = Callable[[tuple[Entry, ...], Request], Num]


class Policy(Protocol):
    """An engine's module: `reserved_bytes` of one sequence, and `rate`, the bytes a token that its log implies."""

    reserved_bytes: Reserve
    rate: Reserve


@cache
def policy(engine: str) -> Policy:
    """The policy of an engine by name."""
    chosen: Policy = import_module(f"specverify.derive.engines.{engine}")
    return chosen


def reserve(engine: str) -> Reserve:
    """What an engine reserves: plan and request to bytes."""
    return policy(engine).reserved_bytes
