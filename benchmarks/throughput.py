"""Warm milliseconds a model for the pure work: normalize, derive and every rule, without card and tensors.

    python benchmarks/throughput.py [FOLDER_OF_MODELS]

Reads each `*/config.json` under the folder: by default SPECVERIFY_CORPUS/hub, else the shipped fixtures.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

from specverify.errors import SpecverifyError
from specverify.fetch.files import ModelFiles
from specverify.pipeline import assess
from specverify.target import Target

ROOT = Path(__file__).resolve().parent.parent
BUDGET_MS = 2.0
ROUNDS = 3


def models(folder: Path) -> list[ModelFiles]:
    """Each model with its config alone, in memory."""
    return [
        ModelFiles(path.parent.name, path.parent.name, "folder", listing=("config.json",), contents={"config.json": path.read_bytes()})
        for path in sorted(folder.glob("*/config.json"))
    ]


def milliseconds(files: ModelFiles, target: Target) -> float | None:
    """Wall time of one assessment; None where the config cannot be read."""
    started = time.perf_counter()
    try:
        assess(files, target)
    except SpecverifyError:
        return None
    return (time.perf_counter() - started) * 1e3


def main(folder: Path) -> int:
    """Print the distribution of each model's best of a few rounds. Exit status 1 where there is no model."""
    corpus, target = models(folder), Target(gpu="h100-sxm-80gb", context=8192)
    for files in corpus:  # imports, tables and family modules are loaded once a process
        milliseconds(files, target)
    timed = {files.name: [milliseconds(files, target) for _ in range(ROUNDS)] for files in corpus}
    best = {name: min(ms for ms in runs if ms is not None) for name, runs in timed.items() if None not in runs}
    if not best:
        print(f"no model under {folder}")
        return 1
    ordered = sorted(best.values())
    slowest = max(best, key=best.__getitem__)
    median = statistics.median(ordered)
    print(f"{len(best)} models of {folder}, {len(corpus) - len(best)} unreadable, best of {ROUNDS} rounds each")
    print(f"median {median:.2f} ms (budget {BUDGET_MS:.2f}) {'OVER' if median > BUDGET_MS else 'ok'}, {1e3 / median:,.0f} models/s at it")
    print(f"90 % within {ordered[int(0.9 * (len(ordered) - 1))]:.2f} ms, slowest {best[slowest]:.2f} ms ({slowest})")
    return 0


def default_folder() -> Path:
    """The corpus of real configs where there is one, else the shipped fixtures."""
    corpus = os.environ.get("SPECVERIFY_CORPUS")
    return Path(corpus) / "hub" if corpus else ROOT / "fixtures"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else default_folder()))
