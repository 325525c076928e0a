"""A model on the Hub: what is there at a revision in one request, then the small files and the tensor headers at its commit."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from specverify.errors import Disabled, Gated, NotFound, RevisionNotFound, SpecverifyError, Unreachable, Unreadable
from specverify.fetch.bounded_json import load_object
from specverify.fetch.client import Client
from specverify.fetch.files import MIB, ModelFiles, wanted
from specverify.fetch.folder import Tree, read_file, read_range
from specverify.fetch.headers import Header
from specverify.fetch.held import assemble
from specverify.fetch.record import Record
from specverify.fetch.reference import DEFAULT_REVISION, Repo, is_repo_name, is_sha
from specverify.fetch.shards import header_of
from specverify.fetch.snapshot import snapshot_tree
from specverify.fetch.transport import Reply, Transport, printable
from specverify.frozen import Struct, frozen, replace

MODEL_SECONDS = 600.0
"""Seconds in which a model's answers must come, waits for the limiter apart."""
MOST_METADATA = 32 * MIB
MOST_LISTED = 100_000
MOST_HEADER = 25_000_000
"""The longest header read over the network: as much as huggingface_hub reads (`SAFETENSORS_MAX_HEADER_LENGTH`)."""

_ASKED = ("gated", "gguf", "library_name", "pipeline_tag", "private", "safetensors", "tags")
_EXPAND = "&".join(f"expand={name}" for name in ("sha", "siblings", "disabled", *_ASKED))
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_DISABLED = "Access to this resource is disabled."


def fetch_hub(ref: str, repo: Repo, client: Client, *, tensors: bool) -> ModelFiles:
    """The repo at its revision, every file of it read at the one commit that the revision is now, and kept for the next run.

    What an earlier run kept, or the Hugging Face cache holds, is not asked for. Raises NotFound, RevisionNotFound, Disabled,
    Gated, RateLimited, Unreachable, Offline or Unreadable, naming the repo, file or URL.
    """
    transport = replace(client.transport, ends=time.monotonic() + MODEL_SECONDS + client.transport.patience)
    revision = repo.revision or DEFAULT_REVISION
    record = client.store.get(repo.name, revision) if is_sha(revision) else None
    if record is None:
        record = _look_up(transport, repo.name, revision)
        kept = client.store.get(repo.name, record.sha)
        if kept is not None:
            record = replace(kept, name=record.name, about=record.about)
    remote = Remote(transport, record.name, revision, record.sha, snapshot_tree(record.name, record.sha))
    before = record
    record = _filled(record, remote, client)
    headers = {header.file: header for header in record.headers}

    def read(files: Mapping[str, int]) -> Iterator[Header]:
        missing = {file: foreseen for file, foreseen in files.items() if file not in headers}
        found = client.each(remote.header, missing.items())
        for file in files:
            if file in missing:
                headers[file] = next(found)
            yield headers[file]

    try:
        files = assemble(ref, repo, record, read, tensors=tensors, endpoint=transport.endpoint)
    finally:
        record = replace(record, headers=tuple(headers.values()))
        trouble = client.store.put(repo.name, record) if record != before else None
        if not is_sha(revision):
            trouble = client.store.point(repo.name, revision, record.sha) or trouble
    return replace(files, notes=(*files.notes, f"nothing is kept for the next run: {trouble}")) if trouble else files


def _filled(record: Record, remote: Remote, client: Client) -> Record:
    """The record with every wanted file that is in the repo."""
    contents, absent = dict(record.contents), dict(record.absent)
    lacks = record.lacks()
    absent |= {name: "not in the repo" for name in lacks if name not in record.listing}
    there = [(name, most) for name, most in wanted(record.listing).items() if name in record.listing and name in lacks]
    for (name, _), read in zip(there, client.each(remote.read, there), strict=True):
        if isinstance(read, bytes):
            contents[name] = read
        else:
            absent[name] = read
    return replace(record, contents=contents, absent=absent)


