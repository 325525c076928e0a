"""Figures beside what vLLM, SGLang and llama.cpp printed when they started: rows of SPECVERIFY_CORPUS/engine-logs.

    python benchmarks/engine_logs.py [--engine vllm] [--rows 41,43]

For each metric: rows scored, share within the tolerance, and every row outside with the logged figure, ours and the difference.
`--rows` shows rows whole: all that was logged, and all figures of memory, cache and capacity. Exit status 1 where an aim is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from benchmarks.engine_rows import ENGINES, EXCLUDED, Row, excluded, folder, rows, settings, target
from specverify.derive import gpus
from specverify.fetch.files import ModelFiles
from specverify.pipeline import CONFIG, assess
from specverify.spec import Figure

GIB = 2**30
KV_BYTES = "cache.engine_bytes_per_token_per_gpu"
WEIGHTS = "weights.bytes_per_gpu"
POOL, POOL_LOW, POOL_HIGH = "memory.kv_pool_bytes_per_gpu", "memory.kv_pool_low_bytes_per_gpu", "memory.kv_pool_high_bytes_per_gpu"
CONCURRENCY = "capacity.engine_concurrency"
"""The figures that are held against logs, under the names `specverify explain` knows."""
SHOWN = ("cache.", "weights.", "memory.", "capacity.", "context.")
ROUNDING = 5e-6
"""A row's tolerance is itself given to five places."""
PLAIN = ("bfloat16", "float16", None)
"""Weight dtypes of logs without a quantization; most logs of a model in its own dtype do not repeat it."""
MOST_EXCLUDED = 25


class Metric(NamedTuple):
    """One comparison: `truth` is the logged figure in the unit of the figure called `figure` divided by `unit`, None where not scored.

    `tolerance` is relative; None takes the row's own, which is the rounding of the log. `aim` is the share that is to be within.
    """

    title: str
    figure: str
    unit: int
    truth: Callable[[Row], float | None]
    tolerance: float | None
    aim: float


class Compared(NamedTuple):
    """A row's logged figure beside ours, which is None with a `reason` where it is unknown."""

    row: Row
    truth: float
    ours: float | None
    tolerance: float
    reason: str

    @property
    def error(self) -> float | None:
        """Relative, positive where ours is more."""
        return None if self.ours is None else self.ours / self.truth - 1

    @property
    def within(self) -> bool:
        """Whether ours is known and near enough."""
        return self.error is not None and abs(self.error) <= self.tolerance


class Interval(NamedTuple):
    """The interval of a row's pool in GiB, and its width as a share of the GPU's memory; None where unknown."""

    row: Row
    truth: float
    low: float | None
    high: float | None
    share: float | None

    @property
    def holds(self) -> bool:
        """Whether the logged figure lies within; a log prints hundredths."""
        return self.low is not None and self.high is not None and self.low - 0.005 <= self.truth <= self.high + 0.005


def bytes_per_token(row: Row) -> float | None:
    """What GiB over tokens of a log imply, where the engine's own accounting is known well enough to be judged by it."""
    raw = row.raw
    judged = raw["agrees_engine_accounting"] is not None and raw["tolerance_rel"] is not None
    implied: float | None = raw["implied_bytes_per_token_per_gpu"] if judged else None
    return implied


def loading(row: Row) -> float | None:
    """Model loading of vLLM and SGLang, for weights in a plain dtype or in a format that the row or its checkpoint states."""
    if row.engine not in ("vllm", "sglang") or not _format_known(row):
        return None
    logged: float | None = row.raw["model_loading_gib"]
    return logged


def pool(row: Row) -> float | None:
    """Available KV cache memory of vLLM rows that log version, utilization and GPU."""
    return row.raw["available_kv_gib"] if _sized(row) else None


def concurrency(row: Row) -> float | None:
    """Maximum concurrency of the same rows."""
    return row.raw["max_concurrency"] if _sized(row) else None


METRICS = (
    Metric("KV bytes a token and GPU", KV_BYTES, 1, bytes_per_token, None, 0.98),
    Metric("model loading, GiB", WEIGHTS, GIB, loading, 0.02, 0.90),
    Metric("available KV cache, GiB", POOL, GIB, pool, 0.05, 0.80),
    Metric("maximum concurrency", CONCURRENCY, 1, concurrency, 0.05, 0.80),
)
HOLDING, WIDEST = 0.90, 0.15
"""Of the pool's intervals: the share that is to hold the logged figure, and the widest allowed, as a share of the GPU's memory."""


def _sized(row: Row) -> bool:
    return row.raw["engine"] == "vLLM" and row.raw["engine_version"] is not None and row.logs_utilization and bool(row.raw["gpu"])


def _format_known(row: Row) -> bool:
    """A log's word for a format is the config's, or it and the kernel's: `gptq_marlin`; some checkpoints' own do not tell all."""
    if "unstated" in settings().get(row.number, {}):
        return False
    word, found = row.raw["quantization"], folder(row)
    if word is None:
        return row.raw["weight_dtype"] in PLAIN
    if target(row).quantize is not None or found is None:
        return found is not None
    method = json.loads((found / CONFIG).read_text("utf-8")).get("quantization_config", {}).get("quant_method")
    return method is not None and word.startswith(method)


def scored(corpus: Path, engine: str | None = None) -> list[Row]:
    """Rows that are not excluded, of one engine where the target's name of it is given."""
    left_out = excluded()
    return [row for row in rows(corpus) if row.number not in left_out and engine in (None, row.engine)]


@cache
def figures(row_folder: Path, number: int, corpus: Path) -> dict[str, Figure]:
    """The figures of a row's model at its target."""
    row = rows(corpus)[number - 1]
    listing = tuple(path.name for path in sorted(row_folder.glob("*.json")))
    files = ModelFiles(row_folder.name, row_folder.name, "folder", listing=listing, contents={CONFIG: (row_folder / CONFIG).read_bytes()})
    return dict(assess(files, target(row)).figures)


