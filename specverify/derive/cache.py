"""What one sequence keeps in memory while it is generated, and what an engine sets aside for it.

A plan first: per layer group, elements per token, a cap in tokens, fixed state, encoder tokens. Bytes are folds of it.
What the mathematics needs (`ideal`) and what a named engine reserves are told apart.
"""

from __future__ import annotations

from specverify import num
from specverify.derive.dtypes import BYTES
from specverify.frozen import Struct, frozen, replace
from specverify.num import Num
from specverify.spec import Attention, Latent, LayerGroup, ModelSpec, Rows, State


@frozen
class Entry(Struct):
    """The state of one mixer in a group of `count` equal layers.

    `per_token` elements are kept for each token up to `cap` tokens (None: all; `cap_kind`: `sliding`, `chunked`, `masked` or
    `memory`);
    `states` are fixed per sequence; `per_encoder_token` elements are kept for each encoder token. `spread_per_token`
    stands for `per_token` in transformers' own cache, where the class copies KV heads to their queries before it caches, or
    keeps one tensor twice. Of `per_token`, `values` elements are values (None: it holds no values of their own) and `index`
    elements a key of an indexer; `latent` is what of it is a compressed latent. `rows` are kept beside them.
    """

    label: str
    count: Num
    per_token: Num | None = None
    cap: Num | None = None
    cap_kind: str | None = None
    is_latent: bool = False
    states: tuple[State, ...] = ()
    per_encoder_token: Num | None = None
    spread_per_token: Num | None = None
    hashed_from: Num | None = None
    rows: tuple[Rows, ...] = ()
    values: Num | None = None
    index: Num | None = None
    latent: Num | None = None


def keys_and_values(num_key_value_heads: Num, head_dim: Num, v_head_dim: Num) -> Num:
    """Elements per token and layer: a key and a value for every KV head (GQA, arXiv:2305.13245)."""
    if v_head_dim == head_dim:
        return num.const(2) * num_key_value_heads * head_dim
    return num_key_value_heads * (head_dim + v_head_dim)


def latent(kv_lora_rank: Num, qk_rope_head_dim: Num) -> Num:
    """Elements per token and layer: one compressed latent and one shared rotary key (DeepSeek-V2, arXiv:2405.04434)."""
    return kv_lora_rank + qk_rope_head_dim


def plan(
    spec: ModelSpec, *, tensor_parallel: int = 1, pipeline_parallel: int = 1, drafted: bool = False, mla: str = "latent"
) -> tuple[Entry, ...]:
    """The cache plan of the generating part; empty for a model that owns no cache.

    With parallelism, what the fullest GPU keeps: KV heads and states are split and, where there are fewer than GPUs,
    replicated; latents stand whole on every GPU of a tensor-parallel group. `drafted` adds the next-token-prediction layers,
    which an engine that drafts with them keeps a cache for. `mla` says how latents are kept: as they are (`latent`), with a
    second copy for the values (`transposed`), or as the keys and values of every head (`expanded`).
    """
    part = spec.decoder()
    if part is None or spec.value("prototype") == "encoder-only":
        return ()
    ways, stages = num.const(tensor_parallel, "tensor_parallel"), num.const(pipeline_parallel, "pipeline_parallel")
    layers = part.layers
    if drafted:
        layers += tuple(group for extra in spec.parts if extra.role == "next-token-prediction" for group in extra.layers)
    return _together(layers, [entry for group in layers for entry in _entries(group, ways, mla)], stages)


def _together(groups: tuple[LayerGroup, ...], entries: list[Entry], stages: Num) -> tuple[Entry, ...]:
    """Entries that differ in nothing but the feed-forward beside them put together, under the layer count where they are all layers."""
    if len(entries) == 1:
        return (_labelled(entries[0], entries[0].count, stages),)
    found: dict[Entry, list[Num]] = {}
    for entry in entries:
        found.setdefault(replace(entry, label="", count=num.const(0)), []).append(entry.count)
    layers = sum(len(group.indices) for group in groups)
    merged = []
    for entry, counts in found.items():
        count = num.total(counts)
        if len(counts) > 1 and len(counts) == len(groups) and counts[0].args[:1] and counts[0].args[0].value == layers:
            count = counts[0].args[0]
        merged.append(_labelled(entry, count, stages))
    return tuple(merged)


