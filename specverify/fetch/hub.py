"""A model on the Hub: what is there at a revision in one request, then the small files and the tensor headers at its commit."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from specverify.errors import Gated, NotFound, SpecverifyError, Unreachable, Unreadable
from specverify.fetch.bounded_json import load_object
from specverify.fetch.files import MIB, WANTED, ModelFiles
from specverify.fetch.headers import LENGTH_BYTES, Header, header_end
from specverify.fetch.reference import DEFAULT_REVISION, Repo, is_repo_name, is_sha
from specverify.fetch.shards import NOT_ASKED, measure
from specverify.fetch.transport import Reply, Transport, origin, printable

DEFAULT_ENDPOINT = "https://huggingface.co"
MOST_METADATA = 32 * MIB
MOST_LISTED = 100_000
MOST_HEADER = 25_000_000
"""The longest header read over the network: as much as huggingface_hub reads (`SAFETENSORS_MAX_HEADER_LENGTH`)."""
CONNECTIONS = 8

_ASKED = ("gated", "library_name", "pipeline_tag", "private", "safetensors", "tags")
_EXPAND = "&".join(f"expand={name}" for name in ("sha", "siblings", "disabled", *_ASKED))
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_DISABLED = "Access to this resource is disabled."


def fetch_hub(ref: str, repo: Repo, *, tensors: bool) -> ModelFiles:
    """The repo at its revision, every file of it read at the one commit that the revision is now.

    Raises NotFound (no such repo, no such revision, disabled), Gated, RateLimited, Unreachable, Offline or Unreadable, naming
    the repo, file or URL.
    """
    transport = connect()
    remote, about, notes = _look_up(transport, repo)
    wanted = [name for name in WANTED if name in remote.listing]
    absent = {name: "not in the repo" for name in WANTED if name not in remote.listing}
    contents: dict[str, bytes] = {}
    with ThreadPoolExecutor(CONNECTIONS, "specverify-fetch") as pool:
        try:
            for name, read in zip(wanted, pool.map(remote.read, wanted), strict=True):
                if isinstance(read, bytes):
                    contents[name] = read
                else:
                    absent[name] = read

            def headers(files: Mapping[str, int]) -> Iterator[Header]:
                return pool.map(remote.header, files.keys(), files.values())

            measured, reason = measure(tuple(remote.listing), contents, absent, headers) if tensors else NOT_ASKED
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    if tensors and measured is None:
        notes.append(f"no tensor headers: {reason}")
    return ModelFiles(
        ref=ref,
        name=repo.name,
        origin="hub",
        revision=remote.revision,
        sha=remote.sha,
        listing=tuple(sorted(remote.listing)),
        contents=contents,
        absent=absent,
        tensors=measured,
        tensors_reason=reason,
        notes=tuple(notes),
        about=about,
    )


def connect() -> Transport:
    """The endpoint, token and user agent that huggingface_hub would use.

    `build_hf_headers` is not used: it may ask the Hub for a list of agents first, and write it to the user's folder.
    Raises Unreachable for an HF_ENDPOINT that is no web address and for proxies or certificates that cannot be used, Gated for
    a token that cannot be had or sent.
    """
    import huggingface_hub
    from huggingface_hub import constants
    from huggingface_hub.errors import OIDCError

    endpoint = (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")
    try:
        scheme, host, _ = origin(endpoint)
    except ValueError:
        scheme = host = ""
    if scheme not in ("http", "https") or not host:
        raise Unreachable("no http(s) address", file="HF_ENDPOINT", place=endpoint)
    try:
        huggingface_hub.get_session()
    except (ImportError, OSError, ValueError) as error:
        raise Unreachable(f"proxy or certificate settings cannot be used: {printable(str(error))}", file=endpoint) from None
    try:
        token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else huggingface_hub.get_token()
    except (OSError, ValueError, OIDCError) as error:
        raise Gated(f"the token for {endpoint} cannot be had: {printable(str(error))}") from None
    if token is not None and not (token.isascii() and token.isprintable()):
        raise Gated(f"the token for {endpoint} (HF_TOKEN or the token file) holds characters that no token has")
    return Transport(endpoint, token, f"specverify; hf_hub/{huggingface_hub.__version__}")


@dataclass(frozen=True, slots=True)
class Remote:
    """A repo at one commit: `name` is its own name now, `listing` its paths."""

    transport: Transport
    name: str
    revision: str
    sha: str
    listing: frozenset[str]

    def read(self, file: str) -> bytes | str:
        """A file, or why it is not read. Raises what `refusal` makes of a refusal, and Unreadable for another commit's file."""
        reply = self._get(file, WANTED[file])
        if reply.code == "EntryNotFound":
            return "listed and not there"
        if not reply.complete:
            return f"more than the {WANTED[file]:,} bytes that are read of it"
        if reply.status != 200:
            raise refusal(reply, self.transport, self.name, self.revision)
        return reply.body

    def header(self, file: str, foreseen: int) -> Header:
        """The header of a tensor file: one range of the bytes foreseen, and the rest in a second where those were too few."""
        data, size = self._range(file, 0, foreseen)
        end = header_end(data[:LENGTH_BYTES], file, size, MOST_HEADER)
        if end > len(data):
            data += self._range(file, len(data), end)[0]
        return Header(file, data[:end], size)

    def _range(self, file: str, start: int, stop: int) -> tuple[bytes, int | None]:
        """The bytes from `start` to before `stop`, or to the file's end, and the file's size where that is told.

        A server that answers with the whole file is read up to `stop`, and no further.
        """
        reply = self._get(file, stop - start, (start, stop))
        if reply.status == 200:
            return reply.body[start:], reply.length
        if reply.status == 416:
            raise Unreadable(f"has no byte {start}", file=file)
        if reply.status != 206:
            raise refusal(reply, self.transport, self.name, self.revision)
        given = _CONTENT_RANGE.fullmatch(reply.content_range or "")
        if given is None or int(given[1]) != start:
            raise Unreadable(f"answered with another range than asked for: {printable(reply.content_range or 'none')}", file=file)
        size = int(given[3]) if given[3] != "*" else None
        if not reply.complete or len(reply.body) != int(given[2]) + 1 - start:
            raise Unreadable(f"answered with another number of bytes than it says ({printable(reply.content_range or '')})", file=file)
        return reply.body, size

    def _get(self, file: str, most: int, window: tuple[int, int] | None = None) -> Reply:
        """The file at the commit. Raises Unreadable where the server says that it is of another."""
        reply = self.transport.get(f"/{self.name}/resolve/{self.sha}/{quote(file)}", most=most, window=window)
        if reply.commit is not None and reply.commit != self.sha:
            raise Unreadable(f"is of commit {printable(reply.commit)}, asked for at {self.sha}", file=file)
        return reply


