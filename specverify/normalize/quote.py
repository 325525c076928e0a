"""Lines and quotes for evidence that names a JSON pointer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from specverify.normalize.document import Document
from specverify.normalize.locate import Place, place_of, offsets
from specverify.outcome import Evidence, Finding, Outcome


def quoted(outcomes: Iterable[Outcome], documents: Mapping[str, Document]) -> tuple[Outcome, ...]:
    """The same outcomes, each finding's evidence with the line and text that its pointer stands at."""
    places: dict[str, dict[str, int]] = {}

    def fill(evidence: Evidence) -> Evidence:
        document = documents.get(evidence.file)
        if document is None or evidence.pointer is None or evidence.line is not None:
            return evidence
        if evidence.file not in places:
            places[evidence.file] = offsets(document.text)
        place: Place | None = place_of(document.text, places[evidence.file].get(evidence.pointer))
        return evidence if place is None else replace(evidence, line=place.line, quote=place.quote)

    return tuple(
        replace(outcome, evidence=tuple(fill(evidence) for evidence in outcome.evidence)) if isinstance(outcome, Finding) else outcome
        for outcome in outcomes
    )
