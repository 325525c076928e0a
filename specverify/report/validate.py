"""A report against its own schema."""

from __future__ import annotations

from collections.abc import Iterator

from specverify.data import schema
from specverify.outcome import Report
from specverify.report.sanitize import clean
from specverify.report.shape import report_dict


def problems(report: Report) -> Iterator[str]:
    """Where the JSON form of a report is not what `schemas/report.schema.json` says, as `place: what`; none for a valid one."""
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(schema("report")).iter_errors(report_dict(report)):
        yield clean(f"/{'/'.join(map(str, error.absolute_path))}: {error.message}")
