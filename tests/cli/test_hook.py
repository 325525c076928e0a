"""`specverify hook`, as pre-commit calls it: files in, the models they are of verified."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from specverify.cli.hook import models_of
from tests.cli.running import Run, runner, write_model

HOOKS = {
    hook["id"]: hook
    for hook in yaml.safe_load((Path(__file__).resolve().parents[2] / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    write_model(tmp_path / "bad", "# Bad\n", num_key_value_heads=3)
    write_model(tmp_path / "good", "# Good\n")
    (tmp_path / "README.md").write_text("# A repository\n")
    return runner(capsys, monkeypatch, tmp_path)


def test_files_are_the_models_they_stand_in(run: Run) -> None:
    files = ("README.md", "good/README.md", "bad/config.json", "good/config.json", "nowhere/config.json", "good")
    assert models_of(files) == ["good", "bad"]


def test_a_model_may_be_the_whole_repository(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path / "good")
    assert models_of(["README.md", "config.json"]) == ["."]


def test_the_entry_verifies_with_the_options_and_the_status_of_verify(run: Run) -> None:
    command, *given = HOOKS["specverify"]["entry"].split()
    assert command == "specverify"
    assert run(*given, "good/config.json", "README.md")[0] == 0
    status, out, _ = run(*given, "--format", "json", "bad/README.md")
    assert status == 1
    assert json.loads(out)["model"]["ref"] == "bad"
    assert run(*given, "--ignore", "ATT003", "bad/config.json", "good/config.json")[0] == 0
    assert run(*given, "--ignore", "NONE", "bad/config.json")[0] == 2


def test_files_of_no_model_are_passed_over(run: Run) -> None:
    assert run("hook", "README.md") == (0, "", "")
    assert run("hook") == (0, "", "")


@pytest.mark.parametrize(
    ("file", "is_meant"),
    [
        ("config.json", True), ("a/b/config.json", True), ("a/README.md", True), ("a/tokenizer_config.json", True),
        ("a/generation_config.json", True), ("a/config.json.bak", False), ("a/tsconfig.jsonc", False), ("a/notes.md", False),
        ("a/tokenizer.json", False),
    ],
)  # fmt: skip
def test_the_hook_is_run_for_the_files_that_are_read(file: str, is_meant: bool) -> None:
    assert bool(re.search(HOOKS["specverify"]["files"], file)) is is_meant


def test_the_entry_of_the_lock_checks_it(run: Run) -> None:
    command, *given = HOOKS["specverify-locked"]["entry"].split()
    assert command == "specverify"
    assert run("lock", "good")[0] == 0
    assert run(*given)[0] == 0
    config = Path("good/config.json")
    config.write_text(config.read_text().replace('"vocab_size": 32000', '"vocab_size": 32064'))
    status, out, _ = run(*given)
    assert status == 1
    assert "vocab_size" in out
