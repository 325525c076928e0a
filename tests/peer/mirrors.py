"""Models as local git repos in the layout olah reads: `models/OWNER/NAME`, large files in the repo or beside it as Git LFS keeps them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.hub.repo import sha256

ATTRIBUTES = b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n"
_NOBODY = {"NAME": "tests", "EMAIL": "tests@localhost", "DATE": "2026-01-02T03:04:05Z"}
_GIT = {
    **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in _NOBODY.items()},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
"""Commits that are the same on every machine, whatever its git is set up to do."""


def commit(mirrors: Path, name: str, files: Mapping[str, bytes], *, lfs: bool = False, objects: bool = True) -> str:
    """Commit the files, and nothing else, to `main` of a mirror; returns the commit.

    With `lfs` each safetensors file is a pointer, and its bytes an LFS object: none without `objects`, as a clone is left
    by `GIT_LFS_SKIP_SMUDGE`.
    """
    folder = mirrors / "models" / name
    if not (folder / ".git").is_dir():
        folder.mkdir(parents=True)
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "rm", "-r", "--quiet", "--cached", "--ignore-unmatch", ".")
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        large = lfs and path.endswith(".safetensors")
        file.write_bytes(pointer(data) if large else data)
        if large and objects:
            _keep(folder, data)
    git(folder, "add", "--", *files)
    git(folder, "commit", "--quiet", "--message", "files")
    return git(folder, "rev-parse", "HEAD")


def pointer(data: bytes) -> bytes:
    """What Git LFS commits in place of the bytes (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md)."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(data)}\nsize {len(data)}\n".encode()


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **_GIT}).stdout.strip()


def _keep(folder: Path, data: bytes) -> None:
    oid = sha256(data)
    file = folder / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
