"""What a card says in words, for tests: the claims of one kind, and why others are none."""

from __future__ import annotations

from specverify.card.claims import Claim, Claims, extract
from specverify.card.document import parse_card

OWN = "example/Example-7B"


def read(text: str, name: str | None = OWN) -> Claims:
    return extract(parse_card(text.encode()), name)


def claims(kind: str, text: str, name: str | None = OWN) -> list[Claim]:
    return [claim for claim in read(text, name).claims if claim.kind == kind]


def said(kind: str, text: str, name: str | None = OWN) -> list[tuple[tuple[str, ...], str]]:
    """Terms and relation of each claim of a kind, in order of place."""
    return [(claim.terms, claim.relation) for claim in claims(kind, text, name)]


def refused(kind: str, text: str, name: str | None = OWN) -> set[str]:
    """The reasons why what looks like a claim of a kind is none."""
    return {refusal.reason for refusal in read(text, name).refusals if refusal.kind == kind}
