"""Claims as readings of the facts they are about: a field then shows what the card says of it beside what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from specverify.card import kinds
from specverify.facts import Reading, Source, Where
from specverify.frozen import replace
from specverify.outcome import Agreement, Verdict
from specverify.spec import ModelSpec

FACTS: Mapping[str, tuple[str, ...]] = {
    kinds.LAYERS: ("num_hidden_layers",),
    kinds.Q_HEADS: ("num_attention_heads",),
    kinds.KV_HEADS: ("num_key_value_heads",),
    kinds.HEAD_DIM: ("head_dim",),
    kinds.HIDDEN: ("hidden_size",),
    kinds.VOCABULARY: ("vocab_size",),
    kinds.EXPERTS: ("n_routed_experts", "num_local_experts", "num_experts"),
    kinds.TOP_K: ("num_experts_per_tok",),
    kinds.SHARED_EXPERTS: ("n_shared_experts",),
}


def with_claims(spec: ModelSpec, verdicts: Iterable[Verdict]) -> ModelSpec:
    """The spec with a claimed reading for each claim about this model that was compared with a fact; no value changes."""
    facts = dict(spec.facts)
    for verdict in verdicts:
        if verdict.relation != "self" or verdict.agreement is Agreement.UNVERIFIABLE:
            continue
        name = next((name for name in FACTS.get(verdict.kind, ()) if name in facts and facts[name].readings), None)
        if name is None:
            continue
        value = facts[name].value
        if verdict.agreement is Agreement.AGREES and value not in {one.value for one in verdict.compared if one.matches}:
            continue  # it agrees with something else of that kind: the encoder's layers, say
        said = value if verdict.agreement is Agreement.AGREES else verdict.accepted[0]
        place = Where(verdict.stated.file, line=verdict.stated.line)
        facts[name] = facts[name].with_readings(Reading(said, Source.CLAIMED, place, verdict.stated.quote, verdict.reason))
    return spec if facts == spec.facts else replace(spec, facts=facts)
