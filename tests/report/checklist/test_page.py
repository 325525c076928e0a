"""The page: what people need is on it, and what they wrote stays, marked where its evidence changed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from specverify.card.evaluation.benchmarks import catalogue
from specverify.report.checklist.catalogue import ITEMS
from specverify.report.checklist.items import State
from specverify.report.checklist.page import to_markdown
from specverify.report.checklist.review import review
from specverify.task import TASKS
from tests.report.checklist.pages import SIGNED, answered, block_of, filled, page, report, written

PAGES: list[tuple[str, dict[str, Any]]] = [
    ("qwen2.5-7b-instruct", {"task": "chat", "p99_ms": 900}),
    ("qwen3-30b-a3b", {"task": "agent", "gpus": 2, "p99_ms": 900}),
    ("bge-reranker-v2-m3", {"task": "rerank", "context": 1024}),
]


@pytest.mark.parametrize(("name", "target"), PAGES)
def test_every_line_for_people_says_what_to_look_at_what_to_hold_it_against_and_what_is_a_yes(name: str, target: dict[str, Any]) -> None:
    made = report(name, **target)
    text = to_markdown(made)
    for line in review(made):
        block = block_of(text, line.item.id)
        guide = {label: re.findall(rf"^  - {label}: (.+)$", block, re.MULTILINE) for label in ("Look at", "Hold against", "Yes if")}
        assert all(len(found) == (1 if line.answer.state.is_for_people else 0) for found in guide.values()), line.item.id
        if line.answer.state is State.HUMAN:
            figures = re.findall(r"^  - (?:Hold against|Found): .*(?:\d| = |below|[A-H]\d|unknown)", block, re.MULTILINE)
            assert figures, f"{line.item.id} has nothing to hold an answer against"
            assert "  - Note:" in block


@pytest.mark.parametrize(("name", "target"), PAGES)
def test_below_points_at_something_that_is_there(name: str, target: dict[str, Any]) -> None:
    made = report(name, **target)
    for line in review(made):
        guide = line.item.guide
        if line.answer.state is State.HUMAN and "below" in f"{guide.look} {guide.against}" and line.item.choices:
            assert line.answer.evidence, line.item.id


def test_the_four_questions_the_five_dimensions_the_five_drills_and_the_simpler_candidate_are_there() -> None:
    text = page()
    for words in ("shape", "What bounds", "How many tokens", "Which inputs other than text"):
        assert words in text
    damage = [item.asks.split(":")[0] for item in ITEMS.values() if item.asks.startswith("Damage to ")]
    assert damage == [
        "Damage to the quality ceiling",
        "Damage to latency and throughput",
        "Damage to memory and bandwidth",
        "Damage to implementation and operations",
        "Damage to safety and debuggability",
    ]
    assert [line for line in ITEMS if line.startswith("G")] == ["G1", "G2", "G3", "G4", "G5", "G6"]
    assert "cheaper, simpler candidate" in block_of(text, "G6")
    assert "| Condition | Owner | Expires |" in text
    assert "| Name | Role | Date |" in text


def test_scores_of_the_card_stand_where_they_are_asked_for() -> None:
    made = report("llama-3-8b-instruct")
    assert made.kept is not None
    group = next((score.group for score in made.kept.scores), None)
    evidence = " ".join(next(line.answer.evidence for line in review(made) if line.item.id == "D1"))
    assert ("README.md:" in evidence) is (group is not None)
    assert "groups that speak for chat: knowledge, instruction, truthfulness and safety" in evidence


def test_groups_of_tasks_are_those_benchmarks_have() -> None:
    known = {benchmark.group for benchmark in catalogue()}
    assert {group for task in TASKS.values() for group in task.groups} <= known


def test_a_page_that_nobody_filled_in_is_the_page_again() -> None:
    made = report()
    text = to_markdown(made, "2026-11-25")
    assert to_markdown(made, "2026-11-25", filled(text)) == text


def test_what_people_wrote_stays_and_is_the_same_the_next_time() -> None:
    made = report()
    note = r"240 tickets, 81 % \ *solved* [see](http://x) <b>`x`</b> a|b"
    text = (
        written(answered(to_markdown(made)), "D6", note=note)
        .replace("- Reviewer:", "- Reviewer: A. Reviewer")
        .replace("|  |  |  |", "| latency below 1 s | B. Owner | 2027-01-31 |")
    )
    once = to_markdown(made, None, filled(text))
    assert to_markdown(made, None, filled(once)) == once
    kept = filled(once)
    assert (kept.reply("D6").answer, kept.reply("D6").by, kept.reply("D6").day) == ("yes", "A. Reviewer", "2026-11-25")
    assert kept.reply("D6").note == note
    assert kept.reviewer == "A. Reviewer"
    assert [(row.first, row.second, row.day) for row in kept.conditions if row.first] == [("latency below 1 s", "B. Owner", "2027-01-31")]
    assert [row.first for row in kept.signatures] == ["A. Reviewer", "", ""]
    assert "<b>" not in once.replace("\\<b\\>", "")
    assert "- [x] **D6**" in once


def test_a_tick_in_a_box_answers_nothing() -> None:
    made = report()
    text = to_markdown(made).replace("- [ ] **G6**", "- [x] **G6**")
    assert "- [ ] **G6**" in to_markdown(made, None, filled(text))


def test_an_answer_whose_evidence_changed_says_so_until_somebody_looked() -> None:
    before, now = report(), report(context=16_384)
    text = written(to_markdown(before), "A4", answer="yes", by=SIGNED)
    was = filled(text).reply("A4").digest
    moved = to_markdown(now, None, filled(text))
    mark = f"  - Changed: the evidence was {was} when this was answered; look again, then delete this line"
    assert mark in block_of(moved, "A4")
    assert "- [ ] **A4**" in moved
    assert "Answer: yes" in block_of(moved, "A4")
    assert mark in block_of(to_markdown(now, None, filled(moved)), "A4"), "the mark stays while nobody looked"
    looked = moved.replace(mark + "\n", "")
    assert "Changed" not in to_markdown(now, None, filled(looked))
    assert "- [x] **A4**" in to_markdown(now, None, filled(looked))
    assert "Changed" not in to_markdown(before, None, filled(moved)), "the evidence is what it was again"


def test_only_what_was_answered_is_marked() -> None:
    text = to_markdown(report())
    assert "Changed" not in to_markdown(report(context=16_384), None, filled(text))


def test_another_revision_marks_every_answer() -> None:
    from dataclasses import replace

    made = report()
    text = answered(to_markdown(made))
    other = replace(made, sha="a" * 40)
    given = [name for name, reply in filled(text).replies.items() if reply.is_given]
    assert given
    moved = filled(to_markdown(other, None, filled(text)))
    assert all(moved.reply(name).changed for name in given)
    assert moved.reply("H3").changed, "a signature is under everything above it"


def test_an_item_that_files_answer_by_now_keeps_what_a_person_said() -> None:
    text = written(page(gpu=None), "C3", answer="yes", by=SIGNED, note="fits by our own test")
    moved = to_markdown(report(), None, filled(text))
    assert "**PASS**" in block_of(moved, "C3")
    assert "fits by our own test" in block_of(moved, "C3")
    assert "Changed" in block_of(moved, "C3")
