"""GET, as a hostile or tired server calls for: bounded in bytes, hops, time and tries; a token for one origin only.

The requests go through huggingface_hub's own client, so that proxies, certificates and hooks set there hold here; its
redirects, retries and `hf_raise_for_status` do not, for they follow anywhere, wait without end or read error bodies whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import random
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from specverify.errors import Offline, SpecverifyError, Unreachable, Unreadable
from specverify.fetch.limiter import SHARED, Limiter, asked_wait, limited
from specverify.fetch.reach import Reach, reach_of_host
from specverify.fetch.watch import Watch, address_reach, too_near, until

if TYPE_CHECKING:
    import httpx2

MOST_HOPS = 5
MOST_TRIES = 4
FIRST_PAUSE = 0.5
"""Seconds before the second try, on average; doubled with each further one."""
MOST_WAITED = 60.0
"""Seconds one request may spend waiting until it may be made or made again, where a user waits for a single model."""
CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
MOST_SECONDS = 180.0
"""Seconds one try may take, however slowly its bytes drip."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TIRED = frozenset({408, 500, 502, 503, 504})
_DRAINED = 64 * 1024
"""The longest body worth reading on over, in bytes."""
_HASH = re.compile(r'(?:W/)?"([0-9a-f]{40}|[0-9a-f]{64})"')


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer after all redirects to what was asked of `url`. `body` is decoded; `complete` is False where it was cut at the cap.

    `commit` and `etag` (a git blob id or SHA-256) are what the endpoint itself said, in whichever hop; `code` and
    `message` its error headers. `wait` is the seconds it asks to wait; `link` its `Link` header, unread.
    """

    url: str
    status: int
    body: bytes = b""
    complete: bool = True
    length: int | None = None
    content_range: str | None = None
    commit: str | None = None
    etag: str | None = None
    code: str | None = None
    message: str | None = None
    wait: float | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Transport:
    """Requests to one endpoint (`https://huggingface.co`), with the token and user agent to send it.

    `patience` is the seconds that one request may wait for the limiter and between its tries; `ends` the monotonic moment
    after which nothing is asked or read. `reach` is how near redirects may lead: as near as the endpoint itself, unless
    said otherwise. Once `stop` is set nothing is waited for or tried again.
    """

    endpoint: str
    token: str | None = field(repr=False)
    agent: str
    patience: float = MOST_WAITED
    ends: float = math.inf
    limiter: Limiter = field(default=SHARED, repr=False)
    reach: Reach | None = None
    stop: threading.Event = field(default_factory=threading.Event, repr=False)

    def get(self, path: str, *, most: int, window: tuple[int, int] | None = None) -> Reply:
        """GET `path` at the endpoint: at most `most` bytes of it, or of the `window` of bytes from start to stop.

        A complete file is held against the hash the server gives for it. Busy, failing, breaking and corrupting servers
        are tried again, `MOST_TRIES` times within `patience`. Raises RateLimited, Unreachable, Offline or Unreadable;
        any other answer, refusals among them, is returned.
        """
        bucket = (self.endpoint, "api" if path.startswith("/api/") else "resolvers")
        left = self.patience
        for attempt in range(1, MOST_TRIES + 1):
            left -= self.limiter.enter(bucket, left, _bare(self.endpoint + path), self.stop)
            reply, trouble = self._try(path, most, window, bucket)
            if trouble is None:
                return reply
            pause = FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)
            if reply.wait is not None:
                self.limiter.block(bucket, reply.wait + pause)
            if attempt == MOST_TRIES or self.stop.is_set() or (reply.wait or 0.0) + pause > min(left, self.ends - time.monotonic()):
                raise trouble
            if reply.wait is None:
                self.stop.wait(pause)
                left -= pause
        raise AssertionError("the last try returns or raises")

    def _try(self, path: str, most: int, window: tuple[int, int] | None, bucket: tuple[str, str]) -> tuple[Reply, SpecverifyError | None]:
        """One try: its reply, and the trouble that is worth another."""
        import httpx2
        from huggingface_hub.errors import OfflineModeIsEnabled

        url = _bare(self.endpoint + path)
        ends = min(self.ends, time.monotonic() + MOST_SECONDS)
        try:
            with until(ends):
                reply = self._follow(path, most, window, bucket, ends)
        except OfflineModeIsEnabled:
            raise Offline("huggingface_hub is in offline mode (HF_HUB_OFFLINE)", file=url) from None
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL, httpx2.LocalProtocolError) as error:
            raise Unreachable(f"cannot be asked for: {_said(error)}", file=url) from None
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
            if time.monotonic() >= ends:
                raise _too_slow(url) from None
            return Reply(url, 0), Unreachable(f"{_failure(error)}; is the network, proxy or HF_ENDPOINT right?", file=url)
        if reply.status == 429:
            return reply, limited(reply.wait, url)
        if reply.status in _TIRED:
            return reply, Unreachable(f"the server answers {reply.status}{_quoted(reply.message)}", file=url)
        if reply.status == 200 and reply.complete and window is None and not _matches(reply.body, reply.etag):
            return reply, Unreadable(f"the bytes received do not have the hash {reply.etag} that the server gives", file=url)
        return reply, None

    def _follow(self, path: str, most: int, window: tuple[int, int] | None, bucket: tuple[str, str], ends: float) -> Reply:
        """The answer behind at most `MOST_HOPS` redirects."""
        home = origin(self.endpoint)
        url = self.endpoint + path
        asked, commit, etag = _bare(url), None, None
        nearest = self.reach if self.reach is not None else reach_of_host(self.endpoint)
        for _ in range(MOST_HOPS + 1):
            at_home = origin(url) == home
            watch = Watch(url, None if at_home else nearest)
            with _sent(url, self._headers(window, trusted=at_home), watch, ends) as response:
                said = response.headers
                if at_home:
                    self.limiter.learn(bucket, said)
                    commit = commit or said.get("x-repo-commit")
                    etag = etag or _hash(said.get("x-linked-etag") or (said.get("etag") if response.status_code == 200 else None))
                    if nearest is None:
                        nearest = address_reach(response.extensions["network_stream"])
                else:
                    watch.check(response.extensions["network_stream"])
                if response.status_code in _REDIRECTS and "location" in said:
                    url = next_hop(url, said["location"])
                    reach = reach_of_host(url)
                    if origin(url) != home and reach is not None and reach > (nearest or Reach.INTERNET):
                        raise too_near(asked)
                    _drain(response, ends)
                    continue
                wanted = {200: most if window is None else window[1], 206: most}.get(response.status_code)
                body, complete = _read(response, wanted, ends) if wanted is not None else _drain(response, ends)
                return Reply(
                    url=asked,
                    status=response.status_code,
                    body=body,
                    complete=complete,
                    length=_count(said.get("content-length")),
                    content_range=said.get("content-range"),
                    commit=commit,
                    etag=etag,
                    code=said.get("x-error-code"),
                    message=said.get("x-error-message"),
                    wait=asked_wait(said),
                    link=said.get("link") if at_home else None,
                )
        raise Unreadable(f"more than {MOST_HOPS} redirects", file=asked)

    def _headers(self, window: tuple[int, int] | None, *, trusted: bool) -> dict[str, str]:
        """What to send to this hop: the token only where it belongs, and no encoding over a range of bytes."""
        headers = {"user-agent": self.agent, "accept-encoding": "identity" if window else "gzip"}
        if self.token is not None and trusted:
            headers["authorization"] = f"Bearer {self.token}"
        if window is not None:
            headers["range"] = f"bytes={window[0]}-{window[1] - 1}"
        return headers


@contextlib.contextmanager
def _sent(url: str, headers: Mapping[str, str], watch: Watch, ends: float) -> Iterator[httpx2.Response]:
    """The answer to one GET, by the transport (proxies, certificates, connections) and the hooks of huggingface_hub's session.

    The session itself would also look for cookies, credentials and the next redirect, none of which is wanted here, and
    spends on it a third of the time that a request takes. Where it has no transport to give, it sends.
    """
    import httpx2
    from huggingface_hub import get_session

    session = get_session()
    most = max(min(READ_SECONDS, ends - time.monotonic()), 0.001)
    times = {"connect": min(CONNECT_SECONDS, most), "read": most, "write": most, "pool": READ_SECONDS}
    request = httpx2.Request("GET", url, headers=headers, extensions={"timeout": times, "trace": watch})
    transport_for: Callable[[httpx2.URL], httpx2.BaseTransport] | None = getattr(session, "_transport_for_url", None)
    if transport_for is None:
        response = session.send(request, stream=True, follow_redirects=False)
    else:
        for hook in session.event_hooks["request"]:
            hook(request)
        response = transport_for(request.url).handle_request(request)
        response.request = request
    try:
        yield response
    finally:
        response.close()


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL. Raises ValueError for a port that is none."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)


def next_hop(url: str, location: str) -> str:
    """Where a redirect leads. Raises Unreadable for one that is no web address or leaves https for http."""
    try:
        target = urljoin(url, location)
        scheme, host, _ = origin(target)
    except ValueError:
        scheme = host = ""
    if scheme not in ("http", "https") or not host:
        raise Unreadable(f"redirects to no web address{_quoted(_bare(location))}", file=_bare(url))
    if scheme == "http" and url.startswith("https:"):
        raise Unreadable(f"redirects from https to http{_quoted(_bare(target))}", file=_bare(url))
    return target


def _drain(response: httpx2.Response, ends: float) -> tuple[bytes, bool]:
    """Read on over a short body that nobody wants, so that its connection can be used again."""
    length = _count(response.headers.get("content-length"))
    if length is not None and length <= _DRAINED:
        for _ in _pieces(response, ends):
            pass
    return b"", True


def _read(response: httpx2.Response, most: int, ends: float) -> tuple[bytes, bool]:
    """At most `most` decoded bytes of the body, and whether that is all of it."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise Unreadable(f"comes encoded as{_quoted(encoding)}, which was not asked for", file=_bare(str(response.url)))
    inflate = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    parts: list[bytes] = []
    left = most + 1
    for chunk in _pieces(response, ends):
        try:
            decoded = chunk if inflate is None else inflate.decompress(chunk, left)
        except zlib.error as error:
            raise Unreadable(f"not the gzip it says it is ({error})", file=_bare(str(response.url))) from None
        parts.append(decoded[:left])
        left -= len(parts[-1])
        if left == 0:
            break
    body = b"".join(parts)
    if inflate is not None and left and not inflate.eof:
        raise Unreadable("ends inside its gzip stream", file=_bare(str(response.url)))
    return body[:most], left > 0


