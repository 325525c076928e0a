"""Every finding that sets a card beside the config or tensors, on the folders of SPECVERIFY_CORPUS/hub, beside its verdict.

    python -m benchmarks.card_findings [--list]

The publisher's repository text (`OFFICIAL_README.md`, `OFFICIAL_MODEL_CARD.md`) stands for a card that is not there.
Findings of every severity count; `card_verdicts.jsonl` holds the verdicts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.judged import judge_corpus, reports
from specverify.fetch import fetch
from specverify.fetch.files import ModelFiles
from specverify.pipeline import CARD, assess

VERDICTS = Path(__file__).with_name("card_verdicts.jsonl")
OFFICIAL = ("OFFICIAL_README.md", "OFFICIAL_MODEL_CARD.md")
ABOUT_THE_CARD_ALONE = ("CRD007", "CRD008", "CRD009", "CRD010")


def staged(folder: Path) -> ModelFiles:
    """The model in a folder, with the publisher's own text as its card where it has none."""
    files = fetch(str(folder), offline=True)
    official = next((folder / name for name in OFFICIAL if (folder / name).is_file()), None)
    if CARD in files.contents or official is None:
        return files
    absent = {name: why for name, why in files.absent.items() if name != CARD}
    return replace(files, contents={**files.contents, CARD: official.read_bytes()}, absent=absent)


def findings(hub: Path) -> Iterator[dict[str, Any]]:
    """The findings of claims on each folder that has a config and a card."""
    for folder, report in reports(hub, lambda folder: assess(staged(folder))):
        for finding in report.findings if report.files.get(CARD) == "read" else ():
            if finding.code.startswith("CRD") and finding.code not in ABOUT_THE_CARD_ALONE:
                yield {
                    "folder": folder,
                    "code": finding.code,
                    "line": finding.evidence[0].line,
                    "severity": str(finding.severity),
                    "says": finding.message,
                }


def main() -> int:
    """Exit status 1 where a finding has no verdict, or fewer than 97 % are true."""
    return judge_corpus(findings, VERDICTS, ("folder", "code", "line"), least=0.97)


if __name__ == "__main__":
    sys.exit(main())
