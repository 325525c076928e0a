"""docs/checklists/ holds what `specverify checklist` writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_pages_are_those_the_generator_writes() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts/generate_checklists.py", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_three_kinds_of_models_are_there() -> None:
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs/checklists").glob("*.md")}
    assert '"none"' in pages["qwen2.5-7b-instruct"]
    assert "FIT005" in pages["qwen3-30b-a3b"]
    assert "encoder-only is made for one score" in pages["bge-reranker-v2-m3"]
    assert all(f"({name}.md)" in pages["README"] for name in pages.keys() - {"README"})
