"""A model with no public config, as its claims have it: nothing is evidence, nothing is filled in.

Facts have no value, only what is claimed of them. A figure is computed only where every number of its formula is claimed,
and then rests on those claims and says so; any other is unknown, and names what is not stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from specverify import num
from specverify.card import kinds
from specverify.card.claims import Claim
from specverify.card.claims_file import ClaimsFile
from specverify.derive.figures import figures
from specverify.facts import Fact, Reading, Source, Where
from specverify.num import Num
from specverify.outcome import Agreement, Confidence, Evidence, Verdict
from specverify.spec import Attention, Figure, LayerGroup, Modality, ModelSpec, Part
from specverify.target import Target

UNVERIFIABLE = "claimed only: there is no public config or tensor to hold it against"
CLOSED = "a closed model: there is nothing to check"
LABEL = "rests on claims alone; nothing public verifies them"
FACTS: Mapping[str, str] = {
    "num_hidden_layers": kinds.LAYERS,
    "num_attention_heads": kinds.Q_HEADS,
    "num_key_value_heads": kinds.KV_HEADS,
    "head_dim": kinds.HEAD_DIM,
    "hidden_size": kinds.HIDDEN,
    "intermediate_size": kinds.INTERMEDIATE,
    "vocab_size": kinds.VOCABULARY,
    "num_experts": kinds.EXPERTS,
    "num_experts_per_tok": kinds.TOP_K,
    "context_length": kinds.CONTEXT,
    "total_params": kinds.TOTAL,
    "active_params": kinds.ACTIVE,
    "prototype": kinds.ARCHITECTURE,
    "attention": kinds.ATTENTION,
    "hidden_act": kinds.ACTIVATION,
    "dtype": kinds.PRECISION,
}
"""The facts of a closed model, and the kind of claim each may have."""
PLAN = ("num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim")
CLAIMED_PARAMETERS = {"parameters.total": "total_params", "parameters.activated": "active_params"}


def closed_spec(claims: ClaimsFile) -> ModelSpec:
    """The spec of a closed model: every fact without a value, with what is claimed of it as a reading."""
    facts = {name: _fact(name, kind, claims) for name, kind in FACTS.items()}
    return ModelSpec("closed", "claimed", facts, parts=_plan(facts), source=claims.file)


def closed_figures(spec: ModelSpec, target: Target) -> dict[str, Figure]:
    """Every figure by name: resting on claims and labelled so, or unknown with what is not stated."""
    context = _number(spec, "context_length")
    found = figures(spec, target, lengths={"context.declared": context})
    for name, figure in found.items():
        if name in CLAIMED_PARAMETERS:
            number = _number(spec, CLAIMED_PARAMETERS[name])
        elif name == "context.declared" or (name.startswith("cache.") and (figure.value is None or figure.number.rests_on())):
            number = figure.number
        else:
            number = num.unknown(f"{name}: nothing public states what it rests on")
        note = LABEL if number.value is not None else UNVERIFIABLE
        found[name] = replace(figure, number=number, note=note)
    return found


def closed_verdicts(claims: ClaimsFile) -> tuple[Verdict, ...]:
    """Every claim of a closed model is unverifiable."""
    return tuple(_verdict(claim) for claim in claims.claims)


def _verdict(claim: Claim) -> Verdict:
    return Verdict(
        claim.kind,
        claim.raw,
        claim.terms or claim.accepted,
        claim.unit,
        Evidence(Source.CLAIMED, claim.file, line=claim.line, quote=claim.quote, value=claim.raw),
        claim.columns,
        claim.emitter,
        claim.role,
        claim.section,
        claim.subject,
        claim.relation,
        Confidence(claim.confidence),
        Agreement.UNVERIFIABLE,
        UNVERIFIABLE,
        conditions=claim.conditions,
    )


def _fact(name: str, kind: str, claims: ClaimsFile) -> Fact:
    stated = [claim for claim in claims.claims if claim.kind == kind and claim.role in ("stated", "native")]
    if not stated:
        return Fact(name, (), f"not stated: {claims.not_stated.get(kind, 'no source that was read says it')}")
    readings = (
        Reading(
            claim.terms[0] if claim.terms else claim.accepted[0] if len(claim.accepted) == 1 else claim.raw,
            Source.CLAIMED,
            Where(claim.file, line=claim.line),
            claim.quote,
            "; ".join(claim.conditions),
        )
        for claim in stated
    )
    return Fact(name, tuple(readings), UNVERIFIABLE)


def _number(spec: ModelSpec, name: str) -> Num:
    return claimed_number(spec.fact(name))


def claimed_number(fact: Fact) -> Num:
    """What is claimed of a fact as a number that rests on it; unknown where nothing is, or where claims differ."""
    values = {reading.value for reading in fact.readings}
    value = values.pop() if len(values) == 1 else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Num(value, "fact", fact=fact)
    why = "claims of it differ" if values else fact.reason or "not stated"
    return num.unknown(f"{fact.name}: {why}")


def _plan(facts: Mapping[str, Fact]) -> tuple[Part, ...]:
    """A decoder of equal layers, whose numbers are the claims or unknown."""
    layers, queries, keys, dim = (claimed_number(facts[name]) for name in PLAN)
    mixer = Attention(queries, keys, dim, dim, ())
    indices = tuple(range(int(layers.value))) if isinstance(layers.value, int) and layers.value <= 10_000 else (0,)
    return (Part("decoder", "decoder", Modality.TEXT, layers=(LayerGroup(layers, indices, (mixer,), None),)),)
