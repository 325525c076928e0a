"""What was fetched of a repo at one commit, as bytes that a file can hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import field
from typing import Any

from specverify.fetch.files import wanted
from specverify.fetch.headers import Header
from specverify.fetch.reference import is_repo_name, is_sha
from specverify.frozen import Struct, frozen

_MAGIC = b"specverify record 1\n"
_DIGEST_BYTES = 64


@frozen
class Record(Struct):
    """A repo at a commit, which never changes: `name` is its own name at the time, `about` what the Hub said of it then.

    `contents` and `absent` name the wanted files asked for so far; `headers` are the tensor headers read so far, in the
    order of the model's files.
    """

    name: str
    sha: str
    listing: tuple[str, ...]
    about: Mapping[str, Any] = field(default_factory=dict)
    contents: Mapping[str, bytes] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    headers: tuple[Header, ...] = ()

    def lacks(self) -> Collection[str]:
        """The wanted files never asked for: all at first, few after a release that wants more."""
        return [name for name in wanted(self.listing) if name not in self.contents and name not in self.absent]


def pack(record: Record) -> bytes:
    """Magic, SHA-256 of the rest, a line of JSON, and the bytes it points into."""
    blobs: list[bytes] = [*record.contents.values(), *(header.data for header in record.headers)]
    directory = {
        "name": record.name,
        "sha": record.sha,
        "listing": record.listing,
        "about": record.about,
        "absent": record.absent,
        "contents": [[name, len(data)] for name, data in record.contents.items()],
        "headers": [[header.file, len(header.data), header.size] for header in record.headers],
    }
    rest = b"".join((json.dumps(directory, separators=(",", ":")).encode(), b"\n", *blobs))
    return b"".join((_MAGIC, hashlib.sha256(rest).hexdigest().encode(), b"\n", rest))


def unpack(data: bytes) -> Record:
    """The record. Raises ValueError for bytes that are not as `pack` made them."""
    digest = data[len(_MAGIC) : len(_MAGIC) + _DIGEST_BYTES]
    rest = data[len(_MAGIC) + _DIGEST_BYTES + 1 :]
    if not data.startswith(_MAGIC) or hashlib.sha256(rest).hexdigest().encode() != digest:
        raise ValueError("not a whole record")
    line, _, blobs = rest.partition(b"\n")
    directory = json.loads(line)
    if not is_repo_name(directory["name"]) or not is_sha(directory["sha"]):
        raise ValueError("a record of no repo")
    at = 0
    contents: dict[str, bytes] = {}
    for name, length in directory["contents"]:
        contents[name] = blobs[at : at + length]
        at += length
    headers: list[Header] = []
    for name, length, size in directory["headers"]:
        headers.append(Header(name, blobs[at : at + length], size))
        at += length
    return Record(
        name=directory["name"],
        sha=directory["sha"],
        listing=tuple(directory["listing"]),
        about=directory["about"],
        contents=contents,
        absent=directory["absent"],
        headers=tuple(headers),
    )
