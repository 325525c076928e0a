"""Progress: lines where nobody watches, a bar on a terminal, and why nothing happens."""

from __future__ import annotations

import contextlib
import io
import os
import re
import time
from collections.abc import Iterator

import pytest

from specverify.audit import progress
from specverify.audit.progress import reason, tracked


def test_items_pass_through_and_the_last_line_says_all() -> None:
    stream = io.StringIO()
    assert list(tracked(iter("abc"), 5, 2, dict, stream)) == ["a", "b", "c"]
    assert re.fullmatch(r"5/5 models, [\d.]+/s\n", stream.getvalue())


def test_nothing_to_do() -> None:
    stream = io.StringIO()
    assert list(tracked(iter(()), 3, 3, dict, stream)) == []
    assert stream.getvalue() == "3/3 models, 0.0/s\n"


def test_wait_is_told_while_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0.01)
    stream = io.StringIO()

    def slow() -> Iterator[str]:
        yield "a"
        deadline = time.monotonic() + 5
        while "waiting" not in stream.getvalue() and time.monotonic() < deadline:
            time.sleep(0.005)
        yield "b"

    assert list(tracked(slow(), 2, 0, lambda: {"api": 120.4, "resolvers": 3.0}, stream)) == ["a", "b"]
    first = stream.getvalue().splitlines()[0]
    assert re.fullmatch(r"[01]/2 models, [\d.]+/s waiting for the server's api limit, 120 s; waiting for .* resolvers limit, 3 s", first)


def test_error_of_the_work_passes_and_ends_the_lines() -> None:
    def broken() -> Iterator[str]:
        yield "a"
        raise KeyError("x")

    stream = io.StringIO()
    with pytest.raises(KeyError):
        list(tracked(broken(), 2, 0, dict, stream))
    assert stream.getvalue().startswith("1/2 models")


def test_bar_on_a_terminal() -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as stream:
        assert list(tracked(iter(range(3)), 4, 1, lambda: {"api": 7.0}, stream)) == [0, 1, 2]
    shown = all_of(ours)
    os.close(ours)
    assert "audit" in shown
    assert "/4" in shown


def all_of(terminal: int) -> str:
    """What was written to the other end, which is closed: a terminal gives it in pieces."""
    pieces = []
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 65536):
            pieces.append(piece)
    return b"".join(pieces).decode()


def test_no_wait_no_reason() -> None:
    assert reason({}) == ""
