"""Run by `test_server.py` in a process of its own, with HF_ENDPOINT set: the unmodified huggingface_hub client at work."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, ModelCard, get_hf_file_metadata, get_safetensors_metadata, hf_hub_download, hf_hub_url, snapshot_download


def attempt(call: Callable[[], Any]) -> Any:
    """The result, or the name of the error."""
    try:
        return call()
    except OSError as error:
        return type(error).__name__


def main(sha: str) -> dict[str, Any]:
    api = HfApi()
    detailed = api.model_info("acme/single", files_metadata=True)
    assert detailed.siblings is not None
    return {
        "info": api.model_info("acme/single").sha,
        "pinned": api.model_info("acme/single", revision=sha).sha,
        "expanded": api.model_info("acme/single", expand=["sha", "gated", "tags"]).__dict__["pipeline_tag"],
        "sizes": {entry.rfilename: [entry.size, entry.lfs is not None] for entry in detailed.siblings},
        "small": Path(hf_hub_download("acme/single", "config.json")).read_text(),
        "large": len(Path(hf_hub_download("acme/single", "model.safetensors")).read_bytes()),
        "again": attempt(lambda: Path(hf_hub_download("acme/single", "config.json", revision=sha)).name),
        "tagged": Path(hf_hub_download("acme/single", "config.json", revision="v1/old")).read_text(),
        "snapshot": sorted(path.name for path in Path(snapshot_download("acme/sharded")).iterdir()),
        "tensors": sorted(get_safetensors_metadata("acme/single").files_metadata["model.safetensors"].tensors),
        "shards": sorted(get_safetensors_metadata("acme/sharded").files_metadata),
        "headers": len(api.get_sharded_safetensors_metadata("acme/sharded").weight_map),
        "listed": [model.id for model in api.list_models(author="acme")],
        "searched": [model.id for model in api.list_models(search="shard")],
        "tree": sorted(entry.path for entry in api.list_repo_tree("acme/single")),
        "paths": [entry.path for entry in api.get_paths_info("acme/single", ["config.json"])],
        "refs": [tag.name for tag in api.list_repo_refs("acme/single").tags],
        "exists": [api.file_exists("acme/single", "config.json"), api.file_exists("acme/single", "none.json")],
        "card": attempt(lambda: ModelCard.load("acme/single").validate()),
        "renamed": api.model_info("acme/before").id,
        "canonical": api.model_info("before").id,
        "anonymous": attempt(lambda: api.whoami(token="hf_valid")["name"]),
        "bad token": attempt(lambda: api.model_info("acme/single", token="hf_wrong")),
        "no repo": attempt(lambda: api.model_info("acme/none")),
        "private": attempt(lambda: api.model_info("acme/private")),
        "granted": attempt(lambda: api.model_info("acme/private", token="hf_valid").id),
        "no revision": attempt(lambda: api.model_info("acme/single", revision="none")),
        "no file": attempt(lambda: hf_hub_download("acme/single", "none.json")),
        "gated": attempt(lambda: hf_hub_download("acme/gated", "config.json")),
        "gated info": api.model_info("acme/gated").gated,
        "disabled": attempt(lambda: get_hf_file_metadata(hf_hub_url("acme/disabled", "config.json"))),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1])))
