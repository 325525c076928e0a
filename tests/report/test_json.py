from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from specverify.facts import Source
from specverify.outcome import Evidence, Report
from specverify.report.json import to_json, to_jsonl
from specverify.report.shape import report_dict
from tests.report.reports import BY_NAME, DEEPSEEK, LLAMA, OUTCOMES, UNKNOWN, finding, report_of

HOSTILE = "\x1b]0;owned\x07\u202egnp\u200b\x9b31m\udc80\U000e0041[red]"
ROOT = Path(__file__).resolve().parents[2]


def read(report: Report) -> Any:
    return json.loads(to_json(report).encode())


def test_figures_are_integers_with_their_working() -> None:
    figure = read(report_of(LLAMA))["figures"]["cache.bytes_per_token"]
    assert figure["value"] == 3 * 2 * 2 * 8 * 2
    assert figure["worked"] == "3 x 2 x 2 x 8 x 2 B = 192 bytes"
    heads = {"fact": "num_key_value_heads", "source": "declared", "file": "config.json", "pointer": "/num_key_value_heads"}
    assert heads in figure["rests_on"]
    assert type(read(report_of(DEEPSEEK))["figures"]["parameters.total"]["value"]) is int


def test_an_unknown_figure_is_null_and_says_why() -> None:
    figure = read(report_of(UNKNOWN))["figures"]["parameters.total"]
    assert figure["value"] is None
    assert figure["reasons"] == ["the tensors of invented are not known to specverify"]


def test_named_parts_of_a_figure_are_told_unless_they_are_figures_themselves() -> None:
    figures = read(report_of(DEEPSEEK))["figures"]
    assert figures["parameters.total"]["definitions"]["router"]["formula"].startswith("sparse layers x n_routed_experts")
    assert "cache.attention_bytes" in figures["cache.sequence_bytes"]["formula"]
    assert "definitions" not in figures["cache.sequence_bytes"]


def test_outcomes_are_in_order_and_counted() -> None:
    form = read(report_of(LLAMA))
    assert [(o["kind"], o["code"]) for o in form["outcomes"]] == [
        ("finding", "AAA003"), ("finding", "AAA001"), ("broken", "AAA005"), ("skipped", "AAA004"), ("passed", "AAA002"),
    ]  # fmt: skip
    assert form["summary"] == {
        "verdict": "error", "findings": {"error": 1, "warning": 0, "info": 1}, "ignored": 0, "known": 0, "broken": 1,
        "skipped": 1, "passed": 1,
        "claims": {"agrees": 0, "disagrees": 0, "opt-in": 0, "unverifiable": 0},
    }  # fmt: skip
    assert form["outcomes"][0]["evidence"] == [
        {"source": "declared", "file": "config.json", "pointer": "/num_key_value_heads", "line": 7, "value": 3,
         "quote": '"num_key_value_heads": 3'},
    ]  # fmt: skip


def test_a_model_that_could_not_be_read_says_so() -> None:
    form = read(Report("a/b", "a/b", error="a/b: gated", error_kind="Gated"))
    assert form["model"]["error_kind"] == "Gated"
    assert form["summary"]["verdict"] == "unreadable"
    assert form["spec"] is None


@pytest.mark.parametrize("name", BY_NAME)
def test_the_line_and_the_document_say_the_same(name: str) -> None:
    report = report_of(BY_NAME[name])
    line = to_jsonl(report)
    assert line.count("\n") == 1
    assert json.loads(line) == json.loads(to_json(report)) == json.loads(json.dumps(report_dict(report)))


def test_hostile_text_is_inert_and_survives() -> None:
    evidence = Evidence(Source.DECLARED, "config.json", "/x", 1, HOSTILE, {HOSTILE: float("nan")})
    outcome = replace(finding("AAA001", "error", HOSTILE), evidence=(evidence,))
    report = replace(report_of(LLAMA | {"made_up": HOSTILE.replace("\udc80", "")}, (outcome,)), name=HOSTILE)
    for text in (to_json(report), to_jsonl(report)):
        assert text.encode()
        assert [c for c in text if c != "\n" and not c.isprintable()] == []
        form = json.loads(text)
        assert form["model"]["name"] == HOSTILE
        assert form["outcomes"][0]["evidence"][0]["value"] == {HOSTILE: {"$non_finite": "NaN"}}


def test_same_inputs_same_bytes_in_any_process() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from tests.report.reports import DEEPSEEK, report_of\n"
        "from specverify.report.json import to_json\n"
        "sys.stdout.write(to_json(report_of(DEEPSEEK)))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program, ROOT], capture_output=True, check=True, text=True, env={**os.environ, "PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert texts == {to_json(report_of(DEEPSEEK))}


def test_the_order_in_which_rules_ran_does_not_show() -> None:
    assert to_json(report_of(LLAMA, OUTCOMES[::-1])) == to_json(report_of(LLAMA, OUTCOMES))
