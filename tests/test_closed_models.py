"""Closed models: every figure is unknown with its reason or rests on claims and says so, and no check passes."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from specverify import Report, Target, verify, verify_many
from specverify.cli import main
from specverify.closed import LABEL
from specverify.errors import NotFound, SpecverifyError, Unreadable
from specverify.facts import Source
from specverify.outcome import Agreement, Skipped
from specverify.report.checklist.items import State
from specverify.report.checklist.review import review
from specverify.report.explain import explain
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
        assert figure_form["value"] is None or all(rested["source"] == "claimed" and rested["line"] for rested in figure_form["rests_on"])
    assert form["summary"]["verdict"] == "unverifiable"
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
    assert text.splitlines()[1].startswith("unverifiable")
    assert "closed: nothing public to check" in text
    assert "resting on claims alone" in text
    assert "118 x 2 x 1 x 256 x 2 B = 120,832 bytes" in text


def test_the_explanation_of_a_figure_shows_the_claims_under_it() -> None:
    text = explain(verify(str(FIXTURES / "palm-540b.yaml"), target=Target(kv_dtype="bf16", context=2048)), "cache.sequence_bytes")
    assert LABEL in text
    assert "num_hidden_layers: claimed, 118\n      palm-540b.yaml:10\n      | value: 118" in text
    assert 'attention: claimed, "mqa"' in text
    assert "https://arxiv.org/abs/2204.02311, table 1" in text
    claim = explain(verify(str(FIXTURES / "palm-540b.yaml")), "claim:vocab")
    assert "stands for 262,144 or 256,000 tokens" in claim
    assert "said in https://arxiv.org/abs/2204.02311, section 2" in claim


@pytest.mark.parametrize(
    ("name", "target", "figures"),
    [
        ("gpt-3.yaml", {}, {"parameters.total": 175_000_000_000, "context.declared": 2048, "cache.bytes_per_token": None}),
        ("gpt-3.yaml", {"kv_dtype": "bf16"}, {"cache.bytes_per_token": None, "weights.bytes": None}),
        ("palm-540b.yaml", {}, {"parameters.total": 540_350_000_000, "context.declared": None, "cache.bytes_per_token": None}),
        (
            "palm-540b.yaml",
            {"kv_dtype": "bf16", "context": 2048, "concurrency": 4},
            {
                "cache.bytes_per_token": 118 * 2 * 256 * 2,
                "cache.sequence_bytes": 118 * 2 * 256 * 2 * 2048,
                "cache.total_bytes": 4 * 118 * 2 * 256 * 2 * 2048,
                "cache.fixed_bytes": 0,
                "weights.bytes": None,
                "prefill.flops": None,
            },
        ),
    ],
)
def test_the_figures_are_what_the_papers_print_or_follow_from_it(name: str, target: dict[str, Any], figures: dict[str, int | None]) -> None:
    report = verify(str(FIXTURES / name), target=Target(**target))
    assert {key: report.figures[key].value for key in figures} == figures


def test_nothing_public_is_nothing_known() -> None:
    target = Target(gpu="h100-sxm-80gb", kv_dtype="bf16", context=8192)
    figures = verify(str(FIXTURES / "gpt-4.yaml"), target=target).figures
    assert all(figure.value is None for figure in figures.values())
    assert "capacity.fits" in figures
    assert "capacity.budget_bytes_per_gpu" not in figures, "of the GPU alone, it is neither claimed nor unknown"


@pytest.mark.parametrize("name", CLOSED)
def test_a_review_passes_and_fails_nothing(name: str) -> None:
    target = Target(gpu="h100-sxm-80gb", gpus=8, kv_dtype="bf16", context=2048)
    report = verify(str(FIXTURES / name), target=target)
    assert {line.answer.state for line in review(report)} == {State.HUMAN, State.UNVERIFIABLE}
    shown = [line for entry in review(report) for line in entry.answer.evidence]
    assert any(line.endswith(", claimed") for line in shown) or not report.claims
    assert all(line.endswith(", claimed") for line in shown if " = " in line)


def test_nothing_is_filled_in() -> None:
    report = verify(str(FIXTURES / "gpt-3.yaml"), target=Target(kv_dtype="bf16"))
    assert report.figures["cache.bytes_per_token"].value is None
    assert "num_key_value_heads: not stated" in report.figures["cache.bytes_per_token"].number.reasons()[0]
    assert verify(str(FIXTURES / "palm-540b.yaml")).figures["cache.bytes_per_token"].value is None, "no dtype was stated or asked for"


def closed_model(folder: Path, **claims: Any) -> Report:
    path = folder / "model.yaml"
    stated = [{"kind": kind, "value": value, "source": "a report"} for kind, value in claims.items() if value is not None]
    path.write_text(json.dumps({"model": "Example", "claims": stated}), encoding="utf-8")
    return verify(str(path), target=Target(kv_dtype="bf16"))


PLAIN = {"num_layers": 10, "num_kv_heads": 4, "head_dim": 64, "attention": "gqa", "architecture": "decoder-only", "context_length": 1024}


def test_the_cache_of_plain_layers_follows_from_their_claims(tmp_path: Path) -> None:
    report = closed_model(tmp_path, **PLAIN)
    assert report.figures["cache.bytes_per_token"].value == 10 * 2 * 4 * 64 * 2
    assert report.figures["cache.state_bytes"].value == 0
    rested = {fact.name for fact in report.figures["cache.sequence_bytes"].number.rests_on()}
    assert rested == {"num_hidden_layers", "num_key_value_heads", "head_dim", "attention", "prototype", "context_length"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"attention": "mla"}, "attention: mla is claimed, and what its layers keep does not follow"),
        ({"attention": ["gqa", "swa"]}, "gqa, swa is claimed"),
        ({"attention": "mamba"}, "mamba is claimed"),
        ({"attention": None}, "attention: not stated"),
        ({"architecture": "encoder-decoder"}, "prototype: encoder-decoder is claimed"),
        ({"architecture": "moe"}, "prototype: not stated: only moe is claimed"),
        ({"num_kv_heads": None}, "num_key_value_heads: not stated"),
    ],
)
def test_a_cache_is_not_guessed_where_what_layers_keep_is_not_claimed(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    figures = closed_model(tmp_path, **PLAIN | change).figures
    assert figures["cache.bytes_per_token"].value is figures["cache.sequence_bytes"].value is None
    assert any(why in reason for reason in figures["cache.bytes_per_token"].number.reasons())


def test_a_number_that_may_be_two_is_none(tmp_path: Path) -> None:
    report = closed_model(tmp_path, **PLAIN | {"context_length": "128K"})
    assert report.figures["context.declared"].value is None
    assert report.figures["context.declared"].number.reasons()[0].endswith("128K may be 131,072 or 128,000")


def test_claims_that_differ_are_told_and_none_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    stated = [{"kind": "num_layers", "value": value, "source": "a report"} for value in (10, 12)]
    path.write_text(json.dumps({"model": "Example", "claims": stated}), encoding="utf-8")
    fact = verify(str(path)).spec.fact("num_hidden_layers")  # type: ignore[union-attr]
    assert fact.disputed
    assert (fact.reason or "").endswith("claims differ: 10, 12")


def test_layers_beyond_reason_cost_no_time(tmp_path: Path) -> None:
    report = closed_model(tmp_path, **PLAIN | {"num_layers": 10**17})
    assert report.figures["cache.bytes_per_token"].value == 10**17 * 2 * 4 * 64 * 2


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
    assert "unverifiable" in run("checklist", str(FIXTURES / "gpt-4.yaml"))[1].lower()
    assert "rests on claims alone" in run("explain", str(FIXTURES / "gpt-3.yaml"), "parameters.total")[1]
    code, out = run(str(FIXTURES / "llama-3.1-8b"), "--offline", "--claims", claims_file(tmp_path))
    assert (code, "CRD004" in out) == (0, True)
    assert run(str(FIXTURES / "llama-3.1-8b"), "--offline", "--claims", str(tmp_path / "absent.yaml"))[0] == 3
    assert run(str(tmp_path / "absent.yaml"))[0] == 3
    models = (str(FIXTURES / "llama-3.1-8b"), str(FIXTURES / "gpt-oss-20b"))
    assert run(*models, "--offline", "--claims", claims_file(tmp_path))[0] == 2, "the claims are of one model"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model: a\nclaims:\n- kind: num_layer\n", "bad.yaml:line 3: `claims.0.kind` is no kind of claim; did you mean `num_layers`?"),
        ("model: a\nmodel: b\n", "bad.yaml:line 2: `model` is given twice"),
        ("a: &a [1]\nb: &b [*a, *a, *a]\nc: " + "[" * 80, "bad.yaml:line 3: the file is nested deeper"),
        ("model: a\n" + "#" * 2**20, "bad.yaml: 1,048,585 bytes, more than the 1,048,576 that are read of it"),
    ],
)
def test_a_hostile_file_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    for arguments in ([str(path)], [str(FIXTURES / "llama-3.1-8b"), "--offline", "--claims", str(path)]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        written = capsys.readouterr()
        assert stopped.value.code == 3
        assert said in " ".join((written.out + written.err).split())


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(Unreadable, match="a FIFO, not a file"):
        verify(str(tmp_path / "pipe.yaml"))
    with pytest.raises(NotFound, match="no such claims file"):
        verify("nothing\0.yaml", claims="nothing\0.yaml")


def test_a_link_to_a_claims_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link.yaml").symlink_to(FIXTURES / "gpt-3.yaml")
    assert verify(str(tmp_path / "link.yaml")).name == "GPT-3 175B"


def test_an_open_model_s_file_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(SpecverifyError, match="its model is open"):
        verify(claims_file(tmp_path))


def test_claims_are_added_to_the_model_they_are_about(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="its model is closed"):
        verify(str(FIXTURES / "llama-3.1-8b"), offline=True, claims=claims_file(tmp_path, status="closed"))
    with pytest.raises(Unreadable, match="which no other adds to"):
        verify(str(FIXTURES / "gpt-3.yaml"), claims=claims_file(tmp_path))
    snapshot = tmp_path / "models--example--Example-7B" / "snapshots" / ("0" * 40)
    shutil.copytree(FIXTURES / "llama-3.1-8b", snapshot)
    path = tmp_path / "of.yaml"
    path.write_text("model: Example\nrepo: Example/example-7b\n", encoding="utf-8")
    assert verify(str(snapshot), offline=True, claims=str(path)).files["of.yaml"] == "read"
    path.write_text("model: Other\nrepo: example/Other-7B\n", encoding="utf-8")
    with pytest.raises(Unreadable, match="about example/Other-7B, and the model is example/Example-7B"):
        verify(str(snapshot), offline=True, claims=str(path))


def test_an_audit_tells_claims_from_what_was_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shortlist = tmp_path / "list.txt"
    shortlist.write_text(f"{FIXTURES / 'palm-540b.yaml'}\n{FIXTURES / 'llama-3.1-8b'}\n", encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main(["audit", str(shortlist), "--offline", "--results", str(tmp_path / "rows.jsonl")])
    rows = {row["name"]: row for row in map(json.loads, (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines())}
    assert stopped.value.code == 0
    assert {name: (row["status"], row["exactness"]) for name, row in rows.items()} == {
        "PaLM 540B": ("unverifiable", "claimed"),
        "llama-3.1-8b": ("ok", "exact"),
    }
    assert "1 ok, 1 unverifiable; 2 models" in capsys.readouterr().out


def test_a_shortlist_may_mix_repos_and_claims_files(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("model: [", encoding="utf-8")
    refs = [str(FIXTURES / "gpt-3.yaml"), str(FIXTURES / "llama-3.1-8b"), str(bad)]
    first, second, third = verify_many(refs, offline=True)
    assert (first.name, second.name) == ("GPT-3 175B", "llama-3.1-8b")
    assert third.error is not None
    assert "line" in third.error
