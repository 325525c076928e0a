"""What is printed, and what is written to a file."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click


def deliver(text: str, output: Path | None) -> None:
    """To the file named, or to standard output."""
    if output is None:
        say(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.FileError(str(output), error.strerror) from None


def replace_file(text: str, path: Path) -> None:
    """To a file that may hold what people wrote: whole, or not at all."""
    import tempfile

    beside = None
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else None
        descriptor, beside = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
        with open(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        if mode is not None:
            os.chmod(beside, mode)
        os.replace(beside, path)
    except OSError as error:
        if beside is not None:
            with contextlib.suppress(OSError):
                os.unlink(beside)
        raise click.FileError(str(path), error.strerror) from None


def deliver_pieces(pieces: Iterable[str], output: Path | None) -> None:
    """As `_deliver`, a piece at a time: the whole may be longer than memory."""
    if output is None and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with contextlib.nullcontext(sys.stdout) if output is None else output.open("w", encoding="utf-8") as stream:
            stream.writelines(pieces)
            stream.flush()
    except BrokenPipeError:
        sys.stdout.close()
    except OSError as error:
        raise click.FileError(str(output), error.strerror) from None


def say(text: str) -> None:
    """To standard output, whatever its encoding; a reader that went away is no error, and what it would still be sent is dropped."""
    stream = sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    try:
        stream.write(text if text.endswith("\n") else text + "\n")
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