def of(row: Row, corpus: Path) -> dict[str, Figure]:
    """The figures of a row. Raises LookupError where no folder holds its model."""
    found = folder(row)
    if found is None:
        raise LookupError(f"row {row.number}: no folder holds {row.raw['hub_id'] or row.raw['model']}")
    return figures(found, row.number, corpus)


def compare(metric: Metric, scoring: Iterable[Row], corpus: Path) -> list[Compared]:
    """Each row that the metric applies to."""
    found = []
    for row in scoring:
        truth = metric.truth(row)
        if truth is not None:
            tolerance = metric.tolerance if metric.tolerance is not None else row.raw["tolerance_rel"] + ROUNDING
            ours, reason = _value(of(row, corpus).get(metric.figure), metric.figure)
            found.append(Compared(row, truth, None if ours is None else ours / metric.unit, tolerance, reason))
    return found


def intervals(scoring: Iterable[Row], corpus: Path) -> list[Interval]:
    """The interval of the pool of each row whose pool is scored."""
    found = []
    for row in scoring:
        truth = pool(row)
        if truth is not None:
            known = of(row, corpus)
            low, high = (_value(known.get(name), name)[0] for name in (POOL_LOW, POOL_HIGH))
            memory = gpus.find(row.gpu).runtime_bytes.value if row.gpu else None
            share = None if low is None or high is None or not memory else (high - low) / memory
            found.append(Interval(row, truth, _gib(low), _gib(high), share))
    return found


def _gib(count: float | None) -> float | None:
    return None if count is None else count / GIB


def _value(figure: Figure | None, name: str) -> tuple[float | None, str]:
    if figure is None:
        return None, f"there is no figure {name}"
    return figure.value, "" if figure.value is not None else "; ".join(figure.number.reasons())


def table(results: Sequence[tuple[Metric, list[Compared]]], ranges: Sequence[Interval]) -> Iterator[str]:
    """A line a metric: rows, within, share and aim."""
    yield f"{'metric':34} {'rows':>5} {'within':>7} {'share':>7} {'aim':>6}"
    for metric, found in results:
        yield _line(metric.title, len(found), sum(one.within for one in found), metric.aim)
    yield _line("pool intervals that hold the log", len(ranges), sum(one.holds for one in ranges), HOLDING)
    narrow = sum(one.share is not None and one.share <= WIDEST for one in ranges)
    yield _line(f"pool intervals within {WIDEST:.0%} of memory", len(ranges), narrow, 1.0)


def _line(title: str, total: int, good: int, aim: float) -> str:
    return f"{title:34} {total:5} {good:7} {good / total if total else 0:7.1%} {aim:6.0%}"


def outside(metric: Metric, found: Iterable[Compared]) -> Iterator[str]:
    """A line for each row that is not within."""
    for one in found:
        if not one.within:
            raw = one.row.raw
            ours = "unknown" if one.ours is None else f"{one.ours:,.4g}" if metric.unit > 1 else f"{one.ours:,.1f}"
            off = f"{one.error:+.2%}" if one.error is not None else one.reason[:90]
            logged = f"{one.truth:,.4g}" if metric.unit > 1 else f"{one.truth:,.1f}"
            name = f"{raw['engine']} {raw['engine_version'] or ''}".strip()
            yield f"  {one.row.number:3} {name[:18]:18} {raw['model'][:44]:44} log {logged:>11} ours {ours:>11} {off}"


def detail(row: Row, corpus: Path) -> Iterator[str]:
    """A row whole: every field that is logged, and our figures."""
    found = folder(row)
    yield f"row {row.number}: {row.raw['source']}"
    yield f"  folder {found and found.name}, {target(row)!r}"
    for key, value in row.raw.items():
        if value is not None and key != "source":
            yield f"  log   {key:42} {value}"
    for name, figure in of(row, corpus).items():
        if name.startswith(SHOWN):
            value = f"{figure.value:,}" if figure.value is not None else f"unknown: {'; '.join(figure.number.reasons())[:110]}"
            yield f"  ours  {name:42} {value}"


def main() -> int:
    """Print the tables, or the rows asked for. Exit status 2 where there is no corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=sorted(set(ENGINES.values())))
    parser.add_argument("--rows", type=lambda text: [int(part) for part in text.split(",")], help="show these rows whole")
    options = parser.parse_args()
    named = os.environ.get("SPECVERIFY_CORPUS")
    if not named:
        print("SPECVERIFY_CORPUS names no corpus")
        return 2
    corpus = Path(named)
    if options.rows:
        every = rows(corpus)
        for number in options.rows:
            print(*detail(every[number - 1], corpus), sep="\n")
        return 0
    scoring = scored(corpus, options.engine)
    results = [(metric, compare(metric, scoring, corpus)) for metric in METRICS]
    ranges = intervals(scoring, corpus)
    print(*table(results, ranges), sep="\n")
    for metric, found in results:
        print(f"\noutside: {metric.title}", *outside(metric, found), sep="\n")
    print(f"\n{len(scoring)} rows scored; {len(excluded())} excluded, at most {MOST_EXCLUDED}: {EXCLUDED.name}")
    near = all(sum(one.within for one in found) >= metric.aim * len(found) for metric, found in results)
    narrow = all(one.share is not None and one.share <= WIDEST for one in ranges)
    holding = sum(one.holds for one in ranges) >= HOLDING * len(ranges)
    return 0 if near and narrow and holding and len(excluded()) <= MOST_EXCLUDED else 1


if __name__ == "__main__":
    sys.exit(main())
