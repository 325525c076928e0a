"""Results as they come, one JSON line each, so that an interrupted audit loses nothing and continues where it was."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from specverify.errors import Unreadable

LONGEST_ROW = 2**20


class Journal:
    """An append-only file of rows, each with the options it was `asked` with; `ref in journal` says whether a model is done.

    With `resume` the rows that are there are kept, but for a last line that a kill cut short. Raises Unreadable for a file
    that cannot be written, that another audit is writing, that holds anything but rows, or rows asked for with other options.
    """

    def __init__(self, path: Path, asked: Mapping[str, Any], *, resume: bool) -> None:
        self.path = path
        self._asked = dict(asked)
        self._starts: dict[str, int] = {}
        with contextlib.ExitStack() as opened:
            try:
                self._stream: IO[bytes] = opened.enter_context(os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b"))
                _lock(self._stream)
                self._end = self._read_on() if resume else 0
                self._stream.truncate(self._end)
                self._stream.seek(self._end)
            except OSError as error:
                raise _unwritable(path, error) from None
            opened.pop_all()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stream.close()

    def __contains__(self, ref: str) -> bool:
        return ref in self._starts

    def write(self, row: Mapping[str, Any]) -> None:
        """Append a row and hand it to the operating system, which keeps it even if this process is killed."""
        line = json.dumps({**row, "asked": self._asked}, ensure_ascii=True, allow_nan=False).encode() + b"\n"
        try:
            self._stream.write(line)
            self._stream.flush()
        except OSError as error:
            raise _unwritable(self.path, error) from None
        self._starts[str(row["ref"])] = self._end
        self._end += len(line)

    def rows(self, refs: Iterable[str]) -> Iterator[dict[str, Any]]:
        """The rows of those refs that are done, in the order of the refs, whatever order they came in. One is held at a time."""
        with self.path.open("rb") as stream:
            for ref in refs:
                if ref in self._starts:
                    stream.seek(self._starts[ref])
                    yield json.loads(stream.readline())

    def _read_on(self) -> int:
        """Note where each whole row begins; returns where the last one ends."""
        end = 0
        for number, line in enumerate(iter(lambda: self._stream.readline(LONGEST_ROW), b""), 1):
            if not line.endswith(b"\n") and os.fstat(self._stream.fileno()).st_size == end + len(line):
                break
            self._starts[self._ref(line, number)] = end
            end += len(line)
        return end

    def _ref(self, line: bytes, number: int) -> str:
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict) or not isinstance(row.get("ref"), str) or not isinstance(row.get("status"), str):
            raise Unreadable("no row of an audit", file=str(self.path), place=f"line {number}")
        if row.get("asked") != self._asked:
            told = ", ".join(f"{name}={value}" for name, value in dict(row.get("asked") or {}).items()) or "the defaults"
            raise Unreadable(f"asked for with other options than now ({told[:300]})", file=str(self.path), place=f"line {number}")
        return str(row["ref"])


def _lock(stream: IO[bytes]) -> None:
    """Keep a second audit off the file, until this one or its process ends; where the system has no such locks, nothing does."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _unwritable(path: Path, error: OSError) -> Unreadable:
    why = "another audit is writing it" if isinstance(error, BlockingIOError) else (error.strerror or "cannot be written")
    return Unreadable(why, file=str(path))
