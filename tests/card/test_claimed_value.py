"""Values of a claims file: numbers as cards print them or exact in the unit of their kind, and words of their kind."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.card.claimed_value import NoValue, number_of, words_of


@pytest.mark.parametrize(
    ("kind", "value", "unit", "accepted"),
    [
        ("total_params", "175B", None, (175_000_000_000,)),
        ("total_params", "1750亿", None, (175_000_000_000,)),
        ("total_params", "175B parameters", None, (175_000_000_000,)),
        ("total_params", 175, "B", (175_000_000_000,)),
        ("total_params", 1.75e11, None, (175_000_000_000,)),
        ("active_params", 174_591_683_584, None, (174_591_683_584,)),
        ("context_length", "128K", None, (131_072, 128_000)),
        ("context_length", "128K tokens", None, (131_072, 128_000)),
        ("context_length", 2048, None, (2048,)),
        ("training_tokens", "1.5T", None, (1_500_000_000_000,)),
        ("num_layers", "96 layers", None, (96,)),
        ("num_layers", 96.0, None, (96,)),
        ("latency", 12.5, None, (12.5,)),
        ("latency", "12.5 ms", None, (0.0125,)),
        ("time_to_first_token", "1.2 s", None, (1.2,)),
        ("time_to_first_token", 1.2, "s", (1.2,)),
        ("throughput", "25.5 tokens/s", None, (25.5,)),
        ("hardware", "80 GB", None, (80_000_000_000, 85_899_345_920)),
        ("hardware", "80GiB", None, (85_899_345_920,)),
    ],
)
def test_numbers_are_read_as_cards_print_them(kind: str, value: Any, unit: str | None, accepted: tuple[float, ...]) -> None:
    reading = number_of(kind, value, unit)
    assert reading.values == accepted
    assert len(reading.quanta) == len(accepted)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("num_layers", 12.5), ("num_layers", 0), ("num_layers", -3), ("num_layers", 10**18), ("num_layers", True), ("num_layers", None),
        ("num_layers", [12]), ("num_layers", "96" + " " * 58 + "97"), ("num_layers", "9" * 60), ("num_layers", "96 heads"),
        ("num_layers", float("nan")), ("num_layers", float("inf")), ("latency", float("nan")), ("latency", float("inf")),
        ("total_params", 0.5), ("total_params", "many"), ("context_length", "128 KB"), ("latency", "3 days"), ("latency", "1,,,"),
        ("hardware", "80"), ("hardware", "an H100"), ("throughput", "25 requests/s"),
    ],
)  # fmt: skip
def test_what_is_no_number_of_the_kind_is_refused(kind: str, value: Any) -> None:
    with pytest.raises(NoValue):
        number_of(kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "terms"),
    [
        ("attention", "gqa", ("gqa",)),
        ("attention", "Grouped-Query Attention", ("gqa",)),
        ("attention", ["gqa", "swa"], ("gqa", "swa")),
        ("architecture", "a dense decoder-only model", ("dense", "decoder-only")),
        ("knowledge_cutoff", "September 2021", ("2021-09",)),
        ("knowledge_cutoff", 2021, ("2021",)),
        ("license", "Apache License 2.0", ("apache-2.0",)),
        ("license", "a licence of its own", ("a licence of its own",)),
        ("base_model", "org/Example-7B", ("org/Example-7B",)),
    ],
)
def test_words_become_the_terms_they_mean(kind: str, value: Any, terms: tuple[str, ...]) -> None:
    assert words_of(kind, value) == terms


@pytest.mark.parametrize("value", ["fancy", "", " ", None, True, 1.5, [], ["gqa", None], [["gqa"]], "gqa" * 70, ["gqa"] * 21])
def test_words_that_are_no_terms_are_refused(value: Any) -> None:
    with pytest.raises(NoValue):
        words_of("attention", value)
