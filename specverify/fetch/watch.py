"""Eyes on one request's connection: where it leads, before anything is sent, and how long its bytes may take in all.

httpx2 bounds the wait for each piece of an answer, not for the whole: a server that sends a byte a second would hold its
caller for hours in the header lines alone. The `trace` extension of httpx2 hands over each new connection as it is made.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from specverify.errors import Unreadable
from specverify.fetch.reach import Reach, reach_of_address

if TYPE_CHECKING:
    from httpcore2 import NetworkStream

_LEAST = 0.001
_thread = threading.local()


@contextlib.contextmanager
def until(ends: float) -> Iterator[None]:
    """Whatever this thread reads of a watched connection, it waits for no longer than the monotonic moment `ends`."""
    before: float | None = getattr(_thread, "ends", None)
    _thread.ends = ends
    try:
        yield
    finally:
        _thread.ends = before


class Watch:
    """The `trace` of one request to `url`, which may be no nearer than `nearest` (None: anywhere)."""

    def __init__(self, url: str, nearest: Reach | None) -> None:
        self.url = url
        self.nearest = nearest

    def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by httpx2 with each step of the request. Raises Unreadable for a connection to an address too near."""
        if event.endswith("connect_tcp.complete"):
            try:
                self.check(info["return_value"])
            except Unreadable:
                info["return_value"].close()
                raise
            _bound(info["return_value"])
        elif event.endswith("start_tls.complete"):
            _bound(info["return_value"])

    def check(self, stream: NetworkStream) -> None:
        """Raises Unreadable where the other side of the connection is too near."""
        if self.nearest is None:
            return
        reach = address_reach(stream)
        if reach is not None and reach > self.nearest:
            raise too_near(self.url)


def address_reach(stream: NetworkStream) -> Reach | None:
    """The reach of the address at the other side; None where the connection does not tell it."""
    address = stream.get_extra_info("server_addr")
    return reach_of_address(address[0]) if isinstance(address, tuple) else None


def too_near(url: str) -> Unreadable:
    """The error for a redirect that leads into the caller's own network or machine."""
    return Unreadable("redirects to an address inside the network it is asked from, which is not followed", file=url.partition("?")[0])


def _bound(stream: NetworkStream) -> None:
    """Make reads of the connection keep to the moment set by `until`, in whichever thread they are."""
    read = stream.read

    def bounded(max_bytes: int, timeout: float | None = None) -> bytes:
        ends: float | None = getattr(_thread, "ends", None)
        if ends is not None:
            left = max(ends - time.monotonic(), _LEAST)
            timeout = left if timeout is None else min(timeout, left)
        return read(max_bytes, timeout)

    stream.read = bounded  # type: ignore[method-assign]
