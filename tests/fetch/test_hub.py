"""A repo on the Hub, over real sockets: what is asked, what is answered, and what each refusal means."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from specverify.errors import Gated, NotFound, Offline, RateLimited, SpecverifyError, Unreachable, Unreadable
from specverify.fetch import fetch, transport
from specverify.fetch.files import MIB, WANTED
from specverify.fetch.transport import next_hop, origin
from tests.hub.models import CARD, CONFIG, INDEX, framed, safetensors, sharded, single
from tests.hub.repo import Blob, Repo
from tests.hub.server import Bucket, HubServer

OLD = b'{"model_type": "llama", "hidden_size": 4}'
SHARD = "model-00002-of-00004.safetensors"


def test_model_of_one_file(hub: HubServer) -> None:
    repo = hub.add(replace(single(), about={"tags": ["llama"], "pipeline_tag": "text-generation"}))
    files = fetch("acme/single")
    assert (files.ref, files.name, files.origin, files.revision, files.sha) == ("acme/single", "acme/single", "hub", "main", repo.sha)
    assert files.listing == tuple(sorted(repo.files))
    assert files.contents == {"config.json": CONFIG, "README.md": CARD}
    assert files.absent == {name: "not in the repo" for name in WANTED if name not in repo.files}
    assert files.tensors is not None
    assert [(t.name, t.shape, t.file) for t in files.tensors] == [
        ("model.embed_tokens.weight", (16, 8), "model.safetensors"),
        ("model.norm.weight", (8,), "model.safetensors"),
    ]
    assert files.notes == (f"read from {hub.url} (HF_ENDPOINT)",)
    assert files.about["pipeline_tag"] == "text-generation"
    assert files.about["gated"] is False


def test_requests_of_a_sharded_model_are_as_few_as_can_be(hub: HubServer) -> None:
    """One for the metadata, one a file with its redirect, one a shard with its redirect; only GET, and no token anywhere."""
    repo = hub.add(sharded())
    files = fetch("acme/sharded")
    assert files.tensors is not None
    assert len(files.tensors) == 12
    assert {request.method for request in hub.log} == {"GET"}
    assert [request.path for request in hub.asked("hub/api/models")] == ["/api/models/acme/sharded/revision/main"]
    read = ["config.json", "README.md", INDEX]
    shards = [name for name in repo.files if name.startswith("model-")]
    assert len(shards) == 4
    assert sorted(r.path for r in hub.asked("/resolve/")) == sorted(f"/acme/sharded/resolve/{repo.sha}/{name}" for name in read + shards)
    assert len(hub.asked("hub/api/resolve-cache/")) == len(read)
    assert len(hub.asked("cdn/xet/")) == len(shards)
    assert all(request.headers["range"].startswith("bytes=0-") for request in hub.asked("cdn/"))
    assert {request.headers["accept-encoding"] for request in hub.asked("cdn/")} == {"identity"}
    assert len(hub.log) == 1 + 2 * len(read) + 2 * len(shards)


def test_session_without_a_transport_to_give_is_asked_to_send(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    class Session:
        """As a later httpx2's may be, of which only what it documents is there."""

        send = huggingface_hub.get_session().send

    monkeypatch.setattr(huggingface_hub, "get_session", Session)
    hub.add(sharded())
    assert len(fetch("acme/sharded").tensors or ()) == 12
    assert len(hub.log) == 1 + 2 * 3 + 2 * 4


def test_header_longer_than_foreseen_takes_a_second_range_for_exactly_the_rest(hub: HubServer) -> None:
    shapes = {f"model.layers.{number}.self_attn.q_proj.weight": (2, 2) for number in range(1500)}
    data = safetensors(shapes)
    end = 8 + int.from_bytes(data[:8], "little")
    assert end > 65536
    hub.add(Repo("acme/long", {"config.json": CONFIG, "model.safetensors": data}))
    files = fetch("acme/long")
    assert files.tensors is not None
    assert len(files.tensors) == 1500
    assert [request.headers["range"] for request in hub.asked("cdn/")] == ["bytes=0-65535", f"bytes=65536-{end - 1}"]


def test_no_tensors_asks_for_none(hub: HubServer) -> None:
    hub.add(sharded())
    files = fetch("acme/sharded", tensors=False)
    assert (files.tensors, files.tensors_reason) == (None, "tensor headers were not asked for")
    assert hub.asked("cdn/") == []


