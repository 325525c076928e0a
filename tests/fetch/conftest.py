"""A loopback Hub, and an environment in which nothing else can be reached or read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from specverify.fetch import limiter, transport
from tests.hub.server import HubServer


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """No token, cache or endpoint of whoever runs the tests; returns the HF_HOME to use."""
    from huggingface_hub import constants

    home = tmp_path_factory.mktemp("hf")
    for name in (
        "HF_TOKEN",
        "HUGGING_FACE_HUB_TOKEN",
        "HF_HUB_CACHE",
        "HUGGINGFACE_HUB_CACHE",
        "XDG_CACHE_HOME",
        "HF_HUB_OFFLINE",
        "TRANSFORMERS_OFFLINE",
        "HF_OIDC_RESOURCE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(home))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("SPECVERIFY_CACHE", str(tmp_path_factory.mktemp("specverify")))
    monkeypatch.setattr(limiter.SHARED, "_buckets", {})
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    # Read once, at import: a test that ran earlier may have had it set.
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(transport, "FIRST_PAUSE", 0.005)
    return home


@pytest.fixture
def hub(apart: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A Hub at HF_ENDPOINT, empty."""
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server
