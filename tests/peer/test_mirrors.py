"""Models served by olah from git repos, with no Hub behind it: read as from their folders, or refused in words that say why.

What olah 0.5 gives of a mirror is less than the Hub: no commit, hash or length with a file, the whole file for a range of
it, one refusal for every reason, and a bare 500 where it fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from specverify import cli
from specverify.cli.status import BROKEN
from specverify.errors import NotFound, SpecverifyError, Unreachable, Unreadable
from specverify.fetch import fetch, transport
from specverify.fetch.files import MIB
from specverify.pipeline import listed, verify
from tests.audit.population import FAMILIES, population
from tests.hub.models import CONFIG, framed
from tests.hub.repo import Repo
from tests.peer.mirrors import ATTRIBUTES, commit, git
from tests.peer.olah import serving

pytestmark = pytest.mark.peer

MODELS: tuple[Repo, ...] = tuple(member.repo for member in population(len(FAMILIES), 1_000) if member.repo is not None)
"""One of each family, the first and the last in two files of tensors."""
NAMES = tuple(model.name for model in MODELS)
OLD = b'{"model_type": "llama", "hidden_size": 4}'
LARGE = 8 * MIB
MANY = 1_500
"""Tensors whose header is longer than the first read of a file that nothing is known of."""
FAILED = "(the server answers 500|the connection broke)"
"""Where olah fails it answers 500, then hangs up: the last of several tries may have begun on the line that it was about to close."""


@dataclass(frozen=True, slots=True)
class Peer:
    """olah's address, and the commit of each mirror."""

    url: str
    commits: Mapping[str, str]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """An olah over every mirror of these tests; each second model's tensors are LFS objects."""
    root = tmp_path_factory.mktemp("peer")
    mirrors = root / "mirrors"
    commits = {model.name: commit(mirrors, model.name, model.files, lfs=number % 2 == 1) for number, model in enumerate(MODELS)}
    files = MODELS[0].files
    commits["acme/tagged"] = commit(mirrors, "acme/tagged", {"config.json": OLD})
    git(mirrors / "models" / "acme" / "tagged", "tag", "v1")
    commit(mirrors, "acme/tagged", {"config.json": CONFIG})
    commit(mirrors, "acme/large", {"config.json": CONFIG, "model.safetensors": _large(), ".gitattributes": ATTRIBUTES}, lfs=True)
    commit(mirrors, "acme/pointers", files, lfs=True, objects=False)
    commit(mirrors, "acme/card", {"README.md": files["README.md"]})
    commit(mirrors, "acme/dated", {**files, "README.md": b"---\nlicense: mit\nreleased: 2026-01-02\n---\n# A date is no JSON\n"})
    commit(mirrors, "acme/odd", {**files, "generation_config.json": b"\xff" * 130})
    commit(mirrors, "without-owner", files)
    (mirrors / "models" / "acme" / "no-git").mkdir()
    with serving(root / "olah", offline=True, mirrors=mirrors) as url:
        yield Peer(url, commits)


@pytest.fixture
def peer(started: Peer, monkeypatch: pytest.MonkeyPatch) -> Peer:
    """That olah, at HF_ENDPOINT."""
    monkeypatch.setenv("HF_ENDPOINT", started.url)
    return started


def _large() -> bytes:
    """A long header and a lot of data."""
    header: dict[str, object] = {f"layers.{n}.weight": {"dtype": "U8", "shape": [1], "data_offsets": [n, n + 1]} for n in range(MANY)}
    header["data"] = {"dtype": "U8", "shape": [LARGE], "data_offsets": [MANY, MANY + LARGE]}
    return framed(json.dumps(header).encode(), bytes(MANY + LARGE))


def _folder(root: Path, files: Mapping[str, bytes]) -> str:
    for name, data in files.items():
        (root / name).write_bytes(data)
    return str(root)


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_model_is_what_its_folder_is(peer: Peer, tmp_path: Path, model: Repo) -> None:
    there, here = verify(f"{model.name}@{peer.commits[model.name]}"), verify(_folder(tmp_path, model.files))
    assert (there.origin, there.sha) == ("hub", peer.commits[model.name])
    assert there.notes == (f"read from {peer.url} (HF_ENDPOINT)",)
    assert (there.spec, there.figures, there.findings) == (here.spec, here.figures, here.findings)
    assert there.figures["parameters.total"].value is not None
    assert {name for name, said in there.files.items() if said == "read"} == {name for name, said in here.files.items() if said == "read"}


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_tensors_are_those_of_the_folder(peer: Peer, tmp_path: Path, model: Repo) -> None:
    there, here = fetch(model.name), fetch(_folder(tmp_path, model.files))
    assert there.tensors
    assert (there.tensors, there.contents, there.listing) == (here.tensors, here.contents, here.listing)


