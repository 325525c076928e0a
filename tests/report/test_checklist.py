"""The review page: stable ids, answers from evidence, and nothing answered for people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specverify import Target, verify
from specverify.outcome import Report
from specverify.report.checklist import SECTIONS, Answer, State, answers, summary, to_markdown
from tests.rules.assessed import LLAMA
from tests.rules.assessed import report as assessed

FIXTURES = Path(__file__).parents[2] / "fixtures"


def reviewed(name: str, **target: object) -> dict[str, Answer]:
    return {item.id: answer for _, item, answer in answers(report(name, **target))}


def report(name: str, **target: object) -> Report:
    return verify(str(FIXTURES / name), offline=True, target=Target(**target))  # type: ignore[arg-type]


def test_ids_are_those_a_team_has_signed_before() -> None:
    ids = [item.id for section in SECTIONS for item in section.items]
    assert "".join(section.letter for section in SECTIONS) == "ABCDEFGH"
    assert len(ids) == len(set(ids))
    for section in SECTIONS:
        assert [item.id for item in section.items] == [f"{section.letter}{n}" for n in range(1, len(section.items) + 1)]


def test_files_answer_b_c_and_e_and_nothing_else() -> None:
    given = reviewed("llama-3.1-8b", gpu="h100-sxm-80gb", context=131072)
    for name, answer in given.items():
        assert (answer.state is State.HUMAN) is (name[0] not in "BCE"), name


def test_a_model_that_does_not_fit_fails() -> None:
    small = reviewed("llama-3.1-70b", gpu="h100-sxm-80gb", context=131072)
    assert small["C3"].state is State.FAIL
    assert any("capacity.needed_bytes_per_gpu" in line for line in small["C3"].evidence)
    assert reviewed("llama-3.1-70b", gpu="h100-sxm-80gb", gpus=4, context=131072)["C3"].state is State.PASS
    assert reviewed("llama-3.1-70b")["C3"].state is State.UNVERIFIABLE


def test_claims_of_the_card_are_answered() -> None:
    given = reviewed("qwen3-30b-a3b")
    assert {given[name].state for name in ("B1", "B2", "B3", "B5", "E1")} == {State.PASS}
    assert "CRD001" in given["B5"].why


def test_engines_that_disagree_fail_the_native_context() -> None:
    answer = reviewed("phi-3-mini-128k")["B4"]
    assert answer.state is State.FAIL
    assert any(line.startswith("config.json:") for line in answer.evidence)


def test_a_folder_is_no_pinned_revision() -> None:
    assert reviewed("gpt2")["E6"].state is State.UNVERIFIABLE


@pytest.mark.parametrize("name", ["bert-base", "deepseek-v3", "whisper-large-v3"])
def test_the_page_has_every_item_once_and_a_summary_that_adds_up(name: str) -> None:
    made = report(name)
    page = to_markdown(made, as_of="2026-11-25")
    ids = re.findall(r"^- \[[ x]\] \*\*([A-H]\d+)\*\*", page, re.MULTILINE)
    assert ids == [item.id for section in SECTIONS for item in section.items]
    counts = [int(n) for n in re.findall(r"(\d+) (?:PASS|FAIL|UNVERIFIABLE|HUMAN)", page.splitlines()[9 - 1])]
    assert sum(counts) == len(ids)
    assert "- Date: 2026-11-25" in page
    assert not re.findall(r"^- \[x\] .*\*\*HUMAN\*\*", page, re.MULTILINE)
    assert page == to_markdown(made, as_of="2026-11-25")
    assert summary(made).splitlines()[1] in page


def test_a_hostile_name_stays_text() -> None:
    made = Report("x", "](javascript:1) <b>\x1b[31m |", None)
    first = to_markdown(made).splitlines()[0]
    assert "<b>" not in first.replace("\\<b\\>", "")
    assert "\x1b" not in first
    assert "\\](javascript" in first


@pytest.mark.parametrize(
    ("front", "item", "state"),
    [
        ("license: apache-2.0\nbase_model: meta-llama/Llama-2-7b-hf", "E2", State.FAIL),
        ("license: mit", "E2", State.UNVERIFIABLE),
        ("license: mit\nextra_gated_prompt: You agree.", "E3", State.HUMAN),
        ("license: mit\nnew_version: someone/model-v2", "E5", State.HUMAN),
        ("license: other\nlicense_name: terms\nlicense_link: LICENSE", "E1", State.UNVERIFIABLE),
    ],
)
def test_metadata_answers_licence_terms_access_and_version(front: str, item: str, state: State) -> None:
    made = assessed({"config.json": LLAMA, "README.md": f"---\n{front}\n---\nA model.\n"}, "model.safetensors")
    given = {entry.id: answer for _, entry, answer in answers(made)}
    assert given[item].state is state
    assert given[item].evidence or state is State.UNVERIFIABLE
