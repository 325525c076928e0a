"""Write docs/rules.md from the documentation of the rules. `--check` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from specverify.rules.engine import Rule, rules
from specverify.rules.examples import sections

TARGET = Path(__file__).resolve().parent.parent / "docs" / "rules.md"
HEAD = """\
<!-- written by scripts/generate_rules.py -->
# Rules

What specverify looks for in a model: {count} rules in {areas} areas. `specverify rules` lists and filters them (`--area`, `--severity`,
`--status`, words, `--format json`), `specverify explain CODE` prints one, `--select` and `--ignore` choose by code, its start, or name.

* **Severity** is the worst that a rule says; a milder case is reported milder. `error`: it cannot load, or is certainly wrong;
  `warning`: it will surprise; `info`: worth knowing.
* **Confidence** is how sure it is, whatever the severity.
* **Inputs** are what it needs; one that could not be had makes it skip, with the reason, and never pass.
* **Status**: a rule in `preview` runs only with `--preview` and may change; a `deprecated` one runs, says so when selected, and will go.

The bad and good examples are run by the tests: a rule fires on its bad ones, alone, and is silent on the good ones."""


def page(every: Sequence[Rule]) -> str:
    """The page: a table of all, then each rule under its area."""
    by_area = {area: list(found) for area, found in groupby(sorted(every, key=lambda rule: (rule.area, rule.code)), lambda rule: rule.area)}
    parts = [HEAD.format(count=len(every), areas=len(by_area)), "\n".join(_table(every))]
    for area, found in by_area.items():
        parts += [f"## {area.capitalize()}", *(part for rule in found for part in _entry(rule))]
    return "\n\n".join(parts) + "\n"


def _table(every: Sequence[Rule]) -> Iterator[str]:
    yield "| rule | severity | finds |"
    yield "|---|---|---|"
    for rule in every:
        life = "" if rule.status == "stable" else f" ({rule.status})"
        yield f"| [{rule.code}](#{_anchor(rule)}){life} | {rule.severity} | {rule.summary.replace('|', chr(92) + '|')} |"


def _entry(rule: Rule) -> Iterator[str]:
    said = sections(rule.doc)
    yield f"### {rule.code} {rule.name}"
    yield rule.summary
    inputs = ", ".join(f"`{name}`" for name in rule.inputs)
    yield f"{rule.severity} · confidence {rule.confidence} · {rule.status} · since {rule.since} · reads {inputs}"
    yield f"**Why.** {said['Why']}"
    yield f"**Fix.** {said['Fix']}"
    yield f"Source: {rule.source}"


def _anchor(rule: Rule) -> str:
    return f"{rule.code}-{rule.name}".lower()


def main() -> int:
    """Exit status 1 under `--check` when the committed page is stale."""
    text = page(rules())
    if "--check" in sys.argv:
        fresh = TARGET.exists() and TARGET.read_text("utf-8") == text
        print("docs/rules.md is up to date" if fresh else "docs/rules.md is stale: run scripts/generate_rules.py")
        return 0 if fresh else 1
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
