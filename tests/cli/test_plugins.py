"""Plug-ins as the commands load them: by option, by settings that are named, and never by what was only found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.cli.running import Run, runner, write_model
from tests.plugged import rule_text, unplugged, write_plugin

__all__ = ["unplugged"]
pytestmark = pytest.mark.usefixtures("unplugged")

HERE = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    write_model(tmp_path / "model")
    write_plugin(tmp_path / "tools" / "house.py")
    return runner(capsys, monkeypatch, tmp_path)


def test_a_rule_of_a_plugin_is_selected_ignored_and_fails_a_run(run: Run) -> None:
    plugged = ("model", "--plugin", "tools/house.py", "--fail-on", "warning")
    assert run(*plugged, "--select", "HOUSE")[0] == 1
    assert run(*plugged, "--select", "it-is-seen")[0] == 1
    assert run(*plugged, "--ignore", "HOUSE001,CRD,MET")[0] == 0


def test_without_the_plugin_there_is_no_such_rule(run: Run) -> None:
    status, _, err = run("model", "--select", "HOUSE")
    assert (status, "no rule is called 'HOUSE'" in err) == (2, True)


def test_sarif_documents_it(run: Run) -> None:
    (told,) = json.loads(run("model", "--plugin", "tools/house.py", "--select", "HOUSE", "--format", "sarif")[1])["runs"]
    assert [rule["id"] for rule in told["tool"]["driver"]["rules"]] == ["HOUSE001"]
    assert told["tool"]["driver"]["rules"][0]["fullDescription"]["text"] == "It is there."
    assert [result["ruleId"] for result in told["results"]] == ["HOUSE001"]


def test_lists_and_explanations_say_whose_it_is(run: Run) -> None:
    assert "HOUSE001  warning high    it-is-seen (plug-in house.py)" in run("rules", "--plugin", "tools/house.py", "--area", "house")[1]
    assert json.loads(run("rules", "--plugin", "tools/house.py", "house001", "--format", "json")[1])[0]["plugin"] == "house.py"
    assert "plug-in house.py" in run("explain", "house001", "--plugin", "tools/house.py")[1]


def test_a_crash_is_exit_status_3_and_named(run: Run, tmp_path: Path) -> None:
    write_plugin(tmp_path / "tools" / "bad.py", rule_text("BAD001", body="1 / 0"))
    status, out, _ = run("model", "--plugin", "tools/bad.py", "--fail-on", "never", "-v")
    assert status == 3
    assert "BAD001: plug-in bad.py: ZeroDivisionError: division by zero" in " ".join(out.split())


def test_one_that_cannot_be_loaded_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    write_plugin(tmp_path / "tools" / "bad.py", rule_text("ATT003"))
    for command in (("model",), ("rules",), ("explain", "ATT003"), ("gpus",), ("architectures",), ("checklist", "model")):
        status, _, err = run(*command, "--plugin", "tools/bad.py")
        assert status == 2
        assert "tools/bad.py: this plug-in cannot be loaded: line 4: ValueError: ATT003 of it-is-seen is taken by key-value-heads" in err


# settings


def test_settings_that_are_named_load_their_plugins_before_they_name_rules(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "specverify.toml").write_text('plugins = ["../tools/house.py"]\nselect = ["HOUSE"]\nseverity.HOUSE001 = "error"\n')
    status, out, _ = run("model", "--config", "own/specverify.toml", "--format", "json")
    assert status == 1
    assert [outcome["code"] for outcome in json.loads(out)["outcomes"]] == ["HOUSE001"]


def test_a_mistake_in_them_has_file_line_and_key(run: Run, tmp_path: Path) -> None:
    (tmp_path / "specverify.toml").write_text('select = ["ATT"]\nplugins = ["tools/house.py",\n  "tools/none.py"]\n')
    status, _, err = run("model", "--config", "specverify.toml")
    assert status == 2
    assert "specverify.toml:3: plugins[1] cannot be: tools/none.py: this plug-in cannot be loaded: FileNotFoundError: no such file" in err


def test_settings_that_were_only_found_run_nothing(run: Run, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    write_plugin(tmp_path / "tools" / "house.py", f"\nopen({str(mark)!r}, 'w').close()\n", rule_text())
    (tmp_path / "specverify.toml").write_text('\nplugins = ["tools/house.py"]\n')
    for command in (("model",), ("rules",), ("checklist", "model")):
        status, _, err = run(*command)
        assert status == 2
        assert "specverify.toml:2: plugins names code to run, and this file was found, not named: --config specverify.toml" in err
    assert run("model", "--no-config")[0] == 0
    assert not mark.exists()
    assert run("model", "--config", "specverify.toml")[0] == 0
    assert mark.exists()


def test_a_models_folder_names_no_plugin_by_any_way(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and a plug-in beside config.json: not found, and refused even where the settings are named."""
    mark, model = tmp_path / "mark", tmp_path / "model"
    write_plugin(model / "house.py", f"\nopen({str(mark)!r}, 'w').close()\n", rule_text())
    (model / "specverify.toml").write_text('plugins = ["house.py"]\n')
    monkeypatch.chdir(model)
    assert run(".")[0] == 0
    for named in (("--config", "specverify.toml"), ("--plugin", "house.py")):
        status, _, err = run(".", *named)
        assert status == 2
        assert "stands in the folder of a model" in err
    assert not mark.exists()


