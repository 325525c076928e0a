"""The end of the training data, the memory a model needs, and how fast it is, each with what binds it."""

from __future__ import annotations

import pytest

from specverify.card.kinds import CUTOFF, HARDWARE, LATENCY, THROUGHPUT, TTFT
from specverify.card.words.gpus import gpus
from tests.card.said import claims, refused, said

GB = 10**9
GIB = 2**30


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- Knowledge cutoff: December 2023", ["2023-12"]),
        ("- Knowledge Cut-off: 2024-07", ["2024-07"]),
        ("- 知识截止日期：2024年6月", ["2024-06"]),
        ("| Property | Value |\n|---|---|\n| Knowledge cutoff | Aug 2024 |", ["2024-08"]),
        ("The pretraining data has a cutoff of September 2022.", ["2022-09"]),
        ("The model has a knowledge cutoff of 07/2024.", ["2024-07"]),
        ("It is trained on text with a cutoff date of Mar 15, 2024.", ["2024-03"]),
        ("The training data has a cutoff of mid-2022.", ["2022"]),
        ("The leaderboard problems have a cutoff of May 2024.", []),
        ("Set eta_cutoff to 2023.", []),
        ("You are helpful. Your knowledge cutoff date is December 2024.", []),
        ("ChatGPT has a knowledge cutoff of September 2021.", []),
    ],
)
def test_cutoffs(text: str, expected: list[str]) -> None:
    assert [claim.terms[0] for claim in claims(CUTOFF, text)] == expected


def test_each_size_has_its_cutoff() -> None:
    text = "The data has a cutoff of March 2023 for the 7B and December 2023 for the 70B models."
    assert said(CUTOFF, text) == [(("2023-03",), "self"), (("2023-12",), "sibling")]


def test_a_row_is_of_the_size_that_stands_in_it() -> None:
    card = "| | Params | Knowledge cutoff |\n|---|---|---|\n| Example | 7B | March 2023 |\n| Example | 70B | May 2023 |\n"
    assert said(CUTOFF, card) == [(("2023-03",), "self"), (("2023-05",), "sibling")]


@pytest.mark.parametrize(
    ("text", "accepted", "conditions"),
    [
        ("It fits on a single 80GB GPU.", (80 * GB, 80 * GIB), ()),
        ("80GB*8 GPUs are required to run it in BF16.", (640 * GB, 640 * GIB), ("BF16",)),
        ("In 4-bit it runs on a 24GB GPU.", (24 * GB, 24 * GIB), ("4-bit",)),
        ("You need at least 6GB of VRAM to run it in 4bit.", (6 * GB, 6 * GIB), ("4bit",)),
        ("It needs 40 GiB of VRAM.", (40 * GIB,), ()),
        ("INT4 量化下最低只需 6GB 显存。", (6 * GB, 6 * GIB), ("INT4", "量化")),
        ("It can be deployed on 8x A100-80GB GPUs.", (640 * GB, 640 * GIB), ("8x A100-80GB GPUs",)),
        ("It runs on one H100.", (80 * GB, 80 * GIB, 94 * GB, 94 * GIB), ("H100",)),
        ("- Minimum VRAM: 24 GB", (24 * GB, 24 * GIB), ()),
    ],
)
def test_hardware(text: str, accepted: tuple[int, ...], conditions: tuple[str, ...]) -> None:
    (claim,) = claims(HARDWARE, text)
    assert sorted(claim.accepted) == sorted(accepted)
    assert len(claim.quanta) == len(claim.accepted)
    assert claim.conditions == conditions
    assert (claim.unit, claim.relation) == ("bytes", "self")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("It was trained on 8 A100 80GB GPUs.", "the hardware of training, or not of running the model"),
        ("LoRA fine-tuning fits on one 24GB GPU.", "the hardware of training, or not of running the model"),
        ("## Training\n\nIt runs on 64 H100 GPUs.", "the hardware of training"),
        ("A 24GB GPU is common today.", "the sentence does not say that the model runs on it"),
        ("Llama-3-8B runs on one 24GB GPU.", "about Llama-3-8B"),
    ],
)
def test_hardware_is_refused(text: str, reason: str) -> None:
    assert claims(HARDWARE, text) == []
    assert reason in refused(HARDWARE, text)


