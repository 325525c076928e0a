"""A model in the Hugging Face cache, as other tools left it there: read, never written."""

from __future__ import annotations

import os
from pathlib import Path

from specverify.errors import Offline
from specverify.fetch.files import ModelFiles
from specverify.fetch.folder import read_tree, tree
from specverify.fetch.reference import DEFAULT_REVISION, Repo, is_sha


def cache_folder() -> Path:
    """Where huggingface_hub keeps repos, by the environment variables it reads (`huggingface_hub.constants`)."""
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if named:
        return _expanded(named)
    home = os.environ.get("HF_HOME")
    if home:
        return _expanded(home) / "hub"
    return _expanded(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface" / "hub"


def fetch_snapshot(ref: str, repo: Repo, *, tensors: bool) -> ModelFiles:
    """The repo at its revision as the cache holds it: the files some tool once downloaded, which may be few.

    Raises Offline where the cache does not hold the repo, or not that revision.
    """
    cache = cache_folder()
    folder = cache / f"models--{repo.name.replace('/', '--')}"
    revision = repo.revision or DEFAULT_REVISION
    sha = revision if is_sha(revision) else _commit(folder / "refs" / revision)
    snapshot = folder / "snapshots" / sha if sha else None
    if snapshot is None or not snapshot.is_dir():
        what = f"revision {revision!r} of it" if folder.is_dir() else "it"
        raise Offline(f"offline, and the cache at {cache} does not hold {what}; run once online, or name a local folder", file=repo.name)
    root = os.path.realpath(snapshot)
    return read_tree(tree(root, "cache", in_cache=True), ref=ref, name=repo.name, revision=revision, sha=sha, tensors=tensors)


def is_whole(files: ModelFiles, *, tensors: bool) -> bool:
    """Whether asking the Hub could tell no more of this commit: config, card and, where asked for, tensors were read."""
    return "config.json" in files.contents and "README.md" in files.contents and (files.tensors is not None or not tensors)


def _commit(reference: Path) -> str | None:
    """The commit a reference file of the cache holds; None where there is none, or it is no commit."""
    try:
        with open(reference, encoding="ascii") as file:
            text = file.read(64).strip()
    except (OSError, ValueError):
        return None
    return text if is_sha(text) else None


def _expanded(path: str) -> Path:
    return Path(os.path.expandvars(os.path.expanduser(path)))
