"""What a printed number stands for."""

from __future__ import annotations

import pytest

from specverify.card.claims import Claim, extract
from specverify.card.document import parse_card
from specverify.verdicts.precision import Match, apart, match


def claim(said: str) -> Claim:
    found = extract(parse_card(f"- Number of Parameters: {said}\n".encode()), "example/Example").claims
    (one,) = [c for c in found if c.kind == "total_params"]
    return one


@pytest.mark.parametrize(
    ("said", "value", "expected"),
    [
        ("7.61B", 7_615_616_512, Match.PRINTED),
        ("671B", 671_026_404_352, Match.PRINTED),
        ("110M", 109_482_240, Match.PRINTED),
        ("70B", 68_976_648_192, Match.PRINTED),
        ("2.7B", 2_779_683_840, Match.LOOSE),
        ("3B", 3_482_503_680, Match.LOOSE),
        ("12B", 12_800_000_000, Match.LOOSE),
        ("7B", 8_537_680_896, Match.NONE),
        ("13B", 6_738_415_616, Match.NONE),
        ("2,795,443,200", 2_795_443_200, Match.PRINTED),
        ("2,796,431,360", 2_795_443_200, Match.LOOSE),
    ],
)
def test_a_number_stands_for_what_rounds_to_it(said: str, value: int, expected: Match) -> None:
    assert match(claim(said), value) is expected


@pytest.mark.parametrize(
    ("said", "value", "expected"),
    [("7.9B", 7_000_000_000, "13 % more than x"), ("6.9B", 7_000_000_000, "1.4 % less than x"), ("28B", 7_000_000_000, "4.0 times x")],
)
def test_the_distance_is_told_in_words(said: str, value: int, expected: str) -> None:
    assert apart(claim(said), value, "x") == expected
