"""Tables of a card: labels down the side, a row for each model, or a column for each model.

In a table of scores other people's models stand beside the card's own, so only its own row or column is read there.
"""

from __future__ import annotations

import re

from specverify.card import lexicon
from specverify.card.claims import Notebook
from specverify.card.kinds import CONTEXT, HEAD_DIM, HIDDEN, OUTPUT, TOTAL
from specverify.card.labels import refused_label, relation_of_section, told_apart
from specverify.card.names import size_in
from specverify.card.numbers import parameters
from specverify.card.pairs import Pair, pairs
from specverify.card.recipe import named_recipe
from specverify.card.tables import Cell, Table
from specverify.card.text import Compact, compact
from specverify.card.values import values
from specverify.pattern import Pattern

_NAME_HEADER = Pattern(r"models?(?: ?name)?|name|模型(?:名称|名)?|model variant|variant|checkpoint", re.IGNORECASE)
_VALUE_HEADER = Pattern(r"values?|details?|specs?|specifications?|default|配置|值|description|setting", re.IGNORECASE)
_DECIMAL = Pattern(r"-?\d{1,3}\.\d+\s*%?|\d{1,3}\s*%")
_LENGTH_HEADER = re.compile(r"\d+(?:\.\d+)?\s*k", re.IGNORECASE)
_READ_AMONG_LABELS = (CONTEXT, lexicon.SEQUENCE, OUTPUT, HEAD_DIM, HIDDEN, lexicon.WIDTH)
_OWN = ("self", "variant", "family")
SCORES = 0.3
"""From this share of decimal cells on, a table is one of scores."""
_LENGTHS = re.compile(r"length|ctx|(?:short|long) context", re.IGNORECASE)
_THOUSANDS = Pattern(r"\d{1,4}(?:\.\d)?[kKM]\b")
LABELS_READ = 60
SIZE_TOLERANCE = 0.25
"""A name's size is rounded; the sizes of a family lie further apart."""


def read_tables(notebook: Notebook) -> None:
    """Note the claims of every table."""
    for table in notebook.document.tables:
        if len(table.rows) >= 2 and len(table.rows[0]) >= 2 and not _is_sweep(table):
            header = [lexicon.kind_of(cell.text) or _lengths_of_models(table, column) for column, cell in enumerate(table.rows[0])]
            if any(kind is not None for kind in header[1:]) and not _labelled_rows(table):
                _rows_are_models(notebook, table, header)
            else:
                _labels_down_the_side(notebook, table)


def _is_sweep(table: Table) -> bool:
    """Whether the columns are lengths or batch sizes something was measured at."""
    header = table.rows[0]
    wide = max((sum(cell is other for other in header) for cell in header if lexicon.kind_of(cell.text) is not None), default=0)
    return wide > 2 or sum(bool(_LENGTH_HEADER.fullmatch(cell.text)) for cell in header) >= 4


def _lengths_of_models(table: Table, column: int) -> tuple[str, str] | None:
    """The kind of a column headed `length` in a list of models: their contexts, where every cell of it begins with one."""
    header = table.rows[0]
    if not _LENGTHS.fullmatch(header[column].text) or not any(_NAME_HEADER.fullmatch(cell.text) or not cell.text for cell in header):
        return None
    cells = [row[column].text for row in table.rows[1:] if column < len(row) and row[column].text]
    return (CONTEXT, "") if cells and all(_THOUSANDS.match(cell) for cell in cells) else None


def _labelled_rows(table: Table) -> bool:
    """Whether the first column is labels too: then the first row is one of them and no header."""
    return sum(row[0].text != "" and lexicon.kind_of(row[0].text) is not None for row in table.rows if row) >= 2


def _is_scores(table: Table, kinds: list[tuple[str, str] | None]) -> bool:
    cells = [
        cell.text
        for row in table.rows[1:]
        for column, cell in enumerate(row)
        if cell.text and column and (column >= len(kinds) or kinds[column] is None)
    ]
    return bool(cells) and sum(bool(_DECIMAL.fullmatch(text)) for text in cells) > SCORES * len(cells)


def _rows_are_models(notebook: Notebook, table: Table, header: list[tuple[str, str] | None]) -> None:
    names = [column for column, cell in enumerate(table.rows[0]) if _NAME_HEADER.fullmatch(cell.text)]
    column_of_name = names[0] if names else 0 if header[0] is None or header[0][0] == lexicon.SIZE else None
    scores = _is_scores(table, header)
    sizes = {kind[0] for kind in header if kind is not None}
    rows = [row for row in table.rows[1:] if any(cell.text for cell in row)]
    for row in rows:
        name = row[column_of_name].text if column_of_name is not None and column_of_name < len(row) else ""
        relation = notebook.subject.relation(name) if name else "unknown"
        if relation == "unknown" and not name and len(rows) == 1:
            relation = "self"
        for column, announced in enumerate(header):
            if announced is None or column >= len(row):
                continue
            (kind, remarks), cell = announced, row[column]
            if kind == lexicon.SIZE and TOTAL in sizes:
                continue
            whose = _with_size(notebook, relation, name, row, header)
            own = relation in _OWN or (relation == "sibling" and (kind == lexicon.SEQUENCE or notebook.subject.extended_by(name)))
            foreign = whose == "other" or (scores and (not own or "(" in name or cell.text.startswith("~")))
            if foreign or (not name and len(rows) > 1 and kind in (CONTEXT, lexicon.SEQUENCE)):
                _refuse(notebook, kind, cell, f"the row is about {name[:60] or 'no named model'}")
                continue
            _note(notebook, table, kind, cell, name or None, whose, remarks)


