"""The row of a report: its key, its status, its figures, all of it bounded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from specverify import Target, pipeline, verify, verify_many
from specverify.audit.journal import LONGEST_ROW
from specverify.audit.rows import MOST_FINDINGS, row, status
from specverify.derive.figures import figures
from specverify.facts import Source
from specverify.outcome import Broken, Confidence, Evidence, Finding, Outcome, Passed, Report, Severity, Skipped
from specverify.spec import Figure, ModelSpec
from tests.fixture_files import FIXTURES


def found(severity: Severity, message: str = "so it is", evidence: tuple[Evidence, ...] = ()) -> Finding:
    return Finding("X001", "x", severity, Confidence.HIGH, message, evidence)


@pytest.mark.parametrize(
    ("outcomes", "word"),
    [
        ((), "ok"),
        ((Passed("X", "x"), Skipped("Y", "y", "no card")), "ok"),
        ((found(Severity.INFO),), "ok"),
        ((found(Severity.INFO), found(Severity.WARNING)), "warning"),
        ((found(Severity.WARNING), found(Severity.ERROR)), "error"),
        ((found(Severity.ERROR), Broken("Z", "z", "KeyError")), "broken"),
    ],
)
def test_status_is_the_worst_that_is_said(outcomes: tuple[Outcome, ...], word: str) -> None:
    assert status(Report("a/b", "a/b", outcomes=outcomes)) == word


def test_model_that_could_not_be_had() -> None:
    assert row(Report("a/b", "a/b", error="no access", error_kind="Gated")) == {
        "ref": "a/b",
        "name": "a/b",
        "sha": None,
        "status": "Gated",
        "error": "no access",
    }
    assert status(Report("a/b", "a/b", error="?")) == "unreadable"


def test_figures_are_exact() -> None:
    told = row(verify(str(FIXTURES / "llama-3.1-8b"), target=Target("h100-sxm-80gb", context=131072), offline=True))
    assert told["parameters.total"] == 8_030_261_248
    assert told["cache.sequence_bytes"] == 17_179_869_184
    assert told["capacity.fits"] is True or told["capacity.fits"] == 1
    assert told["attention"] == "gqa"
    assert told["exactness"] == "exact"
    assert "capacity.fits" not in row(verify(str(FIXTURES / "llama-3.1-8b"), offline=True))


def test_unknown_figure_is_null(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama", "hidden_size": null}')
    assert row(verify(str(tmp_path), offline=True))["parameters.total"] is None


def test_defect_of_ours_in_one_model_is_that_model_s_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def defective(spec: ModelSpec, target: Target, **more: Any) -> Mapping[str, Figure]:
        if spec.value("model_type") == "gpt2":
            raise KeyError("a defect")
        return figures(spec, target, **more)

    monkeypatch.setattr(pipeline, "figures", defective)
    reports = verify_many([str(FIXTURES / name) for name in ("bert-base", "gpt2", "qwen3-8b")], offline=True)
    assert [row(report)["status"] for report in reports] == ["ok", "Crashed", "ok"]


def test_finding_names_its_place() -> None:
    by_line = Evidence(Source.DECLARED, "config.json", "/x", line=3)
    by_pointer = Evidence(Source.DECLARED, "config.json", "/x")
    report = Report("a/b", "a/b", outcomes=(found(Severity.ERROR, evidence=(by_line,)), found(Severity.INFO, evidence=(by_pointer,))))
    assert [entry["place"] for entry in row(report)["findings"]] == ["config.json:3", "config.json#/x"]


def test_row_is_bounded_whatever_is_said() -> None:
    evidence = (Evidence(Source.DECLARED, "config.json", "/" + "y" * 10**6),)
    many = tuple(found(Severity.ERROR, "é" * 10**6, evidence) for _ in range(MOST_FINDINGS * 2))
    assert len(json.dumps(row(Report("a/b", "a/b", outcomes=many)))) < 2 * LONGEST_ROW
    assert len(json.dumps(row(Report("a/b", "a/b", error="x" * 10**8)))) < 3_000


def test_config_of_huge_words_and_numbers_makes_a_row_like_any_other(tmp_path: Path) -> None:
    word, number = "m" * 10**6, "9" * 4000
    (tmp_path / "config.json").write_text(f'{{"model_type": "{word}", "hidden_size": {number}, "vocab_size": {number}}}')
    assert len(json.dumps(row(verify(str(tmp_path), offline=True)))) < LONGEST_ROW
