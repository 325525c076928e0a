"""The loopback Hub is one: the unmodified huggingface_hub client, in its own process, finds there what it expects of the Hub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.hub.models import CONFIG, sharded, single
from tests.hub.repo import Repo
from tests.hub.server import HubServer

ROOT = Path(__file__).parents[2]
OLD = b'{"model_type": "llama", "hidden_size": 4}'


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], HubServer]]:
    with HubServer() as hub:
        hub.add(replace(single(), tags={"v1/old": {"config.json": OLD}}, formerly=("acme/before", "before")))
        hub.add(sharded())
        hub.add(Repo("acme/private", {"config.json": CONFIG}, private=True))
        hub.add(Repo("acme/gated", {"config.json": CONFIG}, gated="auto"))
        hub.add(Repo("acme/disabled", {"config.json": CONFIG}, disabled=True))
        hub.tokens["hf_valid"] = {"acme/private"}
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "HUGGING"))}
        env = {**inherited, "HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path_factory.mktemp("hf")), "HF_HUB_DISABLE_XET": "1"}
        run = [sys.executable, "-m", "tests.hub.client_checks", hub.repos["acme/single"].sha]
        done = subprocess.run(run, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        yield json.loads(done.stdout), hub


def test_real_client_reads_metadata_files_listings_and_headers(seen: tuple[dict[str, Any], HubServer]) -> None:
    found, hub = seen
    repo = hub.repos["acme/single"]
    large = repo.files["model.safetensors"]
    shards = [f"model-0000{number}-of-00004.safetensors" for number in range(1, 5)]
    expected = {
        "info": repo.sha,
        "pinned": repo.sha,
        "expanded": None,
        "sizes": {path: [len(data), path.endswith(".safetensors")] for path, data in repo.files.items()},
        "small": CONFIG.decode(),
        "large": len(large),
        "again": "config.json",
        "tagged": OLD.decode(),
        "snapshot": sorted(hub.repos["acme/sharded"].files),
        "tensors": ["model.embed_tokens.weight", "model.norm.weight"],
        "shards": shards,
        "headers": 12,
        "listed": ["acme/disabled", "acme/gated", "acme/sharded", "acme/single"],
        "searched": ["acme/sharded"],
        "tree": sorted(repo.files),
        "paths": ["config.json"],
        "refs": ["v1/old"],
        "exists": [True, False],
        "card": None,
        "renamed": "acme/single",
        "canonical": "acme/single",
        "granted": "acme/private",
        "gated info": "auto",
    }
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("case", "error"),
    [
        ("bad token", "HfHubHTTPError"),
        ("no repo", "RepositoryNotFoundError"),
        ("private", "RepositoryNotFoundError"),
        ("no revision", "RevisionNotFoundError"),
        ("no file", "RemoteEntryNotFoundError"),
        ("gated", "GatedRepoError"),
        ("disabled", "DisabledRepoError"),
    ],
)
def test_real_client_tells_the_errors_apart(seen: tuple[dict[str, Any], HubServer], case: str, error: str) -> None:
    assert seen[0][case] == error


def test_listing_was_paged_and_the_content_network_got_no_token(seen: tuple[dict[str, Any], HubServer]) -> None:
    _, hub = seen
    assert [request.query.get("cursor") for request in hub.asked("hub/api/models") if "author" in request.query] == [None, ["2"]]
    assert hub.asked("cdn/xet/")
    assert not [request for request in hub.asked("cdn/") if "authorization" in request.headers]
    assert hub.asked("hub/api/agent-harnesses")
