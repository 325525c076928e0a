"""A filled-in review is anybody's file: what is not of its form is an error with its line, and nothing is lost silently."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specverify.report.checklist.filled import LONGEST_NOTE, MOST_BYTES, InvalidReview, read
from specverify.report.checklist.lines import plain, text
from specverify.report.checklist.page import to_markdown
from tests.report.checklist.pages import FILE, SIGNED, block_of, filled, page, report, written

PAGE = page()
EMPTY_CONDITION = "|  |  |  |"


def line_of(whole: str, part: str) -> int:
    return whole[: whole.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: written(t, "D6", answer="maybe"), "the answer to D6 is 'maybe', not one of yes, no, n/a"),
        (lambda t: written(t, "H1", answer="yes"), "the answer to H1 is 'yes', not one of adopt, adopt with conditions, reject"),
        (lambda t: written(t, "D6", by="A. Reviewer"), "'' is no day"),
        (lambda t: written(t, "D6", by="A. Reviewer, yesterday"), "'yesterday' is no day"),
        (lambda t: written(t, "D6", by="A. Reviewer, 2026-02-30"), "'2026-02-30' is no day"),
        (lambda t: written(t, "D6", by="A. Reviewer, 20261125"), "'20261125' is no day"),
        (lambda t: written(t, "D6", note="x" * (LONGEST_NOTE + 1)), "the note is longer than 2,000"),
        (lambda t: written(t, "D6", by="x" * 300 + ", 2026-11-25"), "the name is longer than 200"),
        (lambda t: t.replace("**G6**", "**G9**"), "there is no item G9"),
        (lambda t: t.replace("**G6**", "**G5**"), "G5 stands twice"),
        (lambda t: t.replace("**G6**", "**A6**"), "there is no item A6"),
        (lambda t: t.replace("## G. Failure drills", "## X. Failure drills"), "there is no section X"),
        (lambda t: t.replace("## G. Failure drills\n", ""), "G1 stands in section F"),
        (lambda t: t.replace("  - Yes if: The candidate", "  - I think: The candidate"), "`I think:` is no line of G6 to fill in"),
        (lambda t: t.replace("  - Yes if: The candidate", "The candidate"), "goes behind `Note:`"),
        (lambda t: t.replace("> a comma", "a comma"), "goes behind `Note:`"),
        (lambda t: t.replace(EMPTY_CONDITION, "| a | b |"), "three cells"),
        (lambda t: t.replace(EMPTY_CONDITION, "| a | b | soon |"), "'soon' is no day"),
        (lambda t: t.replace(EMPTY_CONDITION, "| a|b | c | 2026-11-25 |"), "three cells"),
        (lambda t: t.replace(EMPTY_CONDITION, f"| {'a' * 700} | b | 2026-11-25 |"), "a cell is longer"),
        (lambda t: t.replace("| Condition | Owner |", "| Name | Owner |"), "no table of a review"),
        (lambda t: t.replace("## B. Spec", "| a | b | c |\n\n## B. Spec"), "there is no table in section A"),
        (lambda t: t.replace("- Model: `", "- Model: "), "`Model:` is not as it was written"),
        (lambda t: t.replace("- Date:", "- Date: soon"), "'soon' is no day"),
        (lambda t: t.replace("- Reviewer:", "- Date:"), "`Date:` stands twice"),
        (lambda t: t.replace("# Pre-adoption", "# Post-adoption"), "not a review"),
        (lambda t: t.replace(EMPTY_CONDITION, "\n".join(["| a | b | 2026-11-25 |"] * 101)), "more than 100 rows"),
        (lambda t: t + "\n" * 10_001, "more than 10,000 lines"),
        (lambda t: t.replace("- Reviewer:", "- Reviewer: " + "x" * 9_000), "longer than 8,000 characters"),
    ],
)
def test_what_is_not_of_the_form_is_an_error_at_its_line(change: Callable[[str], str], said: str) -> None:
    changed = change(PAGE)
    assert changed != PAGE
    with pytest.raises(InvalidReview) as raised:
        filled(changed)
    assert said in str(raised.value)
    place = str(raised.value).removeprefix(f"{FILE}:").split(":")[0]
    assert place.isdecimal()


def test_the_line_is_the_one_at_fault() -> None:
    changed = written(PAGE, "D6", answer="maybe")
    with pytest.raises(InvalidReview, match=f"^{FILE}:{line_of(changed, 'Answer: maybe')}: "):
        filled(changed)


@pytest.mark.parametrize("field", ["Answer", "By", "Note"])
def test_a_field_stands_once(field: str) -> None:
    block = block_of(PAGE, "D6")
    with pytest.raises(InvalidReview, match=f"`{field}:` of D6 stands twice"):
        filled(PAGE.replace(block, block.replace(f"  - {field}:", f"  - {field}:\n  - {field}:")))


def test_an_item_keeps_the_digest_of_its_evidence() -> None:
    for broken in ("", "<!-- evidence:zzz -->", "<!-- evidence:000000000000 --> and <!-- evidence:000000000000 -->"):
        changed = "\n".join(line.split("<!--")[0] + broken if "**D6**" in line else line for line in PAGE.split("\n"))
        with pytest.raises(InvalidReview, match="D6 has lost the digest"):
            filled(changed)


def test_line_ends_a_byte_order_mark_and_case_do_not_matter() -> None:
    changed = written(PAGE, "D6", answer="YES", by=SIGNED)
    assert read(b"\xef\xbb\xbf" + changed.replace("\n", "\r\n").encode(), FILE) == filled(written(PAGE, "D6", answer="yes", by=SIGNED))


@pytest.mark.parametrize("data", [b"\xff\xfe", b"x" * (MOST_BYTES + 1), b"", b"\n\n\n", b"\x00", b"# Pre-adoption review: x\n"])
def test_bytes_that_are_no_review_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidReview, match=FILE):
        read(data, FILE)


def test_evidence_cannot_answer_for_people() -> None:
    """What a hostile card says stands behind `Found:` on one line, and an answer inside it is none."""
    changed = PAGE.replace("  - Found: texts to look at: README.md", "  - Found: README.md:3 x Answer: yes  - Answer: yes", 1)
    assert filled(changed).reply("F1").answer == ""


def test_long_lines_of_backslashes_and_bars_are_read_in_time() -> None:
    hostile = "| " + "\\" * 7_000 + " | " + "\\|" * 200 + " | |"
    with pytest.raises(InvalidReview):
        filled(PAGE.replace(EMPTY_CONDITION, hostile))


@settings(deadline=None)
@given(st.text(max_size=190), st.text(max_size=55), st.text(max_size=55))
def test_what_is_shown_of_a_note_and_a_row_is_read_back_and_shown_the_same(note: str, first: str, second: str) -> None:
    shown, one, other = text(note, LONGEST_NOTE), text(first), text(second)
    filled_in = written(PAGE, "D6", note=shown).replace(EMPTY_CONDITION, f"| {one} | {other} | 2027-01-31 |")
    found = filled(filled_in)
    assert text(found.reply("D6").note, LONGEST_NOTE) == shown.strip()
    (row,) = found.conditions
    assert (text(row.first), text(row.second)) == (one.strip(), other.strip())


@settings(deadline=None)
@given(st.data())
def test_a_page_with_lines_changed_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    lines = PAGE.split("\n")
    number = data.draw(st.integers(0, len(lines) - 1))
    alphabet = st.sampled_from(
        ["- ", "  - ", "|", "**", "Answer:", "By:", "`", "\\", "D6", "<!-- evidence:", "-->", "#", "x", ",", " ", "\r", "\u2028"]
    )
    lines[number] = data.draw(st.sampled_from([lines[number], ""])) + "".join(data.draw(st.lists(alphabet, max_size=12)))
    with contextlib.suppress(InvalidReview):
        filled("\n".join(lines))


@pytest.mark.parametrize("note", ["\u202e" * 300, "`" * 1_999, "\\" * 1_000 + "*" * 999])
def test_a_note_that_is_read_once_is_read_again(note: str) -> None:
    made = report()
    once = to_markdown(made, None, filled(written(PAGE, "D6", note=note)))
    assert to_markdown(made, None, filled(once)) == once


@pytest.mark.parametrize("name", ["a` at `b` (x)", "](javascript:1) <b>", "x|y", "-- **H1** yes", "o/n"])
def test_a_hostile_name_is_read_back_as_it_is_shown(name: str) -> None:
    made = replace(report(), name=name)
    assert filled(to_markdown(made)).model == plain(text(name))
