"""A model without a request: a folder, a commit that a cache holds whole, or, offline, whatever a cache holds."""

from __future__ import annotations

import os

from specverify.errors import NotFound
from specverify.fetch.files import ModelFiles
from specverify.fetch.reference import Repo, is_claims_file, is_path, is_sha, parse_repo


def fetch_on_disk(ref: str, revision: str | None, *, offline: bool, tensors: bool) -> ModelFiles | Repo:
    """The model that REF names, or the repo to ask for it. Raises NotFound, Offline or Unreadable."""
    if is_claims_file(ref):
        if revision is not None:
            raise NotFound(f"a claims file, which has no revision {revision!r}", file=ref)
        from specverify.fetch.claims import fetch_claims

        return fetch_claims(ref)
    if is_path(ref):
        if revision is not None:
            raise NotFound(f"a folder, which has no revision {revision!r}", file=ref)
        from specverify.fetch.folder import fetch_folder

        return fetch_folder(ref, tensors=tensors)
    from specverify.fetch.held import fetch_offline, fetch_pinned
    from specverify.fetch.store import Store

    repo = parse_repo(ref, revision)
    store = Store.here()
    if offline or _asked_offline():
        return fetch_offline(ref, repo, store, tensors=tensors)
    return (fetch_pinned(ref, repo, store, tensors=tensors) if is_sha(repo.revision) else None) or repo


def _asked_offline() -> bool:
    """The switches of huggingface_hub, read when called, as it reads them on import."""
    switch = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    return switch.upper() in {"1", "ON", "YES", "TRUE"}
