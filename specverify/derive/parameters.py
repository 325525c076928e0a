"""Parameters as folds over the plan: what is stored, and what one token touches.

Unique parameters: a tied tensor counts once, persistent buffers do not count, next-token-prediction layers are apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specverify import num
from specverify.num import Num
from specverify.spec import Modality, ModelSpec, Part, Role, Weight

TEXT_INTERFACE = (Role.EMBEDDING, Role.HEAD)
EXPERTS_OF_ATTENTION = "attention has experts, which are counted two ways, their router and bias by expert or in full"
TWO_TABLES = "encoder and decoder each take tokens in by a table of their own, and one or both may be left out"
HEAD_WITHIN = "the head is the text model's, and the composite has none of its own: it may be left out or not"


class Counts(NamedTuple):
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
    stored_by: list[tuple[str, Num]] = []
    touched_by: list[tuple[str, Num]] = []
    text: list[Num] = []
    tables: list[Num] = []
    entrances: set[str] = set()
    heads: list[Num] = []
    predicting: list[Num] = []
    for part in spec.parts:
        by_role, active_by_role = _fold(part)
        if part.role == "next-token-prediction":
            predicting += by_role.values()
            continue
        is_text = part.modality is Modality.TEXT and part.role in ("decoder", "encoder")
        for role, amount in by_role.items():
            name = str(role) if is_text else part.name
            stored_by.append((name, amount))
            touched_by.append((name, active_by_role[role]))
        if is_text:
            text += active_by_role.values()
            for weight in part.weights:
                if weight.role is Role.EMBEDDING and is_counted(weight):
                    tied = is_tied_elsewhere(spec, weight)
                    (heads if tied else tables).append(elements(weight))
                    entrances |= set() if tied else {part.name}
                elif weight.role is Role.HEAD and is_counted(weight):
                    heads.append(elements(weight))
    stored, touched = num.totals(stored_by), num.totals(touched_by)
    stored = {name: amount.named(name) for name, amount in stored.items()}
    named = {name: amount if name not in stored else amount.named(f"{name} touched") for name, amount in touched.items()}
    activated = num.total(named.values())
    apart = _beside_experts_of_attention(spec)
    without_tables = activated - num.total(tables) if tables else activated
    without_any = activated - num.total([*tables, *heads]) if tables or heads else activated
    second = num.total(tables[1:]) if len(entrances) > 1 else None
    within = num.total(heads) if spec.value("head_within") else None
    return Counts(
        total=num.total(stored.values()),
        activated=_agreed(activated, apart, EXPERTS_OF_ATTENTION),
        activated_text_only=_agreed(num.total(text), apart, EXPERTS_OF_ATTENTION),
        activated_no_input_embedding=_agreed(_agreed(without_tables, apart, EXPERTS_OF_ATTENTION), second, TWO_TABLES, more=True),
        activated_no_embeddings=_agreed(
            _agreed(_agreed(without_any, apart, EXPERTS_OF_ATTENTION), second, TWO_TABLES, more=True), within, HEAD_WITHIN, more=True
        ),
        mtp=num.total(predicting),
        stored=stored,
        touched=named,
    )


def _beside_experts_of_attention(spec: ModelSpec) -> Num | None:
    """The share of routers and biases that attention's experts which are not chosen have; None where attention has no experts.

    Such a mixture (JetMoE, arXiv:2404.07413) is counted two ways: as in a feed-forward, router and bias in full, or all of
    the module by expert.
    """
    shares: list[Num] = []
    for part in spec.parts:
        for group in part.layers:
            for mixer in group.mixers:
                routed = next((weight for weight in mixer.weights if weight.role is Role.ROUTED_EXPERT), None)
                if routed is not None and routed.copies is not None and routed.active is not None:
                    beside = (elements(weight) for weight in mixer.weights if weight.role in (Role.ROUTER, Role.SHARED_EXPERT))
                    shares.append(group.count * num.total(beside) * (routed.copies - routed.active) / routed.copies)
    return num.total(shares) if shares else None


def _agreed(figure: Num, apart: Num | None, why: str, *, more: bool = False) -> Num:
    """The figure where there is one way to count it, else unknown with what both ways come to: it, and less (or `more`) by `apart`."""
    if apart is None or figure.value is None or apart.value is None:
        return figure
    low, high = (figure.value, figure.value + apart.value) if more else (figure.value - apart.value, figure.value)
    return num.unknown(f"{why}: {low:,.0f} or {high:,.0f}")


def is_tied_elsewhere(spec: ModelSpec, table: Weight) -> bool:
    """Whether a head in another part is the same tensor as this embedding."""
    return any(weight.tied_to == table.name and weight.role is Role.HEAD for part in spec.parts for weight in part.weights)


def _fold(part: Part) -> tuple[dict[Role, Num], dict[Role, Num]]:
    """What a part stores, and what a token touches of it, by role."""
    stored: list[tuple[Role, Num]] = []
    touched: list[tuple[Role, Num]] = []
    for weight in part.weights:
        if is_counted(weight):
            stored.append((weight.role, elements(weight)))
            touched.append(stored[-1])
    for group in part.layers:
        counted = [(weight, elements(weight)) for weight in group.weights() if is_counted(weight)]
        layer = num.totals((w.role, one if w.copies is None else w.copies * one) for w, one in counted)
        active = num.totals((w.role, one if w.copies is None else (w.active or w.copies) * one) for w, one in counted)
        stored += [(role, group.count * amount) for role, amount in layer.items()]
        touched += [(role, group.count * amount) for role, amount in active.items()]
    return num.totals(stored), num.totals(touched)
