"""What the shapes of tensors say of the facts that predict them: measured where one size alone is a dimension, else derived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from specverify.facts import Reading, Source, Where
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import LayerGroup, ModelSpec, Part, Tensor, Weight

AS_THEY_ARE = ("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ")
"""Dtypes whose tensors have the shape of the weight; integers may be several weights packed."""
_Found = defaultdict[str, dict[int, Reading]]


def with_measured(spec: ModelSpec, tensors: Sequence[Tensor]) -> ModelSpec:
    """The same spec with what the headers say of its facts.

    A dimension that is one fact alone (a vocabulary, a width, the rows of a router, a per-head norm) measures it. Of a
    product (`num_key_value_heads` x `head_dim`) each factor is derived from the other. A fact on which tensors disagree
    is left as it was: which of them is right, the check of the checkpoint says.
    """
    held = {tensor.name: tensor for tensor in tensors if tensor.dtype in AS_THEY_ARE}
    alone: _Found = defaultdict(dict)
    factors: _Found = defaultdict(dict)
    for part in spec.parts:
        for weight, tensor in _present(part, held):
            for axis, (size, there) in enumerate(zip(weight.shape, tensor.shape, strict=True)):
                _read(size, there, axis, tensor, alone, factors)
    for name, layers in _layers(spec, held).items():
        alone[name] = {layers.value: layers}
    facts = dict(spec.facts)
    for found in (alone, factors):
        for name, readings in found.items():
            fact = facts.get(name)
            if fact is not None and len(readings) == 1 and (found is alone or name not in alone):
                facts[name] = fact.with_readings(*readings.values())
    return replace(spec, facts=facts)


def _present(part: Part, held: Mapping[str, Tensor]) -> Iterator[tuple[Weight, Tensor]]:
    """The weights of a part with their tensors: of equal layers the first, of experts too; those of other ranks left out."""
    for weight in part.weights:
        yield from _of_rank(weight, held.get(part.prefix + weight.name))
    for group in part.layers:
        for weight in group.weights():
            yield from _of_rank(weight, held.get(_first(part, group, weight)))


def _first(part: Part, group: LayerGroup, weight: Weight) -> str:
    return part.layer_tensor(group, weight.name.replace("{expert}", "0"), group.indices[0]) if group.indices else ""


def _of_rank(weight: Weight, tensor: Tensor | None) -> Iterator[tuple[Weight, Tensor]]:
    if tensor is not None and len(tensor.shape) == len(weight.shape):
        yield weight, tensor


def _read(size: Num, there: int, axis: int, tensor: Tensor, alone: _Found, factors: _Found) -> None:
    """Note what a dimension of `there` says of the facts that `size` is made of."""
    if size.op == "fact" and size.fact is not None:
        alone[size.fact.name].setdefault(there, _reading(there, Source.MEASURED, tensor, f"dimension {axis} of {tensor.name}"))
    if size.op != "x" or len(size.args) != 2 or any(one.fact is None or one.op != "fact" for one in size.args):
        return
    for one, other in (size.args, size.args[::-1]):
        if one.fact is not None and other.fact is not None and isinstance(other.value, int) and other.value and there % other.value == 0:
            said = f"{there:,} in dimension {axis} of {tensor.name} / {other.fact.name} {other.value:,}"
            factors[one.fact.name].setdefault(there // other.value, _reading(there // other.value, Source.DERIVED, tensor, said))


def _layers(spec: ModelSpec, held: Mapping[str, Tensor]) -> dict[str, Reading]:
    """How many layers of the text model the names count, from the first on without a gap."""
    part = spec.decoder() or spec.encoder()
    if (
        part is None
        or any(group.prefix is not None or group.runs is not None for group in part.layers)
        or "{layer}" not in part.layer_prefix
    ):
        return {}
    before, _, behind = part.layer_prefix.partition("{layer}")
    drafts = {
        index
        for other in spec.parts
        if other is not part and other.layer_prefix == part.layer_prefix
        for group in other.layers
        for index in group.indices
    }
    numbers: dict[int, Tensor] = {}
    for name, tensor in held.items():
        digits, found, _ = name.removeprefix(before).partition(behind) if name.startswith(before) else ("", "", "")
        if found and digits.isdecimal() and digits.isascii() and len(digits) < 6 and int(digits) not in drafts:
            numbers.setdefault(int(digits), tensor)
    if not numbers or set(numbers) != set(range(len(numbers))):
        return {}
    last = numbers[len(numbers) - 1]
    return {"num_hidden_layers": _reading(len(numbers), Source.MEASURED, last, f"layers by name, the last with {last.name}")}


def _reading(value: int, source: Source, tensor: Tensor, note: str) -> Reading:
    return Reading(value, source, Where(tensor.file), note=note)
