"""A model in the Hugging Face cache, as other tools left it there: read, never written."""

from __future__ import annotations

import os
from pathlib import Path

from specverify.errors import Offline
from specverify.fetch.files import ModelFiles
from specverify.fetch.folder import Tree, read_tree, tree
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
    revision = repo.revision or DEFAULT_REVISION
    known = (revision, 0.0) if is_sha(revision) else reference(repo)
    snapshot = snapshot_tree(repo.name, known[0]) if known else None
    if known is None or snapshot is None:
        what = f"revision {revision!r} of it" if _folder(repo.name).is_dir() else "it"
        raise Offline(
            f"offline, and the cache at {cache_folder()} does not hold {what}; run once online, or name a local folder", file=repo.name
        )
    return read_tree(snapshot, ref=ref, name=repo.name, revision=revision, sha=known[0], tensors=tensors)


def snapshot_tree(name: str, sha: str) -> Tree | None:
    """The folder of the cache that holds files of the repo at the commit, where there is one."""
    snapshot = _folder(name) / "snapshots" / sha
    return tree(os.path.realpath(snapshot), "cache", in_cache=True) if snapshot.is_dir() else None


def reference(repo: Repo) -> tuple[str, float] | None:
    """The commit that a reference file of the cache holds, and when it was written; None where there is none, or it is no commit."""
    path = _folder(repo.name) / "refs" / (repo.revision or DEFAULT_REVISION)
    try:
        with open(path, encoding="ascii") as file:
            text = file.read(64).strip()
            return (text, os.fstat(file.fileno()).st_mtime) if is_sha(text) else None
    except (OSError, ValueError):
        return None


def _folder(name: str) -> Path:
    return cache_folder() / f"models--{name.replace('/', '--')}"


def is_whole(files: ModelFiles, *, tensors: bool) -> bool:
    """Whether asking the Hub could tell no more of this commit: config, card and, where asked for, tensors were read."""
    return "config.json" in files.contents and "README.md" in files.contents and (files.tensors is not None or not tensors)


def _expanded(path: str) -> Path:
    return Path(os.path.expandvars(os.path.expanduser(path)))
