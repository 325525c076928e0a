"""Facts, figures and evidence as lines of a page, and text that Markdown shows as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from specverify.facts import Source
from specverify.outcome import Evidence, Report
from specverify.report.amounts import exact, rounded
from specverify.report.sanitize import clean, clean_value

LONGEST = 600
_MARKUP = "\\`*[]<>|"
_ESCAPED = re.compile(r"\\([\\`*\[\]<>|])")


def is_closed(report: Report) -> bool:
    """Whether nothing of the model is public but claims."""
    return report.spec is not None and report.spec.exactness == "claimed"


def shown(report: Report, names: Sequence[str], *, unknown: bool = False) -> Iterator[str]:
    """Figures and facts by name, each on a line with its exact value or its place; of a closed model they say that they are claimed.

    With `unknown` those nobody states are there too, with the reason.
    """
    label = ", claimed" if is_closed(report) else ""
    for name in names:
        if name.startswith("spec."):
            fact = report.spec.fact(name.removeprefix("spec.")) if report.spec is not None else None
            if fact is not None and fact.value is not None:
                yield f"{name} = {clean_value(fact.value)} ({fact.readings[0].where})"
            elif unknown and fact is not None:
                yield f"{name}: unknown, {(fact.reason or 'not stated').removeprefix(f'{fact.name}: ')}"
        elif name in report.figures:
            figure = report.figures[name]
            if figure.value is not None:
                short = rounded(figure.value, figure.unit)
                long = exact(figure.value, figure.unit)
                yield f"{name} = {long}" + (f" ({short})" if short != long else "") + label
            elif unknown:
                yield f"{name}: unknown, {'; '.join(figure.number.reasons())}"


def place(evidence: Evidence) -> str:
    """Where something stands, and what it says there."""
    if evidence.source is Source.DECLARED and evidence.line is not None:
        where = f"{evidence.file}:{evidence.line}"
    else:
        where = evidence.file + (f"#{evidence.pointer}" if evidence.pointer else f":{evidence.line}" if evidence.line is not None else "")
    said = evidence.quote if evidence.quote is not None else f"{evidence.value!r}" if evidence.value is not None else ""
    return f"{where} {said}".strip()


def text(value: str, longest: int = LONGEST) -> str:
    """A string that Markdown shows as it is, on one line of at most `longest` characters."""
    cleaned = clean(value, longest).replace("\n", " ")
    for character in _MARKUP:
        cleaned = cleaned.replace(character, "\\" + character)
    return cleaned


def plain(value: str) -> str:
    """What `text` was made from, but for what it cut or made visible."""
    return _ESCAPED.sub(r"\1", value)
