from __future__ import annotations

from specverify.card.considerations import Considerations, considerations
from specverify.card.document import parse_card

CARD = b"""# A model

Good for anything.

## Intended uses & limitations

Not told apart.

### 1. Intended Use

Chat in
English.

- Research
- [More Information Needed]

#### How to use

Load it.

## Bias, Risks, and Limitations

It was trained on English.

## Training

On text.
"""


def test_what_stands_under_such_a_heading_is_told_as_it_stands() -> None:
    assert considerations(parse_card(CARD)) == Considerations(("Chat in English.", "Research"), ("It was trained on English.",))


def test_a_card_without_such_a_heading_says_nothing() -> None:
    assert considerations(parse_card(b"# A model\n\nIt has limitations.\n")) == Considerations()
