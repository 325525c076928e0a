"""Every warning and error on the real folders of SPECVERIFY_CORPUS/hub, beside the verdict somebody gave it.

Prints those that no verdict covers, verdicts that nothing matches any more, and the share of true ones. `--list` prints all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.judged import judge_corpus, reports
from specverify.outcome import Severity
from specverify.pipeline import verify

VERDICTS = Path(__file__).with_name("verdicts.jsonl")


def firings(folder: Path) -> Iterator[dict[str, Any]]:
    """The findings above info of each folder that has a config.json."""
    for name, report in reports(folder, lambda model: verify(str(model), offline=True)):
        for finding in report.findings:
            if finding.severity is not Severity.INFO:
                proof = finding.evidence[0]
                place = f"{proof.file}#{proof.pointer}" if proof.pointer else f"{proof.file}:{proof.line}"
                yield {
                    "folder": name,
                    "code": finding.code,
                    "place": place,
                    "severity": str(finding.severity),
                    "says": finding.message,
                }


def main() -> int:
    """Exit status 1 where a firing has no verdict, or fewer than 95 % are true."""
    return judge_corpus(firings, VERDICTS, ("folder", "code", "place"), least=0.95)


if __name__ == "__main__":
    sys.exit(main())
