"""vLLM: paged blocks, layers of one kind grouped, groups of equal size, windows with what is in flight.

Read from vllm/v1/core/kv_cache_utils.py and vllm/v1/kv_cache_interface.py of 0.32; what differs by release is in
derive/engines/constants.json.
"""

from __future__ import annotations

from typing import NamedTuple

from specverify import num
from specverify.derive.cache import Entry, state_elements
from specverify.derive.engines import Request
from specverify.derive.kept_bytes import state_width, token_bytes
from specverify.num import Num

BLOCK = num.const(16, "block_size")
LATENT_BLOCK = num.const(64, "block_size")
ONE_TABLE = num.const(1, "block table")
ONE_LAYER = num.const(1, "layer a block")
NONE = num.const(0, "padding layers")
ENGINE_DTYPES = ("bfloat16", "float16", "float32")


class Kind(NamedTuple):
    """Layers that share a block table: `layers` of them, each keeping `token` bytes a token, or `state` bytes whatever the length.

    `cap` is a window in tokens, `crossed` says that the tokens are the encoder's.
    """

    layers: Num
    token: Num | None
    state: Num | None = None
    cap: Num | None = None
    cap_kind: str | None = None
    crossed: bool = False


class Group(NamedTuple):
    """`number` block tables over layers of one kind, whose blocks hold `tokens` tokens (None: a state each)."""

    number: Num
    tokens: Num | None
    kind: Kind


class Layout(NamedTuple):
    """How a model's layers share the pool: each group takes blocks of `block_bytes`, a page for each of `size` layers."""

    groups: tuple[Group, ...]
    size: Num
    block_bytes: Num
    padding: Num

    def blocks(self, request: Request) -> Num:
        """Blocks that a request is admitted with."""
        return num.total(group.number * _blocks(group, request) for group in self.groups)

    def tokens(self) -> Num | None:
        """Tokens of the smallest block; None where there are only states."""
        sizes = [group.tokens for group in self.groups if group.tokens is not None]
        return min(sizes, key=lambda size: size.value or 0) if sizes else None

    def number(self) -> Num:
        """Block tables in all."""
        return num.total(group.number for group in self.groups)


def reserved_bytes(entries: tuple[Entry, ...], request: Request) -> Num:
    """Bytes of the blocks one sequence is admitted with, padding layers included."""
    if not entries:
        return num.const(0)
    found = layout(entries, request)
    return found if isinstance(found, Num) else found.blocks(request) * found.block_bytes


def rate(entries: tuple[Entry, ...], request: Request) -> Num:
    """Bytes of the pool over the tokens that vLLM prints for it: no growth of a sequence where layers differ in kind."""
    if not entries:
        return num.const(0)
    found = layout(entries, request)
    if isinstance(found, Num):
        return found
    tokens = found.tokens()
    if request.release.value("tokens_from_concurrency") or tokens is None:
        return found.blocks(request) * found.block_bytes / request.context
    return found.number() * found.block_bytes / tokens


def layout(entries: tuple[Entry, ...], request: Request) -> Layout | Num:
    """The groups of a plan, or an unknown number that says why they are not known."""
    if any(entry.rows for entry in entries):
        return num.unknown("how vLLM pages the rows of an indexer or a compressor beside keys and values is not modelled")
    kinds = _kinds(entries, request)
    attention = [kind for kind in kinds if kind.token is not None]
    if any(kind.token.value is None for kind in attention if kind.token is not None):
        return next(kind.token for kind in attention if kind.token is not None and kind.token.value is None)
    if len(attention) < len(kinds):
        return _beside_states(attention, [kind for kind in kinds if kind.token is None], request)
    if not request.release.value("groups_by_kind") or len({_window(kind) for kind in attention}) == 1:
        return _alike(attention, entries)
    return _grouped(attention)


def _alike(kinds: list[Kind], entries: tuple[Entry, ...]) -> Layout:
    """Layers of one window: one block table, whose block holds the pages of all of them."""
    block = LATENT_BLOCK if any(entry.is_latent for entry in entries) else BLOCK
    page = num.total(kind.layers * kind.token for kind in kinds if kind.token is not None) * block
    return Layout((Group(ONE_TABLE, block, kinds[0]),), ONE_LAYER, page, NONE)


def _grouped(kinds: list[Kind]) -> Layout | Num:
    """Layers of several windows: groups of one size, their pages made equal by longer blocks where a token takes less."""
    largest = max((kind.token for kind in kinds if kind.token is not None), key=lambda token: token.value or 0)
    page = BLOCK * largest
    groups = []
    layers = _group_size(kinds)
    if layers is None:
        return num.unknown("how many layers are of a kind is not known")
    for kind in kinds:
        assert kind.token is not None
        if (largest.value or 0) % (kind.token.value or 1):
            return num.unknown("pages of which one is no multiple of the other are padded, which is not modelled")
        tokens = page / kind.token
        groups.append(Group(num.ceil_div(kind.layers, layers), num.floor(tokens) if kind.token is not largest else BLOCK, kind))
    padding = num.total(group.number for group in groups) * layers - num.total(kind.layers for kind in kinds)
    return Layout(tuple(groups), layers, layers * page, padding)


