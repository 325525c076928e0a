"""What a score is: a number on a benchmark, whose it is, and what the card says of how it was had."""

from __future__ import annotations

import re
from typing import NamedTuple

from specverify.card.evaluation.benchmarks import Benchmark
from specverify.card.evaluation.settings import Setting
from specverify.card.remembered import remembered
from specverify.pattern import Pattern

TABLE = "table"
PROSE = "prose"
MODEL_INDEX = "model-index"
EVAL_RESULTS = "eval-results"

_NUMBER = Pattern(r"[~<>]? ?(-?\d{1,3}(?:,\d{3})(?!\d)|-?\d{1,4}(?:[.,]\d{1,6})?)(?![\d.])(?: ?(%))?")
_REST = Pattern(r"(?:$|\s{0,3}[(±†‡^¹²³/|;↑↓+,]|\s{1,3}(?:±|\d|pass|em\b|f1\b|acc|avg|cons|maj|points|pts|[a-z](?![a-z])))", re.IGNORECASE)


class Value(NamedTuple):
    """A number as printed: `value`, whether a percent sign follows, its decimals, and what stands behind it in the cell."""

    value: float
    raw: str
    percent: bool
    decimals: int
    rest: str = ""


class Score(NamedTuple):
    """One reported number.

    `written` is the label it stands under, where a subset or version may be named (`Diamond`, `2024`, `Verified`).
    `subject` is the model the row or column names and `relation` whose that is: `self`, `variant` (another training stage
    or format), `family`, `sibling`, `other`, or `unknown` where the table names none that can be told. `settings` are the
    statements that cover it. `emitter` is `table`, `prose`, `model-index` or `eval-results`; `table` the number of the
    table it stands in; `column` the text of its column's header, or the sentence it stands in. `scale` is `fraction`,
    `percent` or `points`.
    """

    benchmark: Benchmark
    written: str
    value: Value
    scale: str
    subject: str | None
    relation: str
    settings: tuple[Setting, ...]
    emitter: str
    file: str
    line: int
    section: tuple[str, ...] = ()
    table: int | None = None
    column: str = ""
    verified: bool = False
    """a `verifyToken` stands beside it; whether that is valid cannot be told from the file"""
    source_url: str | None = None

    @property
    def own(self) -> bool:
        """Whether it is, or may be, the score of the card's own model."""
        return self.relation in ("self", "variant", "family", "unknown")

    @property
    def part(self) -> str | None:
        """The subset or version the label names, for a benchmark that has several; None where it names none."""
        found = self.benchmark.part.search(self.written) if self.benchmark.part is not None else None
        return found.group().strip(" -_/").lower() if found is not None else None

    def setting(self, *kinds: str) -> Setting | None:
        """The first statement of one of these kinds, the nearest to the score first."""
        return next((setting for setting in self.settings if setting.kind in kinds), None)

    @property
    def percent_value(self) -> float:
        """The value on a scale of a hundred, where it is a share."""
        return self.value.value * 100 if self.scale == "fraction" else self.value.value


@remembered
def read_value(text: str) -> Value | None:
    """The score a cell states; None where it states something else (a size, a year with a month, a count of shots)."""
    text = text.strip()
    found = _NUMBER.match(text) if text[:1] in "~<>-" or text[:1].isdigit() else None
    if found is None or not _REST.match(text, found.end()):
        return None
    written = found.group(1)
    number = written.replace(",", "") if re.fullmatch(r"-?\d{1,3},\d{3}", written) else written.replace(",", ".")
    decimals = len(number.partition(".")[2])
    return Value(float(number), written + (found.group(2) or ""), bool(found.group(2)), decimals, text[found.end() :].strip())


def scale_of(benchmark: Benchmark, value: Value) -> str:
    """The scale a number is on: `points` where the benchmark has its own."""
    if benchmark.own_scale:
        return "points"
    return "fraction" if not value.percent and 0 <= value.value <= 1 and value.decimals >= 2 else "percent"
