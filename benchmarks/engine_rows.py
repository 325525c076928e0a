"""Rows of public engine start-up logs as something to predict: the folder with the model's config, and the target that was started.

A row is a line of SPECVERIFY_CORPUS/engine-logs/observations.jsonl, numbered from 1. Its model is the folder of `fixtures/` or
`engine_models/` whose source.toml has the row's `hub_id` as `name`. What a row's fields leave open and its source says is in
`engine_settings.jsonl`; rows that no prediction can be held against, with the reason, are in `engine_excluded.jsonl`. Both give a
row's source beside its number, so that a number that has come to mean another row is noticed.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from specverify.target import KV_DTYPES, PLANNED, SHORT_DTYPES, Target

HERE = Path(__file__).resolve().parent
FOLDERS = (HERE.parent / "fixtures", HERE / "engine_models")
OBSERVATIONS = "engine-logs/observations.jsonl"
EXCLUDED = HERE / "engine_excluded.jsonl"
SETTINGS = HERE / "engine_settings.jsonl"
ENGINES = {
    "vLLM": "vllm",
    "vLLM-Ascend": "vllm",
    "SGLang": "sglang",
    "llama.cpp": "llamacpp",
    "ik_llama.cpp": "ik_llama",
}
GPUS = (
    (r"H100", "h100-sxm-80gb"),
    (r"H200", "h200-sxm-141gb"),
    (r"B200", "b200-sxm-180gb"),
    (r"A100 80GB", "a100-sxm-80gb"),
    (r"A100 40GB", "a100-sxm-40gb"),
    (r"RTX PRO 6000", "rtx-pro-6000-workstation-96gb"),
    (r"RTX 5090", "rtx-5090-32gb"),
    (r"GB10", "gb10-128gb"),
    (r"Tesla T4", "t4-16gb"),
    (r"Ascend .*64GB", "ascend-910b-64gb"),
)
"""What a log's text for its GPU begins with, and the catalogue's name; where two of the catalogue print alike, the one named most."""


@dataclass(frozen=True, slots=True)
class Row:
    """One observation. `number` counts from 1; keys of `raw` ending in `_gib` are GiB per GPU."""

    number: int
    raw: Mapping[str, Any]

    @property
    def engine(self) -> str:
        """The target's name of the engine, or the log's own word for an engine that is not one of them."""
        word: str = self.raw["engine"]
        return ENGINES.get(word, word)

    @property
    def gpu(self) -> str | None:
        """The catalogue's name of the GPU; None where the log names none (`CUDA0` is none) or one that the catalogue lacks."""
        text = self.raw["gpu"] or ""
        return next((name for pattern, name in GPUS if re.search(rf"\b{pattern}", text)), None)

    @property
    def logs_utilization(self) -> bool:
        """Whether the log itself gives `gpu_memory_utilization`: some rows have the engine's default, filled in afterwards."""
        return self.raw["gpu_memory_utilization"] is not None and "util not in log" not in (self.raw["notes"] or "")


def rows(corpus: Path) -> list[Row]:
    """Every observation of a corpus, in the order of the file."""
    lines = (corpus / OBSERVATIONS).read_text("utf-8").splitlines()
    return [Row(number, json.loads(line)) for number, line in enumerate(lines, 1)]


def excluded() -> dict[int, dict[str, Any]]:
    """Rows that are not scored by number: `source` and `reason`."""
    return _table(EXCLUDED)


def settings() -> dict[int, dict[str, Any]]:
    """What rows' fields leave open, by number: `source`, `reason`, and `folder` or `target` (arguments of Target) or both.

    `unstated` is what nobody says of the weights' format: such a row's weights are not scored.
    """
    return _table(SETTINGS)


def folder(row: Row) -> Path | None:
    """The folder with the config of a row's model; None where there is none."""
    named = settings().get(row.number, {}).get("folder")
    return _folders().get(named) if named else _models().get(row.raw["hub_id"])


