"""Bytes of keys, values, latents and states that one decode step reads for a sequence on a GPU.

What is read is not what is kept: a layer that keeps nothing reads another's cache, and of latents only those picked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specverify import num
from specverify.derive.cache import keys_and_values, latent, row_bytes, split
from specverify.derive.dtypes import BYTES
from specverify.derive.roofline import picks, within
from specverify.num import Num
from specverify.spec import Attention, Latent, Mixer, Part, Recurrent


class Sequence(NamedTuple):
    """One sequence in decode: lengths in tokens, bytes of a cached element, and the dtypes of states (None: the class's own)."""

    context: Num
    encoder_context: Num
    kv_bytes: Num
    kv_dtype: str
    state_dtype: str | None


def cache_bytes_read(part: Part, sequence: Sequence, *, tensor_parallel: int = 1, context_parallel: int = 1) -> Num:
    """Bytes that one GPU of a tensor-parallel group reads for the next token, states written back too; all pipeline stages together.

    KV heads and states are split and, where there are fewer than GPUs, replicated; latents are read whole on every GPU.
    `context_parallel` GPUs share the tokens. Sliding windows count as full, chunks as half.
    """
    ways = num.const(tensor_parallel, "tensor_parallel")
    read: list[Num] = []
    fixed: list[Num] = []
    for group in part.layers:
        count = group.passes()
        for mixer in group.mixers:
            if isinstance(mixer, Recurrent):
                fixed += (count * size for size in _states(mixer, sequence, ways))
            else:
                read += (count * size for size in _tokens(mixer, sequence, ways))
    kept = num.total(read)
    if context_parallel > 1:
        kept = kept / num.const(context_parallel, "decode_context_parallel")
    return num.total((kept, *fixed))


def _tokens(mixer: Mixer, sequence: Sequence, ways: Num) -> Iterator[Num]:
    """Bytes read of one layer's keys and values or latents, and of what an indexer scores."""
    context, kv_bytes = sequence.context, sequence.kv_bytes
    if isinstance(mixer, Latent):
        yield latent(mixer.kv_lora_rank, mixer.qk_rope_head_dim) * within(context, mixer) * kv_bytes
        if mixer.index_head_dim is not None:
            yield mixer.index_head_dim * context * kv_bytes
    elif isinstance(mixer, Attention) and (mixer.cross or mixer.causal):
        width = mixer.kept or keys_and_values(split(mixer.num_key_value_heads, ways), mixer.head_dim, mixer.v_head_dim)
        if mixer.cross:
            yield width * sequence.encoder_context * kv_bytes
        elif not picks(mixer) or mixer.window is not None:
            yield width * within(context, mixer) * kv_bytes
        if mixer.prompt is not None:
            yield width * mixer.prompt * kv_bytes
    # Of several kinds of rows the last are the indexer's, which are scored all; of the others it picks.
    for rows in getattr(mixer, "rows", ())[-1:]:
        yield rows.width * (context if rows.block is None else context // rows.block) * row_bytes(rows, kv_bytes)


def _states(mixer: Recurrent, sequence: Sequence, ways: Num) -> Iterator[Num]:
    """Bytes of one layer's states, read and written: of a convolution all columns are read and the newest is written."""
    for state in mixer.states:
        elements = num.product((split(state.shape[0], ways), *state.shape[1:]))
        size = num.const(BYTES[sequence.state_dtype or state.dtype or sequence.kv_dtype], unit="B")
        times = num.const(2, "read and written") if state.kernel is None else state.kernel
        yield elements * times * size