def _look_up(transport: Transport, repo: Repo) -> tuple[Remote, Mapping[str, Any], list[str]]:
    """The repo at its revision, what the Hub says of it, and what is worth a note."""
    revision = repo.revision or DEFAULT_REVISION
    path = f"/api/models/{repo.name}/revision/{quote(revision, safe='')}"
    reply = transport.get(f"{path}?{_EXPAND}", most=MOST_METADATA)
    if reply.status != 200:
        raise refusal(reply, transport, repo.name, revision)
    url = transport.endpoint + path
    if not reply.complete:
        raise Unreadable(f"more than the {MOST_METADATA:,} bytes that are read of it", file=url)
    answer = load_object(reply.body, url)
    sha = answer.get("sha")
    if not isinstance(sha, str) or not is_sha(sha):
        raise Unreadable("states no commit", file=url, place="/sha")
    if is_sha(revision) and sha != revision:
        raise Unreadable(f"states commit {sha}", file=url, place="/sha")
    if answer.get("disabled") is True:
        raise _disabled(repo.name)
    notes = [] if transport.endpoint == DEFAULT_ENDPOINT else [f"read from {transport.endpoint} (HF_ENDPOINT)"]
    name = answer.get("id", repo.name)
    if not isinstance(name, str) or not is_repo_name(name):
        raise Unreadable("states an id that is no repo's", file=url, place="/id")
    if name != repo.name:
        notes.append(f"{repo.name} is now {name}")
    remote = Remote(transport, name, revision, sha, _listing(answer.get("siblings"), url))
    return remote, {key: answer[key] for key in _ASKED if key in answer}, notes


def _listing(siblings: Any, url: str) -> frozenset[str]:
    """The paths of the repo. Raises Unreadable for anything but a list of them."""
    if not isinstance(siblings, list) or len(siblings) > MOST_LISTED:
        raise Unreadable(f"states no list of files, or more than {MOST_LISTED:,}", file=url, place="/siblings")
    names = [entry.get("rfilename") if isinstance(entry, dict) else None for entry in siblings]
    known = frozenset(name for name in names if isinstance(name, str))
    if len(known) != len(names):
        raise Unreadable("lists a file without a name, or one twice", file=url, place="/siblings")
    return known


def refusal(reply: Reply, transport: Transport, name: str, revision: str) -> SpecverifyError:
    """What a refusal means, and what can be done. The Hub answers 401 for what is private and for what is not there."""
    known_here = "with the token in use" if transport.token else "without a token"
    if reply.message == _DISABLED:
        return _disabled(name)
    if reply.code == "GatedRepo" or (reply.status == 403 and reply.code is None):
        way = f"ask for it at {transport.endpoint}/{name}, then run `hf auth login` or set HF_TOKEN"
        return Gated(f"no access {known_here}: {way}", file=name, place=_path(reply))
    if reply.code == "RevisionNotFound":
        return NotFound(f"the repo has no revision {revision!r}", file=name)
    if reply.status == 401 and "Invalid credentials" in (reply.message or ""):
        return Gated("the token is not valid: run `hf auth login`, or correct or unset HF_TOKEN", file=name, place=_path(reply))
    if reply.code == "RepoNotFound" or reply.status in (401, 404):
        return NotFound(f"no such repo, or a private one, {known_here}: check the name, or run `hf auth login` or set HF_TOKEN", file=name)
    return Unreachable(f"the server answers {reply.status} ({printable(reply.message or 'no reason given')})", file=reply.url)


def _disabled(name: str) -> NotFound:
    return NotFound("the Hub has disabled this repo; nobody can read it", file=name)


def _path(reply: Reply) -> str | None:
    """The file a refusal is about; None for the repo itself."""
    _, resolved, rest = reply.url.partition("/resolve/")
    return rest.partition("/")[2] if resolved else None
