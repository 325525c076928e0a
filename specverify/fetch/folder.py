"""A model in a local folder: listed, its small files read, its tensor headers read; nothing outside it touched."""

from __future__ import annotations

import io
import os
import stat
from collections import deque
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from specverify.errors import NotFound, SpecverifyError, Unreadable
from specverify.fetch.files import ModelFiles, wanted
from specverify.fetch.headers import LENGTH_BYTES
from specverify.fetch.reference import is_sha
from specverify.fetch.shards import NOT_ASKED, header_of, measure

DEEPEST = 8
MOST_ENTRIES = 20_000
_NOT_LISTED = frozenset({".git", ".cache", "__pycache__"})
_FLAGS = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
    _FLAGS |= getattr(os, _flag, 0)
_KINDS = {stat.S_IFIFO: "a FIFO", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a folder"}


class Tree(NamedTuple):
    """A folder that holds a model, by its real path, and the real paths that links in it may lead into.

    `origin` is whose it is: the user's `folder`, or the `cache`.
    """

    root: str
    roots: tuple[str, ...]
    origin: str

    def real(self, name: str) -> str:
        """The real path of a file of the model.

        Raises Unreadable where that lies outside the model, NotFound where nothing is there.
        """
        try:
            path = os.path.realpath(os.path.join(self.root, name), strict=True)
        except FileNotFoundError:
            raise NotFound(f"not in the {self.origin}", file=name) from None
        except OSError as error:
            raise Unreadable(_said(error), file=name) from None
        if not any(path == root or path.startswith(root + os.sep) for root in self.roots):
            raise Unreadable("a link that leaves the model's folder", file=name)
        return path


def fetch_folder(ref: str, *, tensors: bool) -> ModelFiles:
    """The model in the folder that REF names.

    Raises NotFound where there is no such folder and Unreadable where it cannot be listed. What cannot be read in it is
    in `absent`, `tensors_reason` and `notes`.
    """
    path = os.path.expanduser(ref)
    try:
        root = os.path.realpath(path, strict=True)
        is_folder = os.path.isdir(root)
    except (OSError, ValueError) as error:
        raise NotFound(f"no such folder ({_said(error)})", file=ref) from None
    if not is_folder:
        raise NotFound("a file; name the folder that holds the model", file=ref)
    snapshot = snapshot_name(Path(root))
    name, sha = snapshot or (os.path.basename(root) or root, None)
    return read_tree(tree(root, "folder", in_cache=snapshot is not None), ref=ref, name=name, sha=sha, tensors=tensors)


def snapshot_name(path: Path) -> tuple[str, str] | None:
    """Repo and commit of `.../models--org--name/snapshots/<sha>`, a folder of the Hugging Face cache; else None."""
    repo = path.parent.parent.name
    if path.parent.name == "snapshots" and repo.startswith("models--") and is_sha(path.name):
        return repo.removeprefix("models--").replace("--", "/"), path.name
    return None


def tree(root: str, origin: str, *, in_cache: bool) -> Tree:
    """The folder at a real path. In the Hugging Face cache its files are links into the repo's blobs, or the shared ones."""
    if not in_cache:
        return Tree(root, (root,), origin)
    repo = os.path.dirname(os.path.dirname(root))
    blobs = (os.path.join(repo, "blobs"), os.path.join(os.path.dirname(repo), "blobs"))
    return Tree(root, (root, *blobs), origin)


def read_tree(tree: Tree, *, ref: str, name: str, tensors: bool, revision: str | None = None, sha: str | None = None) -> ModelFiles:
    """The model in a folder, whoever put it there."""
    notes: list[str] = []
    listing = tuple(sorted(_walk(tree, ref, notes)))
    contents: dict[str, bytes] = {}
    absent: dict[str, str] = {}
    for file, most in wanted(listing).items():
        try:
            contents[file] = read_file(tree, file, most)
        except SpecverifyError as error:
            absent[file] = str(error).removeprefix(f"{file}: ")
    headers = partial(map, lambda file: header_of(partial(read_range, tree), file, LENGTH_BYTES))
    measured = measure(listing, contents, absent, headers) if tensors else NOT_ASKED
    if tensors and measured.tensors is None:
        notes.append(f"no tensor headers: {measured.reason}")
    return ModelFiles(
        ref=ref,
        name=name,
        origin=tree.origin,
        revision=revision,
        sha=sha,
        listing=listing,
        contents=contents,
        absent=absent,
        tensors=measured.tensors,
        tensors_reason=measured.reason,
        faults=measured.faults,
        notes=tuple(notes),
        gguf=measured.gguf,
    )


def _walk(tree: Tree, ref: str, notes: list[str]) -> Iterator[str]:
    """Every regular file as a relative path with slashes, nearest first, within `DEEPEST` folders and `MOST_ENTRIES` names."""
    seen = 0
    waiting = deque([("", 0)])
    while waiting:
        folder, depth = waiting.popleft()
        try:
            entries = os.scandir(os.path.join(tree.root, folder))
        except OSError as error:
            if not folder:
                raise Unreadable(f"cannot be listed ({_said(error)})", file=ref) from None
            notes.append(f"{folder}: not listed ({_said(error)})")
            continue
        with entries:
            for entry in entries:
                seen += 1
                if seen > MOST_ENTRIES:
                    notes.append(f"the listing stops at {MOST_ENTRIES:,} names")
                    return
                name = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name in _NOT_LISTED:
                        continue
                    if depth < DEEPEST:
                        waiting.append((name, depth + 1))
                    else:
                        notes.append(f"{name}: not listed (deeper than {DEEPEST} folders)")
                    continue
                reason = _not_a_file(tree, name)
                if reason is None:
                    yield name
                else:
                    notes.append(f"{reason}; not read")


def _not_a_file(tree: Tree, name: str) -> str | None:
    """Why the entry is no file of the model; None where it is one."""
    try:
        mode = os.stat(tree.real(name)).st_mode
    except SpecverifyError as error:
        return str(error)
    except OSError as error:
        return f"{name}: {_said(error)}"
    return None if stat.S_ISREG(mode) else f"{name}: {_kind(mode)}, not a file"


def _open(tree: Tree, name: str) -> tuple[io.FileIO, int]:
    """The file and its size in bytes. Unbuffered: a buffer would read ahead, from a header into the weights.

    Opening follows no link and cannot block. Raises NotFound where nothing is there, Unreadable where it is no regular
    file of the model.
    """
    try:
        descriptor = os.open(tree.real(name), _FLAGS)
    except OSError as error:
        raise Unreadable(_said(error), file=name) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise Unreadable(f"{_kind(status.st_mode)}, not a file", file=name)
    return io.FileIO(descriptor), status.st_size


def _up_to(file: io.FileIO, most: int, name: str) -> bytes:
    """The next bytes, at most that many; fewer only where the file ends."""
    parts: list[bytes] = []
    try:
        while most and (part := file.read(most)):
            parts.append(part)
            most -= len(part)
    except OSError as error:
        raise Unreadable(_said(error), file=name) from None
    return b"".join(parts)


def read_file(tree: Tree, name: str, most: int) -> bytes:
    """The whole file. Raises NotFound where there is none, Unreadable where it is none or has more than `most` bytes."""
    file, size = _open(tree, name)
    with file:
        if size > most:
            raise Unreadable(f"{size:,} bytes, more than the {most:,} that are read of it", file=name)
        return _up_to(file, size, name)


def read_range(tree: Tree, name: str, start: int, stop: int) -> tuple[bytes, int]:
    """The bytes from `start` to before `stop`, and not one more, and the file's size."""
    file, size = _open(tree, name)
    with file:
        file.seek(start)
        return _up_to(file, stop - start, name), size


def _said(error: OSError | ValueError) -> str:
    """The operating system's words, without the path they repeat."""
    return error.strerror.lower() if isinstance(error, OSError) and error.strerror else str(error)


def _kind(mode: int) -> str:
    return _KINDS.get(stat.S_IFMT(mode), "a special file")