def _labelled(entry: Entry, count: Num, stages: Num) -> Entry:
    """The entry for so many layers, called after what states their number."""
    label = count.fact.name if count.fact is not None else count.label or "layers"
    return replace(entry, label=label, count=split(count, stages))


def split(amount: Num, ways: Num) -> Num:
    """The most that one of so many ways has of an amount that is shared out whole."""
    return amount if ways.value == 1 else num.ceil_div(amount, ways)


def _entries(group: LayerGroup, ways: Num, mla: str) -> list[Entry]:
    entries = []
    label = ""
    for mixer in group.mixers:
        count = group.passes()
        if isinstance(mixer, Attention):
            if not mixer.cached:
                continue
            heads = split(mixer.num_key_value_heads, ways)
            per_token = mixer.kept or keys_and_values(heads, mixer.head_dim, mixer.v_head_dim)
            if mixer.cross:
                entries.append(Entry(label, count, per_encoder_token=per_token))
            else:
                spread = None
                if mixer.spread:
                    spread = keys_and_values(split(mixer.num_attention_heads, ways), mixer.head_dim, mixer.v_head_dim)
                if mixer.kept_twice:
                    spread = per_token * 2
                cap, kind = (mixer.window, mixer.window_kind) if mixer.kept_tokens is None else (mixer.kept_tokens, "memory")
                entry = Entry(label, count, per_token, cap=cap, cap_kind=kind, spread_per_token=spread, hashed_from=mixer.hashed_from)
                entries.append(replace(entry, rows=mixer.rows, values=None if mixer.kept else heads * mixer.v_head_dim))
            if mixer.prompt is not None:
                entries.append(Entry(label, count, states=(State("prompt", (per_token, mixer.prompt)),)))
        elif isinstance(mixer, Latent):
            own, values = _latents(mixer, ways, mla) if mixer.cached else ((), None)
            kept = own if mixer.index_head_dim is None else (*own, mixer.index_head_dim)
            if kept:
                entry = Entry(label, count, num.total(kept), cap=mixer.window, is_latent=mla != "expanded", rows=mixer.rows)
                rank = mixer.kv_lora_rank if own and mla == "latent" else None
                entries.append(replace(entry, values=values, index=mixer.index_head_dim, latent=rank))
        elif mixer.states:
            states = tuple(replace(state, shape=(split(state.shape[0], ways), *state.shape[1:])) for state in mixer.states)
            entries.append(Entry(label, count, states=states))
    return entries


def _latents(mixer: Latent, ways: Num, mla: str) -> tuple[tuple[Num, ...], Num | None]:
    """Elements kept of a token of latent attention, and those of them that are values of their own."""
    if mla == "expanded":
        heads = split(mixer.num_attention_heads, ways)
        values = heads * mixer.v_head_dim
        return (heads * (mixer.qk_nope_head_dim + mixer.qk_rope_head_dim), values), values
    own = latent(mixer.kv_lora_rank, mixer.qk_rope_head_dim)
    return ((own, mixer.kv_lora_rank), mixer.kv_lora_rank) if mla == "transposed" else ((own,), None)


def binding(entries: tuple[Entry, ...], *contexts: Num) -> tuple[Entry, ...]:
    """The same plan without caps that no sequence of these lengths reaches (Phi-3-mini-128k: a window of 262,144)."""
    known = [context.value for context in contexts]
    if not known or None in known:
        return entries
    longest = max(value for value in known if value is not None)
    return tuple(
        replace(entry, cap=None, cap_kind=None) if entry.cap is not None and (entry.cap.value or 0) >= longest else entry
        for entry in entries
    )


def kept_tokens(context: Num, cap: Num | None) -> Num:
    """Tokens a layer keeps: a window is full at the smaller of window and context."""
    return context if cap is None else num.minimum(context, cap)


