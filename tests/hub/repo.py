"""Model repos held in memory, as the Hub would hold them: commits, references, blobs, access."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

LARGE = (".safetensors", ".bin", ".gguf")
Json = dict[str, Any]


@lru_cache(256)
def git_blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@lru_cache(256)
def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Blob:
    """A file's bytes, with the hash the Hub knows it by: SHA-256 of a large file, git's blob id of any other."""

    path: str
    data: bytes

    @property
    def large(self) -> bool:
        return self.path.endswith(LARGE)

    @property
    def oid(self) -> str:
        return git_blob_id(self.data)

    @property
    def sha256(self) -> str:
        return sha256(self.data)

    @property
    def etag(self) -> str:
        return self.sha256 if self.large else self.oid

    def sibling(self, *, blobs: bool) -> Json:
        """The entry in a model's metadata."""
        entry: Json = {"rfilename": self.path}
        if blobs:
            entry |= {"size": len(self.data), "blobId": self.oid}
            if self.large:
                entry["lfs"] = {"sha256": self.sha256, "size": len(self.data), "pointerSize": 130}
        return entry

    def tree_entry(self) -> Json:
        """The entry in a listing of the tree."""
        entry: Json = {"type": "file", "path": self.path, "oid": self.oid, "size": len(self.data)}
        if self.large:
            entry["lfs"] = {"oid": self.sha256, "size": len(self.data), "pointerSize": 130}
        return entry


@dataclass
class Repo:
    """A model repo. `files` is what `main` holds; `tags` other references; `formerly` the names it once had."""

    name: str
    files: Mapping[str, bytes]
    tags: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    formerly: tuple[str, ...] = ()
    gated: str | bool = False
    private: bool = False
    disabled: bool = False
    about: Json = field(default_factory=dict)

    @property
    def sha(self) -> str:
        """The commit `main` points at."""
        return self.commit_of(self.files)

    def commit_of(self, files: Mapping[str, bytes]) -> str:
        content = json.dumps([self.name, [(path, Blob(path, data).oid) for path, data in sorted(files.items())]])
        return hashlib.sha1(content.encode()).hexdigest()

    def resolve(self, revision: str) -> tuple[str, dict[str, Blob]] | None:
        """Commit and files of a branch, tag or commit."""
        for name, files in {"main": self.files, **self.tags}.items():
            sha = self.commit_of(files)
            if revision in (name, sha):
                return sha, {path: Blob(path, data) for path, data in sorted(files.items())}
        return None

    def info(self, revision: str, query: Mapping[str, list[str]]) -> Json | None:
        """The metadata at a revision: all of it, or only what `expand` asks for."""
        found = self.resolve(revision)
        if found is None:
            return None
        sha, files = found
        tensors = sum(len(blob.data) for blob in files.values() if blob.path.endswith(".safetensors")) // 2
        whole: Json = {
            "author": self.name.partition("/")[0],
            "sha": sha,
            "lastModified": "2026-01-02T03:04:05.000Z",
            "createdAt": "2026-01-01T00:00:00.000Z",
            "private": self.private,
            "gated": self.gated,
            "disabled": self.disabled,
            "downloads": 7,
            "likes": 3,
            "tags": ["safetensors"],
            "library_name": "transformers",
            "pipeline_tag": "text-generation",
            "siblings": [blob.sibling(blobs=query.get("blobs") == ["true"]) for blob in files.values()],
            "safetensors": {"parameters": {"BF16": tensors}, "total": tensors},
            "cardData": {"license": "apache-2.0"},
            "config": {"model_type": "llama"},
            "usedStorage": sum(len(blob.data) for blob in files.values()),
            **self.about,
        }
        asked = query.get("expand")
        chosen = whole if asked is None else {key: whole[key] for key in asked if key in whole}
        return {"_id": hashlib.sha1(self.name.encode()).hexdigest()[:24], "id": self.name, "modelId": self.name, **chosen}
