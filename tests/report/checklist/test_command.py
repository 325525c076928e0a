"""`specverify checklist`: files people filled in are kept, left as they are where they cannot be read, and gate a build."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from specverify.cli import main
from tests.report.checklist.pages import FIXTURES, SIGNED, answered, block_of, written

Run = Callable[..., tuple[int, str, str]]
MODEL = str(FIXTURES / "llama-3.1-8b")
OPTIONS = ("--no-config", "--offline", "--gpu", "h100-sxm-80gb", "--context", "8k", "--task", "chat")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str, model: str = MODEL) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            main(["checklist", model, *OPTIONS, *arguments])
        told = capsys.readouterr()
        return int(stopped.value.code or 0), told.out, told.err

    return run


def test_answers_outlive_the_next_run(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "review.md"
    assert run("-o", str(file))[0] == 0
    file.write_text(written(file.read_text(), "D6", answer="yes", by=SIGNED, note="240 tickets"))
    file.chmod(0o640)
    assert run("-o", str(file), "--as-of", "2026-11-26")[0] == 0
    text = file.read_text()
    assert "240 tickets" in block_of(text, "D6")
    assert "- Date: 2026-11-26" in text
    assert run("--update", str(file))[0] == 0
    assert file.read_text() == text
    assert os.stat(file).st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["review.md"]


def test_a_gate_is_shut_until_people_answered(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "review.md"
    code, _, err = run("-o", str(file), "--require", "B", "--require", "D6,h1")
    assert code == 1
    assert [line.split()[0] for line in err.splitlines()] == ["D6", "H1"]
    file.write_text(answered(file.read_text()))
    assert run("--update", str(file), "--require", "A,B,C,D,E,F,G,H")[0] == 0
    assert run("--update", str(file), "--require", "A,B,C,D,E,F,G,H", "--context", "16k")[0] == 1
    assert run("--require", "B")[0] == 0
    assert run("--require", "G6")[0] == 1


def test_a_file_that_is_no_review_is_left_as_it_is(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text("# My notes\n")
    code, _, err = run("-o", str(file))
    assert (code, file.read_text()) == (2, "# My notes\n")
    assert f"{file}:1: not a review" in " ".join(err.split())


def test_a_review_of_another_model_is_left_as_it_is(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "review.md"
    run("-o", str(file))
    text = file.read_text()
    code, _, err = run("-o", str(file), model=str(FIXTURES / "gpt2"))
    assert (code, file.read_text()) == (2, text)
    assert "a review of llama-3.1-8b, and the model is gpt2" in " ".join(err.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--require", "Z9"), "'Z9' is no section"),
        (("--as-of", "tomorrow"), "'tomorrow' is no day"),
        (("--task", "sing"), "task is 'sing'"),
        (("--update", "absent.md"), "not there"),
        (("--update", "a.md", "-o", "b.md"), "name one"),
    ],
)
def test_what_cannot_be_is_a_usage_error(run: Run, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    code, _, err = run(*arguments)
    assert (code, said in err) == (2, True)


def test_a_model_that_cannot_be_read_leaves_the_review(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "review.md"
    run("-o", str(file))
    text = file.read_text()
    assert run("-o", str(file), model=str(tmp_path / "nowhere"))[0] == 3
    assert file.read_text() == text
