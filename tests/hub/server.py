"""A Hugging Face Hub on loopback, spoken to over real sockets: the Hub at one origin, its content network at another.

Routes, headers and errors follow the Hub's own, as measured with huggingface_hub 2.4. Faults are added by URL.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.hub.repo import Blob, Json, Repo

JSON = {"Content-Type": "application/json; charset=utf-8"}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
PAGE = 2
"""Models a page of a listing holds, unless `limit` says otherwise."""


@dataclass(frozen=True)
class Request:
    """A request as it arrived; `origin` is `hub` or `cdn`, header names are in lower case."""

    origin: str
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def token(self) -> str | None:
        return self.headers.get("authorization", "").removeprefix("Bearer ") or None


@dataclass(frozen=True)
class Response:
    """What to answer. `break_after` closes the connection after that many bytes of the body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    break_after: int | None = None
    pause: float = 0.0
    stated_length: int | None = None
    header_pause: float = 0.0


@dataclass
class Fault:
    """What goes wrong with the next `times` requests whose origin and URL contain `match`.

    Kinds, with their `value`: `status` (int), `truncate` (bytes sent), `slow` (seconds between the bytes), `slow_headers`
    (seconds between the bytes of a header that never ends), `hang` (seconds before an answer), `reset`, `no_range`,
    `lie_length` (bytes stated), `headers` (mapping), `body` (bytes), `redirect` (location).
    """

    match: str
    kind: str
    value: Any = None
    times: int = 1_000_000


@dataclass
class Bucket:
    """A rate limit: `quota` requests in a window of `seconds`."""

    quota: int = 1_000_000
    seconds: float = 300
    used: int = 0
    began: float = field(default_factory=time.monotonic)

    def take(self) -> bool:
        """Whether one more request is within the limit."""
        now = time.monotonic()
        if now - self.began >= self.seconds:
            self.used, self.began = 0, now
        self.used += 1
        return self.used <= self.quota

    def headers(self, name: str) -> dict[str, str]:
        left = max(self.quota - self.used, 0)
        until = max(self.seconds - (time.monotonic() - self.began), 0)
        return {
            "RateLimit": f'"{name}";r={left};t={math.ceil(until)}',
            "RateLimit-Policy": f'"fixed window";"{name}";q={self.quota};w={math.ceil(self.seconds)}',
        }


