"""A card as the rules see it: the document, what it claims, and how it says its longer context is had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specverify.card.claims import Claims, extract
from specverify.card.document import CardDocument, parse_card
from specverify.card.recipe import Recipe, recipes
from specverify.frozen import Struct, frozen


@frozen
class Card(Struct):
    """One card, read."""

    document: CardDocument
    claims: Claims
    recipes: tuple[Recipe, ...]

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The values of the front matter; empty where there is none that can be read."""
        return self.document.front_matter.values


def read_card(data: bytes, name: str | None = None, file: str = "README.md") -> Card:
    """The card of these bytes; `name` is the repo's (`org/name`) or the folder's. Raises nothing."""
    document = parse_card(data, file)
    return Card(document, extract(document, name), recipes(document))
