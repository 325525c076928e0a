"""`specverify audit` of a thousand models on a loopback Hub, beside a plain `hf_hub_download` loop over the same models.

    python benchmarks/audit.py [--models 1000] [--latency 20] [--seed 1]

The Hub is a process of its own, answers each request after LATENCY milliseconds (a redirect is a request), and one model in
twenty has a trouble. The audit is a cold process with an empty cache, its models a second are of its whole wall time. The
loop downloads, one after the other, the files that the audit reads of the first healthy models. At last the audit is run
again with an empty cache, killed at three random points and resumed. Exit status 1 where a row or a status is wrong; figures
that miss their target are marked.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(sys.executable).parent / "specverify"
HUB = Path(__file__).with_name("loopback_hub.py")
LOOPED = 60
"""Models that the plain loop is timed on; its rate is taken to hold for all."""
KILLS = 3
RATIO, MEGABYTES = 8.0, 300.0
LOOP = """
import json, sys, time
from huggingface_hub import hf_hub_download
wanted = json.load(sys.stdin)
started = time.perf_counter()
for repo, files in wanted:
    for file in files:
        hf_hub_download(repo, file)
print(time.perf_counter() - started)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One audit to its end: seconds of wall time and of processor time, MB (10^6 bytes) of resident memory at the peak."""

    seconds: float
    busy: float
    megabytes: float
    status: int


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=20.0, metavar="MS")
    parser.add_argument("--seed", type=int, default=1, help="of the points at which the audit is killed")
    given = parser.parse_args()
    if not PROGRAM.exists():
        print(f"{PROGRAM} is not installed: run `make bench`")
        return 1
    with tempfile.TemporaryDirectory(prefix="specverify-bench-") as name, _hub(given.models, given.latency) as hub:
        folder, members = Path(name), hub["members"]
        shortlist = folder / "shortlist.txt"
        shortlist.write_text("".join(f"{member['ref']}\n" for member in members))
        print(f"{len(members):,} models on loopback, {given.latency:g} ms a request, {os.cpu_count()} cores")
        whole, rows = _undisturbed(hub["url"], folder, shortlist)
        wrong = _wrong(members, rows)
        print(f"rows {len(rows):,}, statuses right {len(members) - len(wrong):,}; exit status {whole.status}")
        for line in wrong[:10]:
            print(f"  {line}")
        _speed(hub["url"], folder, members, whole)
        same = _killed(hub["url"], folder, shortlist, rows, random.Random(given.seed))
    return 0 if same and not wrong else 1


def _undisturbed(url: str, folder: Path, shortlist: Path) -> tuple[Run, list[dict[str, Any]]]:
    results = folder / "whole.jsonl"
    started = time.perf_counter()
    return _finished(_start(url, folder / "whole", shortlist, results), started), _rows(results)


def _speed(url: str, folder: Path, members: list[dict[str, Any]], whole: Run) -> None:
    rate = len(members) / whole.seconds
    looped = [(member["ref"], member["files"]) for member in members if member["sound"]][:LOOPED]
    environment = _environment(url, folder / "loop")
    command = [sys.executable, "-c", LOOP]
    done = subprocess.run(command, input=json.dumps(looped), env=environment, capture_output=True, text=True, check=True)
    plain = len(looped) / float(done.stdout)
    enough = "ok" if rate / plain >= RATIO else "MISSED"
    small = "ok" if whole.megabytes < MEGABYTES else "MISSED"
    print(f"specverify audit            {rate:7.1f} models/s  ({whole.seconds:.1f} s, {whole.busy:.1f} s of them on a core)")
    print(f"plain hf_hub_download loop  {plain:7.1f} models/s  (measured on {len(looped)} models, taken to hold for all)")
    print(f"ratio                       {rate / plain:7.1f}  (target {RATIO:g}) {enough}")
    print(f"peak memory of the audit    {whole.megabytes:7.1f} MB  (target {MEGABYTES:g}) {small}")


def _killed(url: str, folder: Path, shortlist: Path, expected: list[dict[str, Any]], chance: random.Random) -> bool:
    """Whether an audit that is killed again and again, and resumed, ends with the same rows."""
    results = folder / "killed.jsonl"
    points = sorted(chance.sample(range(1, len(expected)), KILLS))
    for number, point in enumerate(points):
        process = _start(url, folder / "killed", shortlist, results, *(["--resume"] if number else []))
        while process.poll() is None and _lines(results) < point:
            time.sleep(0.005)
        process.kill()
        process.wait()
    _finished(_start(url, folder / "killed", shortlist, results, "--resume"), time.perf_counter())
    rows = _rows(results)
    same = sorted(rows, key=_ref) == sorted(expected, key=_ref)
    table = (folder / "killed" / "table.csv").read_bytes() == (folder / "whole" / "table.csv").read_bytes()
    print(f"killed (-9) at rows {points} and resumed: {len(rows):,} rows, {'equal' if same else 'NOT EQUAL'} row for row", end="; ")
    print(f"tables {'equal' if table else 'NOT EQUAL'} byte for byte")
    return same and table


def _start(url: str, home: Path, shortlist: Path, results: Path, *more: str) -> subprocess.Popen[bytes]:
    home.mkdir(exist_ok=True)
    command = [str(PROGRAM), "audit", str(shortlist), "--results", str(results), "--format", "csv", "-o", str(home / "table.csv"), *more]
    return subprocess.Popen(command, env=_environment(url, home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _finished(process: subprocess.Popen[bytes], started: float) -> Run:
    """What the process took. On Linux a child's peak starts at its parent's, so this script imports nothing large."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    scale = 1 if sys.platform == "darwin" else 1024
    return Run(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * scale / 1e6, process.returncode)


def _environment(url: str, home: Path) -> Mapping[str, str]:
    """Nothing of the user's but the path: no token, no cache, no endpoint but the loopback Hub."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "HF_HOME": str(home / "hf"),
        "SPECVERIFY_CACHE": str(home / "specverify"),
        "HF_ENDPOINT": url,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }


def _wrong(members: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the rows: each model one, with its status, and no other."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["ref"], []).append(row["status"])
    expected = {member["ref"]: [member["status"]] for member in members}
    return [f"{ref}: {found.get(ref)}, not {expected.get(ref)}" for ref in found.keys() | expected if found.get(ref) != expected.get(ref)]


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _ref(row: Mapping[str, Any]) -> str:
    return str(row["ref"])


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


@contextlib.contextmanager
def _hub(models: int, latency: float) -> Iterator[dict[str, Any]]:
    command = [sys.executable, str(HUB), "--models", str(models), "--latency", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            assert process.stdin is not None
            process.stdin.close()


if __name__ == "__main__":
    sys.exit(main())
