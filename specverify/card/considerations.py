"""What a card says the model is for and where it fails: the paragraphs and items under headings of that name, as they stand."""

from __future__ import annotations

from typing import NamedTuple

from specverify.card.document import CardDocument
from specverify.card.metadata import bare

USES = frozenset(
    map(bare, ("Intended use", "Intended uses", "Intended use cases", "Direct use", "Use cases", "Uses", "Primary intended uses"))
)
LIMITS = frozenset(
    map(
        bare,
        (
            "Limitations", "Limitation", "Known limitations", "Limitations and bias", "Limitations and biases", "Bias and limitations",
            "Risks and limitations", "Bias, risks and limitations", "Ethical considerations and limitations",
            "Limitations and ethical considerations", "Out-of-scope use", "Out-of-scope uses", "Out of scope",
        ),
    )
)  # fmt: skip
DIGITS = "0123456789"
UNFILLED = bare("More Information Needed")
"""What the Hub's template has where nobody wrote anything."""
MOST = 50
"""Paragraphs and items of each kind."""


class Considerations(NamedTuple):
    """The texts under such headings, in the order of the card, each on one line."""

    uses: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


def considerations(document: CardDocument) -> Considerations:
    """What stands directly under a heading that names uses or limits, and says something."""
    return Considerations(_under(document, USES), _under(document, LIMITS))


def _under(document: CardDocument, headings: frozenset[str]) -> tuple[str, ...]:
    texts = (
        " ".join(document.plain[run.start : run.end].split())
        for run in document.runs
        if run.kind != "heading" and run.section and bare(run.section[-1]).lstrip(DIGITS) in headings
    )
    return tuple(dict.fromkeys(text for text in texts if text and bare(text) != UNFILLED))[:MOST]
