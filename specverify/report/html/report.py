"""Reports as a page: verdict, findings with their evidence, spec, figures with their working, claims and facts with every reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from specverify.facts import Fact, Source, Where
from specverify.num import Num
from specverify.outcome import Broken, Passed, Report, Skipped
from specverify.report.amounts import exact, rounded, worked_line
from specverify.report.claims import counted
from specverify.report.first_screen import exactness, on_hardware, says_something, setting, verdict_words
from specverify.report.html.page import page
from specverify.report.places import named
from specverify.report.rendering import Rendering
from specverify.report.rows import TAGS, spec_rows
from specverify.report.sanitize import clean_value
from specverify.report.shape import definitions, summary
from specverify.spec import Figure

TILES = {
    "parameters.total": "parameters",
    "parameters.activated": "activated",
    "weights.bytes": "weights",
    "context.declared": "context",
    "cache.sequence_bytes": "KV per sequence",
    "capacity.fits": "fits",
    "capacity.max_concurrency": "sequences at once",
}
"""The figures at the top of a page, as far as they say something, with their captions."""
AREAS = {
    "parameters": "Parameters",
    "weights": "Weights",
    "cache": "Cache",
    "context": "Context",
    "capacity": "Capacity",
    "memory": "Memory",
    "prefill": "Speed",
    "decode": "Speed",
}
"""The first word of a figure's name, and the heading it stands under."""
OTHERS = "More"


class Line(NamedTuple):
    """A number with its formula and worked line; `label` says which part of a figure it is, if one."""

    label: str
    formula: str
    worked: str


def to_html(reports: Sequence[Report], how: Rendering) -> str:
    """One page of these reports."""
    rules = {rule.code: rule for rule in how.rules}
    return "".join(page("report.html", {"reports": reports, "version": how.version, "rules": rules, **_HELPERS}))


def tiles(report: Report) -> Iterator[tuple[str, Figure]]:
    """Captions and figures for the top of the page."""
    for name, caption in TILES.items():
        if name in report.figures and says_something(report.figures, name):
            yield caption, report.figures[name]


def areas(report: Report) -> list[tuple[str, list[Figure]]]:
    """The figures under their headings, each by name."""
    found: dict[str, list[Figure]] = {title: [] for title in (*AREAS.values(), OTHERS)}
    for name, figure in sorted(report.figures.items()):
        found[AREAS.get(name.partition(".")[0], OTHERS)].append(figure)
    return [(title, figures) for title, figures in found.items() if figures]


def working(report: Report, figure: Figure) -> Iterator[Line]:
    """The formula of a figure and of each named part of it that is no figure itself."""
    yield _line("", figure.number, figure.unit)
    yield from (_line(part.label or "", part, part.unit) for part in definitions(figure.number, report.figures))


def _line(label: str, number: Num, unit: str | None) -> Line:
    formula, worked = number.formula(), worked_line(number, unit)
    return Line(label, formula if formula != worked else "", worked)


def place(where: Where) -> str:
    """The place of a reading in words."""
    return str(where)


def tag(fact: Fact) -> str:
    """How the first reading of a fact is known; empty where there is none."""
    return TAGS[fact.readings[0].source] if fact.readings else ""


def skipped(report: Report) -> list[tuple[str, list[str]]]:
    """The reasons why rules did not look, each with their codes."""
    found: dict[str, list[str]] = {}
    for outcome in report.outcomes:
        if isinstance(outcome, Skipped):
            found.setdefault(outcome.reason, []).append(outcome.code)
    return sorted((reason, sorted(codes)) for reason, codes in found.items())


def passed(report: Report) -> list[Passed]:
    """The checks that found nothing, by code."""
    return sorted((outcome for outcome in report.outcomes if isinstance(outcome, Passed)), key=lambda outcome: outcome.code)


def broken(report: Report) -> list[Broken]:
    """The checks that crashed, by code."""
    return sorted((outcome for outcome in report.outcomes if isinstance(outcome, Broken)), key=lambda outcome: outcome.code)


_HELPERS = {
    "areas": areas,
    "broken": broken,
    "claimed": Source.CLAIMED,
    "clean_value": clean_value,
    "counted": counted,
    "exact": exact,
    "exactness": exactness,
    "named": named,
    "on_hardware": on_hardware,
    "passed": passed,
    "place": place,
    "rounded": rounded,
    "setting": setting,
    "skipped": skipped,
    "spec_rows": spec_rows,
    "summary": summary,
    "tag": tag,
    "tags": TAGS,
    "tiles": tiles,
    "verdict_words": verdict_words,
    "working": working,
}
