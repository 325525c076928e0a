"""Exit statuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from specverify.outcome import Report

CLEAN, FOUND, USAGE, BROKEN = 0, 1, 2, 3
INTERRUPTED = 130
"""As a shell says of a program that SIGINT ended."""
SEVERITIES = ("info", "warning", "error")


def exit_status(reports: Sequence[Report], fail_on: str) -> int:
    """0 clean, 1 findings at or above `fail_on`, 3 a model that could not be read or a rule that crashed; 1 wins over 3."""
    from specverify.outcome import Broken, Severity

    if fail_on != "never":
        least = Severity(fail_on).rank
        if any(finding.severity.rank >= least for report in reports for finding in report.findings):
            return FOUND
    if any(report.error is not None or any(isinstance(outcome, Broken) for outcome in report.outcomes) for report in reports):
        return BROKEN
    return CLEAN
