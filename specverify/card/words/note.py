"""Where the readers of words put what they found."""

from __future__ import annotations

from specverify.card.claims import Notebook
from specverify.card.kinds import BASE_MODEL
from specverify.card.text import Compact
from specverify.card.words.bases import linked
from specverify.card.words.found import Found
from specverify.card.words.whose import of_size


def note(
    notebook: Notebook,
    found: Found,
    text: Compact,
    *,
    emitter: str,
    section: tuple[str, ...],
    subject: str | None = None,
    relation: str = "self",
    refused: str | None = None,
    conditions: tuple[str, ...] = (),
) -> None:
    """Note what was found in a stretch of the card, as a claim or as refused."""
    span = text.span(found.start, found.end)
    reason = found.refused or refused
    if reason is not None:
        notebook.refuse(found.kind, span, reason)
        return
    terms = found.terms
    if found.kind == BASE_MODEL:
        terms = (linked(notebook.document.text, span[1], terms[0]),)
    if found.size is not None:
        subject, relation = found.size, of_size(notebook.subject, found.size)
    notebook.claim(
        found.kind,
        found.quantity,
        span,
        emitter=emitter,
        section=section,
        role=found.role,
        subject=found.subject or subject,
        relation=found.relation or relation,
        confidence="medium" if emitter == "prose" else "high",
        terms=terms,
        conditions=tuple(dict.fromkeys((*found.conditions, *conditions))),
    )