def test_revision_is_read_at_its_commit(hub: HubServer) -> None:
    repo = hub.add(replace(single(), tags={"v1/old": {"config.json": OLD}}))
    old = fetch("acme/single@v1/old")
    assert (old.revision, old.contents, old.tensors) == ("v1/old", {"config.json": OLD}, None)
    assert old.tensors_reason == "there is no safetensors file"
    assert old.sha is not None
    pinned = fetch("acme/single", revision=old.sha)
    assert pinned.contents == old.contents
    assert fetch("acme/single").sha == repo.sha


def test_renamed_repo_is_followed_and_said(hub: HubServer) -> None:
    hub.add(replace(single(), formerly=("acme/before", "before")))
    for name in ("acme/before", "before"):
        files = fetch(name)
        assert files.name == name
        assert f"{name} was renamed to acme/single" in files.notes
        assert files.contents["config.json"] == CONFIG
        assert files.tensors is not None


def test_token_reaches_the_endpoint_and_nobody_else(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add(replace(single(), gated="manual", private=True))
    hub.tokens["hf_valid"] = {"acme/single"}
    monkeypatch.setenv("HF_TOKEN", "hf_valid")
    assert fetch("acme/single").tensors is not None
    assert {request.token for request in hub.asked("hub/")} == {"hf_valid"}
    assert {request.token for request in hub.asked("cdn/")} == {None}


def test_token_file_offline_switch_and_endpoint_of_a_fresh_process(hub: HubServer, apart: Path) -> None:
    """As a user's shell sets them, read by huggingface_hub on import; and nothing but the model is asked for."""
    hub.add(replace(single(), gated="auto"))
    hub.tokens["hf_file"] = {"acme/single"}
    (apart / "token").write_text("hf_file\n")
    program = "import sys; from specverify.fetch import fetch; print(fetch('acme/single').sha)"
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == hub.repos["acme/single"].sha
    assert {request.token for request in hub.asked("hub/")} == {"hf_file"}
    assert not hub.asked("agent-harnesses")
    assert [path.name for path in apart.iterdir()] == ["token"]
    offline = subprocess.run(
        run,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "SPECVERIFY_CACHE": str(apart)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "specverify.errors.Offline: acme/single: offline, and the cache at" in offline.stderr


@pytest.mark.parametrize(
    ("ref", "token", "error", "said"),
    [
        ("acme/none", None, NotFound, r"^acme/none: no such repo, or a private one, without a token: check the name, or run `hf"),
        ("acme/none", "hf_valid", NotFound, r"^acme/none: no such repo, or a private one, with the token in use"),
        ("acme/private", None, NotFound, r"^acme/private: no such repo, or a private one, without a token"),
        ("acme/single@v9", None, NotFound, r"^acme/single: the repo has no revision 'v9'"),
        ("acme/disabled", None, NotFound, r"^acme/disabled: the Hub has disabled this repo"),
        ("acme/gated", None, Gated, r"^acme/gated:config.json: no access without a token: ask for it at http://.*/acme/gated, then run"),
        ("acme/gated", "hf_valid", Gated, r"^acme/gated:config.json: no access with the token in use: ask for it at http"),
        ("acme/single", "hf_wrong", Gated, r"^acme/single: the token is not valid: run `hf auth login`, or correct or unset HF_TOKEN"),
        ("acme/single", "hf_w\u00f6rng", Gated, r"holds characters that no token has"),
    ],
)  # fmt: skip
def test_refusals_are_told_apart(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, ref: str, token: str | None, error: type[SpecverifyError], said: str
) -> None:
    hub.add(single())
    hub.add(Repo("acme/private", {"config.json": CONFIG}, private=True))
    hub.add(Repo("acme/gated", {"config.json": CONFIG}, gated="auto"))
    hub.add(Repo("acme/disabled", {"config.json": CONFIG}, disabled=True))
    hub.tokens["hf_valid"] = set()
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(error, match=said):
        fetch(ref)


@pytest.mark.parametrize(("status", "error"), [(401, NotFound), (404, NotFound), (403, Gated), (400, Unreachable), (451, Unreachable)])
def test_bare_refusals(hub: HubServer, status: int, error: type[SpecverifyError]) -> None:
    """Without the Hub's own error headers, as its answer to a guessed name or a proxy's may be."""
    hub.add(single())
    hub.fail("/api/models", "status", status)
    with pytest.raises(error):
        fetch("acme/single")
    assert len(hub.log) == 1


def test_disabled_by_its_metadata_is_asked_for_nothing_more(hub: HubServer) -> None:
    hub.add(Repo("acme/disabled", {"config.json": CONFIG}, disabled=True))
    with pytest.raises(NotFound, match="disabled"):
        fetch("acme/disabled")
    assert len(hub.log) == 1


def test_disabled_content_behind_open_metadata(hub: HubServer) -> None:
    hub.add(Repo("acme/disabled", {"config.json": CONFIG}, disabled=True, about={"disabled": False}))
    with pytest.raises(NotFound, match="disabled"):
        fetch("acme/disabled")


def test_endpoint_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, apart: Path) -> None:
    with pytest.raises(Unreachable, match=r"^http://127\.0\.0\.1:9/api/models/acme/single/revision/main: no connection"):
        fetch("acme/single")


@pytest.mark.parametrize("endpoint", ["huggingface.co", "ftp://x", "http://", "http://x:y", "file:///etc"])
def test_endpoint_that_is_none(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    with pytest.raises(Unreachable, match=f"^HF_ENDPOINT:{re.escape(endpoint.rstrip('/'))}: no http"):
        fetch("acme/single")


def test_proxy_that_cannot_be_used(apart: Path) -> None:
    run = [sys.executable, "-c", "from specverify.fetch import fetch; fetch('acme/single')"]
    done = subprocess.run(run, env={**os.environ, "ALL_PROXY": "gopher://x"}, capture_output=True, text=True, timeout=60, check=False)
    assert "specverify.errors.Unreachable: http://127.0.0.1:9: proxy or certificate settings cannot be used" in done.stderr


def test_offline_of_huggingface_hub_itself(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(Offline, match="HF_HUB_OFFLINE"):
        fetch("acme/single")


@pytest.mark.parametrize(
    ("match", "kind", "value"),
    [
        ("/api/models", "status", 503),
        ("/api/models", "status", 429),
        ("/api/models", "reset", None),
        ("config.json", "status", 500),
        ("resolve-cache", "truncate", 5),
        ("resolve-cache", "body", b'{"model_type": "llama", "hidden_size": 9}'),
        ("cdn/xet", "status", 504),
        ("cdn/xet", "reset", None),
        ("cdn/xet", "truncate", 5),
    ],
)
def test_passing_trouble_is_tried_again(hub: HubServer, match: str, kind: str, value: object) -> None:
    hub.add(single())
    hub.fail(match, kind, value, times=2)
    files = fetch("acme/single")
    assert files.contents["config.json"] == CONFIG
    assert files.tensors is not None
    assert sum(fault.times for fault in hub.faults) == 0


@pytest.mark.parametrize(
    ("match", "kind", "value", "error", "said"),
    [
        ("/api/models", "status", 503, Unreachable, "the server answers 503"),
        ("/api/models", "status", 429, RateLimited, "too many requests; it does not say until when"),
        ("/api/models", "reset", None, Unreachable, "the connection broke"),
        ("config.json", "truncate", 5, Unreachable, "config.json: the connection broke"),
        ("resolve-cache", "body", b"{}", Unreadable, "config.json: the bytes received do not have the hash"),
    ],
)
def test_lasting_trouble_is_told(hub: HubServer, match: str, kind: str, value: object, error: type[SpecverifyError], said: str) -> None:
    hub.add(Repo("acme/small", {"config.json": CONFIG}))
    hub.fail(match, kind, value)
    with pytest.raises(error, match=said) as caught:
        fetch("acme/small")
    assert caught.value.__cause__ is None
    assert len(hub.asked("/api/models")) in (1, transport.MOST_TRIES)


def test_no_answer_is_not_waited_for(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", 0.05)
    monkeypatch.setattr(transport, "MOST_TRIES", 2)
    hub.add(single())
    hub.fail("/api/models", "hang", 0.3)
    with pytest.raises(Unreachable, match="no answer within"):
        fetch("acme/single")


def test_dripping_answer_is_not_waited_for(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MOST_SECONDS", 0.1)
    hub.add(single())
    hub.fail("/api/models", "slow", 0.02)
    with pytest.raises(Unreachable, match="still sending after"):
        fetch("acme/single")
    assert len(hub.log) == 1
    assert hub.sent < 200


def test_limit_with_its_window_is_waited_out(hub: HubServer) -> None:
    hub.add(single())
    fetch("acme/single")
    hub.limits["api"] = Bucket(quota=1, seconds=0.8, used=1)
    hub.log.clear()
    assert fetch("acme/single").sha == hub.repos["acme/single"].sha
    assert len(hub.asked("hub/api/models")) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "4000"},
        {"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"},
        {"RateLimit": '"api";r=0;t=4000'},
    ],
)
def test_limit_longer_than_patience_is_told_at_once(hub: HubServer, headers: dict[str, str]) -> None:
    hub.add(single())
    hub.fail("/api/models", "status", 429)
    hub.fail("/api/models", "headers", headers)
    with pytest.raises(RateLimited, match=r"it asks to wait [\d,]+ seconds, until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"):
        fetch("acme/single")
    assert len(hub.log) == 1


def test_limit_on_a_shard_is_no_model_without_tensors(hub: HubServer) -> None:
    hub.add(sharded())
    hub.fail(SHARD, "status", 429)
    with pytest.raises(RateLimited, match=SHARD):
        fetch("acme/sharded")


def test_ignored_range_is_cut_at_the_header(hub: HubServer) -> None:
    """A server that answers a range with the whole file: 32 MiB here, of which no more leaves it than sockets hold."""
    shapes = {f"model.layers.{number}.self_attn.q_proj.weight": (2, 2) for number in range(1500)}
    header = json.loads(safetensors(shapes)[8:].split(b"}}")[0] + b"}}")
    header["large"] = {"dtype": "U8", "shape": [32 * MIB], "data_offsets": [1500 * 8, 1500 * 8 + 32 * MIB]}
    hub.add(
        Repo("acme/whole", {"config.json": CONFIG, "model.safetensors": framed(json.dumps(header).encode(), bytes(1500 * 8 + 32 * MIB))})
    )
    hub.fail("cdn/xet", "no_range")
    files = fetch("acme/whole")
    assert files.tensors is not None
    assert len(files.tensors) == 1501
    assert hub.sent < 16 * MIB


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("status", 404, "no such repo"),
        ("status", 416, "has no byte 0"),
        ("reset", None, "the connection broke"),
        ("body", b"short", "answered with another number of bytes"),
        ("headers", {"Content-Range": "bytes 5-90/400"}, "answered with another range"),
        ("headers", {"Content-Range": "x"}, "answered with another range"),
        ("headers", {"Content-Encoding": "gzip"}, "not the gzip it says it is"),
        ("headers", {"Content-Encoding": "br"}, "comes encoded as"),
        ("redirect", "http://127.0.0.1:9/elsewhere", "no connection"),
        ("redirect", "ftp://127.0.0.1/x?Signature=secret", "redirects to no web address (ftp://127.0.0.1/x)"),
        ("redirect", "file:///etc/passwd", "redirects to no web address"),
        ("redirect", "http://[", "redirects to no web address"),
    ],
)  # fmt: skip
def test_bad_shard_leaves_no_tensors_and_the_rest_stands(hub: HubServer, kind: str, value: object, said: str) -> None:
    repo = hub.add(sharded())
    hub.fail(f"cdn/xet/{Blob(SHARD, repo.files[SHARD]).sha256}", kind, value)
    files = fetch("acme/sharded")
    assert files.contents["config.json"] == CONFIG
    assert files.tensors is None
    assert files.tensors_reason is not None
    assert said in files.tensors_reason
    assert "secret" not in files.tensors_reason
    assert f"no tensor headers: {files.tensors_reason}" in files.notes


