"""Models locked and checked again, over a Hub on loopback: the real command in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import jsonschema
import pytest

from specverify.data import schema
from tests.cli.running import HEALTHY, write_model
from tests.hub.models import safetensors
from tests.hub.repo import Repo
from tests.hub.server import HubServer

Run: TypeAlias = Callable[..., tuple[int, str, str]]
PROGRAM = (sys.executable, "-c", "from specverify.cli import main; main()")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "lock.md"
CARD = b"---\nlicense: mit\n---\nA model.\n"


def files(config: Mapping[str, Any] = HEALTHY, card: bytes = CARD) -> dict[str, bytes]:
    return {"config.json": json.dumps(config, indent=1).encode(), "README.md": card}


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add(Repo("acme/small", files(), {"dev": files({**HEALTHY, "vocab_size": 32_064})}))
        server.add(Repo("acme/other", files({**HEALTHY, "num_hidden_layers": 4})))
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

    def command(*arguments: str, given: str | None = None) -> tuple[int, str, str]:
        done = subprocess.run(
            [*PROGRAM, *arguments], env=environment, cwd=tmp_path, input=given, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stdout, done.stderr

    return command


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "specverify.lock"


def drifted(out: str) -> dict[str, Any]:
    form = json.loads(out)
    jsonschema.validate(form, schema("drift"))
    return {model["ref"]: model for model in form["models"]}


def values(changes: list[dict[str, Any]]) -> dict[str, tuple[Any, Any]]:
    return {one["name"]: (one["before"]["value"], one["after"]["value"]) for one in changes}


def test_an_edited_config_is_told_fact_by_fact_and_figure_by_figure(run: Run, hub: HubServer, tmp_path: Path) -> None:
    (tmp_path / "shortlist.txt").write_text("acme/small  # the one we serve\nacme/other\n")
    assert run("lock", "shortlist.txt", "--gpu", "h100-sxm-80gb") == (0, "2 models locked in specverify.lock\n", "")
    status, out, err = run("check", "--locked")
    assert (status, err) == (0, "")
    assert "0 of 2 changed" in out
    before = hub.repos["acme/small"].sha
    after = hub.add(Repo("acme/small", files({**HEALTHY, "max_position_embeddings": 4096, "num_key_value_heads": 3}))).sha

    status, out, _ = run("check", "--locked")
    told = " ".join(out.split())
    assert status == 1
    assert "acme/other as locked" in told
    assert "1 of 2 changed" in told
    assert f"commit {before[:12]} -> {after[:12]}" in told
    assert "verdict info -> error" in told
    assert "max_position_embeddings - 2048 declared + 4096 declared config.json:12#/max_position_embeddings" in told
    assert "context.declared 2,048 tokens -> 4,096 tokens" in told
    assert "ATT003 key-value-heads-do-not-divide-heads appeared" in told
    assert "config.json changed" in told

    status, out, _ = run("check", "--locked", "--format", "json")
    changed = drifted(out)["acme/small"]
    assert status == 1
    assert changed["sha"] == {"before": before, "after": after}
    facts, figures = values(changed["changes"]["facts"]), values(changed["changes"]["figures"])
    assert facts["max_position_embeddings"] == (2048, 4096)
    assert facts["num_key_value_heads"] == (2, 3)
    assert figures["cache.bytes_per_token"] == (2 * 8 * 2 * 64 * 2, 2 * 8 * 3 * 64 * 2)
    assert "capacity.max_concurrency" in figures, "under the target that was locked"
    assert "hidden_size" not in facts
    assert [(one["name"], one["how"]) for one in changed["changes"]["files"]] == [("config.json", "changed")]
    assert not drifted(out)["acme/other"]["changed"]
    assert run("check", "--locked", "acme/other")[0] == 0


def test_written_twice_it_is_the_same_bytes_in_any_order(run: Run, lock: Path) -> None:
    run("lock", "acme/small", "acme/other")
    first = lock.read_bytes()
    run("lock", "-", "--lock", "again.lock", given="acme/other\nacme/small\nacme/other\n")
    assert (lock.parent / "again.lock").read_bytes() == first
    run("lock", "acme/small", "acme/other", "--offline", "--lock", "offline.lock")
    assert (lock.parent / "offline.lock").read_bytes() == first


def test_it_is_read_line_by_line(run: Run, lock: Path) -> None:
    run("lock", "acme/small", "--context", "1k")
    lines = lock.read_text().split("\n")
    jsonschema.validate(json.loads(lock.read_text()), schema("lock"))
    assert '    "hidden_size": {"value": 512, "source": "declared"},' in lines
    assert '    "context.declared": {"value": 2048, "unit": "tokens"},' in lines
    assert '  "context": 1024,' in lines
    (size,) = (line for line in lines if line.startswith('    "README.md"'))
    assert size.endswith(f'"size": {len(CARD)}}},')
    assert list(json.loads(lock.read_text())["models"]["acme/small"]) == [
        *("name", "revision", "sha", "verdict", "spec", "files", "tensors", "facts", "figures", "findings"),
    ]  # fmt: skip


def test_a_commit_that_changes_nothing_that_is_read_is_a_change_and_no_fact(run: Run, hub: HubServer) -> None:
    run("lock", "acme/small")
    hub.add(Repo("acme/small", {**files(), "notes.txt": b"hello"}))
    status, out, _ = run("check", "--locked", "--format", "json")
    changed = drifted(out)["acme/small"]
    assert (status, changed["changed"]) == (1, True)
    assert changed["changes"] == {"facts": [], "figures": [], "claims": [], "findings": [], "files": [], "unseen_files": []}
    assert "nothing else that was read differs" in run("check", "--locked")[1]


def test_the_revision_named_is_the_one_checked(run: Run, hub: HubServer, lock: Path) -> None:
    pinned = hub.repos["acme/small"].sha
    assert run("lock", "acme/small@dev", f"acme/small@{pinned}")[0] == 0
    assert run("lock", "acme/small", "--revision", "dev", "--lock", "option.lock")[0] == 0
    assert list(json.loads((lock.parent / "option.lock").read_text())["models"]) == ["acme/small@dev"]
    hub.add(Repo("acme/small", files({**HEALTHY, "vocab_size": 32_128}), {"dev": files({**HEALTHY, "vocab_size": 32_064}), "was": files()}))
    assert run("check", "--locked")[0] == 0, "main moved, and neither of these did"


def test_reformatted_files_move_no_fact(run: Run, tmp_path: Path) -> None:
    claim = "| Architecture | |\n|---|---|\n| Number of Layers | 8 |\n"
    write_model(tmp_path / "model", f"{CARD.decode()}\n{claim}")
    run("lock", "./model")
    config, card = tmp_path / "model/config.json", tmp_path / "model/README.md"
    config.write_text(json.dumps(json.loads(config.read_text())))
    card.write_text(f"{CARD.decode()}\n\n\n{claim}")
    status, out, _ = run("check", "--locked", "--format", "json")
    changed = drifted(out)["./model"]
    assert status == 1
    assert "spec" not in changed
    assert [one["name"] for one in changed["changes"]["files"]] == ["README.md", "config.json"]
    assert (changed["changes"]["facts"], changed["changes"]["figures"]) == ([], [])


def test_other_tensors_under_the_same_config_are_a_change(run: Run, tmp_path: Path) -> None:
    write_model(tmp_path / "model")
    weights = tmp_path / "model/model.safetensors"
    weights.write_bytes(safetensors({"model.norm.weight": (512,)}))
    run("lock", "model")
    assert run("check", "--locked")[0] == 0
    weights.write_bytes(safetensors({"model.norm.weight": (256,)}))
    status, out, _ = run("check", "--locked", "--format", "json")
    assert status == 1
    assert {"name": "model.safetensors (tensors)", "how": "changed", "keys": []} in drifted(out)["model"]["changes"]["files"]


def test_a_model_that_cannot_be_read_is_3_and_locks_nothing(run: Run, hub: HubServer, lock: Path) -> None:
    status, _, err = run("lock", "acme/small", "acme/nothing")
    assert (status, lock.exists()) == (3, False)
    assert "acme/nothing" in err
    run("lock", "acme/small", "acme/other")
    del hub.repos["acme/other"]
    status, out, _ = run("check", "--locked")
    assert (status, "acme/other could not be read" in " ".join(out.split())) == (3, True)
    hub.add(Repo("acme/small", files({**HEALTHY, "vocab_size": 32_064})))
    assert run("check", "--locked")[0] == 1, "1 wins over 3"


def test_an_accelerator_of_ones_own_is_as_the_settings_have_it_now(run: Run, tmp_path: Path) -> None:
    settings = tmp_path / "specverify.toml"
    settings.write_text('[target]\ngpu = "2xlab-card"\n[gpus.lab-card]\nmemory_mib = 40_000\nmemory_gb_per_s = 1000\nbf16_tflops = 100\n')
    assert run("lock", "acme/small")[0] == 0
    assert run("check", "--locked")[0] == 0
    settings.write_text(settings.read_text().replace("40_000", "20_000"))
    status, out, _ = run("check", "--locked", "--format", "json")
    assert status == 1
    assert drifted(out)["acme/small"]["changes"]["facts"] == []
    assert "capacity.max_concurrency" in values(drifted(out)["acme/small"]["changes"]["figures"])
    settings.unlink()
    assert run("check", "--locked")[0] == 2


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda form: form.pop("models"), "models"),
        (lambda form: form.update(lock_version="9"), "/lock_version"),
        (lambda form: form["target"].update(gpus=0), "/target/gpus"),
        (lambda form: form["models"]["acme/small"]["figures"]["context.declared"].pop("unit"), "/models/acme~1small/figures"),
        (lambda form: form["models"]["acme/small"]["figures"]["context.declared"].update(value=None), "/models/acme~1small/figures"),
    ],
)
def test_what_is_no_lock_file_is_a_usage_error_at_its_place(
    run: Run, lock: Path, change: Callable[[dict[str, Any]], Any], place: str
) -> None:
    run("lock", "acme/small")
    form = json.loads(lock.read_text())
    change(form)
    lock.write_text(json.dumps(form))
    status, _, err = run("check", "--locked")
    assert (status, "specverify.lock" in err, place in err, "Traceback" in err) == (2, True, True, False)


def test_the_page_shows_what_is_printed(run: Run, tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    write_model(tmp_path / "model", CARD.decode())
    run("lock", "./model")
    config = tmp_path / "model/config.json"
    config.write_text(config.read_text().replace('_heads": 2', '_heads": 3'))
    out = run("check", "--locked")[1]
    for part in shown.split("...\n"):
        assert part in out


def test_the_page_tells_every_entry() -> None:
    form = schema("lock")["properties"]
    names = {*form, *form["models"]["additionalProperties"]["properties"]} - {"lock_version", "models", "name"}
    assert {name for name in names if f"`{name}`" not in PAGE.read_text(encoding="utf-8")} == set()


def test_usage(run: Run) -> None:
    assert run("check", "--locked")[0] == 2
    assert run("check")[0] == 2
    run("lock", "acme/small")
    status, _, err = run("check", "--locked", "acme/other")
    assert (status, "has no acme/other" in err) == (2, True)
