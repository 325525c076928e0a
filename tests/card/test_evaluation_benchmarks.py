"""Names of benchmarks, and what is close to one and is another, or none."""

from __future__ import annotations

import time

import pytest

from specverify.card.evaluation.benchmarks import CODE, KNOWLEDGE, LONG, MATH, MULTIMODAL, SAFETY, catalogue, mentions

FILLER = "Words that name nothing and go on for a while. " * 20


def names(text: str) -> list[str]:
    return [mention.benchmark.name for mention in mentions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MMLU, MMLU-Pro, mmlu_pro, MMLU-Redux and MMMLU", ["MMLU", "MMLU-Pro", "MMLU-Pro", "MMLU-Redux", "MMMLU"]),
        ("MATH, MATH-500, MathVista and our math data", ["MATH", "MATH-500", "MathVista"]),
        ("MATH Lvl 5", ["MATH"]),
        ("HumanEval, HumanEval+, Human-Eval and humaneval", ["HumanEval", "HumanEval+", "HumanEval", "HumanEval"]),
        ("MT-Bench is no MTEB", ["MT-Bench", "MTEB"]),
        ("MMMU and MMMU-Pro", ["MMMU", "MMMU-Pro"]),
        ("ARC-C, arc_challenge and ARC; the arc of ARC-AGI", ["ARC", "ARC", "ARC"]),
        ("BBH or BIG-Bench Hard", ["BBH", "BBH"]),
        ("GSM8K, GSM-8K, gsm8k_cot", ["GSM8K", "GSM8K", "GSM8K"]),
        ("AIME'24, AIME 2025, AIME25", ["AIME", "AIME", "AIME"]),
        ("a needle in a haystack, NIAH; a needle", ["Needle in a haystack", "Needle in a haystack"]),
        ("Chatbot Arena is not Arena-Hard, and an arena neither", ["Chatbot Arena", "Arena-Hard"]),
        ("mmlu_anatomy is a part with a number of its own", []),
        ("DROP the drop", ["DROP"]),
        ("GQA attention with 8 groups", []),
        ("在MMLU上达到", ["MMLU"]),
        ("τ²-Bench and tau-bench", ["tau-bench", "tau-bench"]),
        ("multiple entries, simple questions, live code", []),
    ],
)
def test_names(text: str, expected: list[str]) -> None:
    assert names(text) == expected
    assert names(FILLER + text) == expected


def test_positions_are_those_of_the_text() -> None:
    text = FILLER + "It has 61.2 on MMLU-Pro."
    (mention,) = mentions(text)
    assert text[mention.start : mention.end] == "MMLU-Pro"
    assert not list(mentions(text, 0, mention.start + 2))


def test_every_group_of_the_minimal_set_has_benchmarks() -> None:
    groups = {benchmark.group for benchmark in catalogue()}
    assert groups >= {KNOWLEDGE, MATH, CODE, LONG, MULTIMODAL, SAFETY}
    assert all(benchmark.pattern.compiled for benchmark in catalogue())


def test_every_benchmark_is_found_by_one_of_its_names() -> None:
    """A name that no first word leads to would never be looked up."""
    for benchmark in catalogue():
        assert any(benchmark.pattern.match(f"{name} ") or name for name in benchmark.starts)
        assert benchmark.starts


@pytest.mark.parametrize("piece", ["MMLU ", "mmlu-", "a ", "ARC_", "needle in a ", "GPQA" * 50 + " ", "C-C-"])
def test_long_text_is_walked_in_linear_time(piece: str) -> None:
    text = piece * (500_000 // len(piece))
    started = time.process_time()
    for _ in mentions(text):
        pass
    assert time.process_time() - started < 2
