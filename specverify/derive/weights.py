"""Bytes of the weights as published: each tensor in the model's dtype, or as its quantization stores it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from specverify import num
from specverify.derive.dtypes import BYTES
from specverify.derive.names import matcher
from specverify.derive.parameters import elements, is_counted
from specverify.num import Num
from specverify.spec import ModelSpec, Part, Quantization, Role, Scheme, Weight

ALWAYS_PLAIN = (Role.EMBEDDING, Role.POSITION, Role.NORM, Role.PROJECTOR)
HEADER_DTYPES = {"F32": "float32", "BF16": "bfloat16", "F16": "float16"}


@dataclass(frozen=True, slots=True)
class Stored:
    """One tensor of the plan: `count` layers hold `copies` of it, each of `bytes_each` bytes."""

    part: Part
    weight: Weight
    count: Num
    bytes_each: Num

    def total(self) -> Num:
        """Bytes of all of them."""
        copies = self.bytes_each if self.weight.copies is None else self.weight.copies * self.bytes_each
        return self.count * copies


def stored(spec: ModelSpec, dtype: str, *, next_token_prediction: bool) -> Iterator[Stored]:
    """Every tensor that is loaded, with its bytes; `next_token_prediction`: those layers and their copies of other tensors too."""
    table = spec.quantization
    ignored = matcher(table.ignored) if table is not None else None
    for part in spec.parts:
        is_extra = part.role == "next-token-prediction"
        if is_extra and not next_token_prediction:
            continue
        for weight in part.weights:
            if weight.tied_to is None:
                yield from _places(part, weight, num.const(1), ("",), table, ignored, dtype)
        for group in part.layers:
            indices = tuple(part.layer_prefix.replace("{layer}", str(index)) for index in group.indices)
            for weight in group.weights():
                if weight.tied_to is None or is_extra:
                    yield from _places(part, weight, group.count, indices, table, ignored, dtype)


def weight_bytes(spec: ModelSpec, dtype: str, *, next_token_prediction: bool = False) -> Num:
    """Bytes of the weights, persistent buffers included."""
    by_role: dict[str, Num] = {}
    for entry in stored(spec, dtype, next_token_prediction=next_token_prediction):
        name = str(entry.weight.role) if entry.part.role in ("decoder", "encoder") else entry.part.name
        by_role[name] = by_role[name] + entry.total() if name in by_role else entry.total()
    return num.total(amount.named(f"{name} bytes") for name, amount in by_role.items())


def _places(
    part: Part,
    weight: Weight,
    count: Num,
    prefixes: tuple[str, ...],
    table: Quantization | None,
    ignored: Callable[[str], bool] | None,
    dtype: str,
) -> Iterator[Stored]:
    """A tensor in all its layers, those where it is quantized and those where it is not told apart."""
    if table is None or not is_linear(weight, table):
        yield Stored(part, weight, count, plain_bytes(weight, dtype))
        return
    if ignored is None or not table.schemes:
        reason = table.reason or "a module pattern of the quantization table is not understood"
        yield Stored(part, weight, count, num.unknown(reason))
        return
    module = weight.name.removesuffix(".weight").replace("{expert}", "0")
    places: dict[int, int] = {}
    for prefix in prefixes:
        name = prefix + module
        choice = -1 if ignored(name) else _scheme(table, name)
        places[choice] = places.get(choice, 0) + 1
    for choice, layers in places.items():
        each = plain_bytes(weight, dtype) if choice < 0 else quantized_bytes(weight, table.schemes[choice])
        yield Stored(part, weight, count if len(places) == 1 else num.counted(layers, f"layers with {module} so", count), each)


def is_linear(weight: Weight, table: Quantization) -> bool:
    """Whether a tensor belongs to a linear layer that the method quantizes unless it is ignored."""
    if weight.role in ALWAYS_PLAIN or len(weight.shape) < 2 or weight.buffer or not is_counted(weight):
        return False
    if weight.role is Role.HEAD:
        return table.head
    if weight.role is Role.ROUTER:
        return table.router
    if weight.role is Role.STATE_SPACE:
        return weight.name.endswith(".weight") and len(weight.shape) == 2
    return len(weight.shape) == 2 and not weight.name.endswith((".bias", "_bias"))


def _scheme(table: Quantization, name: str) -> int:
    for index, scheme in enumerate(table.schemes):
        if scheme.targets:
            found = matcher(scheme.targets)
            if found is not None and found(name):
                return index
    return next((index for index, scheme in enumerate(table.schemes) if not scheme.targets), -1)


def plain_bytes(weight: Weight, dtype: str) -> Num:
    """Bytes of one copy in the model's dtype, or the one its class keeps it in."""
    own = HEADER_DTYPES.get(weight.dtype or "", dtype)
    return elements(weight) * num.const(BYTES[own], unit="B")


def quantized_bytes(weight: Weight, scheme: Scheme) -> Num:
    """Bytes of one quantized copy [rows, columns] with its scales, zero points and indices."""
    rows, columns = weight.shape
    data = rows * columns * scheme.bits // 8 if isinstance(scheme.bits.value, int) else num.floor(rows * columns * scheme.bits / 8)
    overhead = scheme.scale_bits + scheme.zero_bits
    if overhead:
        row_blocks = num.const(1) if scheme.across is None else num.ceil_div(rows, scheme.across)
        column_blocks = num.const(1) if scheme.along is None else num.ceil_div(columns, scheme.along)
        data = data + row_blocks * column_blocks * overhead // 8
    if scheme.row_bits:
        data = data + columns * (scheme.row_bits // 8)
    return data + scheme.tensor_bits // 8 if scheme.tensor_bits else data
