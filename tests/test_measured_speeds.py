"""Published speeds against the floors, and the configs of the models that were measured."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from benchmarks import measured_speeds
from benchmarks.measured_speeds import HERE, Speed, main, speeds
from specverify.derive.figures import figures
from specverify.normalize.config import normalize_bytes
from specverify.target import Target

ROWS = tuple(speeds())
CHECKED = tuple(speed for speed in ROWS if speed.not_checked is None)
MODELS = sorted((HERE / "speed_models").iterdir())
ROW = {"source": "here", "what": "Llama-2-7B", "model": "../fixtures/llama-2-7b", "prompt": 0, "output": 1, "counted": "output"}


@pytest.mark.parametrize("speed", CHECKED, ids=lambda speed: f"{speed.what}, {speed.raw['target'].get('gpus', 1)}")
def test_no_measurement_is_below_its_floor(speed: Speed) -> None:
    assert 0 < speed.floor() < speed.seconds()


def test_some_come_near_so_that_the_floors_are_not_idle() -> None:
    """gpt-fast reaches 72 % of an A100's bandwidth, and a prompt of 129,042 tokens 62 % of what an H20 does at most."""
    shares = {speed.what: speed.floor() / speed.seconds() for speed in CHECKED}
    assert max(shares.values()) > 0.7
    assert shares["Qwen3-30B-A3B BF16, SGLang, 129,042 tokens in"] > 0.6


def test_every_row_has_its_source_and_what_is_not_checked_a_reason() -> None:
    assert len(CHECKED) > 190
    assert all(speed.raw["source"].startswith("https://") and speed.what for speed in ROWS)
    assert all(speed.not_checked for speed in ROWS if "model" not in speed.raw)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_every_config_counts_as_published_and_is_measured(path: Path) -> None:
    spec = normalize_bytes((path / "config.json").read_bytes())
    assert spec.exactness == "exact"
    published = tomllib.loads((path / "source.toml").read_text("utf-8"))["parameters"]
    assert figures(spec, Target())["parameters.total"].value == published
    assert any(speed.raw["model"] == f"speed_models/{path.name}" for speed in CHECKED)


def test_a_prompt_is_timed_with_the_steps_after_its_first_token() -> None:
    """Llama-2-7B on an A100: 13.2 GB of weights, read once for the prompt and once for each of three further tokens."""
    row = ROW | {"target": {"gpu": "a100-sxm-80gb"}, "prompt": 10, "output": 4, "counted": "both", "tokens_per_second": 14}
    speed = Speed(row)
    assert speed.seconds() == 1
    weights, token = (6_738_415_616 - 32_000 * 4096) * 2, 32 * 2 * 4096 * 2
    rows, read = (10 + 3) * 8192, sum(range(11, 14)) * token
    assert speed.floor() == pytest.approx((4 * weights + rows + read) / 2039e9)


def test_hardware_of_its_own_has_the_bandwidth_that_the_row_states() -> None:
    speed = Speed(ROW | {"target": {}, "context": 99, "tokens_per_second": 1, "memory_gb_per_s": 100})
    assert speed.floor() == pytest.approx(((6_738_415_616 - 32_000 * 4096) * 2 + 8192 + 100 * 32 * 2 * 4096 * 2) / 100e9)


@pytest.mark.parametrize(("tokens_per_second", "status", "below"), [(150, 0, "0 below"), (160, 1, "1 below")])
def test_the_exit_tells_whether_a_floor_was_beaten(
    tokens_per_second: int,
    status: int,
    below: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A step of Llama-2-7B takes an A100 1 / 154 s at least."""
    apart = {"source": "here", "what": "with a draft", "tokens_per_second": 1000, "not_checked": "speculative decoding"}
    lines = [ROW | {"target": {"gpu": "a100-sxm-80gb"}, "tokens_per_second": tokens_per_second}, apart]
    path = tmp_path / "speeds.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    monkeypatch.setattr(measured_speeds, "SPEEDS", path)
    assert main(["--all"]) == status
    told = capsys.readouterr().out
    assert below in told
    assert "Llama-2-7B, 1 x a100-sxm-80gb" in told
    assert "1  speculative decoding" in told
