"""A claims file on disk, read within its bound."""

from __future__ import annotations

import os

from specverify.errors import NotFound, Unreadable
from specverify.fetch.files import MIB, ModelFiles
from specverify.fetch.folder import read_file, tree

ORIGIN = "claims"
MOST = MIB


def fetch_claims(ref: str) -> ModelFiles:
    """The claims file that REF names, as the one file of a model. Raises NotFound or Unreadable."""
    path = os.path.expanduser(ref)
    folder, name = os.path.split(path)
    try:
        root = os.path.realpath(folder or ".", strict=True)
    except OSError as error:
        raise NotFound(f"no such file ({os.strerror(error.errno or 0)})", file=ref) from None
    try:
        data = read_file(tree(root, "folder", in_cache=False), name, MOST)
    except NotFound:
        raise NotFound("no such file", file=ref) from None
    except Unreadable as error:
        raise Unreadable(str(error).removeprefix(f"{name}: "), file=ref) from None
    return ModelFiles(ref=ref, name=name, origin=ORIGIN, listing=(name,), contents={name: data})
