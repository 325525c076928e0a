"""Words in tables: labels down the side, a row for each model, and rows of measurements under headers with a unit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specverify.card.claims import Notebook
from specverify.card.labels import relation_of_section
from specverify.card.names import core, size_in
from specverify.card.tables import Cell, Table
from specverify.card.text import compact
from specverify.card.words import hardware, speed
from specverify.card.words.formats import TRAINING
from specverify.card.words.found import Found
from specverify.card.words.note import note
from specverify.card.words.topics import topic_of
from specverify.card.words.values import BASES, FORMATS, MEASURES, values
from specverify.card.words.whose import of_size
from specverify.pattern import Pattern

_I = re.IGNORECASE
_NAME_HEADER = Pattern(r"(?:base |our )?models?(?: ?name)?|name|模型(?:名称|名)?|(?:model )?(?:variant|version)s?|checkpoint", _I)
_VALUE_HEADER = Pattern(r"values?|details?|specs?|specifications?|default|配置|值|descriptions?|setting", _I)
_CONDITION_HEADER = Pattern(
    r"frameworks?|engines?|devices?|hardware|gpus?|settings?|quanti[sz]\w*|precision|batch\w*|categor\w*|scenario|.*length|method|"
    r"dtype|backend|task|"
    r"data ?type|bits?|推理框架|精度|量化\w*|numerical format|\W*",
    _I,
)
_DECIMAL = Pattern(r"-?\d{1,3}\.\d+\s*%?|\d{1,3}\s*%")
_RUN = Pattern(r"learning rate|batch|epoch|optimi[sz]er|warm-?up|gradient|weight decay|scheduler", _I)
_GIGABYTES = Pattern(r"[(\[ ](gi?b|g)[)\]]?", _I)
_OWN = ("self", "variant", "family", "sibling")
SCORES = 0.3
ROWS_READ = 80
MOST_CONDITIONS = 6


def read_tables(notebook: Notebook) -> None:
    """Note the claims in words, of memory and of speed of every table."""
    for table in notebook.document.tables:
        if len(table.rows) < 2 or len(table.rows[0]) < 2:
            continue
        header = [topic_of(cell.text) for cell in table.rows[0]]
        side = [topic_of(_first(row).text) if row else None for row in table.rows[:ROWS_READ]]
        labelled = sum(topic is not None for topic in side[1:])
        if any(topic is not None for topic in header[1:]) and labelled < (1 if header[0] is not None else 2):
            _rows(notebook, table, header)
        elif any(topic is not None for topic in side):
            _side(notebook, table, side)


def _first(row: tuple[Cell, ...]) -> Cell:
    return next((cell for cell in row if cell.text), row[0])


def _side(notebook: Notebook, table: Table, side: list[str | None]) -> None:
    """Labels down the side: one column of values, or a column for each model, of which only its own is read."""
    labels = " ".join(_first(row).text for row in table.rows[:ROWS_READ] if row)
    training = len(_RUN.compiled.findall(labels)) >= 2
    head = table.rows[0]
    for index, (row, topic) in enumerate(zip(table.rows, side, strict=False)):
        if topic is None or (not index and len(row) > 2):
            continue
        at = row.index(_first(row))
        rest = list(enumerate(row))[at + 1 :]
        refused = "the precision of training" if topic in FORMATS and (training or _is_training(table)) else None
        if len(rest) == 1 or (rest and len(head) > at + 1 and _VALUE_HEADER.fullmatch(head[at + 1].text)):
            relation, name = relation_of_section(notebook, table.section)
            title = head[rest[0][0]].text if index and rest[0][0] < len(head) else ""
            if title and notebook.subject.relation(title) in ("sibling", "other") and any(c.isdigit() for c in title):
                relation, name = notebook.subject.relation(title), title
            if relation == "other":
                continue
            _cell(notebook, table, rest[0][1], values(topic, _text(notebook, rest[0][1])), name, relation, refused)
            continue
        for column, cell in rest:
            name = head[column].text if column < len(head) else ""
            relation = notebook.subject.relation(name)
            if index and relation in _OWN and not cell.header:
                _cell(notebook, table, cell, values(topic, _text(notebook, cell)), name, relation, refused)


def _rows(notebook: Notebook, table: Table, header: list[str | None]) -> None:
    """A row for each model, or for each measurement, under headers that say what stands below."""
    titles = [cell.text for cell in table.rows[0]]
    named = next((column for column, title in enumerate(titles) if _NAME_HEADER.fullmatch(title) and header[column] is None), None)
    if named is None and header[0] is None and not _CONDITION_HEADER.fullmatch(titles[0]):
        named = 0
    if named is None and not titles[0]:
        named = 0
    measured = [column for column, topic in enumerate(header) if topic in MEASURES or topic == "hardware"]
    formats = not measured and not _is_scores(table, header) and not _is_repeated(table, named)
    told = _context_before(notebook, table) if measured else ()
    for row in table.rows[1 : ROWS_READ + 1]:
        name = row[named].text if named is not None and named < len(row) else ""
        relation = _of_row(notebook, row, titles, name)
        for column, topic in enumerate(header):
            if topic is None or column >= len(row) or column == named or not row[column].text:
                continue
            if topic in BASES and not core(re.sub(r"\d+(?:\.\d+)?[BbMm]\b", " ", name)):
                continue  # a column of the family's base models beside those tuned
            cell = row[column]
            if column in measured:
                if relation == "other":
                    continue
                bound = _beside(row, titles, header, (named, column))
                whose = "self" if relation == "unknown" else relation
                found = _measure(topic, titles[column], _text(notebook, cell))
                refused = hardware.refused_heading(table.section) if topic == "hardware" else None
                _cell(notebook, table, cell, found, name or None, whose, refused, (*bound, *_of_header(titles[column]), *told))
            elif relation in _OWN and (formats or topic not in FORMATS):
                refused = "the precision of training" if topic in FORMATS and _is_training(table) else None
                _cell(notebook, table, cell, values(topic, _text(notebook, cell)), name, relation, refused)


_SIZE_OF_ROW = Pattern(r"\W{0,2}(\d{1,4}(?:\.\d{1,2})?) ?([BM])(?![\w])")


def _of_row(notebook: Notebook, row: tuple[Cell, ...], titles: list[str], name: str) -> str:
    """Whose a row is: by its name, and where that has no size by the size that stands in it."""
    relation = notebook.subject.relation(name) if name else "unknown"
    if relation not in ("self", "variant", "family", "unknown") or size_in(name) is not None:
        return relation
    for column, cell in enumerate(row):
        sized = _SIZE_OF_ROW.match(cell.text)
        if sized is not None and (
            column == 0 or re.search(r"param|size|model|category", titles[column] if column < len(titles) else "", _I)
        ):
            whose = of_size(notebook.subject, sized.group())
            return relation if whose == "family" and relation != "unknown" else whose
    return relation


def _is_repeated(table: Table, named: int | None) -> bool:
    """Whether a name has several rows: what differs between them are ways to run one model."""
    names = [row[named].text for row in table.rows[1:ROWS_READ] if named is not None and named < len(row) and row[named].text]
    return len(names) != len(set(names))


def _context_before(notebook: Notebook, table: Table) -> tuple[str, ...]:
    """The sentence before a table that says for which length of context its rows are."""
    for run in reversed(notebook.document.runs):
        if run.end <= table.start:
            if run.kind == "heading" or table.start - run.end > 10 or run.end - run.start > 240:
                return ()
            text = compact(notebook.document.plain, run.start, run.end).text
            return (text,) if re.search(r"context|sequence length|\d+k tokens|上下文", text, _I) else ()
    return ()


def _measure(topic: str, title: str, text: str) -> Iterator[Found]:
    if topic == "hardware":
        unit = _GIGABYTES.search(title)
        yield from hardware.value(text, unit=unit.group(1) if unit else "")
    else:
        yield from speed.measured(MEASURES[topic], title, text)


def _of_header(title: str) -> tuple[str, ...]:
    """The remark of a header that binds its numbers: a percentile, a mean."""
    return tuple(found.group() for found in re.finditer(r"\b(?:p50|p90|p95|p99|mean|median|average)\b", title, _I))


def _beside(row: tuple[Cell, ...], titles: list[str], header: list[str | None], but: tuple[int | None, int]) -> tuple[str, ...]:
    """The cells beside a measurement that say what it was measured with, each with its header."""
    bound = []
    for column, cell in enumerate(row):
        if column in but or (column < len(header) and header[column] in MEASURES) or not cell.text or len(cell.text) > 60:
            continue
        title = titles[column] if column < len(titles) else ""
        if re.search(r"link|download|hugging|modelscope|size|memory|tokens|sec\b", title, _I) or "http" in cell.text:
            continue
        bound.append(f"{title}: {cell.text}" if title else cell.text)
    return tuple(dict.fromkeys(bound))[:MOST_CONDITIONS]


def _is_scores(table: Table, header: list[str | None]) -> bool:
    cells = [
        cell.text for row in table.rows[1:ROWS_READ] for column, cell in enumerate(row) if column and cell.text and column < len(header)
    ]
    return bool(cells) and sum(bool(_DECIMAL.fullmatch(text)) for text in cells) > SCORES * len(cells)


def _is_training(table: Table) -> bool:
    return TRAINING.search(" / ".join(table.section[-2:])) is not None


def _text(notebook: Notebook, cell: Cell) -> str:
    return compact(notebook.document.plain, cell.start, cell.end).text


def _cell(
    notebook: Notebook,
    table: Table,
    cell: Cell,
    found: Iterator[Found],
    name: str | None,
    relation: str,
    refused: str | None = None,
    bound: tuple[str, ...] = (),
) -> None:
    text = compact(notebook.document.plain, cell.start, cell.end)
    for each in found:
        note(
            notebook, each, text, emitter="table", section=table.section, subject=name, relation=relation, refused=refused, conditions=bound
        )
