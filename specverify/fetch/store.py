"""What this program fetched itself, kept on disk by endpoint, repo and commit, for the next run that asks.

No name in it is a server's choice: a folder is named by the hash of endpoint and repo, a file by a commit id that is 40 hex
digits or by the hash of a branch. A file is written whole beside its place and renamed there, so that processes at work
at once see all of it or nothing; one that does not match the hash it begins with is as good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
from collections.abc import Iterator
from pathlib import Path

from specverify.fetch.record import Record, pack, unpack
from specverify.fetch.reference import endpoint, is_sha
from specverify.frozen import Struct, frozen

MOST_KEPT = 2 * 2**30
"""Bytes of the whole store; beyond, the files written longest ago go first."""
MOST_RECORD = 256 * 2**20
SWEEP_EVERY = 64 * 2**20
"""Bytes written between two looks at the whole store, on average and over all processes: by so much it may be too large."""
_LAYOUT = "v1"


def store_folder() -> Path:
    """`SPECVERIFY_CACHE`, or `specverify` in the user's cache folder (XDG Base Directory Specification)."""
    named = os.environ.get("SPECVERIFY_CACHE")
    if named:
        return Path(os.path.expanduser(named))
    return Path(os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache")) / "specverify"


@frozen
class Store(Struct):
    """The records of one endpoint under `root`, which need not exist. Reading and writing raise nothing."""

    root: Path
    endpoint: str

    @classmethod
    def here(cls) -> Store:
        """The store of whoever runs this, for the endpoint in use."""
        return cls(store_folder(), endpoint())

    def get(self, name: str, sha: str) -> Record | None:
        """What is kept of the repo at the commit; None where nothing is, or nothing that is whole."""
        data = _read(self._folder(name) / f"{sha}.record", MOST_RECORD)
        if data is None:
            return None
        try:
            record = unpack(data)
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        return record if record.sha == sha else None

    def put(self, name: str, record: Record) -> str | None:
        """Keep the record under the name that the repo was asked for by. Returns why it was not kept; None where it was."""
        data = pack(record)
        if len(data) > MOST_RECORD:
            return f"{len(data):,} bytes, more than the {MOST_RECORD:,} that are kept of a model"
        return self._write(self._folder(name) / f"{record.sha}.record", data)

    def commit(self, name: str, revision: str) -> tuple[str, float] | None:
        """The commit that a branch or tag was last seen at, and when (seconds since the epoch)."""
        path = self._reference(name, revision)
        data = _read(path, 1024)
        if data is None:
            return None
        sha, _, digest = data.decode("ascii", "replace").strip().partition(" ")
        if not is_sha(sha) or digest != _key(sha, revision):
            return None
        try:
            return sha, path.stat().st_mtime
        except OSError:
            return None

    def point(self, name: str, revision: str, sha: str) -> str | None:
        """Remember where the branch or tag is now. Returns why that failed."""
        return self._write(self._reference(name, revision), f"{sha} {_key(sha, revision)}\n".encode())

    def sweep(self) -> None:
        """Remove the files written longest ago until `MOST_KEPT` bytes remain, whichever endpoint they are of."""
        found = sorted(_files(str(self.root / _LAYOUT), 3))
        total = sum(size for _, size, _ in found)
        for _, size, path in found:
            if total <= MOST_KEPT:
                return
            with contextlib.suppress(OSError):
                os.unlink(path)
                total -= size

    def _write(self, path: Path, data: bytes) -> str | None:
        import tempfile

        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, beside = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                os.replace(beside, path)
            except OSError:
                with contextlib.suppress(OSError):
                    os.unlink(beside)
                raise
        except OSError as error:
            return f"{self.root} cannot be written ({(error.strerror or str(error)).lower()})"
        if random.random() * SWEEP_EVERY < len(data):
            self.sweep()
        return None

    def _folder(self, name: str) -> Path:
        key = _key(self.endpoint, name)
        return self.root / _LAYOUT / key[:2] / key[2:]

    def _reference(self, name: str, revision: str) -> Path:
        return self._folder(name) / f"{_key(revision)}.ref"


def _key(*parts: str) -> str:
    """A name for a file that stands for the texts and tells nothing of them."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


def _read(path: Path, most: int) -> bytes | None:
    """The whole file; None where there is none, or too large a one."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            return file.read(size) if size <= most else None
    except OSError:
        return None


def _files(folder: str, depth: int) -> Iterator[tuple[float, int, str]]:
    """When each file below was written, its bytes and its path; what vanishes meanwhile is left out."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    if depth > 1:
                        yield from _files(entry.path, depth - 1)
                else:
                    status = entry.stat(follow_symlinks=False)
                    yield status.st_mtime, status.st_size, entry.path
