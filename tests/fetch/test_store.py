"""What was fetched once is not fetched again: pinned it needs no request, offline it is there, and damaged it is as good as none."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from specverify.errors import Offline, RateLimited, Unreachable
from specverify.fetch import fetch, store
from specverify.fetch.files import WANTED
from specverify.fetch.record import Record, pack, unpack
from specverify.fetch.store import Store, store_folder
from tests.fetch.disk import SHA, cached
from tests.hub.models import CARD, CONFIG, safetensors, sharded, single
from tests.hub.repo import Repo
from tests.hub.server import HubServer


@pytest.fixture
def kept(apart: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = apart / "kept"
    monkeypatch.setenv("SPECVERIFY_CACHE", str(folder))
    return folder


def records(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.record"))


def test_pinned_commit_seen_before_makes_no_request_and_reads_the_same(hub: HubServer, kept: Path) -> None:
    repo = hub.add(sharded())
    first = fetch("acme/sharded", revision=repo.sha)
    hub.log.clear()
    again = fetch("acme/sharded", revision=repo.sha)
    assert hub.log == []
    assert again == first
    assert again.tensors is not None


def test_pinned_commit_works_without_the_hub(kept: Path, apart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with HubServer() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        repo = hub.add(single())
        first = fetch("acme/single")
    assert fetch("acme/single", revision=repo.sha).tensors == first.tensors
    offline = fetch("acme/single", revision=repo.sha, offline=True)
    assert (offline.origin, offline.contents) == ("cache", first.contents)
    assert not any("last seen" in note for note in offline.notes)


def test_unchanged_branch_is_looked_up_and_nothing_more(hub: HubServer, kept: Path) -> None:
    hub.add(sharded())
    first = fetch("acme/sharded")
    hub.log.clear()
    assert fetch("acme/sharded") == first
    assert [request.path for request in hub.log] == ["/api/models/acme/sharded/revision/main"]


def test_branch_seen_before_works_offline_by_its_last_commit(hub: HubServer, kept: Path) -> None:
    hub.add(single())
    fetch("acme/single")
    moved = hub.add(Repo("acme/single", {"config.json": b'{"model_type": "gpt2"}', "README.md": CARD}))
    fetch("acme/single")
    hub.log.clear()
    files = fetch("acme/single", offline=True)
    assert (files.sha, files.contents["config.json"]) == (moved.sha, b'{"model_type": "gpt2"}')
    assert f"offline: main is commit {moved.sha} as it was last seen" in files.notes
    assert hub.log == []


def test_offline_knows_nothing_of_what_was_not_fetched(hub: HubServer, kept: Path) -> None:
    hub.add(single())
    fetch("acme/single", tensors=False)
    files = fetch("acme/single", offline=True)
    assert files.contents["config.json"] == CONFIG
    assert files.tensors_reason == "model.safetensors: offline, and never read before"
    for ref in ("acme/none", "acme/single@v2"):
        with pytest.raises(Offline):
            fetch(ref, offline=True)


def test_another_endpoint_is_another_store(hub: HubServer, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = hub.add(single())
    fetch("acme/single")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Unreachable):
        fetch("acme/single", revision=repo.sha)


def test_headers_are_added_to_what_was_kept_without_them(hub: HubServer, kept: Path) -> None:
    repo = hub.add(sharded())
    fetch("acme/sharded", revision=repo.sha, tensors=False)
    hub.log.clear()
    files = fetch("acme/sharded", revision=repo.sha)
    assert files.tensors is not None
    assert len(files.tensors) == 12
    assert len(hub.asked("/resolve/")) == 4
    assert not hub.asked("hub/api/models")
    assert len(records(kept)) == 1


def test_work_done_before_a_limit_is_kept(hub: HubServer, kept: Path) -> None:
    repo = hub.add(sharded())
    hub.fail("model-00004", "status", 429)
    hub.fail("model-00004", "headers", {"Retry-After": "4000"})
    with pytest.raises(RateLimited):
        fetch("acme/sharded")
    record = Store(kept, hub.url).get("acme/sharded", repo.sha)
    assert record is not None
    assert set(record.contents) == {"config.json", "README.md", "model.safetensors.index.json"}


def test_wanted_file_that_an_older_release_did_not_want_is_fetched(hub: HubServer, kept: Path) -> None:
    repo = hub.add(single())
    fetch("acme/single")
    here = Store(kept, hub.url)
    record = here.get("acme/single", repo.sha)
    assert record is not None
    here.put("acme/single", replace(record, contents={"config.json": CONFIG}))
    hub.log.clear()
    assert fetch("acme/single", revision=repo.sha).contents["README.md"] == CARD
    assert [request.path for request in hub.asked("/resolve/")] == [f"/acme/single/resolve/{repo.sha}/README.md"]


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "other", "folder"])
def test_damaged_record_is_fetched_again(hub: HubServer, kept: Path, damage: str) -> None:
    repo = hub.add(single())
    first = fetch("acme/single", revision=repo.sha)
    (path,) = records(kept)
    data = bytearray(path.read_bytes())
    if damage == "flip":
        data[-1] ^= 1
    elif damage == "cut":
        del data[-1]
    elif damage == "empty":
        data.clear()
    elif damage == "other":
        data = bytearray(pack(Record("acme/other", "f" * 40, ())))
    path.write_bytes(data)
    if damage == "folder":
        path.unlink()
        path.mkdir()
    hub.log.clear()
    again = fetch("acme/single", revision=repo.sha)
    assert again.contents == first.contents
    assert again.tensors == first.tensors
    assert hub.asked("hub/api/models")


@pytest.mark.parametrize("text", ["", "x", "f" * 40, f"{'f' * 40} {'0' * 40}", "../../x"])
def test_damaged_reference_is_none(hub: HubServer, kept: Path, text: str) -> None:
    hub.add(single())
    fetch("acme/single")
    (reference,) = kept.rglob("*.ref")
    reference.write_text(text)
    with pytest.raises(Offline):
        fetch("acme/single", offline=True)


def test_folder_that_cannot_be_written_is_a_note(hub: HubServer, kept: Path) -> None:
    repo = hub.add(single())
    kept.write_text("a file where the folder should be")
    files = fetch("acme/single", revision=repo.sha)
    assert files.tensors is not None
    assert files.notes[-1].startswith(f"nothing is kept for the next run: {kept} cannot be written (")


def test_names_in_the_store_are_no_server_s_choice(hub: HubServer, kept: Path) -> None:
    """Files, listing and hashes of a hostile server reach the contents of the store only."""
    repo = hub.add(Repo("acme/single", {"config.json": CONFIG, "../../../pwn": b"x", "/etc/pwn": b"x", "a\x00b": b"x"}))
    hub.fail("hub/acme/single/resolve", "headers", {"X-Linked-Etag": '"../../../../pwn"'})
    fetch("acme/single")
    paths = [path.relative_to(kept) for path in kept.rglob("*") if path.is_file()]
    assert sorted(path.suffix for path in paths) == [".record", ".ref"]
    assert repo.sha in {path.stem for path in paths}
    assert all(part.removesuffix(".record").removesuffix(".ref").isalnum() for path in paths for part in path.parts)
    assert not list(kept.parent.rglob("pwn"))


def test_store_is_bounded_and_the_oldest_goes_first(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Store(kept, "http://h")
    shas = [f"{number:040x}" for number in range(10)]
    for age, sha in enumerate(shas):
        assert here.put("acme/model", Record("acme/model", sha, (), contents={"config.json": bytes(1000)})) is None
        os.utime(next(kept.rglob(f"{sha}.record")), (1000 + age, 1000 + age))
    size = records(kept)[0].stat().st_size
    monkeypatch.setattr(store, "MOST_KEPT", 3 * size)
    monkeypatch.setattr(store, "SWEEP_EVERY", 0)
    newest = "f" * 40
    here.put("acme/model", Record("acme/model", newest, (), contents={"config.json": bytes(1000)}))
    assert [path.stem for path in records(kept)] == [*shas[-2:], newest]


def test_model_too_large_to_keep_is_a_note(hub: HubServer, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_RECORD", 10)
    hub.add(single())
    assert "more than the 10 that are kept of a model" in fetch("acme/single").notes[-1]
    assert records(kept) == []


def test_processes_at_once_leave_whole_records(kept: Path) -> None:
    """Four write the same commit over and over, while it is read: never half of one, and nothing left beside it."""
    program = (
        "import sys; from specverify.fetch.store import Store; from specverify.fetch.record import Record; from pathlib import Path\n"
        "here = Store(Path(sys.argv[1]), 'http://h')\n"
        "for n in range(60):\n"
        "    body = bytes([int(sys.argv[2])]) * 20000\n"
        "    assert here.put('acme/m', Record('acme/m', 'a' * 40, (), contents={'config.json': body})) is None\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, str(kept), str(number)]) for number in range(4)]
    here = Store(kept, "http://h")
    seen = 0
    while any(writer.poll() is None for writer in writers):
        path = next(iter(records(kept)), None)
        if path is not None:
            assert len(set(unpack(path.read_bytes()).contents["config.json"])) == 1
            seen += 1
    assert [writer.wait() for writer in writers] == [0] * 4
    assert seen
    assert here.get("acme/m", "a" * 40) is not None
    assert [path.suffix for path in kept.rglob("*") if path.is_file()] == [".record"]


def test_renamed_repo_is_kept_under_both_names(hub: HubServer, kept: Path) -> None:
    repo = hub.add(replace(single(), formerly=("acme/before",)))
    fetch("acme/before")
    hub.log.clear()
    files = fetch("acme/before", revision=repo.sha)
    assert hub.log == []
    assert "acme/before was renamed to acme/single" in files.notes


def test_newer_of_two_caches_says_where_a_branch_is(hub: HubServer, kept: Path, apart: Path) -> None:
    repo = hub.add(single())
    fetch("acme/single")
    cached(apart, single())
    reference = apart / "hub" / "models--acme--single" / "refs" / "main"
    os.utime(reference, (1, 1))
    assert fetch("acme/single", offline=True).sha == repo.sha
    os.utime(reference, (2**32, 2**32))
    assert fetch("acme/single", offline=True).sha == SHA


def test_files_of_the_hugging_face_cache_are_not_asked_for(hub: HubServer, apart: Path) -> None:
    repo = hub.add(single())
    snapshot = cached(apart, single())
    snapshot.rename(snapshot.with_name(repo.sha))
    (snapshot.with_name(repo.sha) / "README.md").unlink()
    files = fetch("acme/single")
    assert (files.origin, files.contents["README.md"]) == ("hub", CARD)
    assert files.tensors is not None
    assert [request.path.rpartition("/")[2] for request in hub.asked("/resolve/")] == ["README.md"]


def test_record_survives_packing() -> None:
    record = Record("acme/m", "a" * 40, ("a", "b"), {"tags": ["x"]}, {"config.json": b"\n{}"}, {"README.md": "not in the repo"})
    assert unpack(pack(record)) == record
    assert set(record.lacks()) == set(WANTED) - {"config.json", "README.md"}


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"SPECVERIFY_CACHE": "~/s", "XDG_CACHE_HOME": "/x"}, "/home/me/s"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/specverify"),
        ({}, "/home/me/.cache/specverify"),
    ],
)
def test_place_of_the_store(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str) -> None:
    monkeypatch.delenv("SPECVERIFY_CACHE")
    for name, value in {"HOME": "/home/me", **variables}.items():
        monkeypatch.setenv(name, value)
    assert str(store_folder()) == folder


def test_tensors_are_checked_again_when_read_back(hub: HubServer, kept: Path) -> None:
    """A bad header costs one look, and says the same the second time."""
    repo = hub.add(Repo("acme/liar", {"config.json": CONFIG, "model.safetensors": safetensors({"a": (2, 2)}) + b"x"}))
    first = fetch("acme/liar", revision=repo.sha)
    hub.log.clear()
    assert fetch("acme/liar", revision=repo.sha) == first
    assert hub.log == []
