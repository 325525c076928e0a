"""What a REF names: a folder on disk, or a repo on the Hub at a revision."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from specverify.errors import NotFound
from specverify.pattern import Pattern

DEFAULT_ENDPOINT = "https://huggingface.co"
DEFAULT_REVISION = "main"
LONGEST_NAME = 96
LONGEST_REVISION = 255

_NAME = Pattern(r"[\w.-]+(/[\w.-]+)?", re.ASCII)
_SHA = Pattern(r"[0-9a-f]{40}")
_UNSAFE_IN_REVISION = Pattern(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|@\{")


class Repo(NamedTuple):
    """A repo id (`org/name`, or a bare `name`) and a branch, tag or commit of it; None is the default branch."""

    name: str
    revision: str | None = None


def endpoint() -> str:
    """Where repos are: HF_ENDPOINT, or the Hub."""
    return (os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/")


def is_path(ref: str) -> bool:
    """Whether REF means a folder: it is written as a path, or a folder of that name exists."""
    return ref in (".", "..") or ref.startswith(("./", "../", "/", "~")) or ("\0" not in ref and os.path.isdir(ref))


def is_claims_file(ref: str) -> bool:
    """Whether REF means a claims file: it ends as YAML does, and is no folder."""
    return ref.lower().endswith((".yaml", ".yml")) and "\0" not in ref and not os.path.isdir(ref)


def is_sha(revision: str | None) -> bool:
    """Whether the revision is a full commit id, which can never mean another commit tomorrow."""
    return revision is not None and _SHA.fullmatch(revision) is not None


def is_repo_name(name: str) -> bool:
    """Whether the text can be a repo id on the Hub, and so can stand in a URL or a cache path unescaped."""
    dotted = any(part.strip(".") == "" for part in name.split("/"))
    return len(name) <= LONGEST_NAME and _NAME.fullmatch(name) is not None and not dotted and "--" not in name


def parse_repo(ref: str, revision: str | None) -> Repo:
    """The repo that `org/name` or `org/name@revision` names.

    Raises NotFound where it cannot name one, or where REF and `revision` name two different revisions.
    """
    name, at, written = ref.partition("@")
    if not is_repo_name(name):
        raise NotFound("neither a folder here nor a repo id of the form `org/name`", file=ref)
    if at and revision is not None and written != revision:
        raise NotFound(f"names two revisions, {written!r} and {revision!r}", file=ref)
    chosen = written if at else revision
    if chosen is not None and not _can_be_revision(chosen):
        raise NotFound(f"{chosen!r} cannot be a branch, tag or commit", file=ref)
    return Repo(name, chosen)


def _can_be_revision(revision: str) -> bool:
    """Git's own rules for reference names, which also keep it inside `refs/` of a cache folder."""
    parts = revision.split("/")
    return (
        0 < len(revision) <= LONGEST_REVISION
        and _UNSAFE_IN_REVISION.search(revision) is None
        and revision.isprintable()
        and all(part and not part.startswith(".") and not part.endswith(".lock") for part in parts)
    )