def test_each_amount_has_the_conditions_of_its_clause() -> None:
    text = "In 8-bit it needs 10GB of VRAM, in 4-bit it needs only 6GB of VRAM."
    assert [(c.raw, c.conditions) for c in claims(HARDWARE, text)] == [("10GB of VRAM", ("8-bit",)), ("6GB of VRAM", ("4-bit",))]
    bracketed = "At least 6GB of VRAM is needed in 4bit (16GB of VRAM without 4bit quantization)."
    assert [(c.raw, c.conditions) for c in claims(HARDWARE, bracketed)] == [("6GB of VRAM", ("4bit",)), ("16GB of VRAM", ())]


def test_a_table_of_needs_gives_each_row_its_conditions() -> None:
    card = (
        "To use the full 128K context:\n\n"
        "| Model | Precision | GPU Type and Count |\n|---|---|---|\n| Example-7B | FP8 | H100 x 2 |\n| Example-70B | BF16 | H100 x 16 |\n"
    )
    own, other = claims(HARDWARE, card)
    assert own.accepted[0] == 160 * GB
    assert own.conditions == ("H100 x 2", "Precision: FP8", "To use the full 128K context:")
    assert (own.relation, other.relation) == ("self", "sibling")


def test_a_header_gives_the_unit() -> None:
    card = "| Quantization | GPU Memory Usage (GB) |\n|---|---|\n| BF16 | 16.5 |\n| Int4 | 8.2 |\n"
    assert [(c.accepted[0], c.conditions) for c in claims(HARDWARE, card)] == [
        (16_500_000_000, ("Quantization: BF16",)),
        (8_200_000_000, ("Quantization: Int4",)),
    ]


@pytest.mark.parametrize(
    ("text", "model", "count"),
    [
        ("8x H100", "H100", 8),
        ("H100 x 16", "H100", 16),
        ("a single A100 80GB", "A100", 1),
        ("4 x RTX 4090 (24 GB)", "RTX 4090", 4),
        ("two 3090 cards", "RTX 3090", 2),
        ("NVIDIA L40S", "L40S", None),
    ],
)
def test_accelerators(text: str, model: str, count: int | None) -> None:
    (found,) = gpus(text)
    assert (found.model, found.count) == (model, count)


@pytest.mark.parametrize("text", ["Example-H100-tuned", "v100000", "B2000", "section A10.3 of the paper", "M4 chip"])
def test_what_is_no_accelerator(text: str) -> None:
    assert list(gpus(text)) == []


def test_an_amount_beside_the_name_counts() -> None:
    (found,) = gpus("A100 (40 GB)")
    assert found.memory is not None
    assert found.memory.values == (40 * GB, 40 * GIB)


@pytest.mark.parametrize(
    ("kind", "text", "value", "conditions"),
    [
        (THROUGHPUT, "It reaches 2,500 tokens/s on one H100 at batch size 64.", 2500, ("H100", "batch size 64")),
        (THROUGHPUT, "It writes 7.5 tokens per second on a laptop.", 7.5, ("laptop",)),
        (THROUGHPUT, "It is quick: 100 tokens/s.", 100, ()),
        (TTFT, "Time to first token is 150 ms with vLLM.", 0.15, ("vLLM",)),
        (LATENCY, "The p99 latency is 1.5 s.", 1.5, ("p99",)),
        (LATENCY, "- Latency: 250 ms", 0.25, ()),
        (THROUGHPUT, "- Throughput: 900 tokens/s on A100", 900, ("A100",)),
    ],
)
def test_speed(kind: str, text: str, value: float, conditions: tuple[str, ...]) -> None:
    (claim,) = claims(kind, text)
    assert claim.accepted[0] == pytest.approx(value)
    assert claim.conditions == conditions
    assert claim.unit == ("tokens/s" if kind == THROUGHPUT else "s")


@pytest.mark.parametrize(
    "text",
    [
        "Training ran at 24k tokens per second.",
        "It is 30 tokens/s faster than the last one.",
        "Llama-3-8B reaches 90 tokens/s.",
        "It supports low latency.",
        "Read 5 tokens per line.",
    ],
)
def test_what_is_no_speed(text: str) -> None:
    assert [c for kind in (THROUGHPUT, TTFT, LATENCY) for c in claims(kind, text)] == []


def test_rows_of_measurements_keep_what_they_were_measured_with() -> None:
    card = "| Framework | Device | Throughput (tokens/sec) | TTFT (ms) |\n|---|---|---|---|\n| vLLM | A40 | 7094.5 | 80 |\n"
    (speed,) = claims(THROUGHPUT, card)
    (first,) = claims(TTFT, card)
    assert (speed.accepted, speed.conditions) == ((7094.5,), ("Framework: vLLM", "Device: A40"))
    assert first.accepted[0] == pytest.approx(0.08)
