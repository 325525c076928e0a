"""The formats of a repo, over a Hub on loopback: its commit, its addresses and the hashes of the bytes that came."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hub.repo import Repo
from tests.hub.server import HubServer
from tests.report.reports import LLAMA

PROGRAM = (sys.executable, "-c", "from specverify.cli import main; main()")
CARD = """---
license: apache-2.0
datasets: [acme/text]
---

# Small

| | |
|---|---|
| Context length | 999K |

## Limitations

English only.
"""
CONFIG = json.dumps({**LLAMA, "num_key_value_heads": 3}, indent=1)
REPO = Repo("acme/small", {"config.json": CONFIG.encode(), "README.md": CARD.encode()})


@pytest.fixture(scope="module")
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add(REPO)
        yield server


def written(hub: HubServer, folder: Path, form: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "HF_HOME": str(folder / "hf"),
        "SPECVERIFY_CACHE": str(folder / "specverify"),
        "HF_ENDPOINT": hub.url,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [*PROGRAM, "acme/small", "--no-tensors", "--format", form, "--fail-on", "never"]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def test_sarif_names_the_commit_and_the_columns(hub: HubServer, tmp_path: Path) -> None:
    (run,) = json.loads(written(hub, tmp_path, "sarif"))["runs"]
    assert run["versionControlProvenance"] == [{"repositoryUri": f"{hub.url}/acme/small", "revisionId": REPO.sha}]
    (result,) = [result for result in run["results"] if result["ruleId"] == "ATT003"]
    region = result["locations"][0]["physicalLocation"]["region"]
    line = CONFIG.splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == region["snippet"]["text"] == '"num_attention_heads": 8'
    hashes = {artifact["location"]["uri"]: artifact["hashes"]["sha-256"] for artifact in run["artifacts"]}
    assert hashes["README.md"] == hashlib.sha256(CARD.encode()).hexdigest()


def test_sarif_has_regions_in_the_card(hub: HubServer, tmp_path: Path) -> None:
    (run,) = json.loads(written(hub, tmp_path, "sarif"))["runs"]
    places = [place["physicalLocation"] for result in run["results"] for place in result["locations"]]
    region, *_ = [place["region"] for place in places if place["artifactLocation"]["uri"] == "README.md" and "999K" in str(place)]
    line = CARD.splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "| Context length | 999K |"


def test_a_bill_names_the_commit_the_license_and_what_the_card_says(hub: HubServer, tmp_path: Path) -> None:
    model: dict[str, Any] = json.loads(written(hub, tmp_path, "cyclonedx"))["components"][0]
    assert (model["group"], model["name"], model["version"]) == ("acme", "small", REPO.sha)
    assert model["licenses"] == [{"license": {"id": "Apache-2.0", "acknowledgement": "declared"}}]
    assert model["modelCard"]["considerations"]["technicalLimitations"][0] == "English only."
    assert model["modelCard"]["modelParameters"]["datasets"] == [{"type": "dataset", "name": "acme/text"}]
    assert {"type": "configuration", "url": f"{hub.url}/acme/small/blob/{REPO.sha}/config.json"} in model["externalReferences"]


def test_annotations_name_the_repo_and_no_file_of_the_workflow(hub: HubServer, tmp_path: Path) -> None:
    lines = written(hub, tmp_path, "github").splitlines()
    assert any(line.startswith("::error title=ATT003 ") and "::acme/small config.json:" in line for line in lines)
    assert not any("file=" in line for line in lines)