def target(row: Row) -> Target:
    """The target a row was started with. What a row does not say stays the engine's own default."""
    raw, more = row.raw, settings().get(row.number, {}).get("target", {})
    kept = {"kv_dtype": _kv_dtype(raw), "mla": _mla(raw), "draft_tokens": _draft_tokens(raw), "eager": _eager(raw)}
    return Target(**(_parallel(raw) | _serving(row) | kept | {"quantize": _planned(row)} | more))


def _parallel(raw: Mapping[str, Any]) -> dict[str, int]:
    """With `dp_inside_tp` the GPUs of a tensor-parallel group are divided among copies of attention, and hold the experts together."""
    if raw["dp_inside_tp"]:
        shared = {"tensor_parallel": raw["tp"] // raw["dp"], "data_parallel": raw["dp"], "expert_parallel": raw["tp"]}
        return shared | {"pipeline_parallel": raw["pp"], "gpus": raw["tp"] * raw["pp"]}
    ways = {"tensor_parallel": raw["tp"], "pipeline_parallel": raw["pp"], "data_parallel": raw["dp"]}
    return ways | {"gpus": raw["tp"] * raw["pp"] * raw["dp"]}


def _serving(row: Row) -> dict[str, Any]:
    raw = row.raw
    return {
        "gpu": row.gpu,
        "engine": row.engine,
        "engine_version": raw["engine_version"].partition("/")[0] if raw["engine_version"] else None,
        "context": raw["max_model_len"],
        "memory_fraction": raw["gpu_memory_utilization"],
        "max_batched_tokens": raw["max_num_batched_tokens"],
        "max_sequences": raw["max_num_seqs"],
    }


def _kv_dtype(raw: Mapping[str, Any]) -> str:
    """A log's word for the dtype of keys and values; the layout of DeepSeek's sparse attention has a name of its own."""
    word = raw["kv_dtype"] or "auto"
    if "DSA layout" in word:
        return "fp8_ds_mla"
    parts = [SHORT_DTYPES.get(part, part) for part in word.split("/")]
    unknown = [part for part in parts if part not in KV_DTYPES]
    if unknown:
        raise ValueError(f"no KV dtype is called {unknown[0]}")
    return "/".join(parts)


def _mla(raw: Mapping[str, Any]) -> str:
    """How latent attention was kept: llama.cpp and its kin print latents and their transpose, or keys and values beside a latent's size."""
    if raw.get("kv_transposed_dtype"):
        return "transposed"
    has_latent = re.search(r"\bkv_lora=\d", raw["notes"] or "")
    return "expanded" if has_latent and raw.get("k_dtype") else "latent"


def _draft_tokens(raw: Mapping[str, Any]) -> int:
    """Tokens vLLM let the model's own prediction layers guess: they then have layers in the pool. A draft model of its own is not one."""
    found = re.search(r"SpeculativeConfig\(method='mtp'.*?num_spec_tokens=(\d+)", raw["notes"] or "")
    return int(found[1]) if found else 0


def _eager(raw: Mapping[str, Any]) -> bool:
    return "enforce_eager" in (raw["notes"] or "")


def _planned(row: Row) -> str | None:
    """A format the engine was told to put plain weights in; a checkpoint that is in one already says so itself."""
    found, word = folder(row), row.raw["quantization"]
    if word not in PLANNED or found is None:
        return None
    return None if "quantization_config" in json.loads((found / "config.json").read_text("utf-8")) else word


@cache
def _table(path: Path) -> dict[int, dict[str, Any]]:
    lines = path.read_text("utf-8").splitlines()
    return {entry["row"]: entry for entry in map(json.loads, lines)}


@cache
def _folders() -> dict[str, Path]:
    return {path.parent.name: path.parent for root in FOLDERS for path in sorted(root.glob("*/source.toml"))}


@cache
def _models() -> dict[str, Path]:
    """Model names to folders, those of `fixtures/` first."""
    named: dict[str, Path] = {}
    for path in _folders().values():
        named.setdefault(tomllib.loads((path / "source.toml").read_text("utf-8"))["name"], path)
    return named
