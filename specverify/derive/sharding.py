"""What one GPU of a parallel set holds of each tensor: cut by heads, rows or columns, kept whole, or left to the other experts.

The cuts are those of Megatron's column- and row-parallel layers (arXiv:1909.08053), which vLLM and SGLang build on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from specverify import num
from specverify.derive.weights import Stored, element, stored_bytes
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Latent, Mixer, ModelSpec, Part, Recurrent, Role, Weight

REPLICATED = (Role.NORM, Role.ROUTER, Role.POSITION)
WHOLE = ("f_a_proj", "g_a_proj")
"""Low-rank openings of Kimi's delta attention: small, and read by every head."""
CLOSING = frozenset(
    (
        *("o_proj", "out_proj", "down_proj", "wo", "o", "Wo", "w2", "w2_weight", "fc2", "fc_out", "linear_out", "out_lin", "lin2"),
        *("linear2", "linear_2", "linear_fc2", "c_proj", "dense_4h_to_h", "dense_h", "output_dense", "x_proj", "output_linear"),
        *("attn_out", "ff_out", "down_projs", "wo_b", "output_proj", "attention_out", "w_out", "to_out", "proj_down", "dense2"),
    )
)
"""Last names of the layers that close a block: they are cut by what they read, and every GPU has their bias."""
Owner = Mixer | FeedForward


class Ways(NamedTuple):
    """Into how many pieces tensors are cut: by tensor parallelism, by expert, and within each expert."""

    tensor: Num
    experts: Num
    within_experts: Num

    @property
    def whole(self) -> bool:
        """Whether nothing is cut at all."""
        return self.tensor.value == self.experts.value == self.within_experts.value == 1


class Share(NamedTuple):
    """What the fullest GPU holds: `each` bytes in every one of `layers` layers, those of `indices` (none: it stands outside them)."""

    label: str
    part: Part | None
    weight: Weight | None
    layers: Num
    indices: tuple[int, ...]
    each: Num

    def total(self) -> Num:
        """Bytes of all layers."""
        return self.layers * self.each


