"""Scores read from tables, lists, sentences and metadata, with whose they are and what was said of how they were had."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specverify.card.card import read_card
from specverify.card.evaluation.evaluations import Evaluations, read_evaluations
from specverify.card.evaluation.scores import Score, read_value
from specverify.card.evaluation.settings import DECODING, JUDGE, REASONING, SAMPLES, SHOTS, settings_in, shots_in
from specverify.card.evaluation.tables import is_generic

NAME = "example/Example-7B"


def read(text: str, name: str = NAME, **files: str) -> Evaluations:
    return read_evaluations(read_card(text.encode(), name), {file: content.encode() for file, content in files.items()}, name)


def told(scores: tuple[Score, ...]) -> list[tuple[str, float, str]]:
    return [(score.benchmark.name, score.value.value, score.relation) for score in scores]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("61.2", 61.2), ("61.2%", 61.2), ("61,2", 61.2), ("1,203", 1203.0), ("~61", 61.0), ("61.2 ± 0.3", 61.2), ("61.2 (5-shot)", 61.2),
        ("61.2*", None), ("7B", None), ("5-shot", None), ("128K", None), ("2024-08", None), ("-", None), ("", None), ("61.2.3", None),
        ("Apache-2.0", None), ("0.612", 0.612), ("61.2/58.0", 61.2), ("1.5 trillion", None), ("9" * 400, None),
    ],
)  # fmt: skip
def test_values(text: str, value: float | None) -> None:
    found = read_value(text)
    assert (found.value if found is not None else None) == value


def test_a_row_for_each_benchmark() -> None:
    found = read("| Benchmark | Shots | Example-7B | Other-7B |\n|---|---|---|---|\n| MMLU | 5 | 61.2 | 60.0 |\n| GSM8K | 8 | 40.1 | - |\n")
    assert told(found.scores) == [("MMLU", 61.2, "self"), ("MMLU", 60.0, "other"), ("GSM8K", 40.1, "self")]
    shots = found.scores[0].setting(SHOTS)
    assert shots is not None
    assert (shots.text, shots.where, shots.line) == ("5-shot", "row", 3)
    assert [score.line for score in found.scores] == [3, 3, 4]


def test_a_column_for_each_benchmark() -> None:
    found = read(
        "| Model | Params | MMLU (5-shot) | HumanEval |\n|---|---|---|---|\n"
        "| Example-7B | 7B | 61.2 | 30.0 |\n| Other-7B | 7B | 60.0 | 29.0 |\n"
    )
    assert told(found.own) == [("MMLU", 61.2, "self"), ("HumanEval", 30.0, "self")]
    assert found.own[0].setting(SHOTS) is not None
    assert found.own[1].setting(SHOTS) is None


def test_headers_in_two_rows_and_cells_over_several() -> None:
    found = read(
        "<table><tr><th>Model</th><th colspan=2>Knowledge (5-shot)</th></tr><tr><th></th><th>MMLU</th><th>ARC-C</th></tr>"
        "<tr><td>Example-7B</td><td>61.2</td><td>55.0</td></tr></table>\n"
    )
    assert told(found.scores) == [("MMLU", 61.2, "self"), ("ARC", 55.0, "self")]
    assert all(score.setting(SHOTS) for score in found.scores)


def test_several_benchmarks_in_one_cell() -> None:
    found = read("| Topic | Bench | Example-7B |\n|---|---|---|\n| Math | AIME 2024<br>MATH-500 | 30.0<br>80.2 |\n")
    assert told(found.scores) == [("AIME", 30.0, "self"), ("MATH-500", 80.2, "self")]


def test_the_output_of_a_program_in_a_code_block() -> None:
    found = read(
        "## Results\n```\n|    Task     |Version| Metric |Value |   |Stderr|\n|-------------|------:|--------|-----:|---|-----:|\n"
        "|arc_challenge|      0|acc     |0.5691|±  |0.0145|\n|             |       |acc_norm|0.6041|±  |0.0143|\n```\n"
    )
    assert told(found.scores) == [("ARC", 0.5691, "self"), ("ARC", 0.6041, "self")]
    assert {score.scale for score in found.scores} == {"fraction"}


def test_a_heading_can_name_the_benchmark() -> None:
    found = read("## GSM8K\n\n| model | score |\n|---|---|\n| Example-7B | 40.1 |\n| Other-7B | 38.0 |\n")
    assert told(found.scores) == [("GSM8K", 40.1, "self"), ("GSM8K", 38.0, "other")]


@pytest.mark.parametrize(
    "text",
    [
        "| Dataset | Number of training tuples |\n|---|---|\n| TriviaQA | 73,346 |\n",
        "## Training data\n\n| Dataset | Share |\n|---|---|\n| GSM8K | 12.5 |\n",
        "## Data contamination\n\n| Model | MMLU |\n|---|---|\n| Example-7B | 0.06 |\n",
        "| Layers | 32 |\n|---|---|\n| Context | 4096 |\n",
    ],
)
def test_tables_of_other_things(text: str) -> None:
    assert read(text).scores == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- MMLU: 61.2", [("MMLU", 61.2, "self")]),
        ("- **GSM8K** (8-shot): 40.1%", [("GSM8K", 40.1, "self")]),
        ("The model reaches 61.2% on MMLU.", [("MMLU", 61.2, "self")]),
        ("It has an MMLU score of 61.2 and scores 40.1 on the GSM8K benchmark.", [("MMLU", 61.2, "self"), ("GSM8K", 40.1, "self")]),
        ("Other-13B has 65.0 on MMLU.", [("MMLU", 65.0, "other")]),
        ("It improves MMLU by 3.2 points.", []),
        ("It is better by 3.2 on MMLU.", []),
        ("MMLU has 57 subjects.", []),
        ("MMLU is 5-shot.", []),
        ("在 MMLU 上达到 61.2。", []),
    ],
)
def test_lists_and_sentences(text: str, expected: list[tuple[str, float, str]]) -> None:
    assert told(read(text + "\n").scores) == expected


def test_a_table_that_never_names_the_model_is_its_family_s_or_of_unknown_models() -> None:
    siblings = read("| Model | MMLU |\n|---|---|\n| Example-Pro-13B | 65.0 |\n| Other-7B | 60.0 |\n")
    assert [score.relation for score in siblings.scores] == ["unknown", "other"]
    strangers = read("| Model | MMLU |\n|---|---|\n| Fresh | 65.0 |\n| Other | 60.0 |\n")
    assert [score.relation for score in strangers.scores] == ["unknown", "unknown"]


def test_once_the_model_is_named_other_tables_are_of_others() -> None:
    found = read("MMLU: 61.2\n\n| Model | GSM8K |\n|---|---|\n| Other-7B | 60.0 |\n")
    assert told(found.own) == [("MMLU", 61.2, "self")]


@pytest.mark.parametrize(("title", "generic"), [
    ("Value", True), ("Ours (5-shot)", True), ("Score (%)", True), ("128K", True), ("", True), ("Example-7B", False), ("GPT-4", False),
])  # fmt: skip
def test_titles_that_name_no_model(title: str, generic: bool) -> None:
    assert is_generic(title) is generic


@pytest.mark.parametrize(
    ("text", "kind", "stated"),
    [
        ("All results are 5-shot.", SHOTS, True), ("zero shot", SHOTS, True), ("few-shot prompts", SHOTS, True),
        ("a snapshot", SHOTS, False),
        ("with CoT", REASONING, True), ("non-thinking mode", REASONING, True), ("a cottage", REASONING, False),
        ("greedy decoding", DECODING, True), ("top-p 0.95", DECODING, True), ("a top performer", DECODING, False),
        ("avg@32", SAMPLES, True), ("64 responses per query", SAMPLES, True), ("majority voting", SAMPLES, True),
        ("sample code", SAMPLES, False),
        ("judged by GPT-4-Turbo", JUDGE, True), ("Qwen2.5-72B is the grader", JUDGE, True), ("a judge", JUDGE, False),
        ("GPT-4 is larger", JUDGE, False),
    ],
)  # fmt: skip
def test_statements(text: str, kind: str, stated: bool) -> None:
    assert (kind in {setting.kind for setting in settings_in(text, "section", 1)}) is stated


def test_the_number_of_shots() -> None:
    assert shots_in("MMLU (5-shot)") == "5-shot"
    assert shots_in("zero-shot") == "0-shot"
    assert shots_in("0-shot and 5-shot") is None


def test_where_a_setting_was_found() -> None:
    card = (
        "# Example-7B\n\n## Evaluation\n\nRun greedily.\n\n{}| Benchmark | Example-7B |\n|---|---|\n| GSM8K | 40.1 |\n\n"
        "# Setup of the evaluation\n\n8-shot.\n"
    )
    (score,) = read(card.format("Other text that is between. " * 60 + "\n\n")).scores
    decoding, shots = score.setting(DECODING), score.setting(SHOTS)
    assert decoding is not None
    assert shots is not None
    assert (decoding.where, decoding.line, shots.where, shots.line) == ("section", 5, "evaluation section", 15)
    (score,) = read(card.format("")).scores
    near = score.setting(DECODING)
    assert near is not None
    assert near.where == "caption"


def test_the_usage_section_is_no_setting_of_scores() -> None:
    (score,) = read("# Example-7B\n\n## Usage\n\nSet temperature 0.6.\n\n## Results\n\nGSM8K: 40.1\n").scores
    assert score.setting(DECODING) is None


INDEX = """---
model-index:
- name: Example-7B
  results:
  - task: {type: text-generation}
    dataset: {name: MMLU, type: cais/mmlu, args: {num_few_shot: 5}}
    metrics:
    - {type: acc, value: 61.2, verifyToken: abc}
    - {type: acc, value: "n/a"}
    source: {url: "https://example.org"}
  - dataset: {name: My own set, type: mine}
    metrics: [{type: acc, value: 99.0}]
  - 5
