"""The Hub of the tests as a process of its own, lean enough to be a small part of what is measured: run by `benchmarks/audit.py`.

Prints one line of JSON, its URL and its models, and serves until its standard input ends. The answers are those of
`tests.hub.server`; the sockets are asyncio's, and each answer is held back for a stated time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import fields
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.audit.population import Member, population
from tests.hub.repo import Blob, Repo
from tests.hub.server import HubServer, Request, Response, _file

TROUBLED_EVERY = 20
"""One model in so many has a trouble: 5 %."""


class Still(Repo):
    """A repo whose files never change, so that commits and hashes are worked out once."""

    def resolve(self, revision: str) -> tuple[str, dict[str, Blob]] | None:
        """Commit and files of a branch, tag or commit."""
        known = self.__dict__.setdefault("known", {})
        if revision not in known:
            known[revision] = super().resolve(revision)
        found: tuple[str, dict[str, Blob]] | None = known[revision]
        return found


class LeanHub(HubServer):
    """The same answers, without a look at every repo for each of them."""

    def __init__(self, members: list[Member]) -> None:
        super().__init__()
        self.ports = {"hub": 0, "cdn": 0}
        self.blobs: dict[str, Blob] = {}
        for member in members:
            if member.repo is not None:
                repo = self.add(Still(**{field.name: getattr(member.repo, field.name) for field in fields(Repo)}))
                large = (Blob(path, data) for path, data in repo.files.items())
                self.blobs |= {f"/xet/{blob.sha256}": blob for blob in large if blob.large}
            if member.fault is not None:
                self.fail(member.fault.match, member.fault.kind, member.fault.value, member.fault.times)

    @property
    def url(self) -> str:
        """Where the Hub is."""
        return f"http://127.0.0.1:{self.ports['hub']}"

    @property
    def cdn_url(self) -> str:
        """Where its content network is: another origin."""
        return f"http://localhost:{self.ports['cdn']}"

    def _cdn(self, request: Request) -> Response:
        blob = self.blobs.get(request.path)
        return Response(404) if blob is None else _file(request, blob, {})

    def _current(self, name: str) -> str | None:
        return None


class Connection(asyncio.Protocol):
    """One connection of a client that waits for each answer before it asks again, and sends no body."""

    def __init__(self, hub: LeanHub, origin: str, seconds: float) -> None:
        self.hub, self.origin, self.seconds = hub, origin, seconds
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are written to."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer a request once it is there, later."""
        self.received += data
        if self.received.endswith(b"\r\n\r\n"):
            first, *lines = self.received.decode("latin-1").rstrip().split("\r\n")
            self.received = b""
            method, target, _ = first.split(" ")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            url = urlsplit(target)
            request = Request(self.origin, method, url.path, parse_qs(url.query, keep_blank_values=True), headers)
            asyncio.get_running_loop().call_later(self.seconds, self.send, method, self.hub.answer(request, target))

    def send(self, method: str, response: Response) -> None:
        """Status, headers and body; a reset where that is the fault."""
        if response.break_after == 0:
            self.transport.abort()
            return
        head = f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}\r\nContent-Length: {len(response.body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in response.headers.items())
        self.transport.write(head.encode("latin-1") + b"\r\n" + (b"" if method == "HEAD" else response.body))


async def serve(members: list[Member], seconds: float) -> None:
    """Serve until standard input ends."""
    hub, loop = LeanHub(members), asyncio.get_running_loop()
    for origin, host in (("hub", "127.0.0.1"), ("cdn", "localhost")):
        server = await loop.create_server(partial(Connection, hub, origin, seconds), host, 0, backlog=1024)
        hub.ports[origin] = server.sockets[0].getsockname()[1]
    print(json.dumps({"url": hub.url, "members": [_told(member) for member in members]}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def _told(member: Member) -> dict[str, Any]:
    """A model as the benchmark needs to know it: its line, the status due, and the files that an audit reads."""
    files = [file for file in member.repo.files if not file.startswith(".")] if member.repo is not None else []
    return {"ref": member.ref, "status": member.status, "sound": member.sound, "files": files}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=20.0, help="milliseconds")
    given = parser.parse_args()
    asyncio.run(serve(list(population(given.models, TROUBLED_EVERY)), given.latency / 1e3))
