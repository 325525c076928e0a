"""Every warning and error on the real folders of SPECVERIFY_CORPUS/hub, beside the verdict somebody gave it.

Prints those that no verdict covers, verdicts that nothing matches any more, and the share of true ones. `--list` prints all.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from specverify.errors import SpecverifyError
from specverify.outcome import Severity
from specverify.pipeline import verify

VERDICTS = Path(__file__).with_name("verdicts.jsonl")
Key = tuple[str, str, str]


def firings(folder: Path) -> Iterator[dict[str, Any]]:
    """The findings above info of each folder that has a config.json."""
    for config in sorted(folder.glob("*/config.json")):
        try:
            report = verify(str(config.parent), offline=True)
        except SpecverifyError as error:
            print(f"{config.parent.name}: {error}")
            continue
        for finding in report.findings:
            if finding.severity is not Severity.INFO:
                proof = finding.evidence[0]
                place = f"{proof.file}#{proof.pointer}" if proof.pointer else f"{proof.file}:{proof.line}"
                yield {
                    "folder": config.parent.name,
                    "code": finding.code,
                    "place": place,
                    "severity": str(finding.severity),
                    "says": finding.message,
                }


def key(entry: dict[str, Any]) -> Key:
    """What a verdict is about."""
    return entry["folder"], entry["code"], entry["place"]


def main() -> int:
    """Exit status 1 where a firing has no verdict, or fewer than 95 % are true."""
    corpus = os.environ.get("SPECVERIFY_CORPUS")
    if not corpus:
        print("SPECVERIFY_CORPUS names no corpus")
        return 2
    found = list(firings(Path(corpus) / "hub"))
    if "--list" in sys.argv:
        for entry in found:
            print(json.dumps(entry, ensure_ascii=False))
    verdicts = {key(entry): entry for entry in map(json.loads, VERDICTS.read_text().splitlines())}
    unjudged = [entry for entry in found if key(entry) not in verdicts]
    fired = {key(entry) for entry in found}
    for entry in unjudged:
        print("no verdict:", json.dumps(entry, ensure_ascii=False))
    for entry in verdicts.values():
        if key(entry) not in fired:
            print("fires no more:", *key(entry))
    judged = [verdicts[key(entry)] for entry in found if key(entry) in verdicts]
    true = sum(entry["true"] for entry in judged)
    print(f"{len(found)} warnings and errors, {len(judged)} judged, {true} true ({true / max(len(judged), 1):.3f})")
    return int(bool(unjudged) or true < 0.95 * len(judged))


if __name__ == "__main__":
    sys.exit(main())
