"""A model with no public config, as its claims have it: nothing is evidence, nothing is filled in.

Facts have no value, only what is claimed of them. A figure is computed only where every number of its formula is claimed,
and then rests on those claims and says so; any other is unknown, and says what it would rest on that is not stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specverify import num
from specverify.card import kinds
from specverify.card.claims import Claim
from specverify.card.claims_file import ClaimsFile
from specverify.derive.figures import figures
from specverify.facts import Fact, Reading, Source, Where
from specverify.frozen import replace
from specverify.num import Num
from specverify.outcome import Agreement, Verdict
from specverify.spec import Attention, Figure, LayerGroup, Modality, ModelSpec, Part
from specverify.target import Target
from specverify.verdicts.judge import verdict_of

UNVERIFIABLE = "claimed only: there is no public config or tensor to hold it against"
CLOSED = "a closed model: there is nothing to check against"
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
PROTOTYPES = ("decoder-only", "prefix-lm", "encoder-decoder", "encoder-only")
GENERATES = frozenset({"decoder-only", "prefix-lm"})
PLAIN = frozenset({"mha", "gqa", "mqa"})
"""Attention that keeps the keys and values of every token, and nothing else."""
ROLES = ("stated", "native")
MOST_LAYERS = 10_000
"""Deeper stacks do not exist; a claim of one would only cost time."""
CLAIMED = {"parameters.total": "total_params", "parameters.activated": "active_params", "context.declared": "context_length"}
"""Figures that are claimed as they are."""
OF_HARDWARE = frozenset({"capacity.budget_bytes_per_gpu", "memory.total_bytes_per_gpu", "memory.budget_bytes_per_gpu"})
"""Figures that say nothing of the model."""
WOULD_REST_ON = {
    "parameters": "the shape of every tensor",
    "prefill": "the shape of every matrix",
    "attention": "the dtype that attention is computed in",
    "context": "the keys of a config",
}
"""What a figure would rest on that no claim states, by the group it is of."""
TENSORS = "the shape and dtype of every tensor"
"""What those of any other group would."""


def closed_spec(claims: ClaimsFile) -> ModelSpec:
    """The spec of a closed model: every fact without a value, with what is claimed of it as a reading."""
    facts = {name: _fact(name, kind, claims) for name, kind in FACTS.items()}
    return ModelSpec("closed", "claimed", facts, parts=_plan(facts), source=claims.file)


def closed_figures(spec: ModelSpec, target: Target) -> dict[str, Figure]:
    """Every figure of the model by name: resting on claims and labelled so, or unknown with what is not stated."""
    found = figures(spec, target, lengths={"context.declared": claimed_number(spec.fact("context_length"))})
    numbers = {name: _number(name, figure, spec) for name, figure in found.items() if name not in OF_HARDWARE}
    return {
        name: replace(found[name], number=number, note=LABEL if number.value is not None else UNVERIFIABLE)
        for name, number in numbers.items()
    }


def closed_verdicts(claims: ClaimsFile) -> tuple[Verdict, ...]:
    """Every claim of a closed model is unverifiable."""
    return tuple(verdict_of(claim, Agreement.UNVERIFIABLE, UNVERIFIABLE) for claim in claims.claims)


def claimed_number(fact: Fact) -> Num:
    """What is claimed of a fact as a number that rests on it; unknown where no one number is."""
    values = {reading.value for reading in fact.readings}
    value = values.pop() if len(values) == 1 else None
    return Num(value if isinstance(value, int | float) and not isinstance(value, bool) else None, "fact", fact=fact)


def _number(name: str, figure: Figure, spec: ModelSpec) -> Num:
    if name in CLAIMED:
        return claimed_number(spec.fact(CLAIMED[name]))
    if not name.startswith("cache."):
        return num.unknown(f"it would rest on {WOULD_REST_ON.get(name.partition('.')[0], TENSORS)}, which no claim states")
    if figure.number.rests_on():
        return figure.number
    # What such layers do not keep follows from what is claimed of them, and from nothing else.
    missing = _not_plain(spec.facts)
    return num.unknown(missing) if missing else num.counted(0, "layers that keep it", *_says_so(spec.facts))


def _fact(name: str, kind: str, claims: ClaimsFile) -> Fact:
    stated = [claim for claim in claims.claims if claim.kind == kind and claim.role in ROLES]
    readings = tuple(
        Reading(value, Source.CLAIMED, Where(claim.file, line=claim.line), claim.quote, _note(claim))
        for claim in stated
        if (value := _value(name, claim)) is not None
    )
    if not readings:
        others = dict.fromkeys(f"{c.raw} ({c.role})" if c.role not in ROLES else c.raw for c in claims.claims if c.kind == kind)
        why = f"only {', '.join(others)} is claimed" if others else claims.not_stated.get(kind, "no source that was read says it")
        return Fact(name, (), f"{name}: not stated: {why}")
    several = list(dict.fromkeys(str(claim.raw) for claim in stated)) if len({reading.value for reading in readings}) > 1 else []
    if several:
        return Fact(name, readings, f"{name}: {UNVERIFIABLE}; and claims differ: {', '.join(several)}")
    if isinstance(readings[0].value, str) and kind in kinds.UNITS:
        meant = " or ".join(f"{value:,}" for value in stated[0].accepted)
        return Fact(name, readings, f"{name}: {UNVERIFIABLE}; and {readings[0].value} may be {meant}")
    return Fact(name, readings, UNVERIFIABLE)


def _value(name: str, claim: Claim) -> Any:
    """What a claim says of a fact: a number where it can stand for one only, else its words; None where it says nothing of it."""
    if not claim.terms:
        return claim.accepted[0] if len(claim.accepted) == 1 else claim.raw
    terms = [term for term in claim.terms if name != "prototype" or term in PROTOTYPES]
    return ", ".join(terms) or None


def _note(claim: Claim) -> str:
    return "; ".join(part for part in (claim.source, *claim.conditions) if part)


def _plan(facts: Mapping[str, Fact]) -> tuple[Part, ...]:
    """A decoder of equal layers, where that is what is claimed; its numbers are the claims or unknown."""
    layers, queries, keys, dim = (
        claimed_number(facts[name]) for name in ("num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim")
    )
    missing = _not_plain(facts)
    if missing is not None:
        keys = keys * num.unknown(missing)
    elif isinstance(keys.value, int):
        keys = num.counted(keys.value, "num_key_value_heads", keys, *_says_so(facts))
    mixer = Attention(queries, keys, dim, dim, ())
    indices = tuple(range(layers.value)) if isinstance(layers.value, int) and layers.value <= MOST_LAYERS else (0,)
    return (Part("decoder", "decoder", Modality.TEXT, layers=(LayerGroup(layers, indices, (mixer,), None),)),)


def _not_plain(facts: Mapping[str, Fact]) -> str | None:
    """Why what a layer keeps does not follow from the claims; None where all keep plain keys and values of a decoder."""
    unknown = []
    for name, known, keeps in (("attention", PLAIN, "what its layers keep"), ("prototype", GENERATES, "which of its layers keep a cache")):
        fact = facts[name]
        said = {term for reading in fact.readings for term in str(reading.value).split(", ")}
        if not said:
            unknown.append(fact.reason or name)
        elif not said <= known:
            unknown.append(f"{name}: {', '.join(sorted(said))} is claimed, and {keeps} does not follow from that")
    return "; ".join(unknown) or None


def _says_so(facts: Mapping[str, Fact]) -> tuple[Num, ...]:
    """How many claims say so, as numbers that rest on them."""
    return tuple(Num(len(facts[name].readings), "fact", fact=facts[name]) for name in ("attention", "prototype"))
