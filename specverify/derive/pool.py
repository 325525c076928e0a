"""The pool of an engine as its log prints it: blocks, tokens, and requests at the full context."""

from __future__ import annotations

from collections.abc import Iterator

from specverify import num
from specverify.derive.cache import Entry, state_bytes
from specverify.derive.engines import Request, policy, vllm
from specverify.num import Num
from specverify.spec import Figure


def pool_figures(entries: tuple[Entry, ...], request: Request, ways: int, pool: Num, note: str) -> Iterator[Figure]:
    """The figures of a pool of `pool` bytes on a GPU, one of `ways` that share a sequence's cache."""
    if not entries:
        return
    engine = request.release.engine
    if engine == "vllm":
        yield from _blocks(entries, request, ways, pool, note)
    elif engine == "sglang":
        yield from _slots(entries, request, ways, pool, note)


def _slots(entries: tuple[Entry, ...], request: Request, ways: int, pool: Num, note: str) -> Iterator[Figure]:
    """SGLang's pools: token slots, and beside them slots of states, `mamba_full_memory_ratio` of the other's bytes."""
    slot = policy("sglang").rate(entries, request)
    state = state_bytes(entries, request.kv_dtype, request.state_dtype)
    if state.value == 0:
        tokens = pool // slot
        concurrency = tokens / request.context
    else:
        ratio = request.release.constant("mamba_full_memory_ratio")
        kept = num.floor(pool * ratio / (1 + ratio))
        yield Figure("memory.state_pool_bytes_per_gpu", kept, "bytes", f"for the states of sequences; {note}")
        states = kept.named("memory.state_pool_bytes_per_gpu")
        tokens = (pool - states) // slot
        concurrency = num.minimum(tokens / request.context, states // state)
    yield Figure("memory.kv_pool_tokens", tokens if ways == 1 else tokens * num.const(ways), "tokens", f"as SGLang logs it; {note}")
    yield Figure("capacity.engine_concurrency", concurrency, "sequences", note)


def _blocks(entries: tuple[Entry, ...], request: Request, ways: int, pool: Num, note: str) -> Iterator[Figure]:
    found = vllm.layout(entries, request)
    if isinstance(found, Num):
        yield Figure("memory.kv_pool_blocks", found, "blocks")
        return
    blocks = (pool // found.block_bytes).named("memory.kv_pool_blocks")
    each = found.blocks(request)
    concurrency = blocks / each.named("blocks of a request")
    tokens = found.tokens()
    yield Figure("memory.block_bytes", found.block_bytes, "bytes", "a page of every layer of a group")
    yield Figure("memory.kv_pool_blocks", pool // found.block_bytes, "blocks", note)
    yield Figure("memory.groups", found.number(), "block tables", "layers of one kind, the same number in each")
    yield Figure("memory.padding_layers", found.padding, "layers", "added for groups to be full")
    if tokens is not None:
        yield Figure("memory.block_tokens", tokens, "tokens", None)
        if request.release.value("tokens_from_concurrency"):
            printed = num.floor(concurrency * request.context)
        else:
            printed = blocks // found.number() * tokens
        yield Figure("memory.kv_pool_tokens", printed if ways == 1 else printed * num.const(ways), "tokens", f"as vLLM logs it; {note}")
    yield Figure("capacity.engine_concurrency", concurrency, "sequences", f"requests of the whole context that the pool holds; {note}")
