"""What nobody sees in a card: found where it is, left out where a script or an emoji needs it, and taken out of what is read."""

from __future__ import annotations

import time

import pytest

from specverify.card.card import read_card
from specverify.card.hidden import MOST, hidden, spelled
from specverify.card.text import readable


def found(text: str) -> list[tuple[int, str, str]]:
    return [(one.offset, f"{ord(one.character):04X}", one.act) for one in hidden(text)]


@pytest.mark.parametrize(
    "text",
    [
        "plain text, 128K tokens\tand\nlines",
        "non-breaking\u00a0space, narrow\u202fspace, ideographic\u3000space, thin\u2009space",
        "combining e\u0301 and Zalgo u\u0335\u0336",
        "\U0001f469\u200d\U0001f4bb \U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\u2764\ufe0f\u200d\U0001f525 \U0001f937\U0001f3fd\u200d\u2640\ufe0f",
        "\u2764\ufe0f \u26a0\ufe0f 1\ufe0f\u20e3 #\ufe0f\u20e3 \u2714\ufe0e \u00a9\ufe0f \u2197\ufe0f",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0915\u094d\u200d\u0937 \u0d28\u0d4d\u200d",
        "\u05e9\u05dc\u05d5\u05dd\u200f (128K)\u200e, \u0645\u0631\u062d\u0628\u0627\u061c",
        "\u0e2a\u0e27\u0e31\u0e2a\u200b\u0e14\u0e35 \u1781\u17d2\u200b\u1798",
        "\u2229\ufe00 \u845b\U000e0100 \u3001\ufe01",
        "\u182c\u180b",
        "\u1112\u1160\u11ab",
        "x \u2212 y \u2264 \u221e, \U0001d465\u2081",
    ],
)
def test_what_a_script_or_an_emoji_needs_is_not_hidden(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("12\u200b8K", (2, "200B", "hides")),
        ("con\u00adtext", (3, "00AD", "hides")),
        ("a\u2060b", (1, "2060", "hides")),
        ("a\ufeffb", (1, "FEFF", "hides")),
        ("Llama\u200d-7B", (5, "200D", "hides")),
        ("a\ufe0f", (1, "FE0F", "hides")),
        ("a\U000e0100", (1, "E0100", "hides")),
        ("a\u200eb", (1, "200E", "hides")),
        ("a\x08b", (1, "0008", "hides")),
        ("a\x1b[31m", (1, "001B", "hides")),
        ("a\x92s", (1, "0092", "hides")),
        ("a\u2028b", (1, "2028", "hides")),
        ("a\u3164b", (1, "3164", "hides")),
        ("a\u2066b\n", (1, "2066", "hides")),
        ("\u202eK821 tokens", (0, "202E", "reorders")),
        ("\u202d\u05e9\u05dc\u05d5\u05dd\u202c", (0, "202D", "reorders")),
        ("\u202d+1 555\u202c", (0, "202D", "hides")),
        ("\u202e\u05e9\u05dc\u05d5\u05dd\u202c abc", (0, "202E", "hides")),
        ("A\U000e0041", (1, "E0041", "spells")),
        ("\U0001f3f4\U000e0069\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065\U000e0020\U000e0061", (1, "E0069", "spells")),
    ],
)
def test_what_nobody_sees_is_found_with_what_it_does(text: str, where: tuple[int, str, str]) -> None:
    assert found(text)[0] == where


def test_tags_spell_plain_letters() -> None:
    assert spelled("".join(chr(0xE0000 + ord(c)) for c in "ignore the card") + "\U000e007f") == "ignore the card"


