"""Whatever a server, a repo or a folder does: a clear error or note, in bounded time and memory, and the next model unharmed."""

from __future__ import annotations

import gzip
import json
import os
import resource
import time
import traceback
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from specverify.errors import Gated, NotFound, SpecverifyError, Unreachable, Unreadable
from specverify.fetch import fetch, transport
from specverify.fetch.files import MIB, ModelFiles
from specverify.fetch.many import fetch_many
from tests.fetch.disk import written
from tests.hub.models import CARD, CONFIG, INDEX, framed, sharded, single
from tests.hub.repo import Repo
from tests.hub.server import HubServer

TOKEN = "hf_secret"


@contextmanager
def at_most(seconds: float, mib: int) -> Iterator[None]:
    """The block ends within a generous time, and takes no more memory at any moment."""
    began = time.monotonic()
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.monotonic() - began < seconds
    assert peak < mib * MIB


@pytest.fixture
def warm(hub: HubServer) -> HubServer:
    """A Hub already spoken to, so that what is measured is no import."""
    hub.add(single("acme/first"))
    fetch("acme/first")
    hub.log.clear()
    hub.sent = 0
    return hub


@pytest.fixture
def secret(warm: HubServer, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    warm.tokens[TOKEN] = set()
    return warm


def next_is_unharmed(hub: HubServer) -> None:
    hub.faults.clear()
    hub.add(single("acme/next"))
    assert fetch("acme/next").tensors is not None


@pytest.mark.parametrize("path", ["config.json", "README.md"])
def test_gzip_bomb(warm: HubServer, path: str) -> None:
    """64 MiB of zeros out of 64 KiB."""
    warm.add(single())
    bomb = gzip.compress(bytes(64 * MIB))
    warm.fail(f"/{path}?", "body", bomb)
    warm.fail(f"/{path}?", "headers", {"Content-Encoding": "gzip"})
    with at_most(20, 40):
        files = fetch("acme/single")
    assert "bytes that are read of it" in files.absent[path]
    next_is_unharmed(warm)


def test_gzip_bomb_in_metadata(warm: HubServer) -> None:
    warm.add(single())
    warm.fail("/api/models", "body", gzip.compress(bytes(200 * MIB), 9))
    warm.fail("/api/models", "headers", {"Content-Encoding": "gzip"})
    with at_most(20, 100), pytest.raises(Unreadable, match="more than the 33,554,432 bytes"):
        fetch("acme/single")
    next_is_unharmed(warm)


def test_gzip_within_gzip_is_not_unpacked_twice(warm: HubServer) -> None:
    warm.add(Repo("acme/single", {"README.md": CARD}))
    warm.fail("/README.md?", "headers", {"Content-Encoding": "gzip, gzip"})
    with pytest.raises(Unreadable, match="comes encoded as"):
        fetch("acme/single")


@pytest.mark.parametrize(("path", "size"), [("config.json", 8 * MIB + 1), ("README.md", 5 * MIB + 1), ("modules.json", 48 * MIB)])
def test_huge_file_is_cut_at_its_cap(warm: HubServer, path: str, size: int) -> None:
    assert warm.add(Repo("acme/huge", {"config.json": CONFIG, path: bytes(size)})).sha
    with at_most(20, 64):
        files = fetch("acme/huge")
    assert "bytes that are read of it" in files.absent[path]
    assert path not in files.contents
    next_is_unharmed(warm)


def test_huge_body_behind_an_error_is_not_read(warm: HubServer) -> None:
    warm.fail("/api/models", "status", 404)
    warm.fail("/api/models", "body", bytes(32 * MIB))
    with at_most(20, 40), pytest.raises(NotFound):
        fetch("acme/single")
    assert warm.sent < 16 * MIB
    next_is_unharmed(warm)


def test_range_ignored(warm: HubServer) -> None:
    """48 MiB sent for a range of 64 KiB: no more leaves the server than sockets hold."""
    header = json.dumps({"a": {"dtype": "U8", "shape": [48 * MIB], "data_offsets": [0, 48 * MIB]}}).encode()
    repo = warm.add(Repo("acme/whole", {"config.json": CONFIG, "model.safetensors": framed(header, bytes(48 * MIB))}))
    assert repo.sha  # the server's own hashing takes memory, once
    warm.fail("cdn/xet", "no_range")
    with at_most(20, 16):
        files = fetch("acme/whole")
    assert files.tensors is not None
    assert warm.sent < 16 * MIB
    next_is_unharmed(warm)


@pytest.mark.parametrize(
    "shard",
    [
        "../../../api/whoami-v2",
        "/etc/passwd",
        "a/../../b.safetensors",
        "..\\b.safetensors",
        "model.safetensors?x=1",
        "http://evil.example/a.safetensors",
        "model-99999-of-00004.safetensors",
        "\x00.safetensors",
    ],
)
def test_shard_name_traversal(secret: HubServer, shard: str) -> None:
    """With the path in the listing as well, so that only its shape tells."""
    files = {"config.json": CONFIG, INDEX: json.dumps({"weight_map": {"a": shard}}).encode()}
    secret.add(Repo("acme/aim", files))
    found = fetch("acme/aim")
    assert found.tensors is None
    assert {request.path.rpartition("/")[2] for request in secret.asked("/resolve/")} == {"config.json", INDEX}
    assert secret.asked("cdn/") == []


@pytest.mark.parametrize("etag", ['"../../../../pwn"', '"' + "a" * 5000 + '"', '"/etc/passwd"', "\x7f", '""'])
def test_hostile_etag(warm: HubServer, apart: Path, etag: str) -> None:
    warm.add(single())
    warm.fail("hub/acme/single/resolve", "headers", {"X-Linked-Etag": etag, "ETag": etag})
    assert fetch("acme/single").contents["config.json"] == CONFIG
    assert not list(apart.parent.rglob("pwn"))


@pytest.mark.parametrize("commit", ["../../x", "f" * 40, "main", "\x1b[2J"])
def test_hostile_commit(warm: HubServer, commit: str) -> None:
    warm.add(single())
    warm.fail("hub/acme/single/resolve", "headers", {"X-Repo-Commit": commit})
    with pytest.raises(Unreadable, match="is of commit") as caught:
        fetch("acme/single")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("sha", ["../../../etc/passwd", "A" * 40, "a" * 39, "a" * 41, ["a" * 40], None, "a" * 40 + "\n"])
def test_hostile_commit_in_metadata(warm: HubServer, sha: object) -> None:
    warm.add(single())
    warm.fail("/api/models", "body", json.dumps({"id": "acme/single", "sha": sha, "siblings": []}).encode())
    with pytest.raises(Unreadable, match="states no commit"):
        fetch("acme/single")


def test_token_to_another_origin_by_redirect(secret: HubServer) -> None:
    """Another port of the same host is another origin; and back at the endpoint the token is sent again."""
    secret.add(single())
    secret.fail("hub/acme/single/resolve", "redirect", f"{secret.cdn_url.replace('localhost', '127.0.0.1')}/steal")
    secret.fail("cdn/steal", "redirect", f"{secret.url}/api/whoami-v2")
    fetch("acme/single")
    assert {request.token for request in secret.asked("cdn/steal")} == {None}
    assert all(TOKEN not in str(request) for request in secret.asked("cdn/"))


def test_token_in_no_message_and_no_repr(secret: HubServer) -> None:
    secret.add(Repo("acme/gated", {"config.json": CONFIG}, gated="auto"))
    with pytest.raises(Gated) as caught:
        fetch("acme/gated")
    shown = [str(caught.value)]
    for frame, _ in traceback.walk_tb(caught.tb):
        shown += [repr(value) for value in frame.f_locals.values() if type(value).__name__ in ("Transport", "Client", "Remote")]
    assert len(shown) > 1
    assert TOKEN not in "".join(shown)


def test_redirect_loop(warm: HubServer) -> None:
    warm.fail("/api/models", "redirect", "/api/models/acme/single/revision/main")
    with pytest.raises(Unreadable, match="more than 5 redirects"):
        fetch("acme/single")
    assert len(warm.log) == 6
    next_is_unharmed(warm)


def test_redirect_loop_between_origins(warm: HubServer) -> None:
    warm.fail("hub/api/models", "redirect", f"{warm.cdn_url}/loop")
    warm.fail("cdn/loop", "redirect", f"{warm.url}/api/models/acme/single/revision/main")
    with pytest.raises(Unreadable, match="more than 5 redirects"):
        fetch("acme/single")
    assert len(warm.log) == 6


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "javascript:x", "http://a:b@:/", "data:,x", "gopher://x"])
def test_redirect_to_no_web_address(warm: HubServer, location: str) -> None:
    warm.fail("/api/models", "redirect", location)
    with pytest.raises((Unreadable, Unreachable)):
        fetch("acme/single")
    assert len(warm.log) == 1
    next_is_unharmed(warm)


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "[fe80::1]", "224.0.0.1"])
def test_redirect_to_an_address_nobody_serves_models_at(warm: HubServer, address: str) -> None:
    """The metadata service of a cloud among them: refused of a loopback endpoint, too."""
    warm.add(single())
    warm.fail("hub/acme/single/resolve", "redirect", f"http://{address}/latest/meta-data/")
    result, unharmed = fetch_many(["acme/single", "acme/first"])
    assert isinstance(result, Unreadable)
    assert "inside the network it is asked from" in str(result)
    assert isinstance(unharmed, ModelFiles)


