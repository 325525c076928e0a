"""The versioned shape of a comparison, as plain JSON values: same inputs, same bytes."""

from __future__ import annotations

from typing import Any

from specverify.outcome import Finding, Report, Verdict
from specverify.report.compare.cells import Cell, Row
from specverify.report.compare.changes import Changes, Told
from specverify.report.compare.comparison import Comparison
from specverify.report.compare.files import FileChange, KeyChange
from specverify.report.json import document
from specverify.spec_form import json_value

COMPARISON_VERSION = "1.0"


def comparison_dict(comparison: Comparison) -> dict[str, Any]:
    """The comparison by `schemas/comparison.schema.json`; the cells of a row are in the order of the models."""
    return {
        "schema_version": COMPARISON_VERSION,
        "models": [_model(report) for report in comparison.reports],
        "target": {name: json_value(value) for name, value in _target(comparison).items()},
        "groups": [{"name": group.name, "title": group.title, "rows": [_row(row) for row in group.rows]} for group in comparison.groups],
        "changes": None if comparison.changes is None else changes_dict(comparison.changes),
    }


def to_json(comparison: Comparison) -> str:
    """The comparison as an indented document that ends in a line feed."""
    return document(comparison_dict(comparison))


def _target(comparison: Comparison) -> dict[str, Any]:
    return next((dict(report.target) for report in comparison.reports if report.target), {})


def _model(report: Report) -> dict[str, Any]:
    form: dict[str, Any] = {
        "ref": report.ref,
        "name": report.name,
        "origin": report.origin,
        "revision": report.revision,
        "sha": report.sha,
        "exactness": None if report.spec is None else report.spec.exactness,
    }
    return form if report.error is None else form | {"error": report.error, "error_kind": report.error_kind}


def _row(row: Row) -> dict[str, Any]:
    form: dict[str, Any] = {"name": row.name, "unit": row.unit, "marked": row.marked, "cells": [_cell(cell) for cell in row.cells]}
    return form if row.note is None else form | {"note": row.note}


def _cell(cell: Cell) -> dict[str, Any]:
    form: dict[str, Any] = {"value": cell.value, "text": cell.text, "status": str(cell.status)}
    form |= {} if cell.note is None else {"note": cell.note}
    return form | ({"places": list(cell.places)} if cell.places else {})


def changes_dict(changes: Changes) -> dict[str, Any]:
    """What changed, as `changes` of the schema has it."""
    return {
        "facts": [{"name": one.name, "moved": one.moved, "before": _told(one.before), "after": _told(one.after)} for one in changes.facts],
        "figures": [
            {"name": one.name, "unit": one.unit, "before": _cell(one.before), "after": _cell(one.after)} for one in changes.figures
        ],
        "claims": [
            {"kind": one.kind, "how": str(one.how), "before": _claim(one.before), "after": _claim(one.after)} for one in changes.claims
        ],
        "findings": [
            {"code": one.code, "name": one.name, "how": str(one.how), "before": _finding(one.before), "after": _finding(one.after)}
            | ({} if one.reason is None else {"reason": one.reason})
            for one in changes.findings
        ],
        "files": [_file(one) for one in changes.files.changed],
        "unseen_files": [{"name": name, "reason": reason} for name, reason in changes.files.unseen],
    }


def _told(told: Told) -> dict[str, Any]:
    form: dict[str, Any] = {"value": json_value(told.value), "source": None if told.source is None else str(told.source)}
    places = {name: getattr(told, name) for name in ("file", "pointer", "line", "quote", "reason")}
    return form | {name: value for name, value in places.items() if value is not None}


def _claim(verdict: Verdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    at = {"file": verdict.stated.file, "line": verdict.stated.line}
    return {"raw": verdict.raw, "verdict": str(verdict.agreement), "reason": verdict.reason, **at}


def _finding(finding: Finding | None) -> dict[str, Any] | None:
    return None if finding is None else {"severity": str(finding.severity), "message": finding.message}


def _file(change: FileChange) -> dict[str, Any]:
    form: dict[str, Any] = {"name": change.name, "how": change.how, "keys": [_key(key) for key in change.keys]}
    return form | ({"more_keys": change.more} if change.more else {})


def _key(key: KeyChange) -> dict[str, Any]:
    return dict(key._asdict())
