"""A page that a script writes: to its file, or held against it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def settled(path: Path, text: str, same: Callable[[str, str], bool] = str.__eq__) -> int:
    """Write the text, or with `--check` among the arguments only compare it; the exit status, 1 for a file that is stale.

    `same` says whether what is in the file stands for the text.
    """
    if "--check" not in sys.argv:
        path.write_text(text, "utf-8")
        return 0
    name = os.path.relpath(path, ROOT)
    fresh = path.exists() and same(path.read_text("utf-8"), text)
    print(f"{name} is up to date" if fresh else f"{name} is stale: run scripts/{Path(sys.argv[0]).name}")
    return 0 if fresh else 1


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table; a bar in a cell stays one."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
