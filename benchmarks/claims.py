"""Precision and recall of the card reader on labelled cards, per kind.

    python benchmarks/claims.py [FOLDER_OF_CARDS] [--misses]

FOLDER_OF_CARDS holds `gold.jsonl` (card, kind, line, accept, negative) and `texts/`; by default SPECVERIFY_CORPUS/cards.
A claim is right where card, kind and line match a label and a value is in its `accept`; one that matches none is wrong
unless `adjudicated.jsonl` beside this file lists it with a reason. A label is found where such a claim is.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from specverify.card.claims import Claim, Claims, extract
from specverify.card.document import parse_card

KINDS = ("total_params", "active_params", "context_length", "num_layers", "num_q_heads", "num_kv_heads")
"""Labelled near-completely, so that a claim without a label is wrong; of other kinds only recall and negatives are told."""
ADJUDICATED = Path(__file__).with_name("adjudicated.jsonl")
ROUNDS = 3


def rows(path: Path) -> list[dict[str, Any]]:
    """A JSON object a line."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()] if path.is_file() else []


def read(path: Path, rounds: int) -> tuple[Claims, float]:
    """The claims of a card and the best of a few rounds in milliseconds, parse included."""
    data, best = path.read_bytes(), float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        found = extract(parse_card(data, path.name), path.stem)
        best = min(best, time.perf_counter() - started)
    return found, best * 1e3


def matches(claim: Claim, label: dict[str, Any]) -> bool:
    """Whether a claim is the one labelled."""
    return bool(label["kind"] == claim.kind and label["line"] == claim.line and set(label["accept"]) & set(claim.accepted))


def accepted(label: dict[str, Any]) -> list[float]:
    """What a label without `accept` states: its value, with `K` by either base."""
    text = str(label["value"]).replace(",", "")
    if text[-1:] in ("k", "K"):
        return [int(float(text[:-1]) * base) for base in (1000, 1024)]
    return [float(text)] if text.replace(".", "", 1).isdigit() else []


def score(folder: Path, misses: bool = False, rounds: int = ROUNDS) -> tuple[dict[str, dict[str, int]], list[float]]:
    """Counts by kind (`right`, `wrong`, `adjudicated`; `found`, `missed`; `negatives refused`, `negatives kept`), and times in ms."""
    labels = [row | {"accept": row.get("accept") or accepted(row)} for row in rows(folder / "gold.jsonl")]
    others = sorted({row["kind"] for row in labels} - set(KINDS))
    forgiven = {(row["card"], row["kind"], row["line"], row["value"]) for row in rows(ADJUDICATED)}
    tally: dict[str, dict[str, int]] = {kind: defaultdict(int) for kind in (*KINDS, *others)}
    times = []
    for card in sorted({row["card"] for row in rows(folder / "gold.jsonl")}):
        found, ms = read(folder / "texts" / card, rounds)
        times.append(ms)
        here = [row for row in labels if row["card"] == card and not row.get("negative")]
        refused = [row for row in labels if row["card"] == card and row.get("negative")]
        wrong = [claim for claim in found.claims if claim.kind in tally and not any(matches(claim, row) for row in here)]
        for claim in found.claims:
            if claim.kind in KINDS and claim not in wrong:
                tally[claim.kind]["right"] += 1
        for claim in wrong:
            if claim.kind not in KINDS:
                continue
            excused = any((card, claim.kind, claim.line, value) in forgiven for value in claim.accepted)
            tally[claim.kind]["adjudicated" if excused else "wrong"] += 1
            if misses and not excused:
                print(f"WRONG {card}:{claim.line} {claim.kind} {claim.raw!r} {claim.emitter} {claim.quote[:160]}")
        for row in here:
            hit = any(matches(claim, row) for claim in found.claims)
            tally[row["kind"]]["found" if hit else "missed"] += 1
            if misses and not hit:
                print(f"MISSED {card}:{row['line']} {row['kind']} {row['value']} {row['quote'][:160]!r}")
        for row in refused:
            kept = any(claim.kind == row["kind"] and claim.line == row["line"] for claim in wrong)
            tally[row["kind"]]["negatives kept" if kept else "negatives refused"] += 1
    return tally, times


def pooled(tally: dict[str, dict[str, int]]) -> dict[str, int]:
    """The counts of the near-completely labelled kinds together, and the negatives of every kind."""
    together: dict[str, int] = defaultdict(int)
    for kind, counts in tally.items():
        for name, count in counts.items():
            if kind in KINDS or name.startswith("negatives"):
                together[name] += count
    return together


def main(folder: Path, misses: bool) -> int:
    """Print the table. Exit status 1 where there is nothing to score."""
    if not rows(folder / "gold.jsonl"):
        print(f"no labels under {folder}")
        return 1
    tally, times = score(folder, misses)
    print(f"{'kind':20} {'precision':>16} {'recall':>16}  adjudicated  negatives refused")
    for kind, counts in (*tally.items(), ("pooled", pooled(tally))):
        print(line(kind, counts))
    print(f"{len(times)} cards, parse and extract: median {statistics.median(times):.1f} ms, slowest {max(times):.1f} ms")
    return 0


def line(name: str, counts: dict[str, int]) -> str:
    """One row of the table."""

    def share(good: str, bad: str) -> str:
        total = counts.get(good, 0) + counts.get(bad, 0)
        return f"{counts.get(good, 0)}/{total} {counts.get(good, 0) / total:.3f}" if total else "-"

    refused = share("negatives refused", "negatives kept")
    return f"{name:20} {share('right', 'wrong'):>16} {share('found', 'missed'):>16}  {counts.get('adjudicated', 0):11}  {refused}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(os.environ.get("SPECVERIFY_CORPUS", ".")) / "cards")
    parser.add_argument("--misses", action="store_true", help="print every wrong and missed claim")
    arguments = parser.parse_args()
    sys.exit(main(arguments.folder, arguments.misses))
