"""Many models at once: workers that share one client, one limiter and one store, and never run ahead of who takes the results."""

from __future__ import annotations

import contextlib
import copy
import queue
import threading
from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING

from specverify.errors import SpecverifyError
from specverify.fetch.files import ModelFiles
from specverify.fetch.on_disk import fetch_on_disk

if TYPE_CHECKING:
    from specverify.fetch.client import Client

PATIENCE = 900.0
"""Seconds one request may wait for the limiter: three of the Hub's windows of five minutes."""
FEW = 8
"""Reads of one model that its worker does one after the other: with many models under way, threads of their own gain nothing."""

Result = ModelFiles | SpecverifyError
_Task = tuple[int, str]


def fetch_many(
    refs: Iterable[str],
    *,
    workers: int = 16,
    revision: str | None = None,
    offline: bool = False,
    tensors: bool = True,
    ordered: bool = True,
    patience: float = PATIENCE,
) -> Generator[Result, None, None]:
    """What `fetch` gives for each ref, or the error it raises, which then says in `ref` which model it is about.

    In the order of the refs; with `ordered` off, in the order they come, which waits for no slow one. At most `workers`
    models are under way or waiting to be taken, so that memory is flat in their number; refs are drawn as they are needed.
    Whoever stops taking results stops the work. Raises nothing: where the endpoint itself cannot be used, every repo of it
    has that error.
    """
    from specverify.fetch.client import open_client

    source = enumerate(refs)
    first = next(source, None)
    if first is None:
        return
    tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
    results: queue.SimpleQueue[tuple[int, Result | BaseException]] = queue.SimpleQueue()
    with contextlib.ExitStack() as stack:
        client: Client | SpecverifyError
        try:
            client = stack.enter_context(open_client(patience=patience, few=FEW))
        except SpecverifyError as error:
            client = error

        def work() -> None:
            while (task := tasks.get()) is not None:
                try:
                    result: Result | BaseException = _one(task[1], revision, client, offline=offline, tensors=tensors)
                except Exception as error:  # noqa: BLE001 - a defect of this program in one model must not cost the others
                    result = SpecverifyError(f"specverify crashed on it: {type(error).__name__}: {error}", file=task[1])
                    result.ref = task[1]
                except BaseException as error:  # noqa: BLE001 - handed to the caller's thread, which raises it
                    result = error
                results.put((task[0], result))

        threads = [threading.Thread(target=work, name=f"specverify-{number}", daemon=True) for number in range(workers)]
        for thread in threads:
            thread.start()
        try:
            yield from _windowed(first, source, tasks, results, workers, ordered=ordered)
        finally:
            for _ in threads:
                tasks.put(None)


def _windowed(
    first: _Task,
    source: Iterator[_Task],
    tasks: queue.SimpleQueue[_Task | None],
    results: queue.SimpleQueue[tuple[int, Result | BaseException]],
    workers: int,
    *,
    ordered: bool,
) -> Iterator[Result]:
    """Hand out tasks so that at most `workers` are neither done nor taken, and give their results."""
    ready: dict[int, Result] = {}
    pending: _Task | None = first
    under_way = given = 0
    while True:
        while pending is not None and under_way < workers:
            tasks.put(pending)
            under_way += 1
            pending = next(source, None)
        if not under_way:
            return
        while not (given in ready if ordered else ready):
            number, result = results.get()
            if not isinstance(result, ModelFiles | SpecverifyError):
                raise result
            ready[number] = result
        yield ready.pop(given if ordered else next(iter(ready)))
        given += 1
        under_way -= 1


def _one(ref: str, revision: str | None, client: Client | SpecverifyError, *, offline: bool, tensors: bool) -> Result:
    """The result for one ref, its error marked as its own."""
    from specverify.fetch.hub import fetch_hub

    try:
        found = fetch_on_disk(ref, revision, offline=offline, tensors=tensors)
        if isinstance(found, ModelFiles):
            return found
        if isinstance(client, SpecverifyError):
            raise copy.copy(client)
        return fetch_hub(ref, found, client, tensors=tensors)
    except SpecverifyError as error:
        error.ref = ref
        return error
