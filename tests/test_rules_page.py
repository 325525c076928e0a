"""docs/rules.md is what its generator writes, and has every rule."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from specverify.rules.engine import rules

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "rules.md").read_text("utf-8")


def test_the_page_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, "scripts/generate_rules.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_rule_has_an_entry_and_its_row_leads_there() -> None:
    entries = dict(re.findall(r"^### ([A-Z]{3}\d{3}) ([a-z0-9-]+)$", PAGE, re.MULTILINE))
    assert entries == {rule.code: rule.name for rule in rules()}
    anchors = set(re.findall(r"\]\(#([^)]+)\)", PAGE))
    assert anchors == {f"{rule.code}-{rule.name}".lower() for rule in rules()}


def test_a_rule_says_what_life_it_leads() -> None:
    for rule in rules():
        assert (
            f"· confidence {rule.confidence} · {rule.status} · since {rule.since} ·"
            in PAGE.split(f"### {rule.code} ")[1].split("\n### ")[0]
        )
