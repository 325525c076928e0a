"""The only network and disk: a REF becomes the bytes that say what a model is. No weight is read, no code is run."""

from __future__ import annotations

import os

from specverify.errors import NotFound, Offline
from specverify.fetch.files import ModelFiles
from specverify.fetch.folder import fetch_folder
from specverify.fetch.reference import is_path, is_sha, parse_repo
from specverify.fetch.snapshot import fetch_snapshot, is_whole

__all__ = ["ModelFiles", "fetch"]


def fetch(ref: str, *, revision: str | None = None, offline: bool = False, tensors: bool = True) -> ModelFiles:
    """What there is of the model that REF names: a local folder, or `org/name[@revision]` on the Hub or in its cache.

    Offline (asked for here, or by `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`) reads the cache only; a commit that the
    cache holds whole is read from there in any case. Raises NotFound, Gated, Offline, Unreadable, RateLimited or
    Unreachable, naming the file or URL.
    """
    if is_path(ref):
        if revision is not None:
            raise NotFound(f"a folder, which has no revision {revision!r}", file=ref)
        return fetch_folder(ref, tensors=tensors)
    repo = parse_repo(ref, revision)
    if offline or _asked_offline():
        return fetch_snapshot(ref, repo, tensors=tensors)
    if is_sha(repo.revision):
        try:
            held = fetch_snapshot(ref, repo, tensors=tensors)
        except Offline:
            held = None
        if held is not None and is_whole(held, tensors=tensors):
            return held
    from specverify.fetch.hub import fetch_hub

    return fetch_hub(ref, repo, tensors=tensors)


def _asked_offline() -> bool:
    """The switches of huggingface_hub, read when called, as it reads them on import."""
    switch = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    return switch.upper() in {"1", "ON", "YES", "TRUE"}
