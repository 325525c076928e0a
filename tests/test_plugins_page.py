"""docs/plugins.md: its example is a plug-in, and does what the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from specverify.plugins import GROUPS, load_file
from specverify.rules.engine import rules
from specverify.rules.examples import examples
from tests.cli.running import Run, runner, write_model
from tests.plugged import unplugged
from tests.rules.assessed import report

__all__ = ["unplugged"]
pytestmark = pytest.mark.usefixtures("unplugged")

TEXT = (Path(__file__).resolve().parent.parent / "docs" / "plugins.md").read_text(encoding="utf-8")
HOUSE = "\n".join(re.findall(r"^```python house\.py\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
CONSOLE = re.findall(r"^\$ specverify (.*)$", TEXT, re.MULTILINE)
SMALL_TALK: dict[str, Any] = {"model_type": "small_talk", "architectures": ["SmallTalkForCausalLM"], "tie_word_embeddings": False}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    (tmp_path / "house.py").write_text(HOUSE, encoding="utf-8")
    write_model(tmp_path / "small-talk", torch_dtype="float32", **SMALL_TALK)
    return runner(capsys, monkeypatch, tmp_path)


def test_the_rule_and_the_family_read_a_model(run: Run) -> None:
    status, out, _ = run("small-talk", "--plugin", "house.py", "--format", "json")
    assert status == 0
    told = json.loads(out)
    (found,) = [outcome for outcome in told["outcomes"] if outcome["code"] == "HOUSE001"]
    assert (found["kind"], found["severity"], found["name"]) == ("finding", "warning", "dtype-we-do-not-serve")
    assert found["message"] == "The weights are float32; our servers take `bfloat16` and `float16`."
    assert found["evidence"][0]["pointer"] == "/torch_dtype"
    assert told["spec"]["exactness"] == "exact"
    hidden, heads_dim, kv_dim, head_dim, middle, rows = 512, 512, 128, 64, 1376, 32000
    layer = 2 * hidden * heads_dim + 2 * hidden * kv_dim + 2 * head_dim + 2 * hidden * middle + 2 * hidden
    assert told["figures"]["parameters.total"]["value"] == 2 * rows * hidden + hidden + 8 * layer


@pytest.mark.parametrize("line", CONSOLE)
def test_every_command_shown_works(run: Run, line: str) -> None:
    status, out, err = run(*line.split())
    assert (status, err) == (0, "")
    assert "HOUSE001" in out or "small_talk" in out


def test_the_examples_of_the_rule_do_what_they_say(tmp_path: Path) -> None:
    (tmp_path / "house.py").write_text(HOUSE, encoding="utf-8")
    load_file(str(tmp_path / "house.py"))
    (rule,) = [rule for rule in rules() if rule.plugin is not None]
    told = [(one.bad, {finding.code for finding in report(one.files).findings}) for one in examples(rule.doc)]
    assert told == [(True, {"HOUSE001"}), (False, set())]


def test_every_entry_point_is_named() -> None:
    assert re.findall(r'^ *\[project\.entry-points\."([\w.]+)"\]$', TEXT, re.MULTILINE) == list(GROUPS)
