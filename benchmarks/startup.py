"""Wall time and peak memory of cold processes: `specverify FOLDER`, and `specverify --help`.

    python benchmarks/startup.py [FOLDER]

Each command is started 20 times, its output thrown away, and the medians are set against the budgets.
"""

from __future__ import annotations

import compileall
import os
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "fixtures" / "llama-3.1-8b"
PROCESSES = 20


@dataclass(frozen=True, slots=True)
class Case:
    """A command and what it may take: seconds of wall time, and MB (10^6 bytes) of resident memory at the peak."""

    label: str
    arguments: tuple[str, ...]
    seconds: float
    megabytes: float | None


def once(program: Path, arguments: tuple[str, ...]) -> tuple[float, float, int]:
    """Seconds, peak MB and exit status of one process.

    On Linux a child's peak starts at its parent's, so this script imports nothing large.
    """
    silent = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    started = time.perf_counter()
    pid = os.posix_spawn(program, [str(program), *arguments], os.environ, file_actions=silent)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - started
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return seconds, peak / 1e6, os.waitstatus_to_exitcode(status)


def main(folder: Path) -> int:
    """Print the table. Exit status 1 where a command did not run."""
    program = Path(sys.executable).parent / "specverify"
    if not program.exists():
        print(f"{program} is not installed: run `make bench`")
        return 1
    # As `pip install` leaves a package; an environment that forbids bytecode would time the compiler otherwise.
    compileall.compile_dir(ROOT / "specverify", quiet=2)
    cases = (
        Case(f"specverify {folder.name}", (str(folder), "--offline"), 0.35, 60),
        Case("specverify --help", ("--help",), 0.12, None),
    )
    print(f"{'command':32} {'median s':>9} {'budget':>7} {'worst s':>8} {'peak MB':>8} {'budget':>7}")
    for case in cases:
        once(program, case.arguments)  # the first fills the page cache
        runs = [once(program, case.arguments) for _ in range(PROCESSES)]
        strange = {status for _, _, status in runs} - {0, 1}
        if strange:
            print(f"{case.label}: exit status {strange}")
            return 1
        seconds = statistics.median(run[0] for run in runs)
        peak = statistics.median(run[1] for run in runs)
        over = seconds > case.seconds or (case.megabytes is not None and peak > case.megabytes)
        print(
            f"{case.label:32} {seconds:9.3f} {case.seconds:7.2f} {max(run[0] for run in runs):8.3f} {peak:8.1f} "
            f"{case.megabytes or '':>7} {'OVER' if over else 'ok'}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