def test_shard_that_is_gone_is_not_a_repo_that_is_gone(hub: HubServer) -> None:
    """A range of it answered as a file that is not there: by a cache that does not hold it, or a server that lists too much."""
    repo = hub.add(sharded())
    hub.fail(f"/resolve/{repo.sha}/{SHARD}", "headers", {"X-Error-Code": "EntryNotFound"})
    hub.fail(f"/resolve/{repo.sha}/{SHARD}", "status", 404)
    assert fetch("acme/sharded").tensors_reason == f"{SHARD}: listed and not there"


def test_lying_header_leaves_no_tensors(hub: HubServer) -> None:
    data = safetensors({"a": (2, 2)})
    hub.add(Repo("acme/liar", {"config.json": CONFIG, "model.safetensors": data + b"x"}))
    files = fetch("acme/liar")
    assert files.tensors_reason is not None
    assert files.tensors_reason.startswith("model.safetensors:byte ")


def test_header_longer_than_is_read_is_not_asked_for(hub: HubServer) -> None:
    hub.add(Repo("acme/liar", {"config.json": CONFIG, "model.safetensors": (26_000_000).to_bytes(8, "little") + bytes(65528)}))
    hub.fail("cdn/xet", "headers", {"Content-Range": "bytes 0-65535/90000000"})
    files = fetch("acme/liar")
    assert files.tensors_reason == "model.safetensors:byte 0: states a header of 26,000,000 bytes, more than the 25,000,000 that are read"
    assert len(hub.asked("cdn/")) == 1