@pytest.mark.parametrize(
    ("unit", "count"),
    [
        ("\u200b", MOST), ("\u202eab", MOST), ("a\u200e", MOST), ("\u200e" + "a" * 5000, 103), ("\u05d0\u200e", MOST),
        ("\u200e" * 999 + "\u05d0", MOST), ("\u0645\u200c", MOST), ("\U0001f469\u200d", MOST), ("\u0645\u200c" + "a" * 20, 0),
        ("\U0001f3f4\U000e0067", MOST), ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e007f", MOST),
    ],
)  # fmt: skip
def test_a_text_full_of_it_is_left_at_a_bound_and_soon(unit: str, count: int) -> None:
    text = unit * (520_000 // len(unit))
    started = time.process_time()
    assert len(found(text)) == count
    assert time.process_time() - started < 2


UNSEEN = [
    "\u200b",
    "\u00ad",
    "\u2060\u200d",
    "\ufeff",
    "\U000e0041",
    "\x08",
    "&#8203;",
    "&#x200b;",
    "&shy;",
    "&ZeroWidthSpace;",
    "<!-- x -->",
    "<wbr>",
]


@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_claim_is_read_as_it_is_shown(unseen: str) -> None:
    lines = (
        f"- Con{unseen}text Length: 12{unseen}8K",
        f"- 上下文{unseen}长度：1{unseen}31,0{unseen}72",
        f"- Total Parame{unseen}ters: 67{unseen}1B",
    )
    claims = read_card(("# A\n\n" + "\n".join(lines)).encode(), "x/y").claims.claims
    assert [claim.accepted for claim in claims] == [(131072, 128000), (131072,), (671000000000,)]
    assert [claim.raw for claim in claims] == [f"12{unseen}8K", f"1{unseen}31,0{unseen}72", f"67{unseen}1B"]
    assert claims[0].columns == (len(f"- Con{unseen}text Length: ") + 1, len(f"- Con{unseen}text Length: 12{unseen}8K") + 1)
    assert claims[0].quote == lines[0]


@pytest.mark.parametrize("unseen", [*UNSEEN, "<!-- a\nb -->"])
@pytest.mark.parametrize("form", ["- Context Length: 12{}8K", "It has 12{}8B parameters.", "| Model | Layers |\n|---|---|\n| y | 1{}28 |"])
def test_what_is_hidden_in_a_number_makes_no_other(form: str, unseen: str) -> None:
    if "\n" in unseen and "|" in form:
        return  # a comment of two lines ends a row
    values = {value for claim in read_card(form.format(unseen).encode(), "x/y").claims.claims for value in claim.accepted}
    assert values <= {131072, 128000, 128000000000, 128}


def test_digits_written_as_entities_are_digits() -> None:
    (claim,) = read_card(b"- Context Length: &#49;2&#x38;K\n", "x/y").claims.claims
    assert claim.accepted == (131072, 128000)
    assert claim.raw == "&#49;2&#x38;K"


@pytest.mark.parametrize(
    "text",
    [
        "<!-- Context length: 128K -->",
        "Text <!-- with 7B parameters --> goes on.",
        "<!--\n- Context Length: 128K\n\n| Model | Layers |\n|---|---|\n| y | 32 |\n-->",
        "<!--> Layers <!-- - Context Length: 128K -->",
        "<!-- never closed\n\n- Context Length: 128K\n",
        "- <!-- - Context Length: 128K -->",
    ],
)
def test_a_comment_states_nothing(text: str) -> None:
    assert read_card(text.encode(), "x/y").claims.claims == ()


@pytest.mark.parametrize("text", ["```html\n<!--\n```\n", "    <!--\n\n", "Write `<!--` to open one.\n"])
def test_a_comment_that_is_none_hides_nothing(text: str) -> None:
    (claim,) = read_card(f"{text}\n- Context Length: 128K\n".encode(), "x/y").claims.claims
    assert claim.raw == "128K"


def test_every_character_of_the_readable_form_leads_back() -> None:
    source = "1\u200b2\u00ad8K of con\u2060text, &#49;\u200b6K <b>x</b>"
    read = readable(source, at=3)
    assert len(read.text) == len(source) + 3
    start = read.text.index("128K")
    assert source[slice(*(place - 3 for place in read.origin(start, start + 4)))] == "1\u200b2\u00ad8K"
    start = read.text.index("16K")
    assert source[slice(*(place - 3 for place in read.origin(start, start + 3)))] == "&#49;\u200b6K"
    assert read.origin(0, 2) == (0, 2)
    assert read.origin(start + 12, start + 13) == (start + 12, start + 13)


@pytest.mark.parametrize("unit", ["a", "\u200b", "a\u200b", "\u200b\n", "a<!--\n-->", "<!--", "&#8203;", "&", "<wbr", "9,", "<!-- -->\n"])
def test_the_readable_form_of_one_thing_over_and_over_is_had_soon(unit: str) -> None:
    source = unit * (400_000 // len(unit))
    started = time.process_time()
    assert len(readable(source).text) == len(source)
    assert time.process_time() - started < 2
