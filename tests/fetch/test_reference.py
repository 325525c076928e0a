"""What a REF can name, and that nothing else can stand in a URL or a cache path."""

from __future__ import annotations

from pathlib import Path

import pytest

from specverify.errors import NotFound
from specverify.fetch.reference import Repo, is_path, parse_repo

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("ref", "revision", "repo"),
    [
        ("acme/tiny", None, Repo("acme/tiny")),
        ("gpt2", None, Repo("gpt2")),
        ("acme/tiny@v1", None, Repo("acme/tiny", "v1")),
        ("acme/tiny", "refs/pr/3", Repo("acme/tiny", "refs/pr/3")),
        (f"acme/tiny@{SHA}", SHA, Repo("acme/tiny", SHA)),
        ("acme/tiny@a@b", None, Repo("acme/tiny", "a@b")),
        ("Acme_1.x/tiny-2.5_b", None, Repo("Acme_1.x/tiny-2.5_b")),
    ],
)
def test_repo_and_revision(ref: str, revision: str | None, repo: Repo) -> None:
    assert parse_repo(ref, revision) == repo


@pytest.mark.parametrize(
    "ref",
    [
        "",
        "a/b/c",
        "acme/",
        "/x y",
        "acme/..",
        "../etc",
        "a--b",
        "acme/ti ny",
        "acme/tiny?x=1",
        "acme/t\u00efny",
        "acme/tiny\n",
        "a" * 97,
        "acme/%2e",
    ],
)
def test_no_repo_id(ref: str) -> None:
    with pytest.raises(NotFound, match="neither a folder here nor a repo id"):
        parse_repo(ref, None)


@pytest.mark.parametrize("revision", ["", "../x", "a/../b", "a//b", "/a", "a/", ".git", "a\\b", "a b", "a\nb", "x.lock", "a/.b", "x" * 256])
def test_no_revision(revision: str) -> None:
    with pytest.raises(NotFound, match="cannot be a branch, tag or commit"):
        parse_repo("acme/tiny", revision)


def test_two_revisions() -> None:
    with pytest.raises(NotFound, match="two revisions"):
        parse_repo("acme/tiny@a", "b")


@pytest.mark.parametrize("ref", [".", "..", "./tiny", "../tiny", "/tiny", "~/tiny"])
def test_written_as_a_path(ref: str) -> None:
    assert is_path(ref)


def test_folder_of_that_name_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not is_path("acme/tiny")
    (tmp_path / "acme" / "tiny").mkdir(parents=True)
    assert is_path("acme/tiny")
    assert not is_path("acme/tiny\0")
