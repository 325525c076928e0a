"""Claims of context length: against what every engine computes, the length before scaling, and the override a card documents.

Never against one field: Qwen2.5's 131,072 is neither wrong nor there (vllm-project/vllm#16757), Qwen3's 40,960 is 32,768
and room for an answer, and what a model was trained or tested at is no promise at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from specverify.card.claims import Claim
from specverify.card.recipe import Recipe
from specverify.facts import Source
from specverify.outcome import Agreement, Compared, Evidence
from specverify.spec import Figure, ModelSpec
from specverify.verdicts.candidates import Parts, distinct, of_number
from specverify.verdicts.precision import apart

TOLERANCE = 0.03
UNBOUNDED = ("relative", "alibi", "none")
"""Position schemes that go on past the length a config states."""
COMPARED_ROLES = ("stated", "native", "extended", "original")


def context_verdict(claim: Claim, spec: ModelSpec, figures: Mapping[str, Figure], recipes: Sequence[Recipe]) -> Parts:
    """Verdict, reason, what it was compared with, and the remark."""
    if claim.emitter == "snippet":
        return Agreement.UNVERIFIABLE, "a setting of an override, which promises nothing by itself", (), None
    if claim.role not in COMPARED_ROLES:
        return Agreement.UNVERIFIABLE, f"a length it was {claim.role} at, which no file shows", (), None
    candidates = distinct(
        candidate for name, figure in _in_order(figures) for candidate in of_number(name, figure.number) if candidate.value
    )
    if not candidates:
        unbounded = " and the model's positions have no end" if spec.value("position_scheme") in UNBOUNDED else ""
        return Agreement.UNVERIFIABLE, f"the config states no context length itself{unbounded}", (), None
    compared = tuple(Compared(c.name, c.value, _is(claim, c.value), c.evidence) for c in candidates)
    agreed = next((c for c in compared if c.matches), None)
    if agreed is not None:
        return Agreement.AGREES, f"{agreed.name} is {agreed.value:,}", compared, None
    longest = max(compared, key=lambda c: c.value)
    if claim.role == "original":
        return Agreement.UNVERIFIABLE, "the length before an extension, which the config does not state", compared, None
    if min(claim.accepted) <= longest.value * (1 + TOLERANCE):
        return Agreement.DISAGREES, f"below {longest.name}, which is {longest.value:,}", compared, "below"
    override = _override(claim, recipes)
    if override is not None:
        reached = "" if override.reach is None else f", which sets {override.reach:,}"
        said = f"true only with the override the card documents at line {override.line}{reached}; the config alone gives {longest.value:,}"
        line = Evidence(Source.CLAIMED, claim.file, line=override.line, quote=override.quote, note="the override")
        return Agreement.OPT_IN, said, (Compared("the override the card documents", override.reach, True, (line,)), *compared), None
    if spec.value("position_scheme") in UNBOUNDED:
        said = f"engines stop at {longest.value:,} unless they are told more, which the model's positions allow: they have no end"
        return Agreement.DISAGREES, said, compared, "unbounded"
    reason = f"{apart(claim, longest.value, longest.name)}, {longest.value:,}, which is the longest any engine computes"
    return Agreement.DISAGREES, f"{reason}; the card documents no override", compared, None


def _in_order(figures: Mapping[str, Figure]) -> list[tuple[str, Figure]]:
    """The lengths, effective ones first: they decide what is had."""
    named = [(name, figure) for name, figure in figures.items() if name.startswith("context.")]
    return sorted(named, key=lambda entry: not entry[0].startswith("context.effective"))


def _is(claim: Claim, value: int) -> bool:
    """Whether a length is the one claimed: its thousands rounded, by either base, or within the tolerance."""
    return any(
        abs(value - said) <= max(quantum / 2 if quantum > 1 else 0, TOLERANCE * said)
        for said, quantum in zip(claim.accepted, claim.quanta, strict=True)
    )


def _override(claim: Claim, recipes: Sequence[Recipe]) -> Recipe | None:
    """The documented step to the length: one whose own numbers reach it, else one that gives none, else any.

    A factor times the original length may fall short and be right: interleaved M-RoPE positions grow slower than tokens.
    """

    def order(recipe: Recipe) -> tuple[int, int]:
        reaches = recipe.reach is not None and recipe.reach * (1 + TOLERANCE) >= min(claim.accepted)
        return (0 if reaches else 1 if recipe.reach is None else 2, recipe.line)

    return min(recipes, key=order, default=None)
