"""A report as JSON text: one indented document, or one line of a stream."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from specverify.outcome import Report
from specverify.report.rendering import Rendering
from specverify.report.sanitize import UNSAFE
from specverify.report.shape import report_dict

WIDTH = 120


def to_json(report: Report) -> str:
    """The report as a document."""
    return document(report_dict(report))


def documents(reports: Sequence[Report], how: Rendering) -> str:
    """The report as a document; of more than one an array of them."""
    found = [to_json(report).rstrip() for report in reports]
    return (found[0] if len(found) == 1 else "[\n" + ",\n".join(found) + "\n]") + "\n"


def stream(reports: Sequence[Report], how: Rendering) -> str:
    """A line a report."""
    return "".join(map(to_jsonl, reports))


def document(form: dict[str, Any]) -> str:
    """Plain JSON values as an indented document that ends in a line feed. What fits on one line stands on one."""
    return _safe(_document(form, 0)) + "\n"


def entries_by_line(form: dict[str, Any], depth: int) -> str:
    """Plain JSON values as a document in which what is `depth` objects or lists deep stands on a line of its own: a diff of it is read."""
    return _safe(_opened(form, depth, 0)) + "\n"


def to_jsonl(report: Report) -> str:
    """The report as one line that ends in a line feed."""
    return _safe(_text(report_dict(report))) + "\n"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _safe(text: str) -> str:
    """The same JSON with what could mislead a terminal or an eye, and what UTF-8 has no bytes for, as escapes."""
    return UNSAFE.sub(lambda match: json.dumps(match.group())[1:-1], text)


def _opened(value: Any, depth: int, indent: int) -> str:
    if depth == 0 or not value or not isinstance(value, dict | list):
        return _text(value)
    if isinstance(value, dict):
        entries = [f"{_text(key)}: {_opened(entry, depth - 1, indent + 1)}" for key, entry in value.items()]
    else:
        entries = [_opened(entry, depth - 1, indent + 1) for entry in value]
    return _enclosed(value, entries, indent, 1)


def _enclosed(value: Any, entries: list[str], indent: int, step: int) -> str:
    """Entries a line each, between the brackets of what they are the entries of."""
    inner = " " * (indent + step)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return opening + "\n" + ",\n".join(inner + entry for entry in entries) + "\n" + " " * indent + closing


def _document(value: Any, indent: int) -> str:
    line = _one_line(value, WIDTH - indent)
    if line is not None:
        return line
    if isinstance(value, dict):
        entries = [f"{_text(key)}: {_document(entry, indent + 2)}" for key, entry in value.items()]
    else:
        entries = [_document(entry, indent + 2) for entry in value]
    return _enclosed(value, entries, indent, 2)


def _one_line(value: Any, room: int) -> str | None:
    """The value on one line; None where it takes more than `room`, found out without writing it all."""
    if not isinstance(value, dict | list):
        return _text(value)
    parts: list[str] = []
    for entry in value:
        part = _one_line(value[entry] if isinstance(value, dict) else entry, room)
        if part is None:
            return None
        parts.append(f"{_text(entry)}: {part}" if isinstance(value, dict) else part)
        room -= len(parts[-1]) + 2
        if room < 0:
            return None
    return ("{" + ", ".join(parts) + "}") if isinstance(value, dict) else ("[" + ", ".join(parts) + "]")
