"""Rules on scores, on cards with one thing wrong and on those where it is said in another place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from specverify.card.card import read_card
from specverify.card.evaluation.evaluations import read_evaluations
from specverify.normalize.config import normalize_document
from specverify.normalize.document import parse_object
from specverify.outcome import Broken, Finding, Severity, Skipped
from specverify.rules.evaluation.coverage import Coverage, coverage
from specverify.spec import ModelSpec
from tests.rules.assessed import LLAMA, report

HEAD = "---\nlicense: mit\n---\n# Example-7B\n\n"


def outcomes(card: str, config: dict[str, Any] | None = None, files: Mapping[str, Any] | None = None) -> dict[str, Any]:
    made = report({"config.json": config or LLAMA, "README.md": card, **(files or {})}).outcomes
    assert not [outcome for outcome in made if isinstance(outcome, Broken)]
    return {outcome.code: outcome for outcome in made if outcome.code.startswith("EVL")}


def found(card: str, code: str, config: dict[str, Any] | None = None) -> Finding | None:
    outcome = outcomes(card, config)[code]
    return outcome if isinstance(outcome, Finding) else None


def table(*rows: str, head: str = "Benchmark | Example-7B | Other-7B") -> str:
    return "\n".join([f"| {head} |", "|" + "---|" * (head.count("|") + 1), *(f"| {row} |" for row in rows)]) + "\n"


SHOTLESS = HEAD + "## Evaluation\n\n" + table("MMLU | 61.2 | 60.0", "GSM8K | 40.1 | 38.0")


def test_shots_that_no_text_states_are_a_warning_that_lists_the_lines() -> None:
    finding = found(SHOTLESS, "EVL002")
    assert finding is not None
    assert finding.severity is Severity.WARNING
    assert [evidence.line for evidence in finding.evidence] == [10, 11]
    assert "MMLU and GSM8K" in finding.message


@pytest.mark.parametrize(
    "card",
    [
        SHOTLESS.replace("| MMLU |", "| MMLU (5-shot) |").replace("GSM8K", "GSM8K, 8-shot CoT"),
        SHOTLESS.replace("Example-7B | Other", "Example-7B (5-shot) | Other"),
        SHOTLESS.replace("| Benchmark |", "| Benchmark (zero-shot) |"),
        SHOTLESS.replace("## Evaluation\n", "## Evaluation\nEverything was run with 5 shots.\n"),
        SHOTLESS + "\nAll numbers are 5-shot.\n",
        SHOTLESS.replace("## Evaluation", "## Zero-shot evaluation"),
        SHOTLESS + "\n## Evaluation settings\n\nMMLU has five examples (5-shot), GSM8K none with chain of thought.\n",
        SHOTLESS + "\n## How to reproduce the results\n\n```\nlm_eval --tasks mmlu --num_fewshot 5\n```\n",
        SHOTLESS + "\n<sup>*</sup> Chain-of-thought prompts.\n",
        SHOTLESS.replace("## Evaluation", "## Open LLM Leaderboard results"),
        HEAD + "## Results\n\n" + table("MMLU | 5 | 61.2", "GSM8K | 8 | 40.1", head="Benchmark | #Shots | Example-7B"),
        HEAD + "## Results\n\n" + table("Example-7B | 61.2 | 40.1", head="Model | MMLU 5-shot | GSM8K (8-shot)"),
        HEAD + "## 评测\n\n所有结果均为零样本。\n\n" + table("MMLU | 61.2 | 60.0"),
    ],
)
def test_shots_count_wherever_they_are_stated(card: str) -> None:
    assert found(card, "EVL002") is None


def test_shots_a_report_may_state_or_other_scores_have_are_an_info() -> None:
    linked = found(SHOTLESS + "\nSettings are in our technical report.\n", "EVL002")
    assert linked is not None
    assert linked.severity is Severity.INFO
    partly = found(SHOTLESS.replace("| GSM8K |", "| GSM8K (8-shot) |"), "EVL002")
    assert partly is not None
    assert partly.severity is Severity.INFO
    assert "MMLU" in partly.message
    assert "GSM8K" not in partly.message


def test_benchmarks_without_examples_are_not_asked_for_them() -> None:
    assert found(HEAD + table("IFEval (prompt strict) | 61.2 | 60.0", "MT-Bench | 7.1 | 7.0"), "EVL002") is None


def test_scores_of_other_models_alone_are_not_the_card_s() -> None:
    card = HEAD + "It scores 61.2 on MMLU (5-shot).\n\n" + table("Other-7B | 60.0 | 12.0", head="Model | GSM8K | MATH")
    assert found(card, "EVL002") is None


@pytest.mark.parametrize(
    ("rows", "severity"),
    [("AIME 2025 | 33.3 | 30.0", Severity.WARNING), ("GSM8K (8-shot) | 40.1 | 38.0", Severity.INFO), ("MMLU (5-shot) | 1.0 | 2.0", None)],
)
def test_decoding_matters_where_answers_are_generated_and_most_for_small_sets(rows: str, severity: Severity | None) -> None:
    finding = found(HEAD + "## Evaluation\n\n" + table(rows), "EVL003")
    assert (finding.severity if finding is not None else None) == severity


@pytest.mark.parametrize(
    "said", ["Temperature is 0.6.", "Greedy decoding.", "Each problem was sampled: 64 samples.", "AIME is avg@32.", "pass@1"]
)
def test_decoding_or_averaging_in_the_section_is_enough(said: str) -> None:
    assert found(HEAD + f"## Evaluation\n{said}\n\n" + table("AIME 2025 | 33.3 | 30.0"), "EVL003") is None


def test_temperatures_for_use_make_it_milder() -> None:
    card = HEAD + "## Usage\nSet temperature 0.6.\n\n## Evaluation\n\n" + table("AIME 2025 | 33.3 | 30.0")
    finding = found(card, "EVL003")
    assert finding is not None
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    "card",
    [
        table("MMLU | 61.2 | 60.0", head="Benchmark | Example-7B (5-shot) | Other-7B (0-shot)"),
        table("MMLU | 61.2 (5-shot) | 60.0 (CoT@32, 0-shot)"),
        table("Example-7B (0-shot) | 61.2", "Other-7B (5-shot) | 60.0", head="Model | MMLU"),
        table("Example-7B | 0 | 61.2", "Other-7B | 5 | 60.0", head="Model | Shots | MMLU"),
        table("MATH | 61.2 (maj@32) | 50.0 (pass@1)"),
    ],
)
def test_settings_that_differ_between_models(card: str) -> None:
    finding = found(HEAD + card, "EVL004")
    assert finding is not None
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "card",
    [
        table("MMLU (5-shot) | 61.2 | 60.0", "GSM8K (8-shot) | 40.1 | 38.0"),
        table("MMLU | 5 | 61.2 | 60.0", "ARC-C | 25 | 55.0 | 54.0", head="Benchmark | Shots | Example-7B | Other-7B"),
        table("Example-7B (0-shot) | 61.2", "Example-7B (5-shot) | 64.0", head="Model | MMLU"),
        table("Example-7B | 0 | 61.2", " | 5 | 64.0", "Other-7B | 0 | 60.0", " | 5 | 62.0", head="Model | Shots | MMLU"),
        table("Example-7B | 0 | 61.2", " | 5 | 64.0", "Other-7B | 0 | 60.0", head="Model | Shots | MMLU"),
        table("AIME 2025 | 61.2 (avg@32) | 50.0 (pass@1)"),
    ],
)
def test_settings_that_differ_between_benchmarks_or_for_every_model_are_comparable(card: str) -> None:
    assert found(HEAD + card, "EVL004") is None


def test_the_metric_and_the_samples() -> None:
    bare = HEAD + "## Evaluation\n\n" + table("HumanEval | 61.2 | 60.0", "DROP (3-shot) | 55.0 | 54.0")
    finding = found(bare, "EVL005")
    assert finding is not None
    assert "HumanEval and DROP" in finding.message
    assert found(bare.replace("HumanEval", "HumanEval (pass@1)").replace("3-shot", "3-shot F1"), "EVL005") is None
    many = HEAD + "## Evaluation\n\n" + table("HumanEval (pass@10) | 61.2 | 60.0")
    assert found(many, "EVL006") is not None
    assert found(many.replace("## Evaluation", "## Evaluation\nFrom 100 samples each."), "EVL006") is None
    assert found(many.replace("pass@10", "pass@1"), "EVL006") is None


JUDGED = HEAD + "## Evaluation\n\n" + table("MT-Bench | 7.1 | 7.0", "Arena-Hard | 40.2 | 38.0")


def test_a_judge_has_a_name() -> None:
    finding = found(JUDGED, "EVL007")
    assert finding is not None
    assert "MT-Bench and Arena-Hard" in finding.message
    assert found(JUDGED.replace("MT-Bench", "MT-Bench (gpt-4-0613)").replace("Arena-Hard", "Arena-Hard, GPT-4-Turbo"), "EVL007") is None
    assert found(JUDGED + "\nAnswers are graded by Qwen2.5-72B-Instruct.\n", "EVL007") is None
    assert found(JUDGED + "\nAnswers are graded.\n", "EVL007") is not None


@pytest.mark.parametrize(
    ("bare", "said"),
    [
        ("GPQA", "GPQA Diamond"),
        ("SWE-bench", "SWE-bench Verified"),
        ("LiveCodeBench", "LiveCodeBench v6"),
        ("LiveCodeBench", "LiveCodeBench (24/8-25/5)"),
        ("IFEval", "IFEval (prompt strict)"),
        ("AIME", "AIME'24"),
        ("ARC", "ARC-C"),
    ],
)
def test_the_subset_or_version(bare: str, said: str) -> None:
    card = HEAD + "## Evaluation\n\n" + table(f"{bare} | 61.2 | 60.0")
    assert found(card, "EVL008") is not None
    assert found(card.replace(f"| {bare} |", f"| {said} |"), "EVL008") is None
    assert found(card + f"\nNote: {said} is what was run.\n", "EVL008") is None


@pytest.mark.parametrize(
    "card",
    [
        table("MMLU / MMLU-Pro | 61.2 | 40.0"),
        table("MATH | 61.2 | 40.0 (MATH-500)"),
        table("MMLU | 61.2 | -", "MMLU-Pro | - | 40.0"),
        "The model scores 61.2% on MMLU-Pro, above the 58.1% that Other-7B reports on MMLU.\n",
    ],
)
def test_variants_set_against_each_other(card: str) -> None:
    finding = found(HEAD + card, "EVL009")
    assert finding is not None
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "card",
    [
        table("MMLU | 61.2 | 60.0", "MMLU-Pro | 40.1 | 38.0", "MMLU-Redux | 60.0 | 59.0"),
        table("MATH | 61.2 | 40.0", "MATH-500 | 63.0 | 41.0"),
        table("MMLU / MMLU-Pro | 61.2 / 40.0 | 60.0 / 38.0"),
        "It scores 61.2% on MMLU and 40.1% on MMLU-Pro, above Other-7B.\n",
        "It scores 61.2% on MMLU, better than Other-7B, and 40.1% on MMLU-Pro.\n",
        table("Math | MATH-500 | 61.2 | 60.0", head="Group | Benchmark | Example-7B | Other-7B"),
    ],
)
def test_variants_side_by_side_are_no_defect(card: str) -> None:
    assert found(HEAD + card, "EVL009") is None


QUANTIZED = "---\nlicense: mit\nbase_model: example/Example-7B\n---\n# Example-7B-AWQ\n\n## Results\n\n"


def test_scores_of_the_original_on_a_quantized_repo() -> None:
    card = QUANTIZED + table("MMLU (5-shot) | 61.2", head="Benchmark | Example-7B")
    finding = found(card, "EVL010")
    assert finding is not None
    assert "example/Example-7B" in finding.message
    assert found(card.replace("Example-7B |", "Example-7B-AWQ |"), "EVL010") is None
    assert found(card.replace("## Results", "## Results\nOf the unquantized model."), "EVL010") is None
    assert found(card.replace("example/Example-7B", "other/Different-3B"), "EVL010") is None
    assert found(card.replace("-AWQ", ""), "EVL010") is None


@pytest.mark.parametrize(("repo", "column", "wrong"), [
    ("Example-7B-Instruct", "Example-7B-Base", True),
    ("Example-7B-Base", "Example-7B-Instruct", True),
    ("Example-7B-Instruct", "Example-7B", False),
    ("Example-7B-Instruct", "Example-7B-Instruct", False),
    ("Example-7B", "Example-7B-Base", False),
    ("Example-7B-Instruct", "Score", False),
])  # fmt: skip
def test_scores_of_another_stage(repo: str, column: str, wrong: bool) -> None:
    card = HEAD.replace("Example-7B", repo) + table("MMLU (5-shot) | 61.2 | 60.0", head=f"Benchmark | {column} | Other-7B")
    assert (found(card, "EVL010") is not None) is wrong


LONG = HEAD + "- Context Length: 128K\n\n"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("The needle in a haystack is found at every depth.\n", {"EVL011"}),
        ("| Benchmark | Average |\n|---|---|\n| RULER | 81.2 |\n", {"EVL012"}),
        ("| Benchmark | Score |\n|---|---|\n| RULER | 81.2 |\n", {"EVL013"}),
        ("- LongBench: 45.2\n", {"EVL013"}),
        ("| Benchmark | Score |\n|---|---|\n| RULER at 128K (average of tasks) | 81.2 |\n", set()),
        ("| Benchmark | 4K | 32K | 128K | Avg. |\n|---|---|---|---|---|\n| RULER | 90.1 | 80.2 | 60.3 | 76.9 |\n", set()),
        ("| Benchmark | Score |\n|---|---|\n| RULER (128K) | 81.2 |\n\nThe needle in a haystack is found.\n", set()),
        ("| Benchmark | Score |\n|---|---|\n| RULER | 81.2 |\n\nRULER was measured at 128K.\n", set()),
        ("Nothing is said.\n", set()),
    ],
)
def test_what_shows_a_long_context(text: str, codes: set[str]) -> None:
    made = outcomes(LONG + text)
    assert {code for code in ("EVL011", "EVL012", "EVL013") if isinstance(made[code], Finding)} == codes


def test_no_long_context_is_claimed_and_none_is_asked_for() -> None:
    made = outcomes(HEAD + "- Context Length: 8K\n\nThe needle in a haystack is found. RULER: 81.2\n")
    assert all(isinstance(made[code], Skipped) for code in ("EVL011", "EVL012", "EVL013"))


SEES = "---\nlicense: mit\npipeline_tag: image-text-to-text\n---\n# Example-VL-7B\n\n"


def test_what_shows_that_a_model_sees() -> None:
    letters = SEES + table("OCRBench | 702 | 650", "TextVQA | 70.1 | 68.0")
    assert found(letters, "EVL014") is not None
    assert found(letters + "\nMMMU: 41.2\n", "EVL014") is None
    assert found(letters.replace("Example-VL", "Example-OCR"), "EVL014") is None
    assert found(letters.replace("pipeline_tag: image-text-to-text\n", ""), "EVL014") is None


def test_truthfulness_is_not_safety() -> None:
    card = HEAD + "## Evaluation\n\n" + table("TruthfulQA | 51.2 | 50.0")
    finding = found(card, "EVL015")
    assert finding is not None
    assert finding.severity is Severity.INFO
    claims = found(card + "\nThe model is safe.\n", "EVL015")
    assert claims is not None
    assert claims.severity is Severity.WARNING
    assert found(card + "\nHarmBench: 3.1%\n", "EVL015") is None
    assert found(card + "\nRed teams found nothing new.\n", "EVL015") is None
    assert not isinstance(outcomes(card, files={"safety.md": "Refusals."})["EVL015"], Finding)


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("Its Elo is 1203.", Severity.WARNING),
        ("Perplexity on held-out text: 8.41", Severity.INFO),
        ("Its Elo is 1203 and it scores 61.2 on MMLU.", None),
        ("Perplexity is low.", None),
    ],
)
def test_elo_and_perplexity_are_no_task(text: str, severity: Severity | None) -> None:
    finding = found(HEAD + text + "\n", "EVL016")
    assert (finding.severity if finding is not None else None) == severity


def test_perplexity_is_how_quantizations_are_compared() -> None:
    assert found(HEAD.replace("7B", "7B-GGUF") + "Perplexity: 8.41\n", "EVL016") is None
    quantized = {
        **LLAMA,
        "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True, "version": "gemm"},
    }
    assert found(HEAD + "Perplexity: 8.41\n", "EVL016", quantized) is None


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("It writes 95 tokens/s.", "hardware, batch or length"),
        ("Time to first token is 180 ms on an RTX 4090.", "batch or length"),
        ("It writes 95 tokens per second on one H100 at batch 8.", "length"),
        ("It writes 95 tokens/s on an A100, batch size 1, 512 input tokens.", None),
        ("It was trained at 3,000 tokens/s per GPU.", None),
    ],
)
def test_a_speed_has_conditions(text: str, missing: str | None) -> None:
    finding = found(HEAD + text + "\n", "EVL017")
    assert (finding is None) is (missing is None)
    if finding is not None:
        assert f"without its {missing}" in finding.message
        assert finding.severity is (Severity.WARNING if "hardware" in (missing or "") else Severity.INFO)


def test_contamination_is_asked_for_once() -> None:
    assert found(SHOTLESS, "EVL018") is not None
    assert found(SHOTLESS + "\nTraining data were decontaminated.\n", "EVL018") is None
    assert found(SHOTLESS + "\n训练数据不含测试集，无数据污染。\n", "EVL018") is None


@pytest.mark.parametrize(
    ("rows", "mixed"),
    [
        (("MMLU | 0.612 | 60.0",), True),
        (("MMLU | 0.612 | 0.600", "GSM8K | 40.1 | 38.0"), True),
        (("HumanEval | 0.612 | 30.1",), True),
        (("HumanEval | 0.61 | 30.05",), False),
        (("HumanEval | 0.6 | 30.0",), False),
        (("MMLU | 0.612 | 0.600", "MT-Bench | 7.1 | 7.0"), False),
        (("MMLU | 61.2 | 60.0",), False),
    ],
)
def test_scales(rows: tuple[str, ...], mixed: bool) -> None:
    finding = found(HEAD + table(*rows), "EVL019")
    assert (finding is not None) is mixed


def test_who_says_so() -> None:
    assert found(SHOTLESS, "EVL020") is not None
    for named in ("with lm-evaluation-harness", "as the Open LLM Leaderboard has it", "see our technical report"):
        assert found(SHOTLESS + f"\nResults {named}.\n", "EVL020") is None


INDEX = (
    "---\nlicense: mit\nmodel-index:\n- name: Example-7B\n  results:\n  - task: {type: text-generation}\n"
    "    dataset: {name: 'MMLU (5-Shot)', type: cais/mmlu}\n    metrics:\n    - {type: acc, value: 61.2}\n---\n# Example-7B\n\n"
)


@pytest.mark.parametrize(
    ("row", "apart"),
    [("MMLU (5-shot) | 58.0", True), ("MMLU (5-shot) | 61.2", False), ("MMLU (0-shot) | 58.0", False), ("MMLU (5-shot) | 61", False),
     ("MMLU (5-shot) | 0.612", False)],
)  # fmt: skip
def test_metadata_and_text(row: str, apart: bool) -> None:
    finding = found(INDEX + table(row, head="Benchmark | Example-7B"), "EVL021")
    assert (finding is not None) is apart
    if finding is not None:
        assert [evidence.line for evidence in finding.evidence] == [9, 15]


def results(text: str | bytes) -> Any:
    return outcomes(HEAD, files={".eval_results/a.yaml": text})["EVL001"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- dataset: {id: a/gpqa, task_id: diamond}\n  value: [1]\n", 2),
        ("- dataset: {id: a/gpqa, task_id: diamond}\n  value: 1\n- value: 2\n", 3),
        ("- dataset: {id: a/gpqa}\n  value: 1\n", 1),
        ("- dataset: [\n", 2),
        ("a: b\n", 1),
        ("", 1),
        (b"\xff\xfe", 1),
        ("- &a [*a]\n", 1),
        ("[" * 300, 1),
    ],
)
def test_a_results_file_that_cannot_be_read_is_named_with_its_line(text: str | bytes, line: int) -> None:
    finding = results(text)
    assert isinstance(finding, Finding)
    assert finding.message.startswith(f".eval_results/a.yaml:{line}: ")
    assert finding.evidence[0].line == line


def test_results_files_stand_without_a_card() -> None:
    files = {"config.json": LLAMA, ".eval_results/a.yaml": "- dataset: {id: a/gpqa, task_id: diamond}\n  value: 41.0\n"}
    made = {outcome.code: outcome for outcome in report(files).outcomes}
    assert isinstance(made["EVL020"], Finding)
    assert made["EVL020"].evidence[0].file == ".eval_results/a.yaml"
    assert isinstance(made["EVL018"], Skipped)


def test_without_card_and_results_every_rule_says_why_it_skips() -> None:
    made = [outcome for outcome in report({"config.json": LLAMA}).outcomes if outcome.code.startswith("EVL")]
    assert len(made) == 22
    assert all(isinstance(outcome, Skipped) and outcome.reason for outcome in made)


def spec_of(config: dict[str, Any]) -> ModelSpec:
    return normalize_document(parse_object(json.dumps(config).encode(), "config.json"), [])


def covered(card: str, config: dict[str, Any] | None = None) -> Coverage | str:
    read = read_card(card.encode(), "example/Example-7B")
    return coverage(read_evaluations(read, {}, "example/Example-7B"), spec_of(config or LLAMA), read.metadata)


def test_coverage_is_two_numbers_over_the_groups_that_apply() -> None:
    found = covered(HEAD + "## Evaluation\n\n" + table("MMLU (5-shot) | 61.2 | 60.0", "GSM8K | 40.1 | 38.0", "TruthfulQA | 51.0 | 50.0"))
    assert isinstance(found, Coverage)
    assert found.applicable == ("knowledge", "math", "code", "instruction", "truthfulness and safety")
    assert found.reported == ("knowledge", "math")
    assert found.with_settings == ("knowledge",)
    assert found.missing == ("code", "instruction", "truthfulness and safety")
    assert found.remarks == {"truthfulness and safety": "TruthfulQA alone"}
    assert str(found) == "2/5 (1/5 with settings)"


@pytest.mark.parametrize(
    ("front", "text", "added"),
    [
        ("language: [en, de]", "", {"multilingual"}),
        ("language: [en, code]", "", set()),
        ("language: multilingual", "", {"multilingual"}),
        ("tags: [a]", "- Context Length: 128K\n", {"long context"}),
        ("tags: [a]", "- Context Length: 16K\n", set()),
        ("pipeline_tag: image-text-to-text", "", {"multimodal"}),
    ],
)
def test_what_a_model_claims_adds_groups(front: str, text: str, added: set[str]) -> None:
    found = covered(f"---\n{front}\n---\n# Example-7B\n\n{text}\nMMLU: 61.2\n")
    assert isinstance(found, Coverage)
    assert set(found.applicable[5:]) == added


BERT = {"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "intermediate_size": 128, "vocab_size": 1000, "max_position_embeddings": 512}  # fmt: skip


@pytest.mark.parametrize(
    ("front", "config"),
    [
        ("pipeline_tag: text-ranking", LLAMA),
        ("pipeline_tag: feature-extraction", LLAMA),
        ("tags: [a]", BERT),
        ("tags: [scores of embeddings alone]", LLAMA),
        ("model_name: A-Reranker", LLAMA),
    ],
)
def test_a_reranker_or_an_encoder_is_asked_for_retrieval_alone(front: str, config: dict[str, Any]) -> None:
    found = covered(f"---\n{front}\n---\n# Example\n\nMTEB: 61.2\n", config)
    assert isinstance(found, Coverage)
    assert (found.applicable, found.missing) == (("embedding and retrieval",), ())


def test_scores_of_others_cover_nothing() -> None:
    found = covered(HEAD + table("Example-7B | 61.2 | ", "Other-7B | 60.0 | 40.0", head="Model | MMLU | GSM8K"))
    assert isinstance(found, Coverage)
    assert found.reported == ("knowledge",)


def test_coverage_is_a_finding_without_a_grade() -> None:
    finding = found(SHOTLESS, "EVL022")
    assert finding is not None
    assert finding.severity is Severity.INFO
    assert "2/5 (0/5 with settings)" in finding.message
    assert isinstance(outcomes(HEAD + "A model.\n")["EVL022"], Skipped)
