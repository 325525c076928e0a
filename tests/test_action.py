"""action.yml: its step in bash as a runner has it, on folders; `tests/hooks` installs it too."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.cli.running import write_model

ROOT = Path(__file__).resolve().parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
"""As the runner calls `shell: bash`."""
INSTALL, RUN = ACTION["runs"]["steps"]


class Ran(NamedTuple):
    """A step that ran: its status, what it printed, and its outputs."""

    status: int
    log: str
    outputs: dict[str, str]


def run_step(step: dict[str, Any], work: Path, **inputs: str) -> Ran:
    """A step with inputs in the place of `${{ inputs.NAME }}`, its workspace, temporary folder and outputs below `work`."""
    given = {name: entry["default"] for name, entry in ACTION["inputs"].items()} | inputs
    stated = {name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: given[found[1]], text) for name, text in step["env"].items()}
    output = work / "output"
    output.write_text("")
    own = {"RUNNER_TEMP": str(work / "temp"), "GITHUB_OUTPUT": str(output), "GITHUB_ACTION_PATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "SPECVERIFY_"))}
    script = work / "step.sh"
    script.write_text(step["run"], encoding="utf-8")
    done = subprocess.run(
        [*BASH, script], cwd=work / "space", env=kept | own | stated, capture_output=True, text=True, timeout=300, check=False
    )
    outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
    return Ran(done.returncode, done.stdout + done.stderr, outputs)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A workspace with models, and this environment where the action would have installed its own."""
    (tmp_path / "temp").mkdir()
    (tmp_path / "temp" / "specverify").symlink_to(sys.prefix)
    (tmp_path / "space").mkdir()
    write_model(tmp_path / "space" / "bad", num_key_value_heads=3)
    write_model(tmp_path / "space" / "good model")
    return tmp_path


def test_a_clean_model(work: Path) -> None:
    ran = run_step(RUN, work, refs="'good model'  # the only one")
    assert (ran.status, ran.outputs["verdict"], ran.outputs["sarif"]) == (0, "clean", "")
    assert Path(ran.outputs["report"]).read_text().count("::") >= 2
    assert "good model" in ran.log


def test_findings_fail_the_step_and_annotate_it(work: Path) -> None:
    ran = run_step(RUN, work, refs="bad\n'good model'\n", args="--select ATT003")
    assert (ran.status, ran.outputs["verdict"]) == (1, "findings")
    resumed = ran.log.index("::", ran.log.index("::stop-commands::") + len("::stop-commands::"))
    assert ran.log.index("::error file=bad/config.json,line=") > resumed


def test_report_and_sarif_go_to_the_files_named(work: Path) -> None:
    ran = run_step(RUN, work, refs="bad", args="--fail-on never", format="json", report="told.json", sarif="told.sarif")
    assert ran.status == 0
    assert ran.outputs == {"verdict": "clean", "report": "told.json", "sarif": "told.sarif"}
    assert json.loads((work / "space" / "told.json").read_text())["model"]["ref"] == "bad"
    assert json.loads((work / "space" / "told.sarif").read_text())["version"] == "2.1.0"


@pytest.mark.parametrize(
    ("inputs", "status", "verdict"),
    [({"refs": "nowhere"}, 3, "broken"), ({"refs": "bad", "args": "--no-such"}, 2, "usage"), ({}, 2, "usage")],
)
def test_what_is_no_verdict_of_a_model_is_told_apart(work: Path, inputs: dict[str, str], status: int, verdict: str) -> None:
    ran = run_step(RUN, work, **inputs)
    assert (ran.status, ran.outputs["verdict"]) == (status, verdict)


def test_a_quote_that_is_not_closed_stops_the_step(work: Path) -> None:
    ran = run_step(RUN, work, refs="'bad")
    assert ran.status != 0
    assert "No closing quotation" in ran.log
    assert not ran.outputs


def test_commands(work: Path) -> None:
    (work / "space" / "list.txt").write_text("good model\n")
    assert run_step(RUN, work, command="audit", refs="list.txt").outputs["verdict"] == "clean"
    program = str(work / "temp" / "specverify" / "bin" / "specverify")
    subprocess.run([program, "lock", "list.txt"], cwd=work / "space", check=True, capture_output=True, timeout=60)
    assert run_step(RUN, work, command="check", args="--locked").outputs["verdict"] == "clean"
    config = work / "space" / "good model" / "config.json"
    config.write_text(config.read_text().replace('"vocab_size": 32000', '"vocab_size": 32064'))
    ran = run_step(RUN, work, command="check", args="--locked")
    assert (ran.status, ran.outputs["verdict"]) == (1, "findings")
    assert "vocab_size" in ran.log


def test_inputs_are_no_script(work: Path) -> None:
    hostile = "$(touch mark) `touch mark` ; touch mark"
    for inputs in ({"refs": hostile}, {"refs": "bad", "args": hostile}, {"refs": "bad", "report": "$(touch mark)"}, {"command": hostile}):
        run_step(RUN, work, **inputs)
    assert not (work / "space" / "mark").exists()
    assert "${{" not in "".join(step["run"] for step in ACTION["runs"]["steps"])


@pytest.mark.parametrize("form", ["terminal", "markdown", "json"])
def test_a_line_of_a_card_is_no_command_to_the_runner(work: Path, form: str) -> None:
    (work / "space" / "bad" / "README.md").write_text("# Bad\n\n::set-env name=PATH::x\n\nThe model has 70B parameters ::error::x\n")
    ran = run_step(RUN, work, refs="bad", args="--verbose", format=form)
    (token,) = re.findall(r"^::stop-commands::(\w{32})$", ran.log, re.MULTILINE)
    assert ran.log.startswith("::stop-commands::")
    after = ran.log.partition(f"\n::{token}::\n")[2]
    assert "::" not in after
    assert run_step(RUN, work, refs="bad").log.splitlines()[0] != ran.log.splitlines()[0]


def test_what_the_action_gives_is_what_its_step_writes() -> None:
    written = set(re.findall(r'echo "(\w+)=', RUN["run"]))
    assert {name: entry["value"] for name, entry in ACTION["outputs"].items()} == {
        name: f"${{{{ steps.{RUN['id']}.outputs.{name} }}}}" for name in written
    }
    used = re.findall(r"inputs\.([\w-]+)", json.dumps([step["env"] for step in ACTION["runs"]["steps"]]))
    assert sorted(used) == sorted(ACTION["inputs"])
