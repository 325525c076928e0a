"""Bytes of the weights as published: each tensor in the model's dtype, or as its quantization stores it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from specverify import num
from specverify.derive.dtypes import BYTES
from specverify.derive.names import matcher
from specverify.derive.parameters import elements, is_counted
from specverify.frozen import Struct, frozen
from specverify.num import Num
from specverify.spec import LayerGroup, ModelSpec, Part, Quantization, Role, Scheme, Weight

ALWAYS_PLAIN = (Role.EMBEDDING, Role.POSITION, Role.NORM, Role.PROJECTOR)
NEXT_TOKEN_PREDICTION = "next-token-prediction"
HEADER_DTYPES = {"F32": "float32", "BF16": "bfloat16", "F16": "float16"}


@frozen
class Stored(Struct):
    """One tensor of the plan: `count` layers hold `copies` of it, each of `bytes_each` bytes.

    `scheme` is how its quantization stores it (None: in the model's dtype), `indices` the layers of the part it is in (none:
    it stands outside the layers).
    """

    part: Part
    weight: Weight
    count: Num
    bytes_each: Num
    scheme: Scheme | None = None
    indices: tuple[int, ...] = ()

    def total(self) -> Num:
        """Bytes of all of them."""
        copies = self.bytes_each if self.weight.copies is None else self.weight.copies * self.bytes_each
        return self.count * copies


class _Choice:
    """Which scheme of a quantization table a module is stored by; the patterns are read once."""

    def __init__(self, table: Quantization) -> None:
        ignored = matcher(table.ignored)
        targets = [matcher(scheme.targets) for scheme in table.schemes]
        self.table = table
        self.reason = table.reason
        if ignored is None or None in targets:
            self.reason = "a module pattern of the quantization table is not understood"
        self._ignored = ignored or (lambda name: False)
        self._targeted = [
            (scheme, test) for scheme, test in zip(table.schemes, targets, strict=True) if scheme.targets and test is not None
        ]
        self._others = next((scheme for scheme in table.schemes if not scheme.targets), None)

    def scheme(self, module: str) -> Scheme | None:
        """The scheme of a module by its name; None where it is left as it is."""
        if self._ignored(module):
            return None
        return next((scheme for scheme, test in self._targeted if test(module)), self._others)


def inventory(spec: ModelSpec, dtype: str) -> tuple[Stored, ...]:
    """Every tensor of the checkpoint with its bytes: next-token-prediction layers and their copies of other tensors included."""
    choice = None if spec.quantization is None else _Choice(spec.quantization)
    size = element(spec, dtype)
    found: list[Stored] = []
    for part in spec.parts:
        is_extra = part.role == NEXT_TOKEN_PREDICTION
        for weight in part.weights:
            if weight.tied_to is None:
                found += _places(part, weight, None, choice, size)
        for group in part.layers:
            for weight in group.weights():
                if weight.tied_to is None or is_extra:
                    found += _places(part, weight, group, choice, size)
    return tuple(found)


def resident(stored: Iterable[Stored], *, drafts: bool = False) -> Iterator[Stored]:
    """What is loaded to serve the model: of next-token prediction nothing, or where it drafts what is not the model's own again."""
    for entry in stored:
        if entry.part.role != NEXT_TOKEN_PREDICTION or (drafts and entry.weight.tied_to is None):
            yield entry


def weight_bytes(stored: Iterable[Stored]) -> Num:
    """Bytes of the weights, persistent buffers included."""
    by_role = num.totals(
        (str(entry.weight.role) if entry.part.role in ("decoder", "encoder") else entry.part.name, entry.total()) for entry in stored
    )
    return num.total(amount.named(f"{name} bytes") for name, amount in by_role.items())


def _places(part: Part, weight: Weight, group: LayerGroup | None, choice: _Choice | None, size: Num) -> Iterator[Stored]:
    """A tensor in all its layers, those told apart that store it differently."""
    count, indices = (num.const(1), ()) if group is None else (group.count, group.indices)
    if choice is None or not is_linear(weight, choice.table):
        yield Stored(part, weight, count, plain_bytes(weight, size), None, indices)
        return
    if choice.reason is not None:
        yield Stored(part, weight, count, num.unknown(choice.reason), None, indices)
        return
    module = weight.name.removesuffix(".weight").replace("{expert}", "0")
    if group is None:
        scheme = choice.scheme(part.prefix + module)
        yield Stored(part, weight, count, stored_bytes(weight, scheme, size), scheme)
        return
    places: dict[int, tuple[Scheme | None, list[int]]] = {}
    for index in indices:
        scheme = choice.scheme(part.layer_tensor(group, module, index))
        places.setdefault(id(scheme), (scheme, []))[1].append(index)
    for scheme, layers in places.values():
        some = num.counted(len(layers), f"layers with {module} {f'as {scheme.name}' if scheme else 'left as it is'}", count)
        own = count if len(places) == 1 else some
        yield Stored(part, weight, own, stored_bytes(weight, scheme, size), scheme, tuple(layers))


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


def element(spec: ModelSpec, dtype: str) -> Num:
    """Bytes of one number in `dtype`, resting on the model's own where it is that."""
    fact = spec.fact("dtype")
    return Num(BYTES[dtype], "fact", fact=fact, unit="B") if fact.value == dtype else num.const(BYTES[dtype], dtype, unit="B")


def stored_bytes(weight: Weight, scheme: Scheme | None, size: Num) -> Num:
    """Bytes of one copy as the scheme stores it, or as `plain_bytes` where there is none."""
    return plain_bytes(weight, size) if scheme is None else quantized_bytes(weight, scheme)


def plain_bytes(weight: Weight, size: Num) -> Num:
    """Bytes of one copy with elements of the `size` of the model's dtype, or of the one its class keeps it in."""
    own = HEADER_DTYPES.get(weight.dtype or "")
    return elements(weight) * (size if own is None else num.const(BYTES[own], own, unit="B"))


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
