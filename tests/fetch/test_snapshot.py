"""The Hugging Face cache: used offline, and for a commit that it holds whole; never written, never escaped from."""

from __future__ import annotations

from pathlib import Path

import pytest

from specverify.errors import Offline, Unreachable
from specverify.fetch import fetch
from specverify.fetch.snapshot import cache_folder
from tests.fetch.disk import SHA, cached, written
from tests.hub.models import CONFIG, sharded, single


def test_offline_reads_the_reference(apart: Path) -> None:
    cached(apart, single())
    files = fetch("acme/single", offline=True)
    assert (files.ref, files.name, files.origin, files.revision, files.sha) == ("acme/single", "acme/single", "cache", "main", SHA)
    assert files.contents["config.json"] == CONFIG
    assert files.tensors is not None
    assert files.absent["modules.json"] == "not in the cache"


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_by_the_environment(apart: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    cached(apart, single(), refs="refs/pr/1")
    monkeypatch.setenv(name, "1")
    assert fetch("acme/single@refs/pr/1").sha == SHA


def test_offline_at_a_commit(apart: Path) -> None:
    cached(apart, single())
    assert fetch(f"acme/single@{SHA}", offline=True).origin == "cache"


def test_offline_and_not_cached(apart: Path) -> None:
    with pytest.raises(Offline, match=f"^acme/none: offline, and the cache at {apart}/hub does not hold it"):
        fetch("acme/none", offline=True)
    cached(apart, single())
    with pytest.raises(Offline, match="does not hold revision 'v2' of it"):
        fetch("acme/single@v2", offline=True)


def test_whole_commit_needs_no_network(apart: Path) -> None:
    cached(apart, single())
    assert fetch("acme/single", revision=SHA).origin == "cache"


def test_branch_is_asked_for_though_the_cache_knows_one(apart: Path) -> None:
    cached(apart, single())
    with pytest.raises(Unreachable):
        fetch("acme/single")


def test_commit_held_in_part_is_asked_for(apart: Path) -> None:
    snapshot = cached(apart, sharded())
    (snapshot / "README.md").unlink()
    with pytest.raises(Unreachable):
        fetch("acme/sharded", revision=SHA)


def test_commit_without_all_its_shards_is_asked_for(apart: Path) -> None:
    snapshot = cached(apart, sharded())
    (snapshot / "model-00001-of-00004.safetensors").unlink()
    with pytest.raises(Unreachable):
        fetch("acme/sharded", revision=SHA)
    assert fetch("acme/sharded", revision=SHA, tensors=False).origin == "cache"


def test_reference_that_is_no_commit(apart: Path) -> None:
    snapshot = cached(apart, single())
    written(single(), snapshot.parent.parent.parent / "outside")
    for text in ("../../outside", SHA[:-1], "", "\xff" * 40):
        (snapshot.parent.parent / "refs" / "main").write_bytes(text.encode("latin-1"))
        with pytest.raises(Offline):
            fetch("acme/single", offline=True)


def test_blobs_shared_between_repos(apart: Path) -> None:
    snapshot = cached(apart, single())
    blob = (snapshot / "model.safetensors").resolve()
    shared = apart / "hub" / "blobs" / "ab" / "ab00"
    shared.parent.mkdir(parents=True)
    blob.rename(shared)
    blob.symlink_to("../../blobs/ab/ab00")
    assert fetch("acme/single", offline=True).tensors is not None


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"HF_HUB_CACHE": "$ROOT/a", "HF_HOME": "/b"}, "/r/a"),
        ({"HUGGINGFACE_HUB_CACHE": "/a", "HF_HOME": "/b"}, "/a"),
        ({"HF_HOME": "~/b"}, "/home/me/b/hub"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/huggingface/hub"),
        ({}, "/home/me/.cache/huggingface/hub"),
    ],
)
def test_place_of_the_cache(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str) -> None:
    monkeypatch.delenv("HF_HOME")
    for name, value in {"ROOT": "/r", "HOME": "/home/me", **variables}.items():
        monkeypatch.setenv(name, value)
    assert str(cache_folder()) == folder