@pytest.mark.parametrize(
    ("match", "kind"),
    [("/api/models", "slow"), ("/api/models", "slow_headers"), ("config.json", "slow"), ("config.json", "slow_headers")],
)
def test_slow_drip(warm: HubServer, monkeypatch: pytest.MonkeyPatch, match: str, kind: str) -> None:
    """A byte now and then never runs into a timeout between bytes; the whole has its own, headers and redirects' bodies included."""
    monkeypatch.setattr(transport, "MOST_SECONDS", 0.3)
    warm.add(Repo("acme/single", {"config.json": CONFIG}))
    warm.fail(match, kind, 0.02)
    if match == "config.json":
        warm.fail(match, "body", bytes(4000))
    began = time.monotonic()
    with pytest.raises(Unreachable, match="still sending after"):
        fetch("acme/single")
    assert time.monotonic() - began < 5
    assert warm.sent < 1000
    monkeypatch.undo()


def test_model_s_time_is_up(warm: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer within its time, and the model within its own: 30 shards of a quarter of a second each are not sat out."""
    monkeypatch.setattr("specverify.fetch.hub.MODEL_SECONDS", 0.5)
    monkeypatch.setattr(transport, "MOST_WAITED", 0.0)
    warm.add(sharded(shards=60, tensors_each=1))
    warm.fail("cdn/xet", "hang", 0.25)
    (result,) = fetch_many(["acme/sharded"], workers=1, patience=0.0)
    assert isinstance(result, ModelFiles)
    assert result.tensors is None
    assert "time is up" in (result.tensors_reason or "")
    assert len(warm.asked("cdn/xet")) < 40


@pytest.mark.parametrize("stated", [3, 10**9, 10**18])
def test_lying_content_length(warm: HubServer, stated: int) -> None:
    warm.add(Repo("acme/single", {"config.json": CONFIG}))
    warm.fail("resolve-cache", "lie_length", stated)
    warm.fail("resolve-cache", "truncate", len(CONFIG))
    with at_most(20, 16), pytest.raises((Unreadable, Unreachable)):
        fetch("acme/single")
    next_is_unharmed(warm)


def test_lying_content_length_of_a_range(warm: HubServer) -> None:
    warm.add(single())
    warm.fail("cdn/xet", "headers", {"Content-Range": "bytes 0-65535/99999999999999999999999"})
    assert "another range" in (fetch("acme/single").tensors_reason or "")


def test_headers_without_end_are_not_collected(warm: HubServer) -> None:
    warm.fail("/api/models", "headers", {f"X-{number}": "x" * 1000 for number in range(2000)})
    with at_most(20, 16), pytest.raises(Unreachable, match="the connection broke"):
        fetch("acme/first@v2")
    next_is_unharmed(warm)


@pytest.mark.parametrize(
    "body",
    [b"[" * 500_000, b'{"a":' * 500_000, b'{"sha": ' + b"9" * 100_000 + b"}", b'{"sha": NaN}', b"\xff\xfe{}", b'{"sha": "a", "sha": "b"}'],
    ids=["deep lists", "deep objects", "long number", "NaN", "UTF-16", "twice"],
)
def test_hostile_json_in_metadata(warm: HubServer, body: bytes) -> None:
    warm.fail("/api/models", "body", body)
    with at_most(20, 64), pytest.raises(Unreadable):
        fetch("acme/first")
    next_is_unharmed(warm)


def test_listing_without_end(warm: HubServer) -> None:
    names = [{"rfilename": f"{number}"} for number in range(100_001)]
    warm.fail("/api/models", "body", json.dumps({"id": "acme/x", "sha": "a" * 40, "siblings": names}).encode())
    with pytest.raises(Unreadable, match="more than 100,000"):
        fetch("acme/first")


def test_words_of_a_server_are_one_printable_line(warm: HubServer) -> None:
    warm.fail("/api/models", "status", 400)
    warm.fail("/api/models", "headers", {"X-Error-Message": "\x1b]0;owned\x07\x9b2J" + "x" * 5000})
    with pytest.raises(Unreachable) as caught:
        fetch("acme/x")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


def test_folder_of_links_fifos_and_devices(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"{}")
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").symlink_to("/dev/zero")
    (model / "README.md").symlink_to(tmp_path / "secret")
    os.mkfifo(model / "generation_config.json")
    os.mkfifo(model / "model.safetensors")
    os.mkfifo(model / "model.gguf")
    (model / "modules.json").symlink_to("modules.json")
    (model / "up").symlink_to("..")
    (model / "tokenizer_config.json").symlink_to("/proc/self/environ")
    with at_most(5, 8):
        files = fetch(str(model))
    assert files.contents == {}
    assert files.listing == ()
    assert files.tensors is None


@pytest.mark.parametrize("name", ["config.json", "README.md", "tokenizer_config.json"])
def test_folder_of_huge_files(tmp_path: Path, name: str) -> None:
    """Sparse, of a tebibyte."""
    path = Path(written(single(), tmp_path)) / name
    os.truncate(path, 0) if path.exists() else path.touch()
    try:
        os.truncate(path, 2**40)
    except OSError:
        pytest.skip("the file system holds no such file")
    with at_most(5, 8):
        files = fetch(str(tmp_path))
    assert "1,099,511,627,776 bytes, more than the" in files.absent[name]
    assert files.tensors is not None


def test_audit_of_hostile_repos_takes_no_memory_to_speak_of(warm: HubServer) -> None:
    """Sixty bombs, liars and loops among good models: every row right, and the process grows by little."""
    refs: list[str] = []
    bomb = gzip.compress(bytes(32 * MIB))
    for number in range(20):
        for kind in ("good", "bomb", "loop", "reset"):
            warm.add(single(f"acme/{kind}{number}"))
            refs.append(f"acme/{kind}{number}")
    warm.fail("resolve-cache/models/acme/bomb", "body", bomb)
    warm.fail("resolve-cache/models/acme/bomb", "headers", {"Content-Encoding": "gzip"})
    warm.fail("models/acme/loop", "redirect", "/api/models/acme/loop0/revision/main")
    warm.fail("models/acme/reset", "reset")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results = dict(zip(refs, fetch_many(refs, workers=8), strict=True))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    for ref, result in results.items():
        if "good" in ref or "bomb" in ref:
            assert isinstance(result, ModelFiles)
            assert ("config.json" in result.contents) == ("good" in ref)
        else:
            assert isinstance(result, SpecverifyError)
            assert result.ref == ref
    assert grown * 1024 < 150 * MIB