def _pieces(response: httpx2.Response, ends: float) -> Iterator[bytes]:
    """The body as it comes. Raises Unreachable where it still comes after `ends`."""
    for chunk in response.iter_raw():
        if time.monotonic() > ends:
            raise _too_slow(_bare(str(response.url)))
        yield chunk


def _too_slow(url: str) -> Unreachable:
    return Unreachable(f"still sending after the {MOST_SECONDS:.0f} seconds that one answer may take, or the model's time is up", file=url)


def _hash(etag: str | None) -> str | None:
    """The git blob id or SHA-256 that an ETag of the Hub is; None for any other kind."""
    found = _HASH.fullmatch(etag) if etag else None
    return found[1] if found else None


def _matches(body: bytes, etag: str | None) -> bool:
    """Whether the bytes are those the hash is of; true where there is no hash."""
    if etag is None:
        return True
    if len(etag) == 64:
        return hashlib.sha256(body).hexdigest() == etag
    return hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest() == etag


def _failure(error: Exception) -> str:
    """What went wrong on the wire, in words that need no library's class names."""
    import httpx2

    if isinstance(error, httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return f"no connection within {CONNECT_SECONDS:.0f} seconds"
    if isinstance(error, httpx2.TimeoutException):
        return f"no answer within {READ_SECONDS:.0f} seconds"
    if isinstance(error, httpx2.ConnectError):
        return f"no connection ({_said(error)})"
    return f"the connection broke ({_said(error)})"


def _said(error: Exception) -> str:
    return printable(str(error) or type(error).__name__)


def _bare(url: str) -> str:
    """The address without its query, which may be signed for one caller."""
    return url.partition("?")[0]


def _count(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 20 else None


def printable(text: str) -> str:
    """A server's words as one short line that no terminal takes for a command."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text).strip()
    return shown if len(shown) <= 200 else shown[:197] + "..."


def _quoted(text: str | None) -> str:
    return f" ({printable(text)})" if text else ""
