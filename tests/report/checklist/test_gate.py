"""The gate: a required item passes by the files, or by a person with a name and a day, and never by itself."""

from __future__ import annotations

import pytest

from specverify.outcome import Report
from specverify.report.checklist.gate import UnknownItem, items_of, open_items
from specverify.report.checklist.page import given, to_markdown
from specverify.report.checklist.review import review
from tests.report.checklist.pages import SIGNED, answered, filled, report, written

MADE = report()
PAGE = to_markdown(MADE)


def opened(text: str, *required: str, made: Report = MADE, as_of: str | None = None) -> dict[str, str]:
    lines = review(made)
    return dict(open_items(lines, given(made, lines, filled(text)), items_of(required), as_of))


def test_sections_and_items_are_named_in_any_way() -> None:
    assert items_of(["E6, g", "E6"]) == ("E6", "G1", "G2", "G3", "G4", "G5", "G6")
    assert items_of(["b"])[-1] == "B10"
    assert items_of([]) == ()
    for wrong in ("Z", "B11", "BB", "1"):
        with pytest.raises(UnknownItem, match="no section"):
            items_of([wrong])


def test_nothing_for_people_passes_unanswered() -> None:
    found = opened(PAGE, "A,B,C,D,E,F,G,H")
    people = {line.item.id for line in review(MADE) if line.answer.state.is_for_people}
    assert set(found) == people
    assert found["D6"] == "HUMAN, and nobody answered it"


def test_a_whole_review_passes_whole() -> None:
    assert opened(answered(PAGE), "A,B,C,D,E,F,G,H") == {}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"answer": "yes"}, "without a name and a day"),
        ({"by": SIGNED}, "nobody answered it"),
        ({"answer": "no", "by": SIGNED}, "answered no"),
        ({"answer": "n/a", "by": SIGNED}, "n/a without a note"),
        ({"answer": "n/a", "by": SIGNED, "note": "text only"}, None),
        ({"answer": "yes", "by": SIGNED}, None),
        ({"answer": "yes", "by": ", 2026-11-25"}, "without a name"),
    ],
)
def test_an_answer_counts_with_a_name_and_a_day(fields: dict[str, str], said: str | None) -> None:
    found = opened(written(PAGE, "D8", **fields), "D8")
    assert (said in found["D8"]) if said is not None else found == {}


def test_an_answer_on_other_evidence_does_not_count() -> None:
    text = written(PAGE, "A4", answer="yes", by=SIGNED)
    assert opened(text, "A4") == {}
    other = report(context=16_384)
    assert "another now" in opened(text, "A4", made=other)["A4"]
    assert "another now" in opened(to_markdown(other, None, filled(text)), "A4", made=other)["A4"]


def test_a_failure_passes_for_nobody() -> None:
    big = report("llama-3.1-70b")
    text = answered(to_markdown(big))
    text = text.replace("**FAIL**: activations", "**FAIL**: activations")
    assert opened(text, "C3", made=big)["C3"].startswith("FAIL")


def test_a_person_may_object_to_what_files_pass() -> None:
    open_page = to_markdown(report(gpu=None))
    text = written(open_page, "C3", answer="no", by=SIGNED)
    moved = to_markdown(MADE, None, filled(text))
    assert opened(moved, "C3")["C3"] == "a person answered no"


def test_a_decision_is_adopted_or_not() -> None:
    assert opened(answered(PAGE, {"H1": "reject"}), "H1")["H1"] == "answered reject"
    with_conditions = answered(PAGE, {"H1": "adopt with conditions"})
    assert "no condition" in opened(with_conditions, "H")["H2"]
    assert opened(with_conditions.replace("|  |  |  |", "| P99 below 1 s | B. Owner | 2027-01-31 |"), "H") == {}


@pytest.mark.parametrize(
    ("row", "as_of", "said"),
    [
        ("| P99 below 1 s | B. Owner | 2027-01-31 |", "2027-01-31", None),
        ("| P99 below 1 s | B. Owner | 2027-01-31 |", "2027-02-01", "expired: P99 below 1 s"),
        ("| P99 below 1 s | B. Owner | 2027-01-31 |", None, None),
        ("| P99 below 1 s |  | 2027-01-31 |", None, "lacks"),
        ("| P99 below 1 s | B. Owner |  |", None, "lacks"),
        ("|  | B. Owner |  |", None, "lacks"),
    ],
)
def test_a_condition_has_an_owner_and_a_day(row: str, as_of: str | None, said: str | None) -> None:
    found = opened(answered(PAGE).replace("|  |  |  |", row), "H2", as_of=as_of)
    assert (said in found["H2"]) if said is not None else found == {}


def test_a_signature_has_a_name_and_a_day() -> None:
    assert opened(PAGE, "H3")["H3"] == "nobody signed it"
    half = PAGE.replace("|  | Reviewer |  |", "| A. Reviewer | Reviewer |  |")
    assert "lacks" in opened(half, "H3")["H3"]
    whole = PAGE.replace("|  | Reviewer |  |", "| A. Reviewer | Reviewer | 2026-11-25 |")
    assert opened(whole, "H3") == {}
    assert "when it was signed" in opened(whole, "H3", made=report(context=16_384))["H3"]
