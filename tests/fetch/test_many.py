"""Many models at once: each with its own result, in order, in bounded memory, one client, limiter and store for all."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from specverify.errors import Disabled, Gated, NotFound, Offline, RevisionNotFound, SpecverifyError, Unreachable
from specverify.fetch.files import ModelFiles
from specverify.fetch.many import Result, fetch_many
from tests.fetch.disk import written
from tests.hub.models import CONFIG, sharded, single
from tests.hub.repo import Repo
from tests.hub.server import Bucket, HubServer


def fill(hub: HubServer, count: int) -> list[str]:
    return [hub.add(single(f"acme/m{number:03d}")).name for number in range(count)]


def names(results: Iterator[Result]) -> list[str]:
    return [result.name if isinstance(result, ModelFiles) else f"{result.ref}: {type(result).__name__}" for result in results]


@pytest.mark.parametrize("workers", [1, 3, 16])
def test_results_come_in_the_order_of_the_refs(hub: HubServer, workers: int) -> None:
    refs = fill(hub, 20)
    hub.fail("acme/m003", "hang", 0.2)
    assert names(fetch_many(refs, workers=workers)) == refs


def test_results_as_they_come_wait_for_no_slow_one(hub: HubServer) -> None:
    refs = fill(hub, 10)
    hub.fail("acme/m000", "hang", 0.3)
    found = names(fetch_many(refs, workers=4, ordered=False))
    assert sorted(found) == refs
    assert found[0] != refs[0]


def test_every_failure_is_its_own_row(hub: HubServer, tmp_path: Path) -> None:
    fill(hub, 1)
    hub.add(Repo("acme/gated", {"config.json": CONFIG}, gated="auto"))
    hub.add(Repo("acme/disabled", {"config.json": CONFIG}, disabled=True))
    hub.add(Repo("acme/broken", {"config.json": CONFIG}))
    hub.fail("acme/broken", "status", 500)
    folder = written(single(), tmp_path / "here")
    refs = ["acme/none", "acme/m000@v9", "acme/gated", "acme/disabled", "acme/broken", "not a ref", folder, "./none", "acme/m000"]
    results = list(fetch_many(refs))
    kinds = [type(result) for result in results]
    assert kinds == [NotFound, RevisionNotFound, Gated, Disabled, Unreachable, NotFound, ModelFiles, NotFound, ModelFiles]
    assert [result.ref for result in results] == refs


def test_no_refs_no_requests(hub: HubServer) -> None:
    assert list(fetch_many([])) == []
    assert hub.log == []


def test_refs_are_drawn_and_models_held_no_faster_than_results_are_taken(hub: HubServer) -> None:
    refs = fill(hub, 30)
    drawn: list[str] = []

    def source() -> Iterator[str]:
        for ref in refs:
            drawn.append(ref)
            yield ref

    results = fetch_many(source(), workers=3)
    next(results)
    time.sleep(0.2)
    assert len(drawn) <= 1 + 3 + 1
    assert len(hub.asked("hub/api/models/")) <= 1 + 3
    assert len(list(results)) == 29


def test_whoever_stops_taking_results_stops_the_work(hub: HubServer) -> None:
    refs = fill(hub, 30)
    results = fetch_many(refs, workers=2)
    next(results)
    results.close()
    deadline = time.monotonic() + 5
    while any(thread.name.startswith("specverify-") for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("specverify-")]
    assert len(hub.asked("hub/api/models/")) < 6


def test_error_of_the_source_of_refs_is_the_caller_s(hub: HubServer) -> None:
    def source() -> Iterator[str]:
        yield from fill(hub, 2)
        raise KeyError("no more")

    with pytest.raises(KeyError):
        list(fetch_many(source()))


def test_endpoint_that_cannot_be_used_is_each_repo_s_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "ftp://x")
    folder = written(single(), tmp_path)
    first, second, third = fetch_many(["acme/a", folder, "acme/b"])
    assert (type(first), type(second), type(third)) == (Unreachable, ModelFiles, Unreachable)
    assert [first.ref, third.ref] == ["acme/a", "acme/b"]
    assert isinstance(first, SpecverifyError)
    assert first.file == "HF_ENDPOINT"


def test_offline(hub: HubServer) -> None:
    refs = fill(hub, 3)
    list(fetch_many(refs[:2]))
    hub.log.clear()
    results = list(fetch_many(refs, offline=True))
    assert [type(result) for result in results] == [ModelFiles, ModelFiles, Offline]
    assert hub.log == []


def test_limit_is_waited_out_by_all_together(hub: HubServer) -> None:
    """Ten models against four requests a second: each of them is had, and the server refuses no more than a burst."""
    refs = fill(hub, 10)
    hub.limits["api"] = Bucket(quota=4, seconds=1)
    assert names(fetch_many(refs, workers=8, tensors=False)) == refs
    refused = len(hub.asked("hub/api/models/")) - len(refs)
    assert refused <= 8


def test_second_run_asks_for_the_branches_only(hub: HubServer) -> None:
    refs = fill(hub, 5)
    first = list(fetch_many(refs))
    hub.log.clear()
    assert list(fetch_many(refs)) == first
    assert len(hub.log) == 5


def test_model_of_many_shards_among_others(hub: HubServer) -> None:
    hub.add(sharded(shards=30, tensors_each=1))
    (files,) = fetch_many(["acme/sharded"])
    assert isinstance(files, ModelFiles)
    assert files.tensors is not None
    assert len(files.tensors) == 30
