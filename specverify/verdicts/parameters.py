"""Claims of parameters, against every way of counting them in use.

Cards count with or without next-token-prediction layers, towers, embeddings and tied copies; activated parameters have
three conventions (DeepSeek-V3's 37B and 36.7B are one model, arXiv:2412.19437).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from specverify import num
from specverify.card import kinds
from specverify.derive.parameters import Counts, counts
from specverify.facts import Source
from specverify.num import Num
from specverify.outcome import Compared, Evidence
from specverify.spec import Figure, ModelSpec, Role, Tensor
from specverify.verdicts.candidates import SIZES, left_to_defaults, proof

PARAMETERS = (kinds.TOTAL, kinds.ACTIVE, kinds.NON_EMBEDDING)
FLOATS = ("F64", "F32", "F16", "BF16")
"""Tensor dtypes of which an element is a parameter; others may be packed, or scales."""


def parameter_candidates(
    kind: str, spec: ModelSpec, figures: Mapping[str, Figure], tensors: Sequence[Tensor] | None
) -> tuple[tuple[Compared, ...], str | None]:
    """The counts a claim of parameters may mean, the likeliest first, or the reason there are none."""
    measured = tuple(_measured(spec, tensors)) if kind == kinds.TOTAL else ()
    counted = counts(spec)
    if spec.exactness != "exact" or counted is None or counted.total.value is None:
        reason = "the parameters of this architecture are not known exactly, and no headers of unpacked tensors were read"
        return measured, None if measured else reason
    if (name := left_to_defaults(spec)) is not None:
        return measured, None if measured else f"the config leaves `{name}` to its class's default"
    evidence = proof(*(fact for name in SIZES if (fact := spec.fact(name)).readings))
    found = {kinds.TOTAL: _totals, kinds.ACTIVE: _activated, kinds.NON_EMBEDDING: _without_embeddings}[kind](counted, spec, figures)
    named = [Compared(name, number.value, False, evidence) for name, number in found if isinstance(number.value, int) and number.value]
    return (*named, *measured), None


def _totals(counted: Counts, spec: ModelSpec, figures: Mapping[str, Figure]) -> Iterator[tuple[str, Num]]:
    total, text = counted.total, _text(counted)
    table, head = _stored(counted, Role.EMBEDDING), _stored(counted, Role.HEAD)
    yield "parameters.total", total
    yield "parameters.total with next-token-prediction layers", total + counted.mtp
    if counted.mtp.value:
        yield (
            "parameters.total with next-token-prediction layers and their copies of embedding and head",
            total + counted.mtp + table + head,
        )
    yield "parameters of the text model alone", text
    yield from _without_embeddings(counted, spec, figures)
    if not head.value:
        yield "parameters.total with the tied head as a tensor of its own", total + table


def _without_embeddings(counted: Counts, spec: ModelSpec, figures: Mapping[str, Figure]) -> Iterator[tuple[str, Num]]:
    table = _stored(counted, Role.EMBEDDING) + _stored(counted, Role.POSITION)
    head = _stored(counted, Role.HEAD)
    yield "parameters.total without embeddings and head", counted.total - table - head
    yield "parameters.total without the input embedding", counted.total - table
    text = _text(counted)
    if text.value != counted.total.value:
        yield "parameters of the text model without embeddings and head", text - table - head


def _activated(counted: Counts, spec: ModelSpec, figures: Mapping[str, Figure]) -> Iterator[tuple[str, Num]]:
    for name, figure in figures.items():
        if name.startswith("parameters.activated"):
            yield name, figure.number
    if counted.mtp.value:
        yield "parameters.activated with next-token-prediction layers", counted.activated + counted.mtp


def _text(counted: Counts) -> Num:
    roles = set(map(str, Role))
    return num.total(amount for role, amount in counted.stored.items() if role in roles)


def _stored(counted: Counts, role: Role) -> Num:
    return counted.stored.get(str(role), num.const(0))


def _measured(spec: ModelSpec, tensors: Sequence[Tensor] | None) -> Iterator[Compared]:
    """The elements of the tensor headers, where an element is a parameter."""
    if not tensors or spec.quantization is not None or any(tensor.dtype not in FLOATS for tensor in tensors):
        return
    total = 0
    for tensor in tensors:
        elements = 1
        for length in tensor.shape:
            elements *= length
        total += elements
    files = sorted({tensor.file for tensor in tensors})
    note = f"{len(tensors):,} tensors in {len(files):,} file{'s' if len(files) > 1 else ''}"
    yield Compared("elements of the tensor headers", total, False, (Evidence(Source.MEASURED, files[0], value=total, note=note),))
