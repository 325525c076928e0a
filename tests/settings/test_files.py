"""Which settings file holds, and files that are none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from specverify.errors import NotFound, Unreadable
from specverify.settings import discover, load
from specverify.settings.files import MOST_BYTES
from specverify.settings.toml import InvalidSettings

SECTION = '[project]\nname = "x"\n\n[tool.specverify.target]\nconcurrency = 7\n'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with folders a/b in it, in a home folder, inside a folder with settings that must never be seen."""
    (tmp_path / "specverify.toml").write_text("[target]\nconcurrency = 1000\n")
    home = tmp_path / "home"
    repository = home / "repository"
    (repository / "a" / "b").mkdir(parents=True)
    (repository / ".git").mkdir()
    monkeypatch.setenv("HOME", str(home))
    return repository


def test_nothing_is_found_above_the_repository_or_the_home_folder(root: Path) -> None:
    (root.parent / "specverify.toml").write_text("")
    assert discover(str(root / "a" / "b")) == (None, ())
    assert discover(str(root.parent / "elsewhere")).path == str(root.parent / "specverify.toml")
    (root.parent / "specverify.toml").unlink()
    assert discover(str(root.parent / "elsewhere")).path is None


def test_the_nearest_holds_and_its_path_is_from_here(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "specverify.toml").write_text("")
    monkeypatch.chdir(root / "a" / "b")
    assert discover().path == os.path.join("..", "..", "specverify.toml")
    (root / "a" / "specverify.toml").write_text("")
    assert discover().path == os.path.join("..", "specverify.toml")


def test_a_pyproject_counts_with_a_section_only_and_after_specverify_toml(root: Path) -> None:
    (root / "specverify.toml").write_text("")
    (root / "a" / "pyproject.toml").write_text('[project]\nname = "specverify-user"\n')
    assert discover(str(root / "a")).path == str(root / "specverify.toml")
    (root / "a" / "pyproject.toml").write_text(SECTION)
    assert discover(str(root / "a")).path == str(root / "a" / "pyproject.toml")
    (root / "a" / "specverify.toml").write_text("")
    assert discover(str(root / "a")).path == str(root / "a" / "specverify.toml")


@pytest.mark.parametrize(
    "text", [SECTION, "[tool]\nspecverify = { target = { concurrency = 7 } }\n", "tool.specverify.target.concurrency = 7\n"]
)
def test_a_pyproject_is_read_below_its_section(root: Path, text: str) -> None:
    path = root / "pyproject.toml"
    path.write_text(text)
    assert discover(str(root)).path == str(path)
    assert load(str(path)).target().concurrency == 7


def test_errors_in_a_pyproject_name_its_own_line(root: Path) -> None:
    path = root / "pyproject.toml"
    path.write_text(SECTION.replace("7", "0"))
    with pytest.raises(InvalidSettings, match=r"pyproject.toml:5: target.concurrency is 0, not a whole number of at least 1$"):
        load(str(path))
    path.write_text("[project]\n")
    with pytest.raises(InvalidSettings, match=r"pyproject.toml: it has no \[tool.specverify\]"):
        load(str(path))


def test_settings_beside_a_model_are_passed_over(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "a" / "specverify.toml").write_text("")
    (root / "a" / "config.json").write_text("{}")
    monkeypatch.chdir(root / "a" / "b")
    assert discover() == (None, (os.path.join("..", "specverify.toml"),))
    (root / "specverify.toml").write_text("")
    assert discover() == (os.path.join("..", "..", "specverify.toml"), (os.path.join("..", "specverify.toml"),))


def test_a_folder_that_is_gone_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert discover() == (None, ())


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nothing\.toml"):
        load(str(tmp_path / "nothing.toml"))
    with pytest.raises(Unreadable, match="null byte"):
        load("a\0b")


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    os.mkfifo(tmp_path / "fifo.toml")
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    for name, why in (("folder.toml", "not a regular file"), ("fifo.toml", "not a regular file"), ("loop.toml", "symbolic links")):
        with pytest.raises(Unreadable, match=f"{name}: .*{why}"):
            load(str(tmp_path / name))
    with pytest.raises(Unreadable, match="not a regular file"):
        load(os.devnull)


def test_a_found_file_that_is_none_is_no_silent_default(root: Path) -> None:
    os.mkfifo(root / "specverify.toml")
    found = discover(str(root)).path
    assert found is not None
    with pytest.raises(Unreadable, match="not a regular file"):
        load(found)


@pytest.mark.parametrize("make", ["mkdir", "mkfifo", "loop", "huge"])
def test_a_pyproject_that_cannot_be_read_is_none_of_ours(root: Path, make: str) -> None:
    path = root / "pyproject.toml"
    if make == "mkdir":
        path.mkdir()
    elif make == "mkfifo":
        os.mkfifo(path)
    elif make == "loop":
        path.symlink_to("pyproject.toml")
    else:
        path.write_text(SECTION + "#" * MOST_BYTES)
    assert discover(str(root)).path is None


def test_a_link_to_settings_is_followed(root: Path) -> None:
    (root / "shared.toml").write_text("[target]\nconcurrency = 3\n")
    (root / "specverify.toml").symlink_to("shared.toml")
    found = discover(str(root)).path
    assert found is not None
    assert load(found).target().concurrency == 3


def test_more_bytes_than_settings_have(tmp_path: Path) -> None:
    path = tmp_path / "specverify.toml"
    path.write_text("# comment\n" * (MOST_BYTES // 10))
    assert load(str(path)).target().gpus == 1
    path.write_text("# comment\n" * (MOST_BYTES // 10 + 1))
    with pytest.raises(Unreadable, match="more than the 262,144 bytes"):
        load(str(path))
