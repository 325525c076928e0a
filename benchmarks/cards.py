"""Warm milliseconds a card: parse and extract, and the whole of it with every rule.

    python benchmarks/cards.py [FOLDER]

Reads each `*.md` under the folder: by default the cards of SPECVERIFY_CORPUS, else those of the shipped fixtures. The rules run
beside the `config.json` of the card's own folder, where there is one.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from specverify.card.card import read_card
from specverify.errors import SpecverifyError
from specverify.fetch.files import ModelFiles
from specverify.pipeline import assess
from specverify.target import Target

ROOT = Path(__file__).resolve().parent.parent
BUDGET_MS = 15.0
ROUNDS = 3


def milliseconds(work: Callable[[], object]) -> float:
    """The best processor time of a few rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best * 1e3


def parse_times(cards: Mapping[Path, bytes]) -> dict[Path, float]:
    """Parse and extract alone."""
    return {path: milliseconds(partial(read_card, data, path.parent.name)) for path, data in cards.items()}


def whole_times(cards: Mapping[Path, bytes]) -> dict[Path, float]:
    """Everything, of those cards that stand beside a config that can be read."""
    target, times = Target(gpu="h100-sxm-80gb", context=8192), {}
    for path, data in cards.items():
        config = path.parent / "config.json"
        if not config.is_file():
            continue
        contents = {"config.json": config.read_bytes(), "README.md": data}
        files = ModelFiles(path.parent.name, path.parent.name, "folder", listing=tuple(sorted(contents)), contents=contents)
        try:
            times[path] = milliseconds(partial(assess, files, target))
        except SpecverifyError:
            continue
    return times


def described(name: str, times: Mapping[Path, float], folder: Path) -> str:
    """The distribution on a line."""
    ordered = sorted(times.values())
    slowest = max(times, key=times.__getitem__)
    return (
        f"{name}: {len(times)} cards, median {statistics.median(ordered):.2f} ms, "
        f"95 % within {ordered[int(0.95 * (len(ordered) - 1))]:.2f} ms, slowest {times[slowest]:.2f} ms ({slowest.relative_to(folder)})"
    )


def main(folder: Path) -> int:
    """Print both distributions. Exit status 1 where there is no card or the median is over the budget."""
    cards = {path: path.read_bytes() for path in sorted(folder.rglob("*.md"))}
    if not cards:
        print(f"no card under {folder}")
        return 1
    times = parse_times(cards)
    median = statistics.median(times.values())
    print(described("parse and extract", times, folder))
    print(f"budget of the median {BUDGET_MS:.0f} ms, {'OVER' if median > BUDGET_MS else 'ok'}")
    if whole := whole_times(cards):
        print(described("with every rule", whole, folder))
    return 1 if median > BUDGET_MS else 0


def default_folder() -> Path:
    """The corpus of real cards where there is one, else the shipped fixtures."""
    corpus = os.environ.get("SPECVERIFY_CORPUS")
    return Path(corpus) if corpus else ROOT / "fixtures"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else default_folder()))
