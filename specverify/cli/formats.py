"""The formats of a report, each by the function that writes it: `(reports, rendering) -> text`. Loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from specverify.outcome import Report
    from specverify.report.rendering import RuleText

FORMATS: Mapping[str, tuple[str, str]] = {
    "terminal": ("report.terminal", "to_terminal"),
    "json": ("report.json", "documents"),
    "jsonl": ("report.json", "stream"),
    "markdown": ("report.markdown", "to_markdown"),
    "html": ("report.html.report", "to_html"),
    "csv": ("audit.table", "rows_as_csv"),
    "sarif": ("report.sarif", "to_sarif"),
    "github": ("report.github", "to_github"),
    "cyclonedx": ("report.cyclonedx", "to_cyclonedx"),
}
"""Name to the module and the function in it."""
FROM_FILES = ("sarif", "github", "cyclonedx")
"""The formats that need the bytes of the files: for columns and hashes."""
OF_ONE = ("cyclonedx",)
"""The formats that are about one model."""


def written(reports: Sequence[Report], form: str, *, verbose: bool, color: bool) -> str:
    """The reports in a format."""
    from specverify import __version__
    from specverify.fetch.reference import endpoint
    from specverify.report.rendering import Rendering

    module, function = FORMATS[form]
    how = Rendering(_rules() if form in ("sarif", "html") else (), endpoint(), __version__, verbose, color)
    text: str = getattr(import_module(f"specverify.{module}"), function)(reports, how)
    return text


def _rules() -> Sequence[RuleText]:
    from specverify.report.rendering import RuleText
    from specverify.rules.engine import rules

    return [RuleText(rule.code, rule.name, rule.severity, rule.confidence, rule.source, rule.summary, rule.doc) for rule in rules()]
