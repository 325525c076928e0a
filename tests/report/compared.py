"""Models to compare: folders written here, read as the pipeline reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from specverify.outcome import Report
from specverify.pipeline import verify_many
from specverify.report.compare.cells import Row
from specverify.report.compare.comparison import Comparison
from specverify.target import Target
from tests.report.reports import LLAMA

TARGET = Target(gpu="h100-sxm-80gb", gpus=2, context=2048)
CARD = """---
license: mit
---
# Small

| Architecture | |
|---|---|
| Number of Layers | 3 |
| Context Length | 8192 |

## Evaluation

| Model | MMLU (5-shot) | GSM8K (8-shot) |
|---|---|---|
| Small | 41.2 | 30.1 |
"""


def write(folder: Path, config: Mapping[str, Any] | str = LLAMA, **files: str) -> str:
    """A model folder; `files` are written by their names, a double underscore for the dot."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config, indent=1), encoding="utf-8")
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return str(folder)


def read(*refs: str, target: Target = TARGET) -> list[Report]:
    """The reports of models, as `specverify compare` has them."""
    return list(verify_many(refs, target=target, keep=True))


def rows(comparison: Comparison, group: str | None = None) -> dict[str, Row]:
    """The rows by name, of one group or all."""
    return {row.name: row for one in comparison.groups if group in (None, one.name) for row in one.rows}
