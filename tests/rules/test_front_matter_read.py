"""CRD007 on metadata that is read in part: what is left, and what would mend it."""

from __future__ import annotations

import pytest

from specverify.outcome import Finding, Severity
from tests.rules.assessed import LLAMA, report

FRONT = "---\nlicense: mit\n---\n"


@pytest.mark.parametrize(
    ("card", "line", "fix"),
    [
        (FRONT + "---\nlicense: other\n---\n", 4, "Join the two blocks."),
        ("# A model\n" + FRONT, 2, "Put the block at the top of the card, between two lines `---`."),
        ("---\nlicense: mit\n-tags: [a]\n---\n", 3, "Take the hyphen away."),
    ],
)
def test_metadata_that_nothing_reads_is_warned_of_at_its_line(card: str, line: int, fix: str) -> None:
    outcomes = report({"config.json": LLAMA, "README.md": card + "\nA model.\n"}).outcomes
    (one,) = [outcome for outcome in outcomes if isinstance(outcome, Finding) and outcome.code == "CRD007"]
    assert one.severity is Severity.WARNING
    assert one.message.startswith("Some of the card's metadata is not read: ")
    assert (one.evidence[0].line, one.fix) == (line, fix)