---
# Example-7B
"""


def test_the_model_index() -> None:
    (score,) = read(INDEX).scores
    assert (score.benchmark.name, score.value.value, score.line, score.verified, score.source_url) == (
        "MMLU",
        61.2,
        8,
        True,
        "https://example.org",
    )
    shots = score.setting(SHOTS)
    assert shots is not None
    assert shots.text == "5-shot"


@pytest.mark.parametrize(
    "index",
    ["5", "[5]", "[{results: 5}]", "[{results: [{dataset: 5, metrics: 5}]}]", "[{results: [{dataset: {name: MMLU}, metrics: [5]}]}]"],
)
def test_a_model_index_of_another_shape_states_nothing(index: str) -> None:
    assert read(f"---\nmodel-index: {index}\n---\n").scores == ()


def test_results_files() -> None:
    text = "- dataset:\n    id: Idavidrein/gpqa\n    task_id: diamond\n  value: 41.0\n  date: 2026-01-01\n  notes: chain-of-thought\n"
    found = read("# Example-7B\n", **{".eval_results/gpqa.yaml": text, "other.yaml": "5"})
    (score,) = found.scores
    assert (score.benchmark.name, score.part, score.file, score.line) == ("GPQA", "diamond", ".eval_results/gpqa.yaml", 4)
    assert score.setting(REASONING) is not None
    assert not score.verified
    assert found.problems == ()


def test_long_context_is_a_claim_of_32k_or_more() -> None:
    assert read("- Context Length: 128K\n").longest_context is not None
    assert read("- Context Length: 8K\n").longest_context is None


HUGE = {
    "a table of scores": "| Model | MMLU | GSM8K |\n|---|---|---|\n" + "| Example-7B | 61.2 (5-shot) | 40.1 |\n" * 20_000,
    "a wide table": "| M |" + " MMLU |" * 150 + "\n|" + "---|" * 151 + "\n" + ("| a |" + " 61.2 |" * 150 + "\n") * 400,
    "tables": "| Model | MMLU |\n|---|---|\n| a | 61.2 |\n\n" * 12_000,
    "sections": "# Results {}\n\n- MMLU: 61.2\n\n" * 5_000,
    "names": "MMLU " * 100_000,
    "scores in a line": "MMLU: 61.2, " * 40_000,
    "scores in items": "- MMLU: 61.2 on GSM8K and MATH\n" * 15_000,
    "digits": "MMLU: " + "1," * 200_000 + " tokens/s",
    "brackets": "MMLU (" * 80_000,
    "speeds": "95 tokens/s " * 40_000,
    "a number for tokens": "| tokens/s |\n|---|\n" + "| " + "1," * 100_000 + " |\n",
    "judges": "## Results\nMMLU: 61.2\n" + "gpt " * 60_000 + "judge " * 30_000 + "\nend",
    "code": "```\n" + "|MMLU|5|61.2|\n" * 40_000 + "```\n",
    "shots": "## Results\n" + "shot " * 90_000 + "\nMMLU: 61.2\n",
    "elo": "elo " * 100_000,
    "leaks": "leak of overlap with the " * 20_000,
    "generic": "| " + "1" * 100_000 + " | MMLU |\n|---|---|\n| a | 61.2 |\n",
    "samples": "## Results\nMMLU: 61.2 " + "12 a b " * 60_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_a_card_of_nothing_but_one_thing_is_read_in_time(name: str) -> None:
    card = read_card(f"{HUGE[name]}\nend\n".encode(), NAME)
    started = time.process_time()
    found = read_evaluations(card, {}, NAME)
    assert time.process_time() - started < 2
    assert len(found.scores) < 10_000


PIECES = st.sampled_from(
    ["---\nmodel-index:\n- results:\n  - dataset: {name: MMLU}\n    metrics: [{value: 61.2}]\n---\n", "# Example-7B\n", "## Results\n",
     "| Model | MMLU |\n",
     "|---|---|\n", "| Example-7B | 61.2 |\n", "| | |\n", "- GSM8K: 40.1 (8-shot)\n", "61.2% on MMLU", "needle in a haystack",
     "95 tokens/s", "```\n",
     "|a|b|MMLU|\n|1.5|2|3|\n", "<table><tr><td rowspan=3>MMLU", "<td>61.2", "</table>", "Elo 1200",
     "perplexity 8.41", "\u202e", "\x00", "|" * 70, "\n\n"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_arrangement_of_what_evaluations_are_made_of(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = read(text, **{".eval_results/a.yaml": text})
    document = found.document
    assert document is not None
    for score in found.scores:
        assert score.line >= 1
        assert score.file != document.file or document.quote(score.line) is not None
        assert abs(score.value.value) < 1e7
    assert all(problem.line >= 1 and problem.message for problem in found.problems)


@given(st.binary(max_size=1000))
@settings(max_examples=200, deadline=None)
def test_any_bytes_as_a_results_file(data: bytes) -> None:
    found = read_evaluations(None, {".eval_results/a.yaml": data})
    assert all(problem.line >= 1 and problem.file == ".eval_results/a.yaml" for problem in found.problems)
