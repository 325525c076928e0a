from __future__ import annotations

from dataclasses import replace

import pytest

from specverify.errors import SpecverifyError
from specverify.facts import Where
from specverify.outcome import Confidence, Severity
from specverify.report.explain import UnknownName, explain, explain_fact, explain_figure, explain_rule
from specverify.rules.engine import Rule
from tests.report.reports import DEEPSEEK, LLAMA, UNKNOWN, report_of


def test_a_figure_shows_formula_worked_line_parts_and_evidence() -> None:
    text = explain_figure(report_of(LLAMA), "cache.sequence_bytes")
    assert text.splitlines()[0] == "cache.sequence_bytes = 393,216 bytes (384 KiB)"
    assert "cache.attention_bytes + cache.state_bytes + cache.cross_attention_bytes" in text
    assert "num_hidden_layers x 2 x num_key_value_heads x head_dim x context x dtype" in text
    assert "3 x 2 x 2 x 8 x 2,048 x 2 B = 393,216" in text
    assert "  num_key_value_heads = 2 (declared)\n      config.json#/num_key_value_heads\n" in text
    assert "  head_dim = 8 (default)\n      transformers" in text


def test_the_line_and_its_words_are_shown_where_they_can_be_found() -> None:
    def quote(where: Where) -> tuple[int, str] | None:
        return (12, '"num_key_value_heads": 2,') if where.pointer == "/num_key_value_heads" else None

    text = explain_figure(report_of(LLAMA), "cache.bytes_per_token", quote)
    assert '      config.json:12\n      | "num_key_value_heads": 2,\n' in text


def test_a_part_that_is_a_figure_is_not_taken_apart_again() -> None:
    text = explain_figure(report_of(DEEPSEEK), "capacity.fits")
    assert "capacity.needed_bytes_per_gpu <= memory budget" in text
    assert "\n  memory budget\n" in text
    assert "shared expert" not in text


def test_an_unknown_figure_says_why() -> None:
    text = explain_figure(report_of(UNKNOWN), "parameters.total")
    assert text.startswith("parameters.total = unknown\n")
    assert "Unknown because\n  the tensors of invented are not known to specverify" in text


def test_a_fact_shows_every_reading() -> None:
    report = report_of(LLAMA | {"dtype": "float16"})
    text = explain_fact(report, "spec.dtype")
    assert text.startswith('spec.dtype = "float16"\n')
    assert "Its readings differ" in text
    assert 'declared: "float16"\n      config.json#/dtype' in text
    assert 'declared: "bfloat16"\n      config.json#/torch_dtype' in text
    assert explain(report, "dtype") == explain(report, "spec.dtype") == text
    assert "causal mask in LlamaForCausalLM" in explain(report, "spec.prototype")


def test_an_unknown_fact_says_why() -> None:
    assert "Unknown because\n  neither `dtype` nor `torch_dtype` is stated" in explain_fact(report_of(UNKNOWN), "dtype")


@pytest.mark.parametrize(
    ("name", "near"),
    [("cache.sequence_byte", "cache.sequence_bytes"), ("spec.prototyp", "spec.prototype"), ("parameter.total", "parameters.total")],
)
def test_a_name_that_is_none_offers_near_ones(name: str, near: str) -> None:
    with pytest.raises(UnknownName, match=near) as caught:
        explain(report_of(LLAMA), name)
    assert isinstance(caught.value, SpecverifyError)
    assert near in caught.value.near
    with pytest.raises(UnknownName, match="no figure is called"):
        explain_figure(report_of(LLAMA), "x" * 10_000)


def test_a_rule_is_its_documentation() -> None:
    def check() -> None:
        """It.

        ## Fix
        Do.
        """

    rule = Rule(
        "AAA001",
        "made-up-rule",
        Severity.ERROR,
        Confidence.HIGH,
        "https://arxiv.org/abs/2305.13245",
        "0.1",
        ("spec",),
        check,
    )
    text = explain_rule(rule)
    assert text.startswith(
        "AAA001 made-up-rule\nseverity error, confidence high, stable, since 0.1\nsource: https://arxiv.org/abs/2305.13245\n\nIt.\n"
    )
    assert text.endswith("Do.\n")


def test_hostile_text_is_inert() -> None:
    report = report_of(LLAMA | {"torch_dtype": "\x1b[31m\u202e"})
    for text in (explain(report, "dtype"), explain(replace(report, name="\x1b"), "weights.bytes")):
        assert all(line.isprintable() for line in text.split("\n"))
