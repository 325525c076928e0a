"""One engine for every claim of a card or claims file: what it was held against, and what came of it.

Only a claim about this very model is compared. A name is a hint and never a claim; a claim is never evidence for another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from specverify.card import kinds
from specverify.card.claims import Claim
from specverify.card.recipe import Recipe
from specverify.facts import Source
from specverify.frozen import Struct, frozen, replace
from specverify.outcome import Agreement, Compared, Confidence, Evidence, Verdict
from specverify.spec import Figure, ModelSpec, Tensor
from specverify.verdicts.candidates import Parts
from specverify.verdicts.context import context_verdict
from specverify.verdicts.hardware import hardware_verdict
from specverify.verdicts.parameters import PARAMETERS, parameter_candidates
from specverify.verdicts.precision import Match, apart, match
from specverify.verdicts.shape import COUNTED, PADDING
from specverify.verdicts.terms import TERMS

NEEDS_A_RUN = {
    kinds.TRAINING_TOKENS: "no file of the model shows what it was trained on",
    kinds.CUTOFF: "no file of the model shows what it was trained on",
    kinds.THROUGHPUT: "a measurement of somebody's set-up: it takes a run",
    kinds.TTFT: "a measurement of somebody's set-up: it takes a run",
    kinds.LATENCY: "a measurement of somebody's set-up: it takes a run",
    kinds.OUTPUT: "the context bounds it, and nothing in the files shows a length of its own",
    kinds.CODE_LICENSE: "the code it is about is not among the files of the model",
}


@frozen
class Evidences(Struct):
    """What claims are held against. The counts of parameters are the same for every claim of a kind, so they are kept."""

    spec: ModelSpec
    figures: Mapping[str, Figure]
    tensors: Sequence[Tensor] | None = None
    recipes: Sequence[Recipe] = ()
    _counted: dict[str, tuple[tuple[Compared, ...], str | None]] = field(default_factory=dict, compare=False, repr=False)

    def counted(self, kind: str) -> tuple[tuple[Compared, ...], str | None]:
        """What a claim of parameters may mean, or the reason nothing is known of it."""
        if kind not in self._counted:
            self._counted[kind] = parameter_candidates(kind, self.spec, self.figures, self.tensors)
        return self._counted[kind]


def judge(claims: Iterable[Claim], against: Evidences) -> tuple[Verdict, ...]:
    """The verdict on each claim, in the order given."""
    return tuple(_verdict(claim, against) for claim in claims)


def _verdict(claim: Claim, against: Evidences) -> Verdict:
    return verdict_of(claim, *_compare(claim, against))


def verdict_of(claim: Claim, agreement: Agreement, reason: str, compared: tuple[Compared, ...] = (), remark: str | None = None) -> Verdict:
    """What came of a claim, with all that is known of the claim itself."""
    return Verdict(
        claim.kind,
        claim.raw,
        claim.terms or claim.accepted,
        claim.unit,
        Evidence(Source.CLAIMED, claim.file, line=claim.line, quote=claim.quote, value=claim.raw, note=claim.source),
        claim.columns,
        claim.emitter,
        claim.role,
        claim.section,
        claim.subject,
        claim.relation,
        Confidence(claim.confidence),
        agreement,
        reason,
        compared,
        remark,
        claim.conditions,
    )


def _compare(claim: Claim, against: Evidences) -> Parts:
    if claim.relation != "self":
        about = f"about {claim.subject}" if claim.subject else "not surely about this model"
        return Agreement.UNVERIFIABLE, f"{about} ({claim.relation}), so nothing of this model is held against it", (), None
    if claim.kind in NEEDS_A_RUN:
        return Agreement.UNVERIFIABLE, NEEDS_A_RUN[claim.kind], (), None
    if claim.kind == kinds.CONTEXT:
        return context_verdict(claim, against.spec, against.figures, against.recipes)
    if claim.kind in PARAMETERS:
        candidates, reason = against.counted(claim.kind)
        return _number(claim, candidates, reason)
    if claim.kind in COUNTED:
        if claim.kind == kinds.KV_HEADS and against.spec.value("attention") == "mla":
            return Agreement.UNVERIFIABLE, "a compressed latent is cached, and no key-value heads", (), None
        candidates = tuple(COUNTED[claim.kind](against.spec))
        return _number(claim, candidates, None if candidates else "the config states no such number itself")
    if claim.kind == kinds.HARDWARE:
        return hardware_verdict(claim, against.figures)
    if claim.kind in TERMS:
        return TERMS[claim.kind](claim, against.spec)
    return Agreement.UNVERIFIABLE, "nothing of the model's files states it", (), None


def _number(claim: Claim, candidates: Sequence[Compared], reason: str | None) -> Parts:
    """A claimed number against all it may mean: agrees with one of them, or with none."""
    if reason is not None:
        return Agreement.UNVERIFIABLE, reason, (), None
    exact = claim.kind in COUNTED and claim.kind != kinds.VOCABULARY
    graded = [(candidate, _exactly(claim, candidate.value) if exact else match(claim, candidate.value)) for candidate in candidates]
    seen: dict[object, Compared] = {}
    for candidate, grade in sorted(graded, key=lambda pair: -pair[1]):
        seen.setdefault(candidate.value, replace(candidate, matches=grade is Match.PRINTED))
    compared = tuple(seen[candidate.value] for candidate, _ in graded if seen.get(candidate.value, candidate).name == candidate.name)
    best, grade = max(graded, key=lambda pair: pair[1])
    if claim.kind == kinds.VOCABULARY and (padded := _padded(claim, candidates)) is not None:
        return Agreement.AGREES, f"the tokens of it; {padded.name} is {padded.value:,} with rows that no token uses", compared, "padded"
    if grade is Match.PRINTED:
        return Agreement.AGREES, f"{best.name} is {best.value:,}", compared, None
    if grade is Match.LOOSE:
        said = f"loosely: {best.name} is {best.value:,}, {'less' if best.value < max(claim.accepted) else 'more'} than its digits say"
        return Agreement.AGREES, said, compared, "loose"
    nearest = min(candidates, key=lambda c: abs(c.value - claim.accepted[0]))
    proved = "the tensor headers" if any(e.source is Source.MEASURED for e in nearest.evidence) else "the config"
    said = f"{apart(claim, nearest.value, nearest.name)}, {nearest.value:,}; {proved} is what is loaded, so that is the stronger"
    return Agreement.DISAGREES, said, compared, None


def _exactly(claim: Claim, value: object) -> Match:
    return Match.PRINTED if value in claim.accepted else Match.NONE


def _padded(claim: Claim, candidates: Sequence[Compared]) -> Compared | None:
    """The vocabulary that has a few rows more than an exact number of tokens claimed."""
    if any(quantum != 1 for quantum in claim.quanta):
        return None
    said = claim.accepted[0]
    return next((c for c in candidates if said < c.value <= said * (1 + PADDING)), None)