@frozen
class Remote(Struct):
    """A repo at one commit: `name` is its own name now, `cached` the folder of the Hugging Face cache that holds some of it."""

    transport: Transport
    name: str
    revision: str
    sha: str
    cached: Tree | None

    def read(self, planned: tuple[str, int]) -> bytes | str:
        """A file of at most so many bytes, or why it is not read. Raises as `refusal` does, and Unreadable for another commit's file."""
        file, most = planned
        if self.cached is not None:
            with contextlib.suppress(SpecverifyError):
                return read_file(self.cached, file, most)
        reply = self._get(file, most)
        if reply.code == "EntryNotFound":
            return "listed and not there"
        if not reply.complete:
            return f"more than the {most:,} bytes that are read of it"
        if reply.status != 200:
            raise refusal(reply, self.transport, self.name, self.revision)
        return reply.body

    def header(self, planned: tuple[str, int]) -> Header:
        """The header of a tensor file, for which so many bytes are foreseen: one range, and a second where those were too few."""
        file, foreseen = planned
        if self.cached is not None:
            with contextlib.suppress(SpecverifyError):
                return header_of(partial(read_range, self.cached), file, foreseen)
        return header_of(self._range, file, foreseen, MOST_HEADER)

    def _range(self, file: str, start: int, stop: int) -> tuple[bytes, int | None]:
        """The bytes from `start` to before `stop`, or to the file's end, and the file's size where that is told.

        A server that answers with the whole file is read up to `stop`, and no further.
        """
        reply = self._get(file, stop - start, (start, stop))
        if reply.status == 200:
            return reply.body[start:], reply.length
        if reply.code == "EntryNotFound":
            raise Unreadable("listed and not there", file=file)
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


def _look_up(transport: Transport, asked: str, revision: str) -> Record:
    """The repo at its revision: its commit, what is in it, and what the Hub says of it."""
    path = f"/api/models/{asked}/revision/{quote(revision, safe='')}"
    reply = transport.get(f"{path}?{_EXPAND}", most=MOST_METADATA)
    if reply.status != 200:
        raise refusal(reply, transport, asked, revision)
    url = transport.endpoint + path
    if not reply.complete:
        raise Unreadable(f"more than the {MOST_METADATA:,} bytes that are read of it", file=url)
    answer = load_object(reply.body, url)
    sha, name = answer.get("sha"), answer.get("id", asked)
    if not isinstance(sha, str) or not is_sha(sha):
        raise Unreadable("states no commit", file=url, place="/sha")
    if is_sha(revision) and sha != revision:
        raise Unreadable(f"states commit {sha}", file=url, place="/sha")
    if answer.get("disabled") is True:
        raise _disabled(asked)
    if not isinstance(name, str) or not is_repo_name(name):
        raise Unreadable("states an id that is no repo's", file=url, place="/id")
    listing = tuple(sorted(_listing(answer.get("siblings"), url)))
    return Record(name, sha, listing, {key: answer[key] for key in _ASKED if key in answer})


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
        return RevisionNotFound(f"the repo has no revision {revision!r}", file=name)
    if reply.status == 401 and "Invalid credentials" in (reply.message or ""):
        return Gated("the token is not valid: run `hf auth login`, or correct or unset HF_TOKEN", file=name, place=_path(reply))
    if reply.code == "RepoNotFound" or reply.status in (401, 404):
        return NotFound(f"no such repo, or a private one, {known_here}: check the name, or run `hf auth login` or set HF_TOKEN", file=name)
    return Unreachable(f"the server answers {reply.status} ({printable(reply.message or 'no reason given')})", file=reply.url)


def _disabled(name: str) -> Disabled:
    return Disabled("the Hub has disabled this repo; nobody can read it", file=name)


def _path(reply: Reply) -> str | None:
    """The file a refusal is about; None for the repo itself."""
    _, resolved, rest = reply.url.partition("/resolve/")
    return rest.partition("/")[2] if resolved else None