# audits


def test_an_audit_runs_preview_rules_where_it_is_asked_to(run: Run, tmp_path: Path) -> None:
    write_plugin(tmp_path / "tools" / "new.py", rule_text("NEW001").replace('source="here"', 'source="here", status="preview"'))
    (tmp_path / "list.txt").write_text("model\n")

    def codes(*options: str) -> set[str]:
        (tmp_path / "specverify-audit.jsonl").unlink(missing_ok=True)
        out = run("audit", "list.txt", "--plugin", "tools/new.py", "--format", "json", *options)[1]
        return {finding["code"] for row in json.loads(out) for finding in row["findings"]}

    assert "NEW001" not in codes()
    assert codes("--preview") == codes() | {"NEW001"}
    status, _, err = run("audit", "list.txt", "--plugin", "tools/new.py", "--resume", "--preview")
    assert (status, "other options" in err) == (3, True)
    assert "does not run without --preview" in run("audit", "list.txt", "--plugin", "tools/new.py", "--select", "NEW001", "--resume")[2]


def test_an_audit_does_not_go_on_with_rows_of_other_plugins(run: Run, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("model\n")
    assert run("audit", "list.txt")[0] == 0
    status, _, err = run("audit", "list.txt", "--resume", "--plugin", "tools/house.py")
    assert (status, "other options" in err) == (3, True)


# installed packages


def test_an_installed_package_is_found_by_the_command_and_by_no_import(tmp_path: Path) -> None:
    """A package that pip would have installed, in the site-packages of an environment."""
    home = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True, timeout=120)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(home), "installed_base": str(home)}))
    write_plugin(site / "house_rules.py")
    told = site / "house_rules-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: house-rules\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text("[specverify.rules]\nhouse = house_rules\n")
    paths = os.pathsep.join([str(HERE), *(path for path in sys.path if path.endswith("-packages"))])
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")} | {"PYTHONPATH": paths}

    def said(code: str) -> str:
        return subprocess.run(
            [home / "bin" / "python", "-c", code], env=env, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120
        ).stdout

    command = "import sys; from specverify.cli import main\ntry: main(['rules', 'HOUSE001'])\nexcept SystemExit: pass"
    assert "it-is-seen (plug-in house-rules)" in said(command)
    assert "house" not in said("from specverify.rules.engine import rules\nprint({rule.plugin for rule in rules()})")