def test_index_aims_no_request_elsewhere(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    index = json.dumps({"weight_map": {"a": "../../../api/whoami-v2.safetensors"}}).encode()
    hub.add(Repo("acme/aim", {"config.json": CONFIG, INDEX: index, "../../../api/whoami-v2.safetensors": b""}))
    files = fetch("acme/aim")
    assert files.tensors is None
    assert not hub.asked("whoami")


def test_encoding_of_a_redirect_s_own_body_is_nobody_s_concern(hub: HubServer) -> None:
    hub.add(single())
    hub.fail("hub/acme/single/resolve", "headers", {"Content-Encoding": "br"})
    assert fetch("acme/single").contents["config.json"] == CONFIG


def test_redirects_are_bounded(hub: HubServer) -> None:
    hub.add(single())
    hub.fail("/api/models", "redirect", "/api/models/acme/single/revision/main")
    with pytest.raises(Unreadable, match="more than 5 redirects"):
        fetch("acme/single")
    assert len(hub.log) == 6


def test_redirect_to_another_port_carries_no_token(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add(single())
    hub.tokens["hf_valid"] = set()
    monkeypatch.setenv("HF_TOKEN", "hf_valid")
    hub.fail("hub/api/models", "redirect", f"{hub.cdn_url}/stolen?Signature=secret")
    with pytest.raises(NotFound):
        fetch("acme/single")
    assert [request.token for request in hub.asked("cdn/stolen")] == [None]


@pytest.mark.parametrize(
    ("url", "location", "target"),
    [
        ("https://h/a/b", "/c?d=1", "https://h/c?d=1"),
        ("https://h/a/b", "https://cdn/x", "https://cdn/x"),
        ("http://h/a", "https://h/a", "https://h/a"),
        ("http://h/a", "http://cdn/a", "http://cdn/a"),
    ],
)
def test_next_hop(url: str, location: str, target: str) -> None:
    assert next_hop(url, location) == target


def test_no_redirect_from_https_to_http() -> None:
    with pytest.raises(Unreadable, match="from https to http"):
        next_hop("https://h/a", "http://h/a")


def test_origins() -> None:
    assert origin("https://H/a") == origin("https://h:443/b") == ("https", "h", 443)
    assert len({origin(url) for url in ("http://h", "https://h", "http://h:8080", "http://g")}) == 4


def test_gzip_is_read_and_held_against_the_hash(hub: HubServer) -> None:
    hub.add(single())
    hub.fail("resolve-cache/models/acme/single/" + hub.repos["acme/single"].sha + "/README.md", "body", gzip.compress(CARD))
    hub.fail("/README.md?", "headers", {"Content-Encoding": "gzip"})
    assert fetch("acme/single").contents["README.md"] == CARD


def test_gzip_that_ends_early_is_no_file(hub: HubServer) -> None:
    hub.add(single())
    hub.fail("/README.md?", "body", gzip.compress(CARD)[:-1])
    hub.fail("/README.md?", "headers", {"Content-Encoding": "gzip"})
    with pytest.raises(Unreadable, match="ends inside its gzip stream"):
        fetch("acme/single")


def test_gzip_bomb_is_cut_at_the_cap(hub: HubServer, apart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """32 MiB out of 32 KiB: no more is unpacked than the 5 MiB a card may have, held twice when joined."""
    hub.add(single())
    hub.fail("/README.md?", "body", gzip.compress(bytes(32 * MIB)))
    hub.fail("/README.md?", "headers", {"Content-Encoding": "gzip"})
    fetch("acme/single", tensors=False)
    monkeypatch.setenv("SPECVERIFY_CACHE", str(apart / "other"))
    tracemalloc.start()
    files = fetch("acme/single", tensors=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * MIB
    assert files.absent["README.md"] == "more than the 5,242,880 bytes that are read of it"


def test_file_stated_too_large_is_not_read(hub: HubServer) -> None:
    hub.add(Repo("acme/large", {"config.json": bytes(8 * MIB + 1), "README.md": CARD}))
    files = fetch("acme/large")
    assert files.absent["config.json"] == "more than the 8,388,608 bytes that are read of it"
    assert files.contents == {"README.md": CARD}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"[]", "not a JSON object"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "nested too deep"),
        (b"{}", "states no commit"),
        ({"sha": "../../x"}, "states no commit"),
        ({"id": "../x"}, "states an id that is no repo's"),
        ({"id": 5}, "states an id that is no repo's"),
        ({"siblings": None}, "states no list of files"),
        ({"siblings": [{"rfilename": 5}]}, "lists a file without a name"),
        ({"siblings": [{"rfilename": "a"}, {"rfilename": "a"}]}, "or one twice"),
        ({"siblings": ["config.json"]}, "lists a file without a name"),
    ],
)
def test_metadata_that_is_none(hub: HubServer, answer: bytes | dict[str, object], said: str) -> None:
    repo = hub.add(single())
    good = {"id": repo.name, "sha": repo.sha, "siblings": []}
    body = answer if isinstance(answer, bytes) else json.dumps({**good, **answer}).encode()
    hub.fail("/api/models", "body", body)
    with pytest.raises(Unreadable, match=said) as caught:
        fetch("acme/single")
    assert caught.value.file == f"{hub.url}/api/models/acme/single/revision/main"


def test_listed_file_that_is_gone(hub: HubServer) -> None:
    repo = hub.add(single())
    listed = [{"rfilename": name} for name in (*repo.files, "modules.json")]
    hub.fail("/api/models", "body", json.dumps({"id": repo.name, "sha": repo.sha, "siblings": listed}).encode())
    files = fetch("acme/single")
    assert files.absent["modules.json"] == "listed and not there"
    assert files.contents["config.json"] == CONFIG


def test_file_of_another_commit_is_refused(hub: HubServer) -> None:
    hub.add(single())
    hub.fail("hub/acme/single/resolve", "headers", {"X-Repo-Commit": "f" * 40})
    with pytest.raises(Unreadable, match=r"^config\.json: is of commit ffff"):
        fetch("acme/single")


def test_commit_and_hash_are_the_endpoint_s_word_alone(hub: HubServer) -> None:
    hub.add(single())
    hub.fail("/README.md", "redirect", f"{hub.cdn_url}/xet/{Blob('README.md', CARD).oid}")
    hub.fail("cdn/xet", "body", CARD)
    hub.fail("cdn/xet", "status", 200)
    hub.fail("cdn/xet", "headers", {"ETag": f'"{"e" * 64}"', "X-Repo-Commit": "f" * 40})
    assert fetch("acme/single", tensors=False).contents["README.md"] == CARD


def test_pinned_commit_answered_with_another(hub: HubServer) -> None:
    repo = hub.add(single())
    hub.fail("/api/models", "body", json.dumps({"sha": "f" * 40, "siblings": []}).encode())
    with pytest.raises(Unreadable, match="states commit ffff"):
        fetch("acme/single", revision=repo.sha)


def test_words_of_the_server_reach_no_terminal_as_commands(hub: HubServer) -> None:
    hub.add(single())
    hub.fail("/api/models", "status", 400)
    hub.fail("/api/models", "headers", {"X-Error-Message": "\x1b]0;owned\x07" + "x" * 500})
    with pytest.raises(Unreachable) as caught:
        fetch("acme/single")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600
