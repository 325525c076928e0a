"""A review of a fixture, and the pages people make of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from specverify.outcome import Report
from specverify.pipeline import verify_many
from specverify.report.checklist.catalogue import ITEMS
from specverify.report.checklist.filled import Filled, read
from specverify.report.checklist.page import to_markdown
from specverify.target import Target

FIXTURES = Path(__file__).parents[3] / "fixtures"
FILE = "review.md"
SIGNED = "A. Reviewer, 2026-11-25"


def report(name: str = "llama-3.1-8b", **target: Any) -> Report:
    asked: dict[str, Any] = {"task": "chat", "gpu": "h100-sxm-80gb", "context": 8192} | target
    (made,) = verify_many([str(FIXTURES / name)], target=Target(**asked), offline=True, keep=True)
    return made


def page(**target: Any) -> str:
    return to_markdown(report(**target))


def written(text: str, item: str, **fields: str) -> str:
    """The page with fields of an item filled in: `answer`, `by`, `note`."""
    start = text.index(f"**{item}**")
    end = text.find("\n- [", start)
    end = len(text) if end == -1 else end
    block = text[start:end]
    for name, value in fields.items():
        label = f"  - {name.capitalize()}:"
        (old,) = re.findall(rf"^{label}.*$", block, re.MULTILINE)
        block = block.replace(old, f"{label} {value}")
    return text[:start] + block + text[end:]


def answered(text: str, answers: Mapping[str, str] | None = None) -> str:
    """The page with every open item answered yes (or as `answers` has it), adopted and signed."""
    for item in ITEMS.values():
        if item.choices and f"**{item.id}**" in text and "  - Answer:" in block_of(text, item.id):
            text = written(text, item.id, answer=(answers or {}).get(item.id, "adopt" if item.id == "H1" else "yes"), by=SIGNED)
    return text.replace("|  | Reviewer |  |", "| A. Reviewer | Reviewer | 2026-11-25 |")


def block_of(text: str, item: str) -> str:
    start = text.index(f"**{item}**")
    end = text.find("\n- [", start)
    return text[start : len(text) if end == -1 else end]


def filled(text: str) -> Filled:
    return read(text.encode(), FILE)
