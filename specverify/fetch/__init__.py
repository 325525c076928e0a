"""The only network and disk: a REF becomes the bytes that say what a model is. No weight is read, no code is run."""

from __future__ import annotations

import os

from specverify.errors import NotFound
from specverify.fetch.files import ModelFiles
from specverify.fetch.folder import fetch_folder
from specverify.fetch.held import fetch_offline, fetch_pinned
from specverify.fetch.reference import endpoint, is_path, is_sha, parse_repo
from specverify.fetch.store import Store, store_folder

__all__ = ["ModelFiles", "fetch"]


def fetch(ref: str, *, revision: str | None = None, offline: bool = False, tensors: bool = True) -> ModelFiles:
    """What there is of the model that REF names: a local folder, or `org/name[@revision]` on the Hub or in its cache.

    Offline (asked for here, or by `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`) reads what is on disk only, of the
    Hugging Face cache and of what this program kept (`SPECVERIFY_CACHE`); a commit held whole is read from there in any
    case. Raises NotFound (RevisionNotFound, Disabled), Gated, Offline, Unreadable, RateLimited or Unreachable, naming the
    file or URL.
    """
    if is_path(ref):
        if revision is not None:
            raise NotFound(f"a folder, which has no revision {revision!r}", file=ref)
        return fetch_folder(ref, tensors=tensors)
    repo = parse_repo(ref, revision)
    store = Store(store_folder(), endpoint())
    if offline or asked_offline():
        return fetch_offline(ref, repo, store, tensors=tensors)
    held = fetch_pinned(ref, repo, store, tensors=tensors) if is_sha(repo.revision) else None
    if held is not None:
        return held
    from specverify.fetch.client import open_client
    from specverify.fetch.hub import fetch_hub

    with open_client(store) as client:
        return fetch_hub(ref, repo, client, tensors=tensors)


def asked_offline() -> bool:
    """The switches of huggingface_hub, read when called, as it reads them on import."""
    switch = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    return switch.upper() in {"1", "ON", "YES", "TRUE"}
