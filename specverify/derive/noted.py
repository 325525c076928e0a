"""The note of a figure, of several clauses."""

from __future__ import annotations


def noted(*clauses: str | None) -> str | None:
    """The clauses there are, in their order; None for none."""
    return "; ".join(clause for clause in clauses if clause) or None