def attention_bytes(entries: tuple[Entry, ...], context: Num, kv_bytes: Num) -> Num:
    """Self-attention keys and values, or latents, of one sequence of `context` tokens with the rows beside them, in bytes."""
    return num.total(
        (
            *(
                entry.count * entry.per_token * kept_tokens(context, entry.cap) * kv_bytes
                for entry in entries
                if entry.per_token is not None
            ),
            *(entry.count * row_elements(rows, context) * row_bytes(rows, kv_bytes) for entry in entries for rows in entry.rows),
        )
    )


def row_elements(rows: Rows, context: Num) -> Num:
    """Elements of the rows that `context` tokens make, with what is kept to make the next one."""
    if rows.block is None:
        return rows.width * context
    full = context // rows.block
    parts = [rows.width * full]
    if rows.pending is not None:
        parts.append(rows.pending * (context - full * rows.block))
    if rows.last is not None:
        parts.append(rows.last * num.minimum(full * rows.block, rows.block))
    return num.total(parts)


def row_bytes(rows: Rows, kv_bytes: Num) -> Num:
    """Bytes of an element of these rows."""
    return kv_bytes if rows.dtype is None else num.const(BYTES[rows.dtype], unit="B")


def state_elements(state: State, *, whole_kernel: bool) -> Num:
    """Elements of one state: a convolution keeps kernel - 1 columns, or the `whole_kernel`."""
    width = num.product(state.shape)
    if state.kernel is None:
        return width
    return width * (state.kernel if whole_kernel else state.kernel - 1)


def state_bytes(entries: tuple[Entry, ...], cache_dtype: str, state_dtype: str | None, *, whole_kernel: bool = False) -> Num:
    """Recurrent and convolution state of one sequence, in bytes.

    A state that the model class keeps in a dtype of its own keeps it, unless `state_dtype` says otherwise.
    """
    return num.total(
        entry.count
        * state_elements(state, whole_kernel=whole_kernel)
        * num.const(BYTES[state_dtype or state.dtype or cache_dtype], unit="B")
        for entry in entries
        for state in entry.states
    )


def cross_attention_bytes(entries: tuple[Entry, ...], encoder_context: Num, kv_bytes: Num) -> Num:
    """Keys and values of the encoder's output, kept for the whole request, in bytes."""
    return num.total(
        entry.count * entry.per_encoder_token * encoder_context * kv_bytes for entry in entries if entry.per_encoder_token is not None
    )


def bytes_per_token(entries: tuple[Entry, ...], kv_bytes: Num) -> Num:
    """Growth per token of one sequence once all windows are full, in bytes."""
    growing = (entry for entry in entries if entry.per_token is not None and (entry.cap is None or entry.cap.value is None))
    rows = (
        entry.count * (row.width if row.block is None else row.width / row.block) * row_bytes(row, kv_bytes)
        for entry in entries
        for row in entry.rows
    )
    own = (entry.cap or entry.count * entry.per_token * kv_bytes for entry in growing if entry.per_token is not None)
    return num.total((*own, *rows))


def window_bytes(entries: tuple[Entry, ...], kv_bytes: Num) -> Num:
    """Filled windows of one sequence, and what is kept of a last and a nearly full block of tokens, in bytes."""
    windows = (
        entry.count * entry.per_token * entry.cap * kv_bytes for entry in entries if entry.per_token is not None and entry.cap is not None
    )
    blocks = (
        entry.count * size * tokens * row_bytes(row, kv_bytes)
        for entry in entries
        for row in entry.rows
        if row.block is not None
        for size, tokens in ((row.pending, row.block - 1), (row.last, row.block))
        if size is not None
    )
    return num.total((*windows, *blocks))


def layer_bytes(entries: tuple[Entry, ...], context: Num, kv_bytes: Num) -> Num:
    """One layer of the group that keeps most for one sequence of `context` tokens, in bytes."""
    layers = [
        num.total(
            (
                entry.per_token * kept_tokens(context, entry.cap) * kv_bytes,
                *(row_elements(rows, context) * row_bytes(rows, kv_bytes) for rows in entry.rows),
            )
        )
        for entry in entries
        if entry.per_token is not None
    ]
    known = [layer for layer in layers if layer.value is not None]
    if len(known) < len(layers):
        return next(layer for layer in layers if layer.value is None)
    return max(known, key=lambda layer: layer.value or 0, default=num.const(0))
