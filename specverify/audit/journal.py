"""Results as they come, one JSON line each, so that an interrupted audit loses nothing and continues where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from specverify.errors import Unreadable

LONGEST_ROW = 16 * 2**20


class Journal:
    """An append-only file of rows. A last line that a kill cut short is dropped when the file is opened again."""

    def __init__(self, path: Path, *, resume: bool) -> None:
        self.path = path
        self._stream: IO[bytes] | None = None
        self.done: set[str] = set()
        if resume and path.exists():
            self.done = {str(row["ref"]) for row in read_rows(path)}
            _drop_partial_line(path)
        try:
            self._stream = path.open("ab" if resume else "wb")
        except OSError as error:
            raise Unreadable(error.strerror or "cannot be written", file=str(path)) from None

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._stream is not None:
            self._stream.close()

    def write(self, row: dict[str, Any]) -> None:
        """Append a row and hand it to the operating system, which keeps it even if this process is killed."""
        assert self._stream is not None
        self._stream.write(json.dumps(row, ensure_ascii=True, allow_nan=False).encode() + b"\n")
        self._stream.flush()
        self.done.add(str(row["ref"]))


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The whole rows of a journal, one at a time. Raises Unreadable, with the line, for one that is no row."""
    try:
        stream = path.open("rb")
    except OSError as error:
        raise Unreadable(error.strerror or "cannot be read", file=str(path)) from None
    with stream:
        for number, line in enumerate(iter(lambda: stream.readline(LONGEST_ROW), b""), 1):
            if not line.endswith(b"\n"):
                return
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict) or not isinstance(row.get("ref"), str):
                raise Unreadable("no row of an audit", file=str(path), place=f"line {number}")
            yield row


def _drop_partial_line(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.seek(0, os.SEEK_END)
        end = stream.tell()
        position = end
        while position > 0:
            start = max(0, position - 65536)
            stream.seek(start)
            block = stream.read(position - start)
            newline = block.rfind(b"\n")
            if newline >= 0:
                stream.truncate(start + newline + 1)
                return
            position = start
        stream.truncate(0)