def _with_size(notebook: Notebook, relation: str, name: str, row: tuple[Cell, ...], header: list[tuple[str, str] | None]) -> str:
    """A row whose name says no size is the model's own where the size beside it is the one the repo's name hints at."""
    size = notebook.subject.size
    if relation not in ("self", "variant", "family", "unknown") or size_in(name) is not None:
        return relation
    for column, announced in enumerate(header):
        if announced is not None and announced[0] in (TOTAL, lexicon.SIZE) and column < len(row):
            stated = [parameters_of(text) for text in re.split(r"[()\s]+", row[column].text)]
            numbers = [number for number in stated if number]
            if numbers and size is not None:
                return "self" if any(abs(number - size) <= SIZE_TOLERANCE * size for number in numbers) else "sibling"
    return relation


def parameters_of(text: str) -> float | None:
    """The parameters a piece of text states, if that is all it is."""
    found = parameters(text)
    return found.values[0] if found is not None else None


def _labels_down_the_side(notebook: Notebook, table: Table) -> None:
    header = table.rows[0]
    for index, row in enumerate(table.rows):
        at = next((column for column, cell in enumerate(row) if cell.text), None)
        if at is None:
            continue
        rest = list(enumerate(row))[at + 1 :]
        several = [(cell, pairs(cell.text)) for _, cell in rest if cell.text.count(":") >= 2]
        if any(found for _, found in several):
            _note_pairs(notebook, table, [cell for cell, found in several if found])
            continue
        announced = lexicon.kind_of(row[at].text)
        if announced is None or announced[0] == lexicon.SIZE:
            continue
        kind, remarks = announced
        if len(rest) == 1 or (rest and len(header) > at + 1 and _VALUE_HEADER.fullmatch(header[at + 1].text)):
            relation, name = relation_of_section(notebook, table.section)
            head = header[rest[0][0]].text if index and rest[0][0] < len(header) else ""
            if size_in(head) is not None and notebook.subject.relation(head) in ("sibling", "other"):
                relation = notebook.subject.relation(head)
            if relation == "other":
                _refuse(notebook, kind, rest[0][1], f"the column is about {head[:60]}")
            else:
                _note(notebook, table, kind, rest[0][1], name, relation, remarks)
            continue
        for column, cell in rest:
            name = header[column].text if column < len(header) else ""
            relation = notebook.subject.relation(name)
            if index and (relation in _OWN or (relation == "sibling" and notebook.subject.same_series(name))):
                _note(notebook, table, kind, cell, name, relation, remarks)
            else:
                _refuse(notebook, kind, cell, f"the column is about {name[:60] or 'no named model'}")


def _note_pairs(notebook: Notebook, table: Table, cells: list[Cell]) -> None:
    """Cells that hold pairs of label and value themselves: `Layers: 22, Heads: 32`."""
    relation, name = relation_of_section(notebook, table.section)
    for cell in cells:
        text = compact(notebook.document.plain, cell.start, cell.end)
        for pair in pairs(text.text):
            _note_value(notebook, table, pair, text, name, relation)


def _labels_of(table: Table) -> str:
    """The first cells of the rows and the header, which tell a table of sizes from one of training settings."""
    return " : ".join([cell.text for cell in table.rows[0]] + [row[0].text for row in table.rows[:LABELS_READ] if row])


def _refuse(notebook: Notebook, kind: str, cell: Cell, reason: str) -> None:
    """Note a cell that states somebody else's number; one without a number states nothing."""
    if any(c.isdigit() for c in cell.text):
        notebook.refuse(lexicon.SAID_OF.get(kind, kind), (cell.start, cell.end), reason)


def _note(notebook: Notebook, table: Table, kind: str, cell: Cell, name: str | None, relation: str, remarks: str) -> None:
    text = compact(notebook.document.plain, cell.start, cell.end)
    _note_value(notebook, table, Pair(kind, remarks, 0, len(text.text)), text, name, relation)


def _note_value(notebook: Notebook, table: Table, pair: Pair, text: Compact, name: str | None, relation: str) -> None:
    around = _labels_of(table) if pair.kind in _READ_AMONG_LABELS else ""
    reason = refused_label(pair.kind, " / ".join(table.section[-2:]), around)
    stated = text.text[pair.start : pair.end]
    if reason is not None:
        if any(c.isdigit() for c in stated):
            notebook.refuse(lexicon.SAID_OF.get(pair.kind, pair.kind), text.span(pair.start, pair.end), reason)
        return
    kind = told_apart(pair.kind, around)
    for value in values(kind, stated, pair.remarks) if kind is not None else ():
        notebook.claim(
            value.kind,
            value.reading,
            text.span(pair.start + value.start, pair.start + value.end),
            emitter="table",
            section=table.section,
            role=value.role,
            subject=name,
            relation=relation,
            conditions=named_recipe(stated) if value.role == "extended" else (),
        )
