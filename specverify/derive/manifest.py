"""The expected tensor manifest: every tensor the architecture has, by checkpoint name and shape."""

from __future__ import annotations

from collections.abc import Iterator

from specverify.derive.parameters import part_weights
from specverify.frozen import replace
from specverify.spec import ModelSpec, Weight

MOST_TENSORS = 2_000_000
"""More than any published checkpoint holds; a config that asks for more would only cost time."""

Entry = tuple[str, tuple[int, ...], Weight]


def unlistable(spec: ModelSpec) -> str | None:
    """Why the tensors of a spec cannot be listed; None where they can."""
    if spec.exactness != "exact":
        return f"the tensors of {spec.value('model_type') or 'this model'} are not known to specverify"
    tensors = 0
    for part in spec.parts:
        for weight, layers in part_weights(part):
            sizes = (*weight.shape, *(() if weight.copies is None else (weight.copies,)), *(() if layers is None else (layers,)))
            unstated = next((size for size in sizes if size.value is None), None)
            if unstated is not None:
                return f"{part.layer_prefix if layers is not None else part.prefix}{weight.name}: {'; '.join(unstated.reasons())}"
            copies = _copies(weight)
            tensors += (1 if copies is None else copies) * (1 if layers is None else int(layers.value or 0))
            if tensors > MOST_TENSORS:
                return f"it asks for more than {MOST_TENSORS:,} tensors"
    return None


def manifest(spec: ModelSpec, *, only: str | None = None) -> Iterator[Entry]:
    """Every tensor, or those of the parts of one role, as (name, shape in elements, the weight it is one of).

    Layers and experts are written out. A tensor that is the same as another (`tied_to`) is listed under its own name too.
    Raises ValueError for the reason that `unlistable` gives.
    """
    reason = unlistable(spec)
    if reason is not None:
        raise ValueError(reason)
    for part in spec.parts:
        if only is not None and part.role != only:
            continue
        for weight in part.weights:
            yield from _expanded(part.prefix, weight)
        for group in part.layers:
            for index in group.indices:
                for weight in group.weights():
                    yield from _expanded(part.layer_prefix if group.prefix is None else group.prefix, weight, index)


def _copies(weight: Weight) -> int | None:
    """How many tensors a weight stands for; None for one: copies without a name of their own are stacked in one tensor."""
    return int(weight.copies.value or 0) if weight.copies is not None and "{expert}" in weight.name else None


def _expanded(prefix: str, weight: Weight, layer: int | None = None) -> Iterator[Entry]:
    name = prefix + weight.name
    if layer is not None:
        name = name.replace("{layer}", str(layer))
        if weight.tied_to is not None and "{layer}" in weight.tied_to:
            weight = replace(weight, tied_to=weight.tied_to.replace("{layer}", str(layer)))
    shape = tuple(int(size.value or 0) for size in weight.shape)
    copies = _copies(weight)
    if copies is not None:
        for index in range(weight.first, weight.first + copies):
            yield name.replace("{expert}", str(index)), shape, weight
    elif weight.copies is not None:
        stacked = int(weight.copies.value or 0)
        yield name, (stacked * shape[0], *shape[1:]) if weight.joined else (stacked, *shape), weight
    else:
        yield name, shape, weight