def ways(tensor_parallel: int, expert_parallel: int) -> Ways:
    """The ways of a target. Experts go by expert parallelism where there is any; GPUs beyond that cut each expert."""
    tensor = num.const(tensor_parallel, "tensor_parallel")
    if expert_parallel == 1:
        return Ways(tensor, num.const(1), tensor)
    within = max(1, tensor_parallel // expert_parallel)
    return Ways(tensor, num.const(expert_parallel, "expert_parallel"), num.const(within, "GPUs an expert"))


def shares(spec: ModelSpec, stored: Iterable[Stored], cut: Ways, dtype: str, vocabulary_multiple: int = 1) -> Iterator[Share]:
    """What the fullest GPU holds of every tensor, all layers counted.

    A tensor is cut in whole heads, rows or columns, so that a GPU may hold more than its share; its scales and zero points
    follow the piece. Engines pad the rows of the vocabulary to a multiple before they cut them.
    """
    owned = {} if cut.whole else owners(spec)
    size = element(spec, dtype)
    for entry in stored:
        label, weight = piece(entry, owned.get(id(entry.weight)), cut, vocabulary_multiple)
        each = entry.bytes_each if weight is entry.weight else stored_bytes(weight, entry.scheme, size)
        if weight.copies is not None:
            each = weight.copies * each
        yield Share(label, entry.part, entry.weight, entry.count, entry.indices, each)


def held_bytes(held: Iterable[Share]) -> Num:
    """Bytes of all shares, by what they are."""
    return num.total(amount.named(name) for name, amount in num.totals((share.label, share.total()) for share in held).items())


def owners(spec: ModelSpec) -> dict[int, Owner]:
    """The block each tensor is of, by the tensor's identity."""
    return {
        id(weight): block
        for part in spec.parts
        for group in part.layers
        for block in (*group.mixers, *((group.feed_forward,) if group.feed_forward is not None else ()))
        for weight in block.weights
    }


def piece(entry: Stored, owner: Owner | None, cut: Ways, vocabulary_multiple: int = 1) -> tuple[str, Weight]:
    """The piece of a tensor on the fullest GPU, as a tensor of its own shape and copies, and what to call it."""
    weight, role = entry.weight, entry.weight.role
    if role in (Role.EMBEDDING, Role.HEAD) and 1 <= len(weight.shape) <= 2 and weight.shard is None:
        return _vocabulary(weight, cut.tensor, vocabulary_multiple)
    if cut.whole:
        return f"{role} bytes", weight
    if role is Role.ROUTED_EXPERT:
        return _expert(weight, cut)
    if cut.tensor.value == 1:
        return f"{role} bytes", weight
    if is_replicated(weight):
        return f"{role} bytes, replicated", weight
    if isinstance(owner, Attention):
        return _attention(weight, owner, cut.tensor)
    if isinstance(owner, Latent):
        return f"{role} bytes, share", _cut(weight, cut.tensor, owner.num_attention_heads)
    if isinstance(owner, Recurrent) and owner.kind == "mamba2":
        return f"{role} bytes, share", _mamba2(weight, owner, cut.tensor)
    return f"{role} bytes, share", _cut(weight, cut.tensor)


def is_replicated(weight: Weight) -> bool:
    """Whether every GPU of a tensor-parallel group holds the tensor whole."""
    if weight.role in REPLICATED or weight.shard == "replicated" or module(weight) in WHOLE:
        return True
    if weight.role in (Role.TOWER, Role.PROJECTOR) and len(weight.shape) != 2:
        # Vectors of a tower are its biases at most, and a convolution over patches is no linear layer.
        return not weight.name.endswith("bias") or closes(weight)
    return (weight.buffer and len(weight.shape) == 1) or (len(weight.shape) == 1 and closes(weight)) or not weight.shape


def module(weight: Weight) -> str:
    """The last name of the module a tensor is of: `down_proj` of `mlp.experts.{expert}.down_proj.weight`."""
    return weight.name.removesuffix(".weight").removesuffix(".bias").removesuffix("_bias").rpartition(".")[2]


def closes(weight: Weight) -> bool:
    """Whether a tensor is of a layer that closes a block, and is cut by columns."""
    return module(weight) in CLOSING


def _vocabulary(weight: Weight, tensor: Num, multiple: int) -> tuple[str, Weight]:
    rows = weight.shape[0]
    if multiple > 1 and (rows.value or 0) >= multiple:
        padded = num.const(multiple, "rows are padded to")
        rows = num.ceil_div(rows, padded) * padded
    if tensor.value != 1:
        rows = num.ceil_div(rows, tensor)
    name = f"{weight.role} bytes" if tensor.value == 1 else f"{weight.role} bytes, share"
    return name, weight if rows is weight.shape[0] else replace(weight, shape=(rows, *weight.shape[1:]))


def _expert(weight: Weight, cut: Ways) -> tuple[str, Weight]:
    name = f"{weight.role} bytes, share"
    copies = weight.copies
    if cut.experts.value != 1 and copies is not None:
        copies = num.ceil_div(copies, cut.experts)
    own = weight if copies is weight.copies else replace(weight, copies=copies)
    if cut.within_experts.value == 1 or (len(weight.shape) == 1 and closes(weight)):
        return name, own
    return name, _cut(own, cut.within_experts)


def _attention(weight: Weight, mixer: Attention, tensor: Num) -> tuple[str, Weight]:
    heads, kv_heads = mixer.num_attention_heads, mixer.num_key_value_heads
    if weight.shard == "key-value":
        return "key and value bytes, share", _cut(weight, num.minimum(tensor, kv_heads), kv_heads)
    keys_and_values = kv_heads * (mixer.head_dim + mixer.v_head_dim)
    if weight.shard == "fused" and keys_and_values.value is not None:
        width = keys_and_values + heads * mixer.head_dim
        place = next((place for place, size in enumerate(weight.shape) if size.value == width.value), 0)
        shape = list(weight.shape)
        kept = _part(keys_and_values, num.minimum(tensor, kv_heads), kv_heads)
        shape[place] = _part(shape[place] - keys_and_values, tensor, heads) + kept
        return "fused query, key and value bytes, share", replace(weight, shape=tuple(shape))
    return f"{weight.role} bytes, share", _cut(weight, tensor, heads)


def _mamba2(weight: Weight, mixer: Recurrent, tensor: Num) -> Weight:
    """By heads; the groups that share B and C are kept where there are fewer of them than GPUs."""
    convolution, state = mixer.states[0].shape[0], mixer.states[1].shape
    heads, inner, shared = state[0], state[0] * state[1], state[-1] * 2
    grouped = convolution - inner
    rows = weight.shape[0]
    if (rows.value or 0) < (convolution.value or 0) or closes(weight):
        return _cut(weight, tensor, heads)
    kept = num.ceil_div(grouped // shared, tensor) * shared
    return replace(weight, shape=(_part(rows - grouped, tensor, heads) + kept, *weight.shape[1:]))


def _cut(weight: Weight, pieces: Num, units: Num | None = None) -> Weight:
    """A tensor cut by rows, or by columns where it closes a block, in whole `units` where they divide it."""
    place = 1 if len(weight.shape) == 2 and closes(weight) else 0
    shape = list(weight.shape)
    shape[place] = _part(shape[place], pieces, units)
    return replace(weight, shape=tuple(shape))


def _part(size: Num, pieces: Num, units: Num | None = None) -> Num:
    """The largest of `pieces` equal parts of `size`, in whole `units` where they divide it."""
    if units is None or not units.value or size.value is None or size.value % units.value:
        return num.ceil_div(size, pieces)
    return num.ceil_div(units, pieces) * (size // units)
