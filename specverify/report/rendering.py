"""What a format is given beside the reports: what was asked of it, and what is known outside of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from specverify.outcome import Confidence, Severity


class RuleText(NamedTuple):
    """What a format tells of a rule; `doc` is Markdown, `summary` its first paragraph."""

    code: str
    name: str
    severity: Severity
    confidence: Confidence
    source: str
    summary: str
    doc: str


class Rendering(NamedTuple):
    """How reports are to be written: `verbose` and `color` are the terminal's, `rules` document the findings.

    `hub` is the address repos stand under, `version` this program's.
    """

    rules: Sequence[RuleText] = ()
    hub: str = "https://huggingface.co"
    version: str = "0"
    verbose: bool = False
    color: bool = False
