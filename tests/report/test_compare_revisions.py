"""Two revisions of one repo, over a Hub on loopback: the real command in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.hub.repo import Repo
from tests.hub.server import HubServer
from tests.report.compared import CARD
from tests.report.reports import LLAMA

Run: TypeAlias = Callable[..., tuple[int, str, str]]
PROGRAM = (sys.executable, "-c", "from specverify.cli import main; main()")
LATER = {**LLAMA, "max_position_embeddings": 8192}


def files(config: dict[str, object], card: str = CARD) -> dict[str, bytes]:
    return {"config.json": json.dumps(config, indent=1).encode(), "README.md": card.encode(), "model.safetensors.index.json": b"{}"}


REPO = Repo("acme/small", files(LATER), {"v1": files(LLAMA), "v2": {**files(LATER), "LICENSE": b"MIT"}}, about={"gated": "manual"})


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add(REPO)
        yield server


@pytest.fixture
def run(hub: HubServer, tmp_path: Path) -> Run:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "HF_HOME": str(tmp_path / "hf"),
        "SPECVERIFY_CACHE": str(tmp_path / "specverify"),
        "HF_ENDPOINT": hub.url,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }

    def command(*arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [*PROGRAM, "compare", *arguments], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stdout, done.stderr

    return command


def test_two_revisions_of_one_repo_are_told_as_what_changed(run: Run) -> None:
    status, out, err = run("acme/small@v1", "acme/small@main", "--no-tensors")
    assert (status, err) == (0, "")
    told = " ".join(out.split())
    assert f"- acme/small @ v1 ({REPO.commit_of(REPO.tags['v1'])[:12]}) + acme/small @ main ({REPO.sha[:12]})" in told
    assert 'max_position_embeddings - 4096 declared config.json:12#/max_position_embeddings | "max_position_embeddings": 4096' in told
    assert "context.declared 8,192 tokens -> 16,384 tokens" in told
    assert "SEC002" not in out
    assert "Latency and throughput" not in out


def test_the_files_of_two_revisions_and_json_of_both_views(run: Run) -> None:
    status, out, _ = run("acme/small@v1", "acme/small@v2", "--no-tensors", "--format", "json")
    form = json.loads(out)
    assert status == 0
    assert [(file["name"], file["how"]) for file in form["changes"]["files"]] == [("LICENSE", "added"), ("config.json", "changed")]
    assert form["changes"]["unseen_files"] == []
    assert [model["revision"] for model in form["models"]] == ["v1", "v2"]
    cells = {row["name"]: row["cells"] for group in form["groups"] for row in group["rows"]}
    assert [cell["text"] for cell in cells["gated"]] == ["terms to accept, and the publisher's leave"] * 2
    assert cells["revision"][0]["value"] == REPO.commit_of(REPO.tags["v1"])


def test_side_by_side_is_had_for_one_repo_too(run: Run) -> None:
    status, out, _ = run("acme/small@v1", "acme/small@v2", "--no-tensors", "--no-diff")
    assert status == 0
    assert "Latency and throughput" in out
    assert "acme/small @ v1" in " ".join(out.split())


def test_a_revision_that_is_not_there_is_3_and_the_other_is_shown(run: Run) -> None:
    status, out, _ = run("acme/small@v1", "acme/small@v9", "--no-tensors")
    assert status == 3
    assert "acme/small@v9 could not be read" in out
    assert "context.declared" in out
