"""Many mutated cards through the whole of the program: nothing raised, none slow, memory bounded.

    python -m tests.soak [--cases 10000] [--first 0] [--processes 2]
    python -m tests.soak --replay SEED

Each process prints a line of JSON a case, so the one that kills it or hangs it is known: it is the one after the last. The
card of a case that failed is kept in build/soak/. SPECVERIFY_CORPUS adds real cards to those that are mutated.
"""

from __future__ import annotations

import argparse
import json
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

from tests.soak.cases import Case, case, run

MOST_SECONDS = 1.0
"""Of processor time for one card, so that a busy machine fails nothing."""
HANGS_AFTER = 30.0
"""Seconds of processor time after which a case is interrupted."""
MOST_MEMORY = 256 * 2**20
KEPT = Path("build/soak")
SHOWN = 10


class Hung(BaseException):
    """A case took so long that it was interrupted; no `except Exception` may hide it."""


@dataclass(frozen=True, slots=True)
class Result:
    """One case: processor seconds, the process's peak memory in bytes after it, and what went wrong."""

    seed: int
    seconds: float
    size: int
    peak: int
    failure: str | None
    made_by: tuple[str, ...]


def interrupt(number: int, frame: FrameType | None) -> None:
    """The signal handler that ends a case."""
    raise Hung(f"interrupted after {HANGS_AFTER:.0f} s")


def peak_memory() -> int:
    """The most bytes this process ever had resident."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def result(made: Case) -> Result:
    """Run one case and say what it took."""
    failure, seconds = None, 0.0
    signal.setitimer(signal.ITIMER_PROF, HANGS_AFTER)
    try:
        seconds = run(made)
    except Hung as hung:
        failure = str(hung)
    except Exception as error:  # noqa: BLE001 - whatever is raised is what is looked for
        failure = f"{type(error).__name__}: {error}"[:300]
    signal.setitimer(signal.ITIMER_PROF, 0)
    if seconds > MOST_SECONDS:
        failure = f"took {seconds:.2f} s"
    return Result(made.seed, seconds, len(made.card), peak_memory(), failure, made.made_by)


def work(first: int, cases: int, step: int) -> None:
    """Run every `step`-th case from `first` on, a line of JSON each."""
    signal.signal(signal.SIGPROF, interrupt)
    run(case(-1))  # imports, tables and patterns are loaded once a process
    for seed in range(first, first + cases * step, step):
        sys.stdout.write(json.dumps(asdict(result(case(seed)))) + "\n")
        sys.stdout.flush()


def watched(first: int, cases: int, step: int) -> Iterator[Result]:
    """The results of one process; where it dies, the case that killed it is one of them and the rest run in another."""
    while cases > 0:
        command = [sys.executable, "-m", "tests.soak", "--worker", f"{first}:{cases}:{step}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                fields = json.loads(line)
                yield Result(**{**fields, "made_by": tuple(fields["made_by"])})
                first, cases = first + step, cases - 1
        if cases > 0:
            died = case(first)
            yield Result(first, 0.0, len(died.card), 0, f"the process ended with status {process.returncode}", died.made_by)
            first, cases = first + step, cases - 1


def soak(first: int, cases: int, processes: int) -> list[Result]:
    """The result of every case from `first` on, by seed."""
    shares = [(first + start, len(range(start, cases, processes)), processes) for start in range(min(processes, cases))]
    with ThreadPoolExecutor(len(shares)) as pool:
        found = list(pool.map(lambda share: list(watched(*share)), shares))
    return sorted((one for share in found for one in share), key=lambda one: one.seed)


def keep(seed: int) -> Path:
    """Write the card of a case where it can be looked at."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{seed}.md"
    path.write_bytes(case(seed).card)
    return path


def described(one: Result) -> str:
    """A result as a line."""
    return f"seed {one.seed}: {one.seconds * 1e3:,.0f} ms, {one.size:,} bytes, {' + '.join(one.made_by)}"


def summarized(results: list[Result], started: float) -> int:
    """Print what the soak came to. Exit status 1 where a card failed or memory went beyond the bound."""
    failed = [one for one in results if one.failure is not None]
    slowest = sorted(results, key=lambda one: -one.seconds)
    peak = max(one.peak for one in results)
    for one in failed[:SHOWN]:
        print(f"FAILED {described(one)}: {one.failure} (card: {keep(one.seed)})")
    print(f"{len(results):,} mutated cards, {len(failed)} failed, {time.monotonic() - started:,.0f} s")
    print(f"median {statistics.median(one.seconds for one in results) * 1e3:.1f} ms of processor time, the slowest:")
    for one in slowest[:3]:
        print(f"  {described(one)}")
    print(f"peak memory {peak / 2**20:.0f} MiB of {MOST_MEMORY // 2**20}, {'OVER' if peak > MOST_MEMORY else 'ok'}")
    if failed:
        print("one again: python -m tests.soak --replay SEED")
    return 1 if failed or peak > MOST_MEMORY else 0


def replay(seed: int) -> int:
    """One case with its traceback, if it has one."""
    signal.signal(signal.SIGPROF, interrupt)
    made = case(seed)
    print(f"card: {keep(seed)}, {' + '.join(made.made_by)}")
    run(case(-1))
    signal.setitimer(signal.ITIMER_PROF, HANGS_AFTER)
    run(made)
    signal.setitimer(signal.ITIMER_PROF, 0)
    print(described(result(made)))
    return 0


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--replay", type=int, metavar="SEED")
    parser.add_argument("--worker", metavar="FIRST:CASES:STEP", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(*map(int, options.worker.split(":")))
        return 0
    if options.replay is not None:
        return replay(options.replay)
    started = time.monotonic()
    return summarized(soak(options.first, options.cases, options.processes), started)


if __name__ == "__main__":
    sys.exit(main())