class HubServer:
    """Both origins, their repos, faults and limits: `with HubServer() as hub: ... hub.url`.

    `log` is what was asked, `sent` the bytes of bodies that left; `tokens` maps each valid token to the private and gated
    repos it may read.
    """

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.tokens: dict[str, set[str]] = {}
        self.faults: list[Fault] = []
        self.log: list[Request] = []
        self.sent = 0
        self.limits = {"api": Bucket(), "resolvers": Bucket(), "pages": Bucket()}
        self._lock = threading.Lock()
        self._servers = {name: _Server(("127.0.0.1", 0), name, self) for name in ("hub", "cdn")}

    def __enter__(self) -> Self:
        for server in self._servers.values():
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._servers['hub'].server_port}"

    @property
    def cdn_url(self) -> str:
        return f"http://localhost:{self._servers['cdn'].server_port}"

    def add(self, repo: Repo) -> Repo:
        self.repos[repo.name] = repo
        return repo

    def fail(self, match: str, kind: str, value: Any = None, times: int = 1_000_000) -> None:
        self.faults.append(Fault(match, kind, value, times))

    def asked(self, part: str = "") -> list[Request]:
        """The requests whose origin and path contain `part`, as `hub/api/...` or `cdn/xet/...`."""
        return [request for request in self.log if part in request.origin + request.path]

    def answer(self, request: Request, target: str) -> Response:
        """The response to a request, faults included; `target` is its path with the query."""
        with self._lock:
            self.log.append(request)
            hit = [fault for fault in self.faults if fault.times > 0 and fault.match in request.origin + target]
            for fault in hit:
                fault.times -= 1
            bucket = "resolvers" if "/resolve" in request.path else "api" if request.path.startswith("/api/") else "pages"
            limit = self.limits[bucket]
            within = request.origin == "cdn" or limit.take()
        faults = {fault.kind: fault.value for fault in hit}
        if "no_range" in faults:
            request = replace(request, headers={key: value for key, value in request.headers.items() if key != "range"})
        if "hang" in faults:
            time.sleep(faults["hang"])
        if "status" in faults:
            response = Response(faults["status"])
        elif "redirect" in faults:
            response = Response(302, {"Location": faults["redirect"]})
        elif not within:
            response = Response(429)
        else:
            response = self._cdn(request) if request.origin == "cdn" else self._route(request)
        limits = {} if request.origin == "cdn" else limit.headers(bucket)
        body = faults.get("body", response.body)
        return replace(
            response,
            headers={**limits, **response.headers, **faults.get("headers", {})},
            body=body,
            break_after=0 if "reset" in faults else faults.get("truncate"),
            pause=faults.get("slow", 0.0),
            header_pause=faults.get("slow_headers", 0.0),
            stated_length=faults.get("lie_length"),
        )

    def _route(self, request: Request) -> Response:
        if request.token is not None and request.token not in self.tokens:
            return _error(401, None, "Invalid credentials in Authorization header")
        for method, pattern, route in self._routes():
            found = re.fullmatch(pattern, request.path)
            if found and request.method in method:
                return route(request, *(unquote(part) for part in found.groups()))
        return _error(404, None, "Not Found")

    def _routes(self) -> list[tuple[str, str, Callable[..., Response]]]:
        name = r"([^/]+(?:/[^/]+)?)"
        return [
            ("GET", r"/api/agent-harnesses", lambda _: _json({"standardEnvVars": [], "harnesses": {}})),
            ("GET", r"/api/whoami-v2", self._whoami),
            ("POST", r"/api/validate-yaml", lambda request: _json({"errors": [], "warnings": []})),
            ("GET", r"/api/models", self._list),
            ("GET", rf"/api/models/{name}/revision/([^/]+)", self._info),
            ("GET", rf"/api/models/{name}/tree/([^/]+)(?:/.*)?", self._tree),
            ("POST", rf"/api/models/{name}/paths-info/([^/]+)", self._paths_info),
            ("GET", rf"/api/models/{name}/refs", self._refs),
            ("GET", rf"/api/models/{name}/safetensors-metadata/(.+)", self._headers),
            ("GET", rf"/api/models/{name}", self._info),
            ("GET HEAD", rf"/api/resolve-cache/models/{name}/([0-9a-f]{{40}})/(.+)", self._cached),
            ("GET HEAD", rf"/{name}/resolve/([^/]+)/(.+)", self._resolve),
        ]

    def _seen(self, request: Request, name: str) -> Repo | Response:
        """The repo as this caller may know of it; what is hidden and what is not there answer alike."""
        repo = self.repos.get(name)
        if repo is None or (repo.private and name not in self.tokens.get(request.token or "", set())):
            return _error(404 if request.token else 401, "RepoNotFound", "Repository not found")
        return repo

    def _content(self, request: Request, name: str, revision: str, path: str) -> tuple[str, Blob] | Response:
        """A file's commit and bytes, for a caller who may read it."""
        repo = self._seen(request, self._current(name) or name)
        if isinstance(repo, Response):
            return repo
        if repo.disabled:
            return _error(403, None, "Access to this resource is disabled.")
        if repo.gated and repo.name not in self.tokens.get(request.token or "", set()):
            return _error(403 if request.token else 401, "GatedRepo", f"Access to model {repo.name} is restricted.")
        found = repo.resolve(revision)
        if found is None:
            return _error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        sha, files = found
        if path not in files:
            return _error(404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": sha})
        return sha, files[path]

    def _current(self, name: str) -> str | None:
        """The name of a repo that was once called `name`; canonical repos were once called without an owner."""
        return next((repo.name for repo in self.repos.values() if name in repo.formerly), None)

    def _info(self, request: Request, name: str, revision: str = "main") -> Response:
        if now := self._current(name):
            return Response(307, {"Location": request.path.replace(f"/{name}", f"/{now}", 1) + _query(request)})
        repo = self._seen(request, name)
        if isinstance(repo, Response):
            return repo
        info = repo.info(revision, request.query)
        return _error(404, "RevisionNotFound", f"Invalid rev id: {revision}") if info is None else _json(info)

    def _resolve(self, request: Request, name: str, revision: str, path: str) -> Response:
        found = self._content(request, name, revision, path)
        if isinstance(found, Response):
            return found
        sha, blob = found
        headers = {"X-Repo-Commit": sha, "X-Linked-Etag": f'"{blob.etag}"', "X-Linked-Size": str(len(blob.data))}
        if blob.large:
            return Response(302, {**headers, "Location": f"{self.cdn_url}/xet/{blob.sha256}?Expires=1"})
        location = f"/api/resolve-cache/models/{self._current(name) or name}/{sha}/{quote(path)}?etag=%22{blob.etag}%22"
        return Response(307, {**headers, "Location": location})

    def _cached(self, request: Request, name: str, sha: str, path: str) -> Response:
        found = self._content(request, name, sha, path)
        return found if isinstance(found, Response) else _file(request, found[1], {"X-Repo-Commit": sha})

    def _cdn(self, request: Request) -> Response:
        """Content by its hash, for whoever has the URL; a token has no business here."""
        if "authorization" in request.headers:
            return Response(400, {}, b"a token reached the content network")
        for repo in self.repos.values():
            for files in (repo.files, *repo.tags.values()):
                for path, data in files.items():
                    if request.path == f"/xet/{Blob(path, data).sha256}":
                        return _file(request, Blob(path, data), {})
        return Response(404)

    def _list(self, request: Request) -> Response:
        """A page of the models by name (`search`), `author` and tags (`filter`), `cursor` being the first's number."""
        query = {key: values[0] for key, values in request.query.items()}
        wanted = set(request.query.get("filter", []))
        names = [
            name
            for name, repo in sorted(self.repos.items())
            if not repo.private
            and query.get("search", "") in name
            and name.startswith(f"{query['author']}/" if "author" in query else "")
            and wanted <= set(repo.about.get("tags", []))
        ]
        first, limit = int(query.get("cursor", 0)), int(query.get("limit", PAGE))
        page = [self.repos[name].info("main", request.query) for name in names[first : first + limit]]
        rest = {**request.query, "cursor": [str(first + limit)]}
        link = {"Link": f'<{self.url}/api/models{_query(replace(request, query=rest))}>; rel="next"'} if names[first + limit :] else {}
        return _json(page, link)

    def _tree(self, request: Request, name: str, revision: str) -> Response:
        return self._of_files(request, name, revision, lambda blob: True)

    def _paths_info(self, request: Request, name: str, revision: str) -> Response:
        asked = parse_qs(request.body.decode()).get("paths", [])
        return self._of_files(request, name, revision, lambda blob: blob.path in asked)

    def _of_files(self, request: Request, name: str, revision: str, chosen: Callable[[Blob], bool]) -> Response:
        repo = self._seen(request, name)
        if isinstance(repo, Response):
            return repo
        found = repo.resolve(revision)
        if found is None:
            return _error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return _json([blob.tree_entry() for blob in found[1].values() if chosen(blob)])

    def _refs(self, request: Request, name: str) -> Response:
        repo = self._seen(request, name)
        if isinstance(repo, Response):
            return repo
        tags = [{"name": tag, "ref": f"refs/tags/{tag}", "targetCommit": repo.commit_of(files)} for tag, files in repo.tags.items()]
        return _json({"branches": [{"name": "main", "ref": "refs/heads/main", "targetCommit": repo.sha}], "converts": [], "tags": tags})

    def _headers(self, request: Request, name: str, index: str) -> Response:
        """The headers of all shards that the index at `main` names."""
        found = self._content(request, name, "main", index)
        if isinstance(found, Response):
            return found
        content = json.loads(found[1].data)
        shards = sorted(set(content["weight_map"].values()))
        files = self.repos[name].files
        headers = {shard: json.loads(files[shard][8 : 8 + int.from_bytes(files[shard][:8], "little")]) for shard in shards}
        return _json({"index": {"metadata": content.get("metadata")}, "headers": headers})

    def _whoami(self, request: Request) -> Response:
        if request.token is None:
            return _error(401, None, "Invalid username or password.")
        return _json({"type": "user", "name": "reviewer", "auth": {"type": "access_token"}})


def _json(value: Json | list[Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(200, {**JSON, **(headers or {})}, json.dumps(value).encode())


def _error(status: int, code: str | None, message: str, headers: Mapping[str, str] | None = None) -> Response:
    named = {"X-Error-Code": code} if code else {}
    return Response(status, {**JSON, **named, "X-Error-Message": message, **(headers or {})}, json.dumps({"error": message}).encode())


def _query(request: Request) -> str:
    return "?" + "&".join(f"{key}={quote(value)}" for key, values in request.query.items() for value in values)


def _file(request: Request, blob: Blob, headers: Mapping[str, str]) -> Response:
    """A file, a range of it, or word that the caller's copy is current."""
    etag = f'"{blob.etag}"'
    headers = {**headers, "ETag": etag, "Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
    if request.headers.get("if-none-match") == etag:
        return Response(304, headers)
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None:
        return Response(200, headers, blob.data)
    size = len(blob.data)
    if asked[1]:
        first, last = int(asked[1]), min(int(asked[2]), size - 1) if asked[2] else size - 1
    else:
        first, last = max(size - int(asked[2]), 0), size - 1
    if first > last:
        return Response(416, {"Content-Range": f"bytes */{size}"})
    return Response(206, {**headers, "Content-Range": f"bytes {first}-{last}/{size}"}, blob.data[first : last + 1])


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], origin: str, hub: HubServer) -> None:
        super().__init__(address, _Handler)
        self.origin = origin
        self.hub = hub


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    headers: Message

    def log_message(self, *_: object) -> None:
        """The log is `HubServer.log`."""

    def _serve(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {key.lower(): value for key, value in self.headers.items()}
        query = parse_qs(url.query, keep_blank_values=True)
        request = Request(self.server.origin, self.command, url.path, query, headers, body)
        self._send(self.server.hub.answer(request, self.path))

    do_GET = do_HEAD = do_POST = _serve  # noqa: N815 - named by http.server

    def _send(self, response: Response) -> None:
        if response.break_after == 0:
            self._reset()
            return
        self.send_response_only(response.status)
        for key, value in response.headers.items():
            self.send_header(key, value)
        if response.header_pause:
            self._drip_header(response.header_pause)
            return
        stated = len(response.body) if response.stated_length is None else response.stated_length
        self.send_header("Content-Length", str(stated))
        self.end_headers()
        if self.command == "HEAD":
            return
        body = response.body[: response.break_after]
        step = 1 if response.pause else 64 * 1024
        try:
            for start in range(0, len(body), step):
                self.wfile.write(body[start : start + step])
                self.server.hub.sent += min(step, len(body) - start)
                time.sleep(response.pause)
        except OSError:
            self.close_connection = True
        if response.break_after is not None:
            self.close_connection = True

    def _drip_header(self, pause: float) -> None:
        """One header, a byte at a time, until the other side has had enough."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.flush_headers()
            for byte in b"X-Drip: " + b"x" * 5_000:
                self.wfile.write(bytes([byte]))
                self.server.hub.sent += 1
                time.sleep(pause)

    def _reset(self) -> None:
        """Close so that the other side sees a reset, not an end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())
