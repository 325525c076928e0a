"""Claims of the hardware a model needs: the memory named against the bytes of the weights as published."""

from __future__ import annotations

from collections.abc import Mapping

from specverify.card.claims import Claim
from specverify.outcome import Agreement, Compared, evidence_of
from specverify.spec import Figure
from specverify.verdicts.candidates import Parts

PRECISIONS = ("int4", "4-bit", "4bit", "int8", "8-bit", "8bit", "fp8", "nf4", "q4", "q8", "gptq", "awq", "gguf", "quant")
"""Words of a condition under which the weights are not those published."""


def hardware_verdict(claim: Claim, figures: Mapping[str, Figure]) -> Parts:
    """Whether the weights alone fit the memory named; what the cache takes beside them is for a target."""
    if not claim.accepted:
        return Agreement.UNVERIFIABLE, "no amount of memory is named", (), None
    if any(word in words.lower() for words in (*claim.conditions, *claim.section, claim.quote) for word in PRECISIONS):
        return Agreement.UNVERIFIABLE, "for weights in another precision than those published", (), None
    figure = figures.get("weights.bytes")
    if figure is None or not isinstance(figure.value, int):
        return Agreement.UNVERIFIABLE, "the bytes of the weights are not known", (), None
    memory = max(claim.accepted)
    evidence = tuple(e for fact in figure.number.rests_on() for e in evidence_of(fact)[:1])
    compared = (Compared("weights.bytes", figure.value, figure.value <= memory, evidence),)
    if figure.value <= memory:
        rest = (memory - figure.value) / 2**30
        return Agreement.AGREES, f"the weights take {figure.value:,} bytes of it, which leaves {rest:.1f} GiB for all else", compared, None
    return Agreement.DISAGREES, f"the weights alone take {figure.value:,} bytes, more than the {memory:,} named", compared, None
