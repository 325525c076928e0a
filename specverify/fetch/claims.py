"""A claims file on disk, read within its bound."""

from __future__ import annotations

import os

from specverify.errors import NotFound, Unreadable
from specverify.fetch.files import MIB, ModelFiles
from specverify.fetch.folder import read_file, tree

ORIGIN = "claims"
MOST = MIB


def fetch_claims(ref: str) -> ModelFiles:
    """The claims file that REF names, as the one file of a model; a link is followed. Raises NotFound or Unreadable."""
    path = os.path.expanduser(ref)
    try:
        real = os.path.realpath(path, strict=True)
    except (OSError, ValueError) as error:
        raise NotFound(f"no such claims file ({getattr(error, 'strerror', None) or error})", file=ref) from None
    folder, file = os.path.split(real)
    try:
        data = read_file(tree(folder, "folder", in_cache=False), file, MOST)
    except Unreadable as error:
        raise Unreadable(str(error).removeprefix(f"{file}: "), file=ref) from None
    name = os.path.basename(path)
    return ModelFiles(ref=ref, name=name, origin=ORIGIN, listing=(name,), contents={name: data})
