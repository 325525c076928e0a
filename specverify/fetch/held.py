"""A record as the model it is of, whatever part of it had to be asked for; and what needs no asking at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NoReturn

from specverify.errors import Offline
from specverify.fetch.files import ModelFiles
from specverify.fetch.headers import Header
from specverify.fetch.record import Record
from specverify.fetch.reference import DEFAULT_ENDPOINT, DEFAULT_REVISION, Repo, is_sha
from specverify.fetch.shards import NOT_ASKED, Reader, measure
from specverify.fetch.snapshot import fetch_snapshot, is_whole, reference
from specverify.fetch.store import Store

_NEVER_READ = "offline, and never read before"


class _NotKept(Exception):
    """A header that the record does not hold."""


def assemble(
    ref: str, repo: Repo, record: Record, read: Reader, *, tensors: bool, endpoint: str, origin: str = "hub", notes: tuple[str, ...] = ()
) -> ModelFiles:
    """The model that a record of the repo holds, its headers given by `read`. Raises RateLimited, and what `read` raises."""
    measured = measure(record.listing, record.contents, record.absent, read) if tensors else NOT_ASKED
    where = () if endpoint == DEFAULT_ENDPOINT else (f"read from {endpoint} (HF_ENDPOINT)",)
    untold = (f"no tensor headers: {measured.reason}",) if tensors and measured.tensors is None else ()
    return ModelFiles(
        ref=ref,
        name=repo.name,
        origin=origin,
        revision=repo.revision or DEFAULT_REVISION,
        sha=record.sha,
        listing=record.listing,
        contents=record.contents,
        absent=record.absent,
        tensors=measured.tensors,
        tensors_reason=measured.reason,
        faults=measured.faults,
        notes=(*where, *_renamed(repo.name, record.name), *untold, *notes),
        about=record.about,
        gguf=measured.gguf,
    )


def fetch_pinned(ref: str, repo: Repo, store: Store, *, tensors: bool) -> ModelFiles | None:
    """The repo at the commit named, where a cache holds all that could be asked for; None where it must be asked for."""
    try:
        held = fetch_snapshot(ref, repo, tensors=tensors)
        if is_whole(held, tensors=tensors):
            return held
    except Offline:
        pass
    record = store.get(repo.name, repo.revision or "")
    if record is None or record.lacks():
        return None
    try:
        return assemble(ref, repo, record, _replay(record), tensors=tensors, endpoint=store.endpoint)
    except _NotKept:
        return None


def fetch_offline(ref: str, repo: Repo, store: Store, *, tensors: bool) -> ModelFiles:
    """The repo as it was last seen, by this program or another. Raises Offline where no cache holds it."""
    revision = repo.revision or DEFAULT_REVISION
    kept = (revision, 0.0) if is_sha(revision) else store.commit(repo.name, revision)
    record = store.get(repo.name, kept[0]) if kept else None
    theirs = reference(repo)
    newer = record is not None and kept is not None and theirs is not None and kept[1] > theirs[1]
    try:
        snapshot = fetch_snapshot(ref, repo, tensors=tensors)
    except Offline:
        if record is None:
            raise
        return _as_kept(ref, repo, record, store, tensors=tensors)
    if record is None or (is_whole(snapshot, tensors=tensors) and not newer):
        return snapshot
    return _as_kept(ref, repo, record, store, tensors=tensors)


def _as_kept(ref: str, repo: Repo, record: Record, store: Store, *, tensors: bool) -> ModelFiles:
    """The model of a record as far as it goes."""
    absent = {**record.absent, **dict.fromkeys(record.lacks(), _NEVER_READ)}
    filled = Record(record.name, record.sha, record.listing, record.about, record.contents, absent, record.headers)
    last = f"offline: {repo.revision or DEFAULT_REVISION} is commit {record.sha} as it was last seen"
    notes = () if is_sha(repo.revision) else (last,)

    def read(files: Mapping[str, int]) -> Iterator[Header]:
        try:
            yield from _replay(record)(files)
        except _NotKept as missing:
            raise Offline(_NEVER_READ, file=str(missing)) from None

    return assemble(ref, repo, filled, read, tensors=tensors, endpoint=store.endpoint, origin="cache", notes=notes)


def _replay(record: Record) -> Reader:
    """A reader of the headers kept. Raises _NotKept at the first that is not."""
    kept = {header.file: header for header in record.headers}

    def read(files: Mapping[str, int]) -> Iterator[Header]:
        for file in files:
            yield kept[file] if file in kept else _missing(file)

    return read


def _missing(file: str) -> NoReturn:
    raise _NotKept(file)


def _renamed(asked: str, name: str) -> tuple[str, ...]:
    """A note where the repo is not called what it was asked for by."""
    if name == asked:
        return ()
    return (f"{asked} was renamed to {name}" if name.lower() != asked.lower() else f"{asked} is spelled {name}",)
