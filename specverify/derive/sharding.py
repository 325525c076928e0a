"""Weights on one GPU of a parallel set: what is split, what is replicated."""

from __future__ import annotations

from collections.abc import Iterable

from specverify import num
from specverify.derive.weights import Stored
from specverify.num import Num
from specverify.spec import Attention, ModelSpec, Role

REPLICATED = (Role.NORM, Role.ROUTER, Role.POSITION, Role.PROJECTOR)


def weight_bytes_per_gpu(
    spec: ModelSpec, stored: Iterable[Stored], *, tensor_parallel: int, pipeline_parallel: int, expert_parallel: int
) -> Num:
    """Bytes of the weights on the fullest GPU.

    Tensor parallelism splits matrices, keys and values by KV heads and no further; norms, routers, positions, projectors
    and the down-projections of latent attention are replicated. Experts go by expert parallelism where there is any.
    Pipeline stages take equal shares of the layers; embedding and head count as if one stage held both.
    """
    ways, stages = num.const(tensor_parallel, "tensor_parallel"), num.const(pipeline_parallel, "pipeline_parallel")
    experts = num.const(expert_parallel, "expert_parallel") if expert_parallel > 1 else ways
    fused = _fused(spec)
    kv_ways = _kv_ways(spec, ways)
    parts: list[tuple[str, Num]] = []
    for entry in stored:
        name, amount = _share(entry, ways, kv_ways, experts, fused)
        if entry.count.op != "const" and pipeline_parallel > 1:
            amount = num.ceil_div(amount, stages)
            name = f"{name}, per stage"
        parts.append((name, amount))
    return num.total(amount.named(name) for name, amount in num.totals(parts).items())


def _kv_ways(spec: ModelSpec, ways: Num) -> Num:
    """How many ways keys and values split: the KV heads, where those are fewer than the GPUs."""
    part = spec.decoder() or spec.encoder()
    heads = [mixer.num_key_value_heads for group in (part.layers if part else ()) for mixer in group.mixers if isinstance(mixer, Attention)]
    return num.minimum(ways, min(heads, key=lambda head: head.value or 0)) if heads and ways.value != 1 else ways


def _fused(spec: ModelSpec) -> dict[int, Attention]:
    """The attention that each tensor of queries beside keys and values belongs to, by the tensor's identity."""
    return {
        id(weight): mixer
        for part in spec.parts
        for group in part.layers
        for mixer in group.mixers
        if isinstance(mixer, Attention)
        for weight in mixer.weights
        if weight.shard == "fused"
    }


def _share(entry: Stored, ways: Num, kv_ways: Num, experts: Num, fused: dict[int, Attention]) -> tuple[str, Num]:
    weight, amount = entry.weight, entry.total()
    if ways.value == 1 and experts.value == 1:
        return f"{weight.role} bytes", amount
    if weight.role in REPLICATED or weight.shard == "replicated" or (weight.buffer and len(weight.shape) == 1):
        return f"{weight.role} bytes, replicated", amount
    if weight.role is Role.ROUTED_EXPERT:
        return f"{weight.role} bytes, share", num.ceil_div(amount, experts)
    mixer = fused.get(id(weight))
    if mixer is not None:
        keys_and_values = mixer.num_key_value_heads * (mixer.head_dim + mixer.v_head_dim)
        width = mixer.num_attention_heads * mixer.head_dim + keys_and_values
        kept = num.ceil_div(amount * keys_and_values // width, kv_ways)
        return "fused query, key and value bytes, share", num.ceil_div(amount - amount * keys_and_values // width, ways) + kept
    if weight.shard == "key-value":
        return "key and value bytes, share", num.ceil_div(amount, kv_ways)
    return f"{weight.role} bytes, share", num.ceil_div(amount, ways)
