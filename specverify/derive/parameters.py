"""Parameters as folds over the plan: what is stored, and what one token touches.

Unique parameters: a tied tensor counts once, persistent buffers do not count, next-token-prediction layers are apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specverify import num
from specverify.num import Num
from specverify.pattern import Pattern
from specverify.spec import Modality, ModelSpec, Part, Role, Weight

TEXT_INTERFACE = (Role.EMBEDDING, Role.HEAD)
_IN_EXPERTS = Pattern(r"(?:^|\.)experts\.(?!e_score_correction_bias$)")


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
    entrance: Part | None = None
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
                    if is_tied_elsewhere(spec, weight):
                        heads.append(elements(weight))
                    elif entrance in (None, part):
                        entrance = part
                        tables.append(elements(weight))
                elif weight.role is Role.HEAD and is_counted(weight):
                    heads.append(elements(weight))
    stored, touched = num.totals(stored_by), num.totals(touched_by)
    stored = {name: amount.named(name) for name, amount in stored.items()}
    named = {name: amount if name not in stored else amount.named(f"{name} touched") for name, amount in touched.items()}
    activated = num.total(named.values())
    apart = _within_experts(spec)
    interface = [*tables, *([] if spec.value("head_within") else heads)]
    return Counts(
        total=num.total(stored.values()),
        activated=_agreed(activated, apart),
        activated_text_only=_agreed(num.total(text), apart),
        activated_no_input_embedding=_agreed(activated - num.total(tables) if tables else activated, apart),
        activated_no_embeddings=_agreed(activated - num.total(interface) if interface else activated, apart),
        mtp=num.total(predicting),
        stored=stored,
        touched=named,
    )


def _within_experts(spec: ModelSpec) -> Num | None:
    """The share that the experts not chosen have of what stands in their module and is no expert's; None where nothing does.

    A router and a bias in JetMoE's attention (arXiv:2404.07413), a norm behind the experts of Muse Spark: counted in full, as
    every token passes them, or with the module by expert.
    """
    shares: list[Num] = []
    for part in spec.parts:
        for group in part.layers:
            weights = tuple(group.weights())
            routed = next((weight for weight in weights if weight.role is Role.ROUTED_EXPERT and _IN_EXPERTS.search(weight.name)), None)
            if routed is None or routed.copies is None or routed.active is None:
                continue
            beside = [elements(w) for w in weights if w.role is not Role.ROUTED_EXPERT and is_counted(w) and _IN_EXPERTS.search(w.name)]
            if beside:
                shares.append(group.count * num.total(beside) * (routed.copies - routed.active) / routed.copies)
    return num.total(shares) if shares else None


def _agreed(figure: Num, apart: Num | None) -> Num:
    """The figure where there is one way to count it, else unknown with what both ways come to."""
    if apart is None or figure.value is None or apart.value is None:
        return figure
    return num.unknown(
        "the experts' module holds what is no expert's, and is counted two ways, by expert or in full: "
        f"{figure.value - apart.value:,.0f} or {figure.value:,}"
    )


def is_tied_elsewhere(spec: ModelSpec, table: Weight) -> bool:
    """Whether a head in another part is the same tensor as this embedding."""
    return any(weight.tied_to == table.name and weight.role is Role.HEAD for part in spec.parts for weight in part.weights)


def _fold(part: Part) -> tuple[dict[Role, Num], dict[Role, Num]]:
    """What a part stores, and what a token touches of it, by role: the same where there are no experts to choose from."""
    stored: list[tuple[Role, Num]] = []
    touched: list[tuple[Role, Num]] = []
    chosen = False
    for weight in part.weights:
        if is_counted(weight):
            stored.append((weight.role, elements(weight)))
            touched.append(stored[-1])
    for group in part.layers:
        counted = [(weight, elements(weight)) for weight in group.weights() if is_counted(weight)]
        layer = num.totals((w.role, one if w.copies is None else w.copies * one) for w, one in counted)
        stored += (in_layers := [(role, group.count * amount) for role, amount in layer.items()])
        if any(weight.active is not None for weight, _ in counted):
            active = num.totals((w.role, one if w.copies is None else (w.active or w.copies) * one) for w, one in counted)
            touched += [(role, group.count * amount) for role, amount in active.items()]
            chosen = True
        else:
            touched += in_layers
    totals = num.totals(stored)
    return totals, num.totals(touched) if chosen else totals
