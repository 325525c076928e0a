"""olah, an independent server of the Hub's protocol (https://github.com/vtuber-plan/olah), in a process of its own on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

NOBODY = "127.0.0.1:9"
"""An upstream that nobody serves: what an olah without one is told."""
START_SECONDS = 60
STOP_SECONDS = 10
_RUNNING = re.compile(r"running on (http://127\.0\.0\.1:\d+)")


@contextlib.contextmanager
def serving(home: Path, *, offline: bool, mirrors: Path | None = None, upstream: str = NOBODY, content: str = NOBODY) -> Iterator[str]:
    """The address of an olah that keeps its cache, log and settings in `home`.

    It serves the repos under `mirrors`, and what its cache holds or, unless `offline`, the Hub at `upstream` (host and
    port) has, whose content network is `content`. Raises RuntimeError with its log where it does not start.
    """
    home.mkdir(parents=True, exist_ok=True)
    basic = {
        "host": "127.0.0.1",
        "port": 0,
        "repos-path": str(home / "cache"),
        "mirrors-path": [str(mirrors)] if mirrors else [],
        "hf-scheme": "http",
        "hf-netloc": upstream,
        "hf-lfs-netloc": content,
    }
    settings = home / "olah.toml"
    lines = ["[basic]", *(f"{key} = {json.dumps(value)}" for key, value in basic.items())]
    settings.write_text("\n".join([*lines, "[accessibility]", f"offline = {json.dumps(offline)}\n"]))
    log = home / "olah.out"
    command = [sys.executable, "-m", "olah.server", "--config", str(settings), "--log-path", str(home / "logs")]
    environment = {**os.environ, "HOME": str(home), "NO_PROXY": "*", "HF_HUB_OFFLINE": "1"}
    with log.open("w") as out, subprocess.Popen(command, cwd=home, env=environment, stdout=out, stderr=out) as process:
        try:
            yield _address(process, log)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where it says it listens, once it does: port 0 leaves the choice to the system."""
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        found = _RUNNING.search(log.read_text(errors="replace"))
        if found:
            return found[1]
        time.sleep(0.05)
    raise RuntimeError(f"olah did not start:\n{log.read_text(errors='replace')[-4000:]}")
