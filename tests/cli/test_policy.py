"""What a team decides in its settings, as the commands follow it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from specverify.data import schema
from tests.cli.running import Run, runner, write_model

SETTINGS = "specverify.toml"
IGNORE = '[[ignore]]\nrule = "key-value-heads-do-not-divide-heads"\nreason = "The loader pads the heads."\n'


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    write_model(tmp_path / "bad", num_key_value_heads=3)
    write_model(tmp_path / "good")
    return runner(capsys, monkeypatch, tmp_path)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    return tmp_path / SETTINGS


def outcomes(out: str, *codes: str) -> list[dict[str, Any]]:
    form = json.loads(out)
    jsonschema.validate(form, schema("report"))
    return [outcome for outcome in form["outcomes"] if outcome["code"] in codes]


def codes_ran(out: str) -> set[str]:
    return {outcome["code"] for outcome in json.loads(out)["outcomes"]}


# select and ignore


def test_settings_select_rules_and_options_select_others(run: Run, settings: Path) -> None:
    settings.write_text('select = ["ATT003", "MET"]')
    ran = codes_ran(run("good", "--format", "json")[1])
    assert "ATT003" in ran
    assert {code[:3] for code in ran} == {"ATT", "MET"}
    assert codes_ran(run("good", "--format", "json", "--select", "ATT001")[1]) == {"ATT001"}
    assert "ATT003" not in codes_ran(run("good", "--format", "json", "--ignore", "ATT003")[1])
    assert {"ATT001", "CRD001"} <= codes_ran(run("good", "--format", "json", "--no-config")[1])


def test_an_ignored_finding_fails_nothing_and_is_shown_with_its_reason(run: Run, settings: Path) -> None:
    assert run("bad")[0] == 1
    settings.write_text(IGNORE)
    status, out, _ = run("bad", "--format", "json")
    assert status == 0
    (told,) = outcomes(out, "ATT003")
    assert (told["kind"], told["severity"], told["reason"]) == ("ignored", "error", "The loader pads the heads.")
    assert told["by"] == f"{SETTINGS}:1"
    assert told["evidence"]
    assert "3" in told["message"]
    summary = json.loads(out)["summary"]
    assert (summary["verdict"], summary["findings"]["error"], summary["ignored"]) == ("clean", 0, 1)
    plain = run("bad")[1]
    assert "1 ignored" in plain
    assert "ATT003" not in plain
    verbose = " ".join(run("bad", "-v")[1].split())
    assert "because The loader pads the heads." in verbose
    assert f"ignored {SETTINGS}:1" in verbose


@pytest.mark.parametrize(("glob", "status"), [("bad", 0), ("BAD", 0), ("b*", 0), ("*a*", 0), ("*", 0), ("ba", 1), ("b", 1), ("?ad", 1)])
def test_an_ignore_may_be_of_some_models(run: Run, settings: Path, glob: str, status: int) -> None:
    settings.write_text(f'{IGNORE}model = "{glob}"\n')
    assert run("bad")[0] == status


@pytest.mark.parametrize("day", ["2026-06-30", "'2026-06-30'"])
def test_an_ignore_holds_through_its_last_day(run: Run, settings: Path, day: str) -> None:
    settings.write_text(f"{IGNORE}expires = {day}\n")
    assert run("bad", "--as-of", "2026-06-30")[0] == 0
    status, out, _ = run("bad", "--as-of", "2026-07-01", "--format", "json")
    assert status == 1
    back, expired = outcomes(out, "ATT003", "POL003")
    assert (back["kind"], expired["kind"], expired["severity"]) == ("finding", "finding", "warning")
    assert expired["evidence"][0]["file"] == SETTINGS
    assert expired["evidence"][0]["line"] == 1
    assert "2026-06-30" in expired["message"]
    assert run("bad", "--as-of", "tomorrow")[0] == 2


def test_today_is_the_day_where_none_is_given(run: Run, settings: Path) -> None:
    settings.write_text(f"{IGNORE}expires = 2020-01-01\n")
    assert run("bad")[0] == 1
    settings.write_text(f"{IGNORE}expires = 2999-01-01\n")
    assert run("bad")[0] == 0


def test_an_ignore_that_no_model_of_the_run_needs_is_a_finding(run: Run, settings: Path) -> None:
    settings.write_text(IGNORE)
    (told,) = outcomes(run("good", "--format", "json")[1], "POL004")
    assert (told["kind"], told["severity"]) == ("finding", "info")
    assert told["evidence"][0]["line"] == 1
    assert "POL004" not in run("good", "bad")[1]
    settings.write_text(f'{IGNORE}model = "good"\n')
    status, out, _ = run("bad", "good", "--fail-on", "warning", "--select", "POL")
    assert status == 0, "the rule it ignores was not run, so nobody knows"
    status, out, _ = run("good", "--fail-on", "warning")
    assert (status, "POL004" in out) == (1, True)
    settings.write_text(f'{IGNORE}model = "another"\n')
    assert "POL004" not in run("good")[1], "it is of a model that is not of this run"


def test_an_ignore_of_a_rule_that_could_not_look_is_not_unused(run: Run, settings: Path) -> None:
    settings.write_text('[[ignore]]\nrule = "MET001"\nreason = "Asked the authors."\nmodel = "good"\n')
    assert "POL004" not in run("good")[1]


# severities


def test_severities_go_by_name_then_by_the_longest_start(run: Run, settings: Path) -> None:
    settings.write_text('[severity]\nATT = "info"\n')
    assert run("bad")[0] == 0
    settings.write_text('[severity]\nATT = "info"\nATT003 = "warning"\n')
    (told,) = outcomes(run("bad", "--format", "json")[1], "ATT003")
    assert told["severity"] == "warning"
    settings.write_text('[severity]\nATT003 = "warning"\nkey-value-heads-do-not-divide-heads = "error"\n')
    assert run("bad")[0] == 1


# what is allowed

CARD = "---\nlicense: {}\n---\nA model.\n"


@pytest.mark.parametrize(
    ("licence", "found"),
    [
        ("mit", 0),
        ("MIT", 0),
        ("gpl-3.0", 1),
        ("[mit, apache-2.0]", 0),
        ("[mit, gpl-3.0]", 1),
        ("other\nlicense_name: house-license", 0),
        ("other\nlicense_name: another", 1),
        ("other", 1),
        ("", 1),
        ("7", 1),
    ],
)
def test_the_licence_must_be_one_that_is_allowed(run: Run, settings: Path, tmp_path: Path, licence: str, found: int) -> None:
    settings.write_text('[allowed]\nlicenses = ["mit", "apache-2.0", "house-license"]\n')
    write_model(tmp_path / "licensed", CARD.format(licence))
    told = outcomes(run("licensed", "--format", "json")[1], "POL001")
    assert [one["kind"] for one in told] == (["finding"] if found else ["passed"])
    if found:
        assert {one["file"] for one in told[0]["evidence"]} == {"README.md", SETTINGS}


def test_a_model_without_a_card_has_no_allowed_licence(run: Run, settings: Path) -> None:
    settings.write_text('[allowed]\nlicenses = ["mit"]\n')
    status, out, _ = run("good")
    assert (status, "There is no card that states a licence" in out) == (1, True)
    settings.write_text("")
    (told,) = outcomes(run("good", "--format", "json")[1], "POL001")
    assert (told["kind"], told["reason"]) == ("skipped", "no settings say which licences are allowed")


def test_a_folder_is_of_no_organization(run: Run, settings: Path) -> None:
    settings.write_text('[allowed]\norganizations = ["acme"]\n')
    (told,) = outcomes(run("good", "--format", "json")[1], "POL002")
    assert told["kind"] == "skipped"


def test_one_model_may_be_an_exception(run: Run, settings: Path) -> None:
    settings.write_text('[allowed]\nlicenses = ["mit"]\n[[ignore]]\nrule = "POL001"\nmodel = "good"\nreason = "A contract."\n')
    assert run("good")[0] == 0


# baselines


def test_known_findings_fail_nothing_and_new_ones_do(run: Run, tmp_path: Path) -> None:
    status, _, _ = run("bad", "--write-baseline", "known.json")
    assert status == 1
    status, out, _ = run("bad", "--baseline", "known.json", "--format", "json")
    (told,) = outcomes(out, "ATT003")
    assert (status, told["kind"], told["by"]) == (0, "known", "known.json")
    (tmp_path / "bad/config.json").write_text((tmp_path / "bad/config.json").read_text().replace('heads": 3', 'heads": 5'))
    assert run("bad", "--baseline", "known.json")[0] == 1, "another number is another finding"


def test_a_baseline_is_of_the_model_it_was_made_of(run: Run, tmp_path: Path) -> None:
    write_model(tmp_path / "worse", num_key_value_heads=3)
    run("bad", "--write-baseline", "known.json")
    assert run("worse", "--baseline", "known.json")[0] == 1


def test_a_json_report_is_a_baseline_and_lines_may_move(run: Run, tmp_path: Path) -> None:
    run("bad", "good", "--format", "json", "-o", "report.json")
    config = tmp_path / "bad/config.json"
    config.write_text(config.read_text().replace("{\n", "{\n\n\n\n"))
    assert run("bad", "--baseline", "report.json")[0] == 0


def test_the_baseline_of_the_settings_stands_beside_them_and_may_be_made_first(run: Run, settings: Path, tmp_path: Path) -> None:
    settings.write_text('baseline = "known.json"\n')
    status, _, err = run("bad")
    assert (status, "known.json" in err) == (2, True)
    assert run("bad", "--write-baseline", tmp_path / "known.json")[0] == 1
    assert run("bad")[0] == 0
    (tmp_path / "below").mkdir()
    assert run("bad", "--config", settings)[0] == 0


def test_a_baseline_is_the_same_bytes_again_a_finding_a_line(run: Run, tmp_path: Path) -> None:
    run("bad", "good", "--write-baseline", "known.json")
    first = (tmp_path / "known.json").read_bytes()
    run("good", "bad", "--baseline", "known.json", "--write-baseline", "known.json")
    assert (tmp_path / "known.json").read_bytes() == first
    assert sum(line.strip().startswith('{"model"') for line in first.decode().split("\n")) == len(json.loads(first)["findings"])


@pytest.mark.parametrize("text", ["{", "{}", "[]x", '{"findings": []}', '{"baseline_version": "1.0", "findings": [{"model": 1}]}', "[3]"])
def test_what_is_no_baseline_is_a_usage_error_that_names_it(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "known.json").write_text(text)
    status, _, err = run("bad", "--baseline", "known.json")
    assert (status, "known.json" in err, "Traceback" in err) == (2, True, False)


# the other commands


def test_an_audit_follows_the_settings(run: Run, settings: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("bad\ngood\n")
    assert run("audit", "list.txt")[0] == 1
    settings.write_text(IGNORE)
    status, out, _ = run("audit", "list.txt", "--format", "json")
    assert status == 0
    rows = {row["ref"]: row for row in json.loads(out)}
    accepted = {"code": "ATT003", "how": "ignored", "reason": "The loader pads the heads.", "by": f"{SETTINGS}:1"}
    assert rows["bad"]["accepted"] == [accepted]
    assert "accepted" not in rows["good"]


def test_an_audit_says_which_ignores_no_model_needed(run: Run, settings: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("good\n")
    settings.write_text(f'{IGNORE}model = "good"\n')
    status, _, err = run("audit", "list.txt", "--fail-on", "warning")
    assert (status, f"{SETTINGS}:1: warning POL004" in err) == (1, True)
    assert "POL004" not in run("audit", "list.txt", "--ignore", "POL")[2]


def test_rows_of_another_policy_are_not_gone_on_with(run: Run, settings: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("bad\n")
    run("audit", "list.txt")
    settings.write_text(IGNORE)
    status, _, err = run("audit", "list.txt", "--resume")
    assert (status, "asked for with other options" in err) == (3, True)


def test_a_checklist_says_what_was_let_pass(run: Run, settings: Path) -> None:
    settings.write_text(IGNORE)
    out = run("checklist", "bad", "--as-of", "2026-11-25")[1]
    assert "ignored: The loader pads the heads., specverify.toml:1" in out
    assert "2026-11-25" in out


def test_a_comparison_lets_nothing_pass_and_takes_severities(run: Run, settings: Path) -> None:
    settings.write_text(f'{IGNORE}[severity]\nATT003 = "warning"\n')
    form = json.loads(run("compare", "bad", "good", "--format", "json")[1])
    cells = {row["name"]: row["cells"] for group in form["groups"] for row in group["rows"]}
    assert cells["ATT003 key-value-heads-do-not-divide-heads"][0]["value"] == "warning"
