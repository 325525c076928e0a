"""Score tables: a row for each benchmark, or a column for each, with the settings their labels, headers and columns state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from specverify.card.evaluation.benchmarks import Benchmark, Mention, mentions
from specverify.card.evaluation.scores import TABLE, Score, Value, read_value, scale_of
from specverify.card.evaluation.settings import CELL, HEADER, LENGTH, MISSABLE, ROW, SHOTS, Setting, settings_in, shots_in
from specverify.card.names import Subject
from specverify.card.remembered import remembered
from specverify.card.tables import Cell, Table
from specverify.frozen import Struct, frozen
from specverify.pattern import Pattern

MOST_SCORES = 3000
MOST_LABELS = 3
"""Columns before the first score that can hold labels."""
MOST_HEADERS = 4
LONGEST_LABEL = 400
LONGEST_NAME = 120
LABELS = " | "
"""Between the labels of a row."""
_SETTING_HEADER = Pattern(
    r"#? ?(?:n[-_ ]?)?shots?|few-?shots?|n-shot|metrics?|settings?|mode|version|stderr|filter|rank(?:ing)?|sizes?|params?|parameters|"
    r"# ?params?|count|#|split|dates?|±|↑|↓|std|delta|diff(?:erence)?|improvement|gain|context(?: (?:window|length|size))?|"
    r"judge|licen[cs]e|category|domain|language|capability|area|source|type|year|random(?: chance)?|chance|human(?: expert)?|"
    r"training data|retention|recovery.{0,40}|.{0,60}\bdiff",
    re.IGNORECASE,
)
_SHOT_HEADER = Pattern(r"(?:#|n|num|number of)?[-_ ]*(?:few[-_ ]?)?shots?", re.IGNORECASE)
_SCORE_HEADER = Pattern(r"scores?|accuracy|acc|results?|average|avg\.?|value|pass@1|total", re.IGNORECASE)
_TASK_HEADER = Pattern(r"tasks?|groups", re.IGNORECASE)
_NO_SCORES = Pattern(
    r"training tuples|number of training|\btrain(?:ing)? (?:samples|examples|tokens)|# ?samples|contaminat|"
    r"num(?:ber of)? (?:tokens|samples)|sampling (?:rate|weight|prop)",
    re.IGNORECASE,
)
_TRAINING = Pattern(r"\btraining (?:data|set|mix|procedure|details)|dataset|data mix|contaminat|训练|污染", re.IGNORECASE)
_GENERIC_WORD = Pattern(
    r"\b(?:values?|scores?|results?|accuracy|acc|metrics?|ours|this|our|model|performance|average|avg|overall|test|em|f1|pass|mean|main|"
    r"zero|few|shots?|cot|no|non|w|o|with|without|greedy|thinking|instant|default|base|chat|instruct|k|n|\d{1,4} ?[km])\b",
    re.IGNORECASE,
)


@frozen
class _Reader(Struct):
    """One table being read; `line_at` gives the line of an offset."""

    table: Table
    number: int
    subject: Subject
    file: str
    line_at: Callable[[int], int]

    def named(self, text: str) -> tuple[Mention, ...]:
        """The benchmarks a cell names."""
        return _named(text[:LONGEST_LABEL])

    def line(self, cell: Cell) -> int:
        return self.line_at(cell.start)

    def score(
        self, benchmark: Benchmark, written: str, value: Value, title: str, settings: tuple[Setting, ...], cell: Cell, column: str
    ) -> Score:
        """A score in a cell; `title` is what its row or column is called."""
        line = self.line(cell)
        relation = "self" if is_generic(title) else self.subject.relation(title[:LONGEST_NAME])
        shots = shots_in(value.rest)
        inside = (Setting(SHOTS, shots, CELL, line),) if shots else ()
        inside = (*inside, *settings_in(value.rest, CELL, line)) if len(value.rest) > 2 else inside
        return Score(
            benchmark,
            written[:LONGEST_LABEL],
            value,
            scale_of(benchmark, value),
            title or None,
            relation,
            (*inside, *settings),
            TABLE,
            self.file,
            line,
            self.table.section,
            self.number,
            column,
        )


@remembered
def _named(label: str) -> tuple[Mention, ...]:
    return tuple(mentions(label)) if any(c.isalpha() for c in label) else ()


def is_generic(title: str) -> bool:
    """Whether the title of a row or column names no model, only what is printed there (`Value`, `Ours`, `5-shot`)."""
    return not any(c.isalpha() for c in _GENERIC_WORD.sub("", title[:LONGEST_NAME]))


def read_score_table(table: Table, number: int, subject: Subject, file: str, line_at: Callable[[int], int]) -> list[Score]:
    """The scores of a table, in order; none where it names no benchmark beside numbers, or is one of training data."""
    reader = _Reader(table, number, subject, file, line_at)
    over = reader.named(table.section[-1]) if table.section else ()
    if not any(reader.named(cell.text) for row in table.rows for cell in row[: MOST_LABELS + 1]) and not any(
        reader.named(cell.text) for row in table.rows[:MOST_HEADERS] for cell in row
    ):
        return list(_under_heading(reader, over[0])) if len(over) == 1 else []
    headers = _header_rows(table, reader)
    head = [_column_text(table, headers, column) for column in range(max((len(row) for row in table.rows), default=0))]
    if any(_NO_SCORES.search(text) for text in head) or _TRAINING.search(table.section[-1] if table.section else ""):
        return []
    body = table.rows[headers:]
    in_head = [column for column, text in enumerate(head) if reader.named(text) and (column or _scored(body, column))]
    in_rows = sum(bool(_label_mentions(reader, row)) for row in body)
    if in_head and len(in_head) >= in_rows:
        return list(islice(_columns(reader, head, body, in_head), MOST_SCORES))
    return list(islice(_rows(reader, head, body), MOST_SCORES)) if in_rows else []


def _header_rows(table: Table, reader: _Reader) -> int:
    """How many rows at the top are headers: the first, and those after it that hold names and no score."""
    if _label_mentions(reader, table.rows[0]) and _has_score(table.rows[0]):
        return 0
    count = 1
    blank = not any(cell.text for cell in table.rows[0])
    for row in table.rows[1:MOST_HEADERS]:
        names = {cell.text for cell in row if cell.text}
        if _has_score(row) or not (blank or all(cell.header for cell in row)) or len(names) < 2:
            break
        count += 1
    return count


def _has_score(row: Sequence[Cell]) -> bool:
    return any(read_value(cell.text) is not None for cell in row[1:])


def _column_text(table: Table, headers: int, column: int) -> str:
    texts = dict.fromkeys(row[column].text for row in table.rows[:headers] if column < len(row) and row[column].text)
    return " ".join(texts)


def _scored(body: Sequence[Sequence[Cell]], column: int) -> bool:
    return any(column < len(row) and read_value(row[column].text) is not None for row in body)


def _labels(row: Sequence[Cell]) -> list[Cell]:
    """The cells before the first score of a row."""
    labels: list[Cell] = []
    for cell in row[: MOST_LABELS + 1]:
        if read_value(cell.text) is not None:
            break
        if not labels or labels[-1] is not cell:
            labels.append(cell)
    return labels[:MOST_LABELS]


def _label_mentions(reader: _Reader, row: Sequence[Cell]) -> tuple[Mention, ...]:
    return reader.named(_naming_label(reader, row))


def _naming_label(reader: _Reader, row: Sequence[Cell]) -> str:
    """The label of a row that names benchmarks, the nearest to the scores; empty where none does."""
    return next((cell.text for cell in reversed(_labels(row)) if reader.named(cell.text)), "")


def _columns(reader: _Reader, head: Sequence[str], body: Sequence[Sequence[Cell]], named: Sequence[int]) -> Iterator[Score]:
    """Benchmarks across the top, a row for each model."""
    in_header = {column: tuple(_stated(head[column], HEADER, reader.line(reader.table.rows[0][0]))) for column in named}
    beside = [column for column, text in enumerate(head) if column not in named and _SETTING_HEADER.fullmatch(text)]
    label = ""
    for row in body:
        labels = [cell for cell in _labels(row) if not reader.named(cell.text)]
        label = next((cell.text for cell in labels if cell.text and cell.text[:1] not in "?-"), label)
        settings = tuple(_row_settings(reader, row, labels, head, beside))
        for column in named:
            if column >= len(row):
                continue
            found = reader.named(head[column])
            if len(found) == 1 and (value := read_value(row[column].text)) is not None:
                yield reader.score(
                    found[0].benchmark, head[column], value, label, (*settings, *in_header[column]), row[column], head[column]
                )


def _rows(reader: _Reader, head: Sequence[str], body: Sequence[Sequence[Cell]]) -> Iterator[Score]:
    """Benchmarks down the side, a column for each model."""
    settings_columns = [column for column, text in enumerate(head) if _SETTING_HEADER.fullmatch(text)]
    excluded = {*settings_columns, *(c for c, text in enumerate(head) if not text and c and head[c - 1].lower() in ("value", "±"))}
    tasks = bool(head) and _TASK_HEADER.fullmatch(head[0]) is not None
    in_header = {column: tuple(_stated(text, HEADER, reader.line(reader.table.rows[0][0]))) for column, text in enumerate(head)}
    corner = in_header.get(0, ())
    group: tuple[Setting, ...] = ()
    last: tuple[tuple[Mention, ...], str] = ((), "")
    for row in body:
        labels = _labels(row)
        named_in = _naming_label(reader, row)
        found = reader.named(named_in)
        written = LABELS.join(cell.text for cell in labels if cell.text)
        values = [(column, read_value(cell.text)) for column, cell in enumerate(row) if column not in excluded]
        if not any(value for _, value in values):
            group = tuple(_stated(written, ROW, reader.line(row[0])))
            continue
        if not found and tasks and not (row[0].text if row else ""):
            found, written = last
        elif found:
            last = (found, written)
        if not found:
            continue
        settings = (*_row_settings(reader, row, labels, head, settings_columns), *group, *corner)
        first = len(labels)
        for column, value in values:
            if value is None or column < first - 1:
                continue
            title = head[column] if column < len(head) else ""
            stated = (*settings, *in_header.get(column, ()))
            parts = row[column].text.replace("/", " ").split()
            if len(found) == 1 or (len(parts) == 1 and len({mention.benchmark.family or mention.start for mention in found}) == 1):
                yield reader.score(found[0].benchmark, written, value, title, stated, row[column], title)
            elif len(parts) == len(found):
                for mention, part in zip(found, parts, strict=True):
                    if (one := read_value(part)) is not None:
                        yield reader.score(mention.benchmark, named_in[mention.start : mention.end], one, title, stated, row[column], title)


def _under_heading(reader: _Reader, over: Mention) -> Iterator[Score]:
    """A table that names no benchmark under a heading that names one: models down the side, one column of scores."""
    rows = reader.table.rows
    scored = [column for column, cell in enumerate(rows[0]) if column and _SCORE_HEADER.fullmatch(cell.text)]
    for row in rows[1:] if len(scored) == 1 else ():
        if scored[0] < len(row) and row[0].text and (value := read_value(row[scored[0]].text)) is not None:
            settings = tuple(_stated(reader.table.section[-1], HEADER, reader.line(row[0])))
            title = rows[0][scored[0]].text
            yield reader.score(over.benchmark, reader.table.section[-1], value, row[0].text, settings, row[scored[0]], title)


def _row_settings(
    reader: _Reader, row: Sequence[Cell], labels: Sequence[Cell], head: Sequence[str], columns: Sequence[int]
) -> Iterator[Setting]:
    """What the labels of a row and its cells in columns of settings state."""
    for cell in labels:
        yield from _stated(cell.text, ROW, reader.line(cell))
    for column in columns:
        if column >= len(row) or not row[column].text:
            continue
        text, line = row[column].text, reader.line(row[column])
        if _SHOT_HEADER.fullmatch(head[column]):
            digits = re.match(r"\d{1,3}\b", text)
            yield Setting(SHOTS, f"{digits.group()}-shot" if digits else text[:40], ROW, line)
        yield from _stated(f"{head[column]} {text}", ROW, line)


def _stated(text: str, where: str, line: int) -> Iterator[Setting]:
    yield from settings_in(text, where, line, (*MISSABLE, LENGTH)) if len(text) > 2 else ()
