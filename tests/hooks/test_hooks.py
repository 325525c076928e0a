"""The hooks and the action as others run them: pre-commit clones this checkout and installs it, bash runs both steps of the action.

pre-commit clones what is committed: a change to the hooks is not seen before.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import write_model
from tests.test_action import INSTALL, ROOT, RUN, run_step

pytestmark = pytest.mark.hooks
SLOW_SECONDS = 600


def called(*arguments: str | Path, cwd: Path, **variables: str) -> tuple[int, str]:
    """The exit status of a program, and all it printed. Nothing of this environment but its programs goes with it."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PRE_COMMIT", "GIT_", "SPECVERIFY_"))}
    done = subprocess.run(
        [*map(str, arguments)], cwd=cwd, env=env | variables, capture_output=True, text=True, timeout=SLOW_SECONDS, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps what it installs: once for all tests."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """A repository with two models, and this checkout in its `.pre-commit-config.yaml`."""
    folder = tmp_path / "space"
    folder.mkdir()
    write_model(folder / "bad", "# Bad\n", num_key_value_heads=3)
    write_model(folder / "good", "# Good\n")
    (folder / "README.md").write_text("# Models\n")
    revision = called("git", "rev-parse", "HEAD", cwd=ROOT)[1].strip()
    hooks = [{"id": "specverify", "verbose": True}, {"id": "specverify-locked", "verbose": True}]
    config = {"repos": [{"repo": str(ROOT), "rev": revision, "hooks": hooks}]}
    (folder / ".pre-commit-config.yaml").write_text(json.dumps(config))
    assert called("git", "init", "--quiet", cwd=folder)[0] == 0
    assert called("git", "add", ".", cwd=folder)[0] == 0
    return folder


def test_pre_commit_reads_the_manifest() -> None:
    assert called(sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml", cwd=ROOT) == (0, "")


def test_the_action_has_the_form_that_github_reads() -> None:
    status, said = called(
        Path(sys.executable).parent / "check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml", cwd=ROOT
    )
    assert status == 0, said


def test_the_hook_verifies_the_models_of_changed_files(space: Path, home: Path) -> None:
    def tried(*files: str) -> tuple[int, str]:
        command = (sys.executable, "-m", "pre_commit", "run", "specverify", "--files", *files)
        return called(*command, cwd=space, PRE_COMMIT_HOME=str(home))

    status, said = tried("good/config.json", "README.md")
    assert status == 0, said
    assert "good" in said
    status, said = tried("bad/README.md", "good/config.json")
    assert status == 1
    assert "ATT003" in said
    assert "exit code: 1" in said
    status, said = tried("bad/weights.txt")
    assert (status, "no files to check" in said) == (0, True)


def test_the_hook_of_the_lock_names_what_changed(space: Path, home: Path) -> None:
    def tried() -> tuple[int, str]:
        command = (sys.executable, "-m", "pre_commit", "run", "specverify-locked", "--all-files")
        return called(*command, cwd=space, PRE_COMMIT_HOME=str(home), HF_HUB_OFFLINE="1")

    assert called(Path(sys.executable).parent / "specverify", "lock", "good", cwd=space)[0] == 0
    status, said = tried()
    assert status == 0, said
    shutil.copy(space / "bad" / "config.json", space / "good" / "config.json")
    status, said = tried()
    assert status == 1
    assert "num_key_value_heads" in said


def test_the_action_installs_its_checkout_and_runs_it(tmp_path: Path, space: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    (tmp_path / "temp").mkdir()
    installed = run_step(INSTALL, tmp_path, python=sys.executable)
    assert installed.status == 0, installed.log
    package = subprocess.run(
        [tmp_path / "temp" / "specverify" / "bin" / "python", "-c", "import specverify; print(specverify.__file__)"],
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    assert Path(package).is_relative_to(tmp_path / "temp")
    ran = run_step(RUN, tmp_path, refs="bad good", sarif="told.sarif")
    assert (ran.status, ran.outputs["verdict"], ran.outputs["sarif"]) == (1, "findings", "told.sarif")
    assert (space / "told.sarif").is_file()
