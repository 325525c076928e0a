"""Models side by side in five groups, and for two revisions of one what changed between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from specverify.outcome import Report
from specverify.report.amounts import exact
from specverify.report.compare.cells import Cell, Group, Row, Status, figure_cell, figure_row, is_closed, of_each, row, said, unknown
from specverify.report.compare.changes import Changes, Quote, changes
from specverify.report.compare.operations import terms
from specverify.report.compare.quality import quality
from specverify.report.compare.safety import safety
from specverify.report.rows import spec_rows
from specverify.spec import context_name

Source = str | Callable[[Sequence[Report]], Iterator[Row]]
"""Where rows come from: a figure by name, all that are left of a kind (`decode.*`), a row of the spec (`spec:attention`), or a function."""
SPEC = "spec:"
REST = ".*"
UNKNOWN = "unknown"
ABSENT = {"experts": "none", "quantization": "none", "rope": "no rotary positions", "other inputs": "text only"}
"""What it means that a spec has no such row."""
CLAIMED_LABELS = {"layers": "num hidden layers", "experts": "num experts"}
"""What a closed model's claim is called where it is not called as the row is."""


def _length(report: Report) -> Cell:
    """The tokens of one sequence that the figures are for: the target's, else the model's own."""
    asked, engine = report.target.get("context"), report.target.get("engine", "ideal")
    if asked is not None:
        return said(exact(asked, "tokens"), asked)
    return figure_cell(report, context_name(engine))


GROUPS: Sequence[tuple[str, str, Sequence[Source]]] = (
    ("quality", "Quality evidence", (quality,)),
    (
        "latency",
        "Latency and throughput",
        (
            "spec:prototype", "spec:attention", "spec:layers", "spec:experts",
            "parameters.activated", "parameters.activated_text_only", "parameters.mtp",
            "decode.floor_seconds", "decode.*", "prefill.floor_seconds", "prefill.flops", "prefill.*", "request.*", "communication.*",
        ),
    ),
    (
        "memory",
        "Memory and bandwidth",
        (
            lambda reports: iter([row("context of these figures", of_each(reports, _length), unit="tokens")]),
            "parameters.total", "weights.bytes", "weights.bytes_per_gpu",
            "cache.bytes_per_token", "cache.fixed_bytes", "cache.sequence_bytes", "cache.reserved_bytes", "cache.total_bytes",
            "cache.sequence_bytes_per_gpu", "cache.engine_bytes_per_token_per_gpu",
            "memory.*", "capacity.fits", "capacity.needed_bytes_per_gpu", "capacity.budget_bytes_per_gpu",
            "capacity.max_concurrency", "capacity.max_context", "capacity.*",
        ),
    ),
    (
        "operations",
        "Operations",
        (terms, "spec:dtype", "spec:quantization", "spec:other inputs", "context.declared", "context.native", "context.effective.*"),
    ),
    ("safety", "Safety and debuggability", (safety,)),
)  # fmt: skip
"""The dimensions of a choice, each with its rows in order. A figure that no model has is left out, and so is none that one has."""


class Comparison(NamedTuple):
    """The models in the order they were named, their rows by group, and what changed between the two where that was asked for."""

    reports: tuple[Report, ...]
    groups: tuple[Group, ...]
    changes: Changes | None


def compare(reports: Sequence[Report], quotes: Sequence[Quote] = (), *, diff: bool | None = None) -> Comparison:
    """Reports side by side. `diff` says whether changes are told of two; None does where both are of one model.

    `quotes` finds for each report the line of a place in its files. A report that could not be read has unknown cells, and
    there are no changes to or from it.
    """
    two = len(reports) == 2 and all(report.error is None for report in reports)
    wanted = two and (is_one_model(reports) if diff is None else diff)
    groups = tuple(Group(name, title, tuple(_rows(reports, sources))) for name, title, sources in GROUPS)
    return Comparison(tuple(reports), groups, changes(reports[0], reports[1], quotes) if wanted else None)


def is_one_model(reports: Sequence[Report]) -> bool:
    """Whether all are of one repo, or of folders of one name."""
    return len({report.name.casefold() for report in reports}) == 1


def _rows(reports: Sequence[Report], sources: Sequence[Source]) -> Iterator[Row]:
    named = {source for source in sources if isinstance(source, str)}
    for source in sources:
        if not isinstance(source, str):
            yield from source(reports)
        elif source.startswith(SPEC):
            yield _spec_row(reports, source.removeprefix(SPEC))
        else:
            names = [source]
            if source.endswith(REST):
                start = source.removesuffix("*")
                names = sorted({name for report in reports for name in report.figures if name.startswith(start)} - named)
            yield from filter(None, (figure_row(reports, name) for name in names))


def _spec_row(reports: Sequence[Report], label: str) -> Row:
    return row(label, of_each(reports, lambda report: _spec_cell(report, label)))


def _spec_cell(report: Report, label: str) -> Cell:
    """A row of the spec as every text report prints it."""
    spec = report.spec
    if spec is None:
        return unknown("there is no spec")
    wanted = CLAIMED_LABELS.get(label, label) if is_closed(report) else label
    found = next((one for one in spec_rows(spec, report.figures) if one.label == wanted), None)
    if found is not None and is_closed(report):
        return said(found.text, status=Status.CLAIMED)
    if found is None:
        if spec.parts and not is_closed(report) and label in ABSENT:
            return said(ABSENT[label])
        return unknown("not stated" if is_closed(report) else spec.fact("prototype").reason or f"{label}: not known")
    start, _, why = found.text.partition(": ")
    return unknown(why) if start == UNKNOWN else said(found.text)
