"""How far an audit is: a bar on a terminal, a line now and then elsewhere; both on standard error."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, TypeVar

_Item = TypeVar("_Item")
EVERY_SECONDS = 10.0

Waits = Callable[[], Mapping[str, float]]
"""Says for how many seconds each of the server's limits is still shut."""


def tracked(items: Iterable[_Item], total: int, done: int, waits: Waits, stream: IO[str]) -> Iterator[_Item]:
    """The items as they come, while the stream says how many of `total` are done (`done` before the start) and what is waited for."""
    if stream.isatty():
        yield from _bar(items, total, done, waits, stream)
    else:
        yield from _lines(items, total, done, waits, stream)


def reason(waits: Mapping[str, float]) -> str:
    """What the server's limits make the audit wait for; empty where they do not."""
    return "; ".join(f"waiting for the server's {name} limit, {seconds:.0f} s" for name, seconds in sorted(waits.items()))


def _lines(items: Iterable[_Item], total: int, done: int, waits: Waits, stream: IO[str]) -> Iterator[_Item]:
    """A thread writes the lines: the audit that gets nothing for minutes is the one that has something to say."""
    count, started, over = 0, time.monotonic(), threading.Event()

    def say() -> None:
        rate = count / max(time.monotonic() - started, 1e-9)
        stream.write(f"{count + done}/{total} models, {rate:.1f}/s {reason(waits())}".rstrip() + "\n")
        stream.flush()

    def now_and_then() -> None:
        while not over.wait(EVERY_SECONDS):
            say()

    speaker = threading.Thread(target=now_and_then, name="specverify-progress", daemon=True)
    speaker.start()
    try:
        for item in items:
            yield item
            count += 1
    finally:
        over.set()
        speaker.join()
        say()


def _bar(items: Iterable[_Item], total: int, done: int, waits: Waits, stream: IO[str]) -> Iterator[_Item]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        """Models a second, and what is waited for."""

        def render(self, task: Task) -> Text:
            speed = f"{task.speed:.1f}/s" if task.speed else ""
            return Text(f"{speed} {reason(waits())}".strip())

    columns = (TextColumn("audit"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), Rate())
    with Progress(*columns, console=Console(file=stream), transient=True) as progress:
        task = progress.add_task("audit", total=total, completed=done)
        for item in items:
            yield item
            progress.advance(task)
