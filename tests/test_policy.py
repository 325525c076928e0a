"""Policy from Python: a run of one model and of several."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from specverify.outcome import Acceptance, Accepted, Confidence, Finding, Passed, Report, Severity, Skipped
from specverify.pipeline import concluded, verify, verify_many
from specverify.policy import Policy, Uses
from specverify.settings import load
from tests.cli.running import write_model

AS_OF = date(2026, 11, 25)
SETTINGS = """
baseline = "known.json"
[[ignore]]
rule = "ATT003"
reason = "The loader pads the heads."
[[ignore]]
rule = "ATT003"
reason = "Again."
"""
KNOWN = {"model": "Bad", "code": "CRD999", "message": "none of these"}


def made(folder: Path) -> Policy:
    write_model(folder / "bad", num_key_value_heads=3)
    write_model(folder / "good")
    (folder / "specverify.toml").write_text(SETTINGS)
    (folder / "known.json").write_text(json.dumps({"baseline_version": "1.0", "findings": [KNOWN]}))
    return load(str(folder / "specverify.toml")).policy(AS_OF)


def of(report: Report, code: str) -> list[object]:
    return [outcome for outcome in report.outcomes if outcome.code == code]


def test_verify_takes_a_policy(tmp_path: Path) -> None:
    policy = made(tmp_path)
    report = verify(str(tmp_path / "bad"), policy=policy)
    (accepted,) = of(report, "ATT003")
    assert isinstance(accepted, Accepted)
    assert (accepted.how, accepted.reason, accepted.by) == (Acceptance.IGNORED, "The loader pads the heads.", "specverify.toml:3")
    assert report.accepted == (accepted,)
    assert not report.findings
    assert [type(one) for one in of(verify(str(tmp_path / "bad")), "ATT003")] == [Finding]


def test_select_stands_in_place_of_the_policys(tmp_path: Path) -> None:
    made(tmp_path)
    policy = Policy(select=("ATT",))
    assert {o.code[:3] for o in verify(str(tmp_path / "good"), policy=policy).outcomes} == {"ATT"}
    assert {o.code[:3] for o in verify(str(tmp_path / "good"), policy=policy, select=("MET",)).outcomes} == {"MET"}


def test_only_the_whole_run_tells_what_is_unused(tmp_path: Path) -> None:
    policy = made(tmp_path)
    reports = list(verify_many([str(tmp_path / "bad"), str(tmp_path / "good")], policy=policy))
    assert all(isinstance(one, Skipped) for report in reports for one in of(report, "POL004"))
    first, last = concluded(reports, policy)
    assert [type(one) for one in of(first, "POL004")] == [Skipped]
    (told,) = of(last, "POL004")
    assert isinstance(told, Finding)
    assert told.evidence[0].line == 6, "the first of the two ignores what both could"
    (alone,) = concluded(reports[:1], Policy())
    assert alone == reports[0]


def test_a_model_that_could_not_be_read_tells_nothing_of_ignores(tmp_path: Path) -> None:
    uses = Uses(made(tmp_path))
    uses.saw(Report("x", "x", error="not there"))
    assert uses.unused() == {}


def test_a_known_finding_is_known_as_often_as_it_was(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "specverify.toml").write_text('baseline = "known.json"')
    found = verify(str(tmp_path / "bad")).findings[0]
    entry = {"model": "BAD", "code": found.code, "message": found.message}
    (tmp_path / "known.json").write_text(json.dumps({"baseline_version": "1.0", "findings": [entry]}))
    policy = load(str(tmp_path / "specverify.toml")).policy(AS_OF)
    kinds = [type(one) for one in policy.applied((found, found, Passed("X", "x")), "bad")]
    assert kinds == [Accepted, Finding, Passed]


def test_a_name_goes_before_a_code_however_short() -> None:
    policy = Policy(severities={"AAA001": Severity.INFO, "rule": Severity.WARNING})
    found = Finding("AAA001", "rule", Severity.ERROR, Confidence.HIGH, "It is wrong.", ())
    (told,) = policy.applied([found], "model")
    assert isinstance(told, Finding)
    assert told.severity is Severity.WARNING
