"""The only network and disk: a REF becomes the bytes that say what a model is. No weight is read, no code is run."""

from __future__ import annotations

from specverify.fetch.files import ModelFiles
from specverify.fetch.on_disk import fetch_on_disk

__all__ = ["ModelFiles", "fetch"]


def fetch(ref: str, *, revision: str | None = None, offline: bool = False, tensors: bool = True) -> ModelFiles:
    """What there is of the model that REF names: a local folder, or `org/name[@revision]` on the Hub or in its cache.

    Offline (asked for here, or by `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`) reads what is on disk only, of the
    Hugging Face cache and of what this program kept (`SPECVERIFY_CACHE`); a commit held whole is read from there in any
    case. Raises NotFound (RevisionNotFound, Disabled), Gated, Offline, Unreadable, RateLimited or Unreachable, naming the
    file or URL.
    """
    found = fetch_on_disk(ref, revision, offline=offline, tensors=tensors)
    if isinstance(found, ModelFiles):
        return found
    from specverify.fetch.client import open_client
    from specverify.fetch.hub import fetch_hub

    with open_client() as client:
        return fetch_hub(ref, found, client, tensors=tensors)
