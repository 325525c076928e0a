"""Any bytes as a card: nothing is raised, memory stays bounded, and claims point at the text they quote."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specverify.card.card import Card, read_card
from specverify.card.claims import MOST_CLAIMS, MOST_REFUSALS

PIECES = st.sampled_from(
    [
        "---\n", "license: mit\n", "a: &a [*a, *a]\n", "# Example-7B\n", "- **Total Parameters**: 7B\n", "- Context Length: 128K\n",
        "| Model | Params |\n|---|---|\n", "| Example | 7B |\n", "<table><tr><td rowspan=9>", "</td></tr></table>", "```json\n", "```\n",
        "> > - ", "671B total parameters with 37B activated", " context length of 128K tokens", "上下文长度为 128K",
        "总参数：800亿", "<!--", "-->", "[a](b)", "\n\n",
        "# \x85\u2028\u2029\n", "base_model: a/b\n",
        "\x00", "\ufeff", "\u202e", "1" * 400, "9" * 5000, "128,000,", "K", " x ", "|" * 300, "*" * 50, "\t", "\r",
        '"rope_scaling": {"factor": 4.0, "original_max_position_embeddings": 32768}', "from 4K to 128K", "(", ")", ":", "=", "/", "~",
    ]
)  # fmt: skip


def check(card: Card) -> None:
    document = card.document
    assert len(document.plain) <= len(document.text)
    for claim in card.claims.claims:
        assert claim.accepted or claim.terms
        assert len(claim.accepted) == len(claim.quanta)
        assert all(value > 0 for value in claim.accepted)
        assert claim.quote == document.quote(claim.line)
        assert claim.raw.split()[0] in document.text
    for refusal in card.claims.refusals:
        assert refusal.reason


@given(st.lists(PIECES, max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_arrangement_of_what_cards_are_made_of(pieces: list[str]) -> None:
    check(read_card("".join(pieces).encode("utf-8", "surrogatepass"), "example/Example-7B"))


@given(st.binary(max_size=2000))
@settings(max_examples=300, deadline=None)
def test_any_bytes(data: bytes) -> None:
    check(read_card(data))
    check(read_card(b"---\n" + data + b"\n---\n" + data, "a/b"))


HUGE = {
    "brackets": b"[" * 100_000,
    "brackets in the front matter": b"---\na: " + b"[" * 100_000 + b"\n---\n",
    "one line of a megabyte": b"7B parameters " * 75_000,
    "a sentence without an end": b"context length of 128K " * 40_000,
    "blanks": b"Context Length:" + b" " * 1_000_000 + b"128K",
    "a number": b"Parameters: " + b"9" * 1_000_000,
    "numbers": b"Parameters: " + b"1,000," * 100_000,
    "a list of sizes": b"7B, " * 100_000 + b"8B parameters",
    "pipes": (b"|" + b"a|" * 50_000 + b"\n|" + b"-|" * 50_000 + b"\n") * 2,
    "rows": b"| Model | Params |\n|---|---|\n" + b"| a | 7B |\n" * 100_000,
    "quotes in quotes": b"> " * 50_000 + b"7B parameters",
    "items": b"- a: 7B parameters\n" * 100_000,
    "spans": b"<table>" + b"<tr><td rowspan=999 colspan=999>7B" * 20_000 + b"</table>",
    "tags": b"<td " * 100_000,
    "comments": b"<!--" * 200_000,
    "links": b"[" * 50_000 + b"](" * 50_000,
    "emphasis": b"*_" * 200_000,
    "headings": b"# a\n" * 100_000,
    "fences": b"```\n" * 100_000,
    "references": b"[a]: b\n" * 50_000,
    "entities": b"&nbsp;" * 100_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_a_card_of_nothing_but_one_thing_is_read(name: str) -> None:
    check(read_card(HUGE[name], "example/Example-7B"))


@pytest.mark.parametrize("name", ["one line of a megabyte", "pipes", "spans", "fences"])
def test_memory_is_bounded(name: str) -> None:
    tracemalloc.start()
    read_card(HUGE[name], "example/Example-7B")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 2**20


def test_characters_that_other_readers_take_for_line_ends_move_no_claim() -> None:
    card = read_card("---\nlicense: mit\n# \x85\u2028\u2029\n# \x85\x85\nbase_model: a/b\n---\n# X\n".encode(), "a/x")
    check(card)
    assert {(claim.kind, claim.line) for claim in card.claims.claims} == {("license", 2), ("base_model", 5)}


def test_claims_and_refusals_are_bounded_and_what_is_left_out_is_said() -> None:
    claims = read_card(b"".join(b"- Number of Layers: %d\n" % number for number in range(1, 2000)), "example/Example-7B").claims
    assert len(claims.claims) == MOST_CLAIMS
    assert len(claims.refusals) == MOST_REFUSALS
    assert claims.refusals[0].reason == f"the card makes more than {MOST_CLAIMS} claims"


def test_sentences_behind_the_bound_cost_nothing() -> None:
    sentence = b"The model has %d layers and %d heads and a context length of %dK tokens, 7B parameters.\n\n"
    started = time.process_time()
    read_card(b"".join(sentence % (n, n, n) for n in range(1, 2500)), "example/Example-7B")
    assert time.process_time() - started < 2
