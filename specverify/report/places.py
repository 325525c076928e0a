"""Where evidence stands, for programs that open files: the path or address of a file, the line, and the columns of the quote."""

from __future__ import annotations

import posixpath
from typing import NamedTuple
from urllib.parse import quote

from specverify.facts import Source
from specverify.outcome import Evidence, Report

REPOS = ("hub", "cache")
"""The origins of a model that is a repo of the Hub; every other is on this machine's disk."""
CUT = " ..."
"""How a quote ends that was shortened."""


class Region(NamedTuple):
    """A line, and the columns of the words there, counted from 1 in code points; `stop` is the column after the last."""

    line: int
    start: int | None = None
    stop: int | None = None


def named(evidence: Evidence) -> str:
    """The place of evidence in words, as it is written: `README.md:42`, `config.json#/num_hidden_layers`."""
    return f"{evidence.file}:{evidence.line}" if evidence.line is not None else f"{evidence.file}#{evidence.pointer or ''}".rstrip("#")


def is_file(report: Report, evidence: Evidence) -> bool:
    """Whether evidence stands in a file of the model, and not in a class of a library or in this program's own data."""
    listed = () if report.kept is None else report.kept.listing
    return evidence.source is Source.MEASURED or evidence.file in report.files or evidence.file in listed


def region(report: Report, evidence: Evidence) -> Region | None:
    """The line of evidence, with columns where its file was kept and holds the words; None where no line is known."""
    if evidence.line is None:
        return None
    words = (evidence.quote or "").removesuffix(CUT)
    lines = _text(report, evidence.file).split("\n")
    if not words or evidence.line > len(lines):
        return Region(evidence.line)
    start = lines[evidence.line - 1].find(words)
    return Region(evidence.line) if start < 0 else Region(evidence.line, start + 1, start + 1 + len(words))


def path(report: Report, file: str) -> str | None:
    """The path of a file as the user would name it; None for a repo, whose files are not on disk under their names."""
    if report.origin in REPOS:
        return None
    ref = report.ref.replace("\\", "/")
    return posixpath.normpath(ref if report.origin == "claims" else posixpath.join(ref, file))


def uri(report: Report, file: str) -> str:
    """The file as a URI reference: under `address` for a repo, as a path (or `file:` for an absolute one) for a folder."""
    on_disk = path(report, file)
    if on_disk is None:
        return _quoted(file)
    return f"file://{_quoted(on_disk)}" if on_disk.startswith("/") else _quoted(on_disk)


def repository(report: Report, hub: str) -> str | None:
    """The address of a repo; None for what is not one."""
    return f"{hub}/{_quoted(report.name)}" if report.origin in REPOS else None


def address(report: Report, hub: str) -> str | None:
    """The address that the files of a repo stand under, at its commit; None for what is no repo or has none known."""
    found = repository(report, hub)
    return None if found is None or report.sha is None else f"{found}/resolve/{_quoted(report.sha)}/"


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="/")


def _text(report: Report, file: str) -> str:
    if file in report.texts:
        return report.texts[file]
    return "" if report.kept is None else report.kept.contents.get(file, b"").decode("utf-8-sig", "replace")
