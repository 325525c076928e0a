"""Every finding on the real folders of SPECVERIFY_CORPUS/hub, beside the verdict somebody gave it.

    python -m benchmarks.firings [--write] [--list]

Of folders whose files are verbatim or as committed every finding counts, of excerpts and derivatives those above info.
`rule_firings.jsonl` holds a row a finding: folder, rule, severity, place, verdict (true, false or debatable) and why.
`--write` adds the new ones, with no verdict, and takes out those that fire no more; `--list` prints what each says.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.judged import reports
from specverify.outcome import Finding, Severity
from specverify.pipeline import CONFIG, verify

TABLE = Path(__file__).with_name("rule_firings.jsonl")
FAITHFUL = ("verbatim", "as committed")
KEYS = ("folder", "rule", "severity", "place")
VERDICTS = ("true", "false", "debatable")
LEAST = 0.98

Row = dict[str, Any]


def faithful_folders(hub: Path) -> set[str]:
    """The folders whose config.json is verbatim, or as somebody committed it, by SOURCES.tsv."""
    with (hub / "SOURCES.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    configs = ((row["file"].rpartition("/"), row["fidelity"]) for row in rows)
    return {folder for (folder, _, file), fidelity in configs if file == CONFIG and fidelity.startswith(FAITHFUL)}


def firings(hub: Path) -> Iterator[tuple[Row, Finding]]:
    """A row without verdict for each finding that counts, and the finding."""
    faithful = faithful_folders(hub)
    for folder, report in reports(hub, lambda model: verify(str(model), offline=True, preview=True)):
        for finding in report.findings:
            if folder in faithful or finding.severity is not Severity.INFO:
                values = (folder, finding.code, str(finding.severity), _place(finding))
                yield dict(zip(KEYS, values, strict=True)) | {"faithful": folder in faithful}, finding


def table() -> list[Row]:
    """The rows of `rule_firings.jsonl`."""
    return [json.loads(line) for line in TABLE.read_text("utf-8").splitlines()] if TABLE.exists() else []


def judged(fired: Iterable[Row], rows: Iterable[Row]) -> list[Row]:
    """The fired rows, each once, with the verdict and reason that the table gives it, or with none."""
    known = {_key(row): row for row in rows}
    unique = {_key(row): row for row in fired}
    return [row | {name: known.get(key, {}).get(name) for name in ("verdict", "why")} for key, row in unique.items()]


def counts(rows: Iterable[Row]) -> Counter[tuple[str, str]]:
    """How often each rule fires at each severity."""
    return Counter((row["rule"], row["severity"]) for row in rows)


def share(rows: Iterable[Row]) -> tuple[int, int]:
    """Of the rows at warning or error on faithful folders: how many are true, and how many there are. Debatable is not true."""
    loud = [row for row in rows if row["faithful"] and row["severity"] != Severity.INFO]
    return sum(row["verdict"] == "true" for row in loud), len(loud)


def unjudged(rows: Iterable[Row]) -> list[Row]:
    """The rows that have no verdict, or none of the three, or no reason for it."""
    return [row for row in rows if row["verdict"] not in VERDICTS or not row["why"]]


def main(arguments: Sequence[str]) -> int:
    """Exit status 1 where a firing has no verdict or too few are true, 2 where there is no corpus."""
    corpus = os.environ.get("SPECVERIFY_CORPUS")
    if not corpus:
        print("SPECVERIFY_CORPUS names no corpus")
        return 2
    fired = list(firings(Path(corpus) / "hub"))
    if "--list" in arguments:
        for row, finding in fired:
            print(json.dumps(row | {"says": finding.message, "quote": finding.evidence[0].quote}, ensure_ascii=False))
    rows = judged((row for row, _ in fired), table())
    if "--write" in arguments:
        TABLE.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    for row in unjudged(rows):
        print("no verdict:", *_key(row))
    for key in {_key(row) for row in table()} - {_key(row) for row in rows}:
        print("fires no more:", *key)
    true, all_of_them = share(rows)
    by_verdict = Counter(row["verdict"] for row in rows)
    print(f"{len(rows)} firings: {', '.join(f'{count} {verdict}' for verdict, count in by_verdict.items())}")
    print(f"at warning or error on faithful folders: {true} of {all_of_them} true ({true / max(all_of_them, 1):.3f})")
    return int(bool(unjudged(rows)) or true < LEAST * all_of_them)


def _place(finding: Finding) -> str:
    proof = finding.evidence[0]
    if proof.pointer:
        return f"{proof.file}#{proof.pointer}"
    return f"{proof.file}:{proof.line}" if proof.line else str(proof.file)


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEYS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
