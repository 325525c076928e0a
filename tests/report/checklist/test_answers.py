"""The review page: stable ids, answers from evidence, and nothing answered for people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specverify import Target, verify
from specverify.outcome import Report
from specverify.report.checklist.catalogue import SECTIONS
from specverify.report.checklist.items import Answer, State
from specverify.report.checklist.page import summary, to_markdown
from specverify.report.checklist.review import review
from tests.rules.assessed import LLAMA
from tests.rules.assessed import report as assessed

FIXTURES = Path(__file__).parents[3] / "fixtures"


def reviewed(name: str, **target: object) -> dict[str, Answer]:
    return answered(report(name, **target))


def answered(made: Report) -> dict[str, Answer]:
    return {line.item.id: line.answer for line in review(made)}


def report(name: str, **target: object) -> Report:
    return verify(str(FIXTURES / name), offline=True, target=Target(**target))  # type: ignore[arg-type]


def test_ids_are_those_a_team_has_signed_before() -> None:
    ids = [item.id for section in SECTIONS for item in section.items]
    assert "".join(section.letter for section in SECTIONS) == "ABCDEFGH"
    assert len(ids) == len(set(ids))
    for section in SECTIONS:
        assert [item.id for item in section.items] == [f"{section.letter}{n}" for n in range(1, len(section.items) + 1)]


def test_files_answer_b_e_and_what_it_costs_and_with_a_task_whether_it_fits() -> None:
    given = reviewed("llama-3.1-8b", gpu="h100-sxm-80gb", context=131072, task="chat")
    people = {name for name, answer in given.items() if answer.state is State.HUMAN}
    damage = {"C8", "C9", "C10", "C11", "C12"}
    assert people == {name for name in given if name[0] in "ADFGH"} - {"A2"} | damage
    assert reviewed("llama-3.1-8b")["A2"].state is State.HUMAN


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
    summed = next(line for line in page.splitlines() if re.match(r"\d+ PASS, ", line))
    counts = [int(n) for n in re.findall(r"(\d+) (?:PASS|FAIL|UNVERIFIABLE|HUMAN)", summed)]
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
    given = answered(made)
    assert given[item].state is state
    assert given[item].evidence or state is State.UNVERIFIABLE


@pytest.mark.parametrize(
    ("name", "task", "state", "said"),
    [
        ("llama-3-8b-instruct", "rerank", State.FAIL, "FIT001"),
        ("bert-base", "rerank", State.PASS, "encoder-only is made for one score"),
        ("bart-large-cnn", "chat", State.FAIL, "FIT004"),
        ("llama-3-8b-instruct", "embed", State.UNVERIFIABLE, "FIT002: not all files"),
        ("llama-3-8b-instruct", "translate", State.PASS, "decoder-only is made for a text mapped"),
        ("t5-base", "classify", State.PASS, "encoder-decoder is not the usual one for labels"),
        ("bert-base", None, State.HUMAN, "no task was named"),
    ],
)
def test_a_task_is_held_against_the_architecture(name: str, task: str | None, state: State, said: str) -> None:
    answer = reviewed(name, task=task)["A2"]
    assert (answer.state, said in answer.why) == (state, True), answer.why


def test_a_rule_that_could_not_look_never_passes_the_fit() -> None:
    made = assessed({"config.json": {**LLAMA, "architectures": ["ExampleForCausalLM"], "model_type": "example"}}, target={"task": "voice"})
    assert answered(made)["A2"].state is State.UNVERIFIABLE


def test_dense_and_unsplit_models_have_no_routing_and_no_split_to_ask_for() -> None:
    dense = reviewed("llama-3.1-8b", gpu="h100-sxm-80gb")
    mixture = reviewed("mixtral-8x7b", gpu="h100-sxm-80gb", gpus=2)
    assert {dense[name].state for name in ("B2", "C5", "C7")} == {State.PASS}
    assert mixture["C5"].state is State.UNVERIFIABLE
    assert mixture["C7"].state is State.PASS
    assert any("8 experts" in line or "router" in line for line in mixture["C5"].evidence)
    assert reviewed("llama-3.1-8b")["C7"].state is State.UNVERIFIABLE


def test_the_bottleneck_is_told_by_what_is_read_most() -> None:
    def told(name: str, **target: object) -> str:
        return " ".join(reviewed(name, **target)["A3"].evidence)

    assert "more bytes of the weights than of the caches" in told("llama-3.1-8b", context=4096)
    assert "more bytes of the caches than of the weights" in told("llama-3.1-8b", context=131072, concurrency=8)
    assert "experts that its batch touches" in told("mixtral-8x7b")
    assert "decodes nothing" in told("bert-base", task="embed")
