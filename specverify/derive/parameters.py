"""Parameters as folds over the plan: what is stored, and what one token touches.

Unique parameters: a tied tensor counts once, persistent buffers do not count, next-token-prediction layers are apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from specverify import num
from specverify.num import Num
from specverify.spec import Modality, ModelSpec, Part, Role, Weight

TEXT_INTERFACE = (Role.EMBEDDING, Role.HEAD)


@dataclass(frozen=True, slots=True)
class Counts:
    """Parameters of a model by convention. `stored` and `touched` are by role, towers and projectors under their part's."""

    total: Num
    activated: Num
    activated_text_only: Num
    activated_no_input_embedding: Num
    activated_no_embeddings: Num
    mtp: Num
    stored: dict[str, Num]
    touched: dict[str, Num]


def part_weights(part: Part) -> Iterator[tuple[Weight, Num | None]]:
    """Every tensor of a part, with the number of layers it stands in (None: one, outside the layers)."""
    for weight in part.weights:
        yield weight, None
    for group in part.layers:
        for weight in group.weights():
            yield weight, group.count


def is_counted(weight: Weight) -> bool:
    """Whether a tensor is a unique parameter: no buffer, no second name of another."""
    return not weight.buffer and weight.tied_to is None


def elements(weight: Weight) -> Num:
    """Elements of one copy."""
    return num.product(weight.shape)


def counts(spec: ModelSpec) -> Counts | None:
    """Parameters of the model; None where no part of it is known."""
    if not spec.parts:
        return None
    stored: dict[str, Num] = {}
    touched: dict[str, Num] = {}
    text: dict[str, Num] = {}
    tables: list[Num] = []
    heads: list[Num] = []
    mtp = num.const(0)
    for part in spec.parts:
        by_role, active_by_role = _fold(part)
        if part.role == "next-token-prediction":
            mtp = mtp + num.total(by_role.values())
            continue
        is_text = part.modality is Modality.TEXT and part.role in ("decoder", "encoder")
        for role, amount in by_role.items():
            name = str(role) if is_text else part.name
            stored[name] = stored[name] + amount if name in stored else amount
            active = active_by_role[role]
            touched[name] = touched[name] + active if name in touched else active
            if is_text:
                text[name] = text[name] + active if name in text else active
        if is_text:
            for weight in part.weights:
                if weight.role is Role.EMBEDDING and is_counted(weight):
                    (heads if is_tied_elsewhere(spec, weight) else tables).append(elements(weight))
                elif weight.role is Role.HEAD and is_counted(weight):
                    heads.append(elements(weight))
    stored = {name: amount.named(name) for name, amount in stored.items()}
    named = {name: amount if name not in stored else amount.named(f"{name} touched") for name, amount in touched.items()}
    activated = num.total(named.values())
    no_input = activated - num.total(tables) if tables else activated
    table_and_head = [*tables, *heads]
    return Counts(
        total=num.total(stored.values()),
        activated=activated,
        activated_text_only=num.total(text.values()),
        activated_no_input_embedding=no_input,
        activated_no_embeddings=activated - num.total(table_and_head) if table_and_head else activated,
        mtp=mtp,
        stored=stored,
        touched=named,
    )


def is_tied_elsewhere(spec: ModelSpec, table: Weight) -> bool:
    """Whether a head in another part is the same tensor as this embedding."""
    return any(weight.tied_to == table.name and weight.role is Role.HEAD for part in spec.parts for weight in part.weights)


def _fold(part: Part) -> tuple[dict[Role, Num], dict[Role, Num]]:
    stored: dict[Role, Num] = {}
    touched: dict[Role, Num] = {}

    def add(into: dict[Role, Num], role: Role, amount: Num) -> None:
        into[role] = into[role] + amount if role in into else amount

    for weight in part.weights:
        if is_counted(weight):
            amount = elements(weight)
            add(stored, weight.role, amount)
            add(touched, weight.role, amount)
    for group in part.layers:
        layer: dict[Role, Num] = {}
        active: dict[Role, Num] = {}
        for weight in group.weights():
            if not is_counted(weight):
                continue
            one = elements(weight)
            add(layer, weight.role, one if weight.copies is None else weight.copies * one)
            add(active, weight.role, one if weight.copies is None else (weight.active or weight.copies) * one)
        for role, amount in layer.items():
            add(stored, role, group.count * amount)
            add(touched, role, group.count * active[role])
    return stored, touched