def _beside_states(kinds: list[Kind], states: list[Kind], request: Request) -> Layout | Num:
    """Attention and recurrent layers in one pool: the attention block is made long enough for its page to hold a layer's state."""
    largest = max((kind.state for kind in states if kind.state is not None), key=lambda page: page.value or 0)
    if not kinds:
        groups = tuple(Group(kind.layers, None, kind) for kind in states)
        return Layout(groups, ONE_LAYER, largest, NONE)
    if len(kinds) > 1 or kinds[0].cap is not None or kinds[0].token is None or kinds[0].crossed:
        return num.unknown("how vLLM pages windows or latents beside recurrent states is not modelled")
    block = (num.ceil_div(num.ceil_div(largest, kinds[0].token), BLOCK) * BLOCK).named("tokens of a block, for its page to hold a state")
    layers = _group_size([*kinds, *states])
    if layers is None:
        return num.unknown("how many layers are of a kind is not known")
    groups = (
        Group(num.ceil_div(kinds[0].layers, layers), block, kinds[0]),
        *(Group(num.ceil_div(kind.layers, layers), None, kind) for kind in states),
    )
    padding = num.total(group.number for group in groups) * layers - num.total(kind.layers for kind in (*kinds, *states))
    return Layout(groups, layers, layers * block * kinds[0].token, padding)


def _kinds(entries: tuple[Entry, ...], request: Request) -> list[Kind]:
    """Entries that share a block table put together: the same page, window and kind of window, or the same state."""
    found: dict[tuple[object, ...], Kind] = {}
    for entry in entries:
        if entry.is_latent and any(other.states for other in entries):
            # An unknown page: nothing says how its kernels' blocks and those of the states are fitted together.
            kind = Kind(entry.count, num.unknown("how vLLM pages windows or latents beside recurrent states is not modelled"))
        elif entry.per_token is not None:
            kind = Kind(entry.count, token_bytes(entry, request.kv_dtype, indexed_in_fp8=True), cap=entry.cap, cap_kind=entry.cap_kind)
        elif entry.per_encoder_token is not None:
            kind = Kind(entry.count, entry.per_encoder_token * request.kv_bytes, crossed=True)
        else:
            kind = Kind(entry.count, None, state=_state_page(entry, request))
        key = (kind.token and kind.token.value, kind.state and kind.state.value, _window(kind))
        found[key] = found[key]._replace(layers=found[key].layers + kind.layers) if key in found else kind
    return list(found.values())


def _window(kind: Kind) -> tuple[object, ...]:
    return (None if kind.cap is None else kind.cap.value, kind.cap_kind, kind.crossed)


def _state_page(entry: Entry, request: Request) -> Num:
    """Bytes of the states of one layer: convolutions in the model's dtype, the rest in the one asked for, or the config's own.

    A convolution keeps a column more for each token that is drafted.
    """
    model = request.kv_dtype if request.kv_dtype in ENGINE_DTYPES else "bfloat16"
    drafted = num.const(request.draft_tokens, "draft tokens") if request.draft_tokens else None
    pages = []
    for state in entry.states:
        elements = state_elements(state, whole_kernel=False)
        if drafted is not None and state.kernel is not None:
            elements = num.product(state.shape) * (state.kernel - 1 + drafted)
        pages.append(elements * state_width(model if state.kernel is not None else request.state_dtype or state.declared or model))
    return num.total(pages)


def _group_size(kinds: list[Kind]) -> Num | None:
    """Layers of a group where there are several kinds: the fewest, or the most where that pads less."""
    known = [int(kind.layers.value) for kind in kinds if kind.layers.value]
    if len(known) < 2:
        return None
    size = max(known) if max(known) < 1.5 * min(known) else min(known)
    return num.counted(size, "layers of a group", *(kind.layers for kind in kinds))


def _blocks(group: Group, request: Request) -> Num:
    """Blocks of one block table that a request is admitted with."""
    kind = group.kind
    if group.tokens is None:
        if request.draft_tokens:
            return num.const(1, "state") + num.const(request.draft_tokens, "draft tokens")
        return request.release.constant("state_blocks")
    if kind.crossed:
        return num.ceil_div(request.encoder_context, group.tokens)
    if kind.cap is None or not request.release.value("groups_by_kind"):
        return num.ceil_div(request.context, group.tokens)
    in_flight = request.release.constant("batches_in_flight") * request.batched_tokens
    seen = kind.cap if kind.cap_kind == "chunked" else kind.cap - 1
    return num.ceil_div(num.minimum(seen + in_flight, request.context), group.tokens) + 1
