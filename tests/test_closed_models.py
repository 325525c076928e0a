"""Closed models: every figure is unknown with its reason or rests on claims and says so, and no check passes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from specverify import Target, verify, verify_many
from specverify.cli import main
from specverify.closed import LABEL
from specverify.errors import SpecverifyError
from specverify.facts import Source
from specverify.outcome import Agreement, Skipped
from specverify.report.terminal import render
from specverify.report.validate import problems
from tests.fixture_files import FIXTURES

CLOSED = ("gpt-3.yaml", "gpt-4.yaml", "palm-540b.yaml")


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("target", [Target(), Target(kv_dtype="bf16"), Target(gpu="h100-sxm-80gb", gpus=8, kv_dtype="fp8", context=4096)])
def test_every_figure_is_unknown_or_labelled_with_its_claims(name: str, target: Target) -> None:
    report = verify(str(FIXTURES / name), target=target)
    assert report.figures
    for figure in report.figures.values():
        if figure.value is None:
            assert figure.number.reasons() != ("unknown",), figure.name
            continue
        facts = figure.number.rests_on()
        assert facts, f"{figure.name} rests on nothing"
        assert all({reading.source for reading in fact.readings} == {Source.CLAIMED} for fact in facts), figure.name
        assert figure.note == LABEL
    form = report.to_dict()
    for figure_name, figure_form in form["figures"].items():
        assert figure_form["value"] is None or figure_form["note"] == LABEL, figure_name
    assert list(problems(report)) == []


@pytest.mark.parametrize("name", CLOSED)
def test_no_fact_has_a_value_and_no_check_passes(name: str) -> None:
    report = verify(str(FIXTURES / name))
    assert report.spec is not None
    assert all(fact.value is None and fact.reason for fact in report.spec.facts.values())
    assert report.outcomes
    assert all(isinstance(outcome, Skipped) for outcome in report.outcomes)
    assert all(claim.agreement is Agreement.UNVERIFIABLE for claim in report.claims)


def test_the_terminal_says_that_it_all_rests_on_claims() -> None:
    text = render(verify(str(FIXTURES / "palm-540b.yaml"), target=Target(kv_dtype="bf16")), width=120)
    assert "closed: nothing public to check" in text
    assert "resting on claims alone" in text
    assert "118 x 2 x 1 x 256 x 2 B = 120,832 bytes" in text


def test_nothing_is_filled_in() -> None:
    report = verify(str(FIXTURES / "gpt-3.yaml"), target=Target(kv_dtype="bf16"))
    assert report.figures["cache.bytes_per_token"].value is None
    assert "num_key_value_heads: not stated" in report.figures["cache.bytes_per_token"].number.reasons()[0]
    assert verify(str(FIXTURES / "palm-540b.yaml")).figures["cache.bytes_per_token"].value is None, "no dtype was stated or asked for"


def claims_file(folder: Path, status: str = "open", **claim: Any) -> str:
    entry = {"kind": "num_layers", "value": 99, "source": "a report"} | claim
    path = folder / "more.yaml"
    path.write_text(json.dumps({"model": "Llama 3.1 8B", "status": status, "claims": [entry]}), encoding="utf-8")
    return str(path)


def test_a_report_adds_claims_to_an_open_model(tmp_path: Path) -> None:
    report = verify(str(FIXTURES / "llama-3.1-8b"), offline=True, claims=claims_file(tmp_path))
    (added,) = [claim for claim in report.claims if claim.stated.file == "more.yaml"]
    assert added.agreement is Agreement.DISAGREES
    (finding,) = report.findings
    assert (finding.code, str(finding.severity)) == ("CRD004", "info"), "the card itself has it right"
    right = verify(str(FIXTURES / "llama-3.1-8b"), offline=True, claims=claims_file(tmp_path, value=32))
    assert not right.findings


def test_the_command_line_takes_both_forms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as stopped:
            main(list(arguments))
        return int(stopped.value.code or 0), capsys.readouterr().out

    assert run(str(FIXTURES / "gpt-4.yaml"))[0] == 0
    code, out = run(str(FIXTURES / "llama-3.1-8b"), "--offline", "--claims", claims_file(tmp_path))
    assert (code, "CRD004" in out) == (0, True)
    assert run(str(FIXTURES / "llama-3.1-8b"), "--offline", "--claims", str(tmp_path / "absent.yaml"))[0] == 3
    assert run(str(tmp_path / "absent.yaml"))[0] == 3


def test_an_open_model_s_file_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(SpecverifyError, match="its model is open"):
        verify(claims_file(tmp_path))


def test_a_shortlist_may_mix_repos_and_claims_files(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("model: [", encoding="utf-8")
    refs = [str(FIXTURES / "gpt-3.yaml"), str(FIXTURES / "llama-3.1-8b"), str(bad)]
    first, second, third = verify_many(refs, offline=True)
    assert (first.name, second.name) == ("GPT-3 175B", "llama-3.1-8b")
    assert third.error is not None
    assert "line" in third.error