def test_audit_of_a_list(peer: Peer, tmp_path: Path) -> None:
    """Every model has its row, those that olah refuses or fails at among them."""
    refused = {"acme/nobody": "NotFound", f"{NAMES[0]}@v9": "NotFound", "acme/card": "Unreadable", "acme/dated": "Unreachable"}
    refs = [*NAMES, *refused]
    shortlist, results = tmp_path / "shortlist.txt", tmp_path / "results.jsonl"
    shortlist.write_text("\n".join(refs))
    with pytest.raises(SystemExit) as stopped:
        cli.main(["audit", str(shortlist), "--results", str(results), "--format", "json", "-o", str(tmp_path / "out.json")])
    assert stopped.value.code == BROKEN
    rows = {row["ref"]: row for row in map(json.loads, results.read_text().splitlines())}
    assert {ref: row["status"] for ref, row in rows.items()} == {**dict.fromkeys(NAMES, "ok"), **refused}
    assert {ref: row["sha"] for ref, row in rows.items() if ref in NAMES} == {name: peer.commits[name] for name in NAMES}
    assert all(row["parameters.total"] > 0 for ref, row in rows.items() if ref in NAMES)


def test_tag_and_commit(peer: Peer) -> None:
    old = peer.commits["acme/tagged"]
    for revision in ("v1", old):
        files = fetch(f"acme/tagged@{revision}")
        assert (files.sha, files.contents["config.json"]) == (old, OLD)
    assert fetch("acme/tagged").contents["config.json"] == CONFIG


def test_commit_read_before_needs_no_server(peer: Peer) -> None:
    """What came without a hash is kept all the same, and is the same offline."""
    pinned = f"{NAMES[0]}@{peer.commits[NAMES[0]]}"
    first, again = fetch(pinned), fetch(pinned, offline=True)
    assert (again.tensors, again.contents) == (first.tensors, first.contents)


def test_whole_file_for_a_range_is_not_read(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two reads of a file of 8 MiB, of which the second starts past what was foreseen: the bytes taken are about the header's."""
    received = 0
    pieces = transport._pieces

    def counted(*arguments: object) -> Iterator[bytes]:
        nonlocal received
        for piece in pieces(*arguments):  # type: ignore[arg-type]
            received += len(piece)
            yield piece

    monkeypatch.setattr(transport, "_pieces", counted)
    files = fetch("acme/large")
    assert files.tensors is not None
    assert len(files.tensors) == MANY + 1
    assert files.tensors[-1].shape == (LARGE,)
    assert received < MIB


def test_objects_that_were_never_cloned_leave_no_tensors(peer: Peer) -> None:
    """olah fails at a pointer without its object; the rest of the model stands, and its report says what is missing."""
    report = verify("acme/pointers")
    assert report.error is None
    assert report.figures["parameters.total"].value is not None
    (note,) = [note for note in report.notes if note.startswith("no tensor headers")]
    assert re.search(f"model-00001-of-00002.safetensors: {FAILED}", note)


@pytest.mark.parametrize(
    ("ref", "error", "said"),
    [
        ("acme/nobody", NotFound, "acme/nobody: no such repo, or a private one"),
        ("acme/no-git", NotFound, "acme/no-git: no such repo"),
        ("acme/tagged@v9", NotFound, "acme/tagged: no such repo"),
        (f"acme/tagged@{'0' * 40}", Unreachable, f"/api/models/acme/tagged/revision/{'0' * 40}: {FAILED}"),
        ("acme/card", Unreadable, "config.json: not in the repo"),
        ("acme/dated", Unreachable, f"/api/models/acme/dated/revision/main: {FAILED}"),
        ("acme/odd", Unreachable, f"/generation_config.json: {FAILED}"),
        ("without-owner", Unreadable, "config.json: listed and not there"),
    ],
)
def test_refusal(peer: Peer, ref: str, error: type[SpecverifyError], said: str) -> None:
    with pytest.raises(error) as refused:
        verify(ref)
    assert re.search(said, str(refused.value))


def test_list_that_is_empty_text(peer: Peer) -> None:
    """olah knows no listing, and answers one with 200 and nothing."""
    with pytest.raises(Unreadable, match=r"/api/models:byte 0: not JSON"):
        listed("acme", (), None)
