"""A card taken apart: runs under their headings, tables as grids, code kept, and every offset where it was."""

from __future__ import annotations

import time

import pytest

from specverify.card.claims import extract
from specverify.card.document import CardDocument, parse_card
from specverify.card.tables import MAX_COLUMNS, MAX_TABLES
from specverify.card.text import compact, readable

CARD = """---
license: mit
---
# Example-7B

Some **bold** text about
[a model](https://example.org/a_(b)) with ６４ layers.

## Details

- **Layers**: 32
  1. nested

| Model | Size |
|---|:-:|
| `a` \\| b | 7B |
| c |

```json
{"a": 1}
```
<!-- hidden: 128K context -->
<table>
 <tr><th>Model</th><th colspan="2">Sizes</th></tr>
 <tr><td rowspan=2>X</td><td>1B</td><td>2B</td></tr>
 <tr><td>3B</td>
     <td>4B</td></tr>
</table>
"""


def card() -> CardDocument:
    return parse_card(CARD.encode())


def test_runs_stand_under_their_headings() -> None:
    document = card()
    runs = {" ".join(document.plain[run.start : run.end].split()): run for run in document.runs}
    assert document.title == "Example-7B"
    assert runs["Some bold text about a model with 64 layers."].section == ("Example-7B",)
    assert runs["Layers : 32"].section == ("Example-7B", "Details")
    assert runs["Layers : 32"].kind == "item"
    assert not any("128K" in text or "Sizes" in text for text in runs)


def test_a_pipe_table_is_a_grid_with_lines() -> None:
    table = card().tables[0]
    assert [[cell.text for cell in row] for row in table.rows] == [["Model", "Size"], ["a | b", "7B"], ["c"]]
    assert card().line_at(table.rows[1][1].start) == 16
    assert table.section == ("Example-7B", "Details")


def test_an_html_table_is_a_grid_with_spans() -> None:
    document = card()
    table = document.tables[1]
    assert [[cell.text for cell in row] for row in table.rows] == [["Model", "Sizes", "Sizes"], ["X", "1B", "2B"], ["X", "3B", "4B"]]
    assert document.line_at(table.rows[2][2].start) == 27


def test_code_is_kept_as_it_is() -> None:
    document = card()
    (code,) = document.codes
    assert code.language == "json"
    assert '{"a": 1}' in document.text[code.start : code.end]


def test_an_offset_knows_its_line_columns_and_quote() -> None:
    document = card()
    at = document.text.index("32")
    assert document.line_at(at) == 11
    assert document.columns(at, at + 2) == (15, 17)
    assert document.quote(11) == "- **Layers**: 32"


def test_readable_text_keeps_every_offset() -> None:
    for source in (CARD, "a [b](c) <br> `d` &nbsp; __e__ <!-- f\n --> g", "[" * 50 + "](x)"):
        plain = readable(source).text
        assert len(plain) == len(source)
        assert [i for i, c in enumerate(plain) if c == "\n"] == [i for i, c in enumerate(source) if c == "\n"]


def test_compact_text_leads_back() -> None:
    plain = "  7 \n  billion   parameters"
    squeezed = compact(plain, 0, len(plain))
    assert squeezed.text == "7 billion parameters"
    start, end = squeezed.span(2, 9)
    assert plain[start:end] == "billion"


def test_bytes_that_are_no_utf_8_are_replaced_and_said() -> None:
    document = parse_card(b"# A\n\nbad \xff byte\r\nnext")
    assert document.problems[0].kind == "not-utf-8"
    assert document.problems[0].line == 3
    assert "\ufffd" in document.text
    assert document.quote(4) == "next"


def test_a_card_longer_than_is_read_says_so() -> None:
    document = parse_card(b"- a\n" * 20_000)
    assert [problem.kind for problem in document.problems] == ["too-long"]


def test_more_tables_than_are_read_are_said() -> None:
    document = parse_card(b"| a | b |\n|---|---|\n| c | d |\n\n" * (MAX_TABLES + 2))
    assert len(document.tables) == MAX_TABLES
    assert [(problem.kind, problem.line) for problem in document.problems] == [("too-long", 4 * (MAX_TABLES - 1) + 1)]


def test_a_row_of_nothing_but_a_pipe_is_no_row() -> None:
    table = parse_card(b"| Model | Size |\n|---|---|\n|\n| a | 7B |\n").tables[0]
    assert [[cell.text for cell in row] for row in table.rows] == [["Model", "Size"], ["a", "7B"]]


def grids(text: str) -> list[list[list[str]]]:
    return [[[cell.text for cell in row] for row in table.rows] for table in parse_card(text.encode()).tables]


@pytest.mark.parametrize(
    ("text", "grid"),
    [
        (
            "<table><thead><tr><th rowspan=2>Model<th colspan='2'>Size<tr><th>a<th>b<tr><td>X</td><td>1B</td><td>2B</td></tr></table>",
            [["Model", "Size", "Size"], ["Model", "a", "b"], ["X", "1B", "2B"]],
        ),
        ("<table><tr><td rowspan=0>A<td>B<tr><td>C<tr><td>D</table>", [["A", "B"], ["A", "C"], ["A", "D"]]),
        ("<table><tr><td colspan=2 rowspan=2>A</td><td>B</td></tr><tr><td>C</td></tr></table>", [["A", "A", "B"], ["A", "A", "C"]]),
        ("<TABLE BORDER=1><TR><TD>Layers<TD>32</TABLE>", [["Layers", "32"]]),
        ("<div>\n<table>\n\n<tr><td>Layers</td>\n<td>\n\n**32**\n</td></tr>\n\n</table>\n</div>", [["Layers", "32"]]),
        ("- item\n\n  | a | b |\n  |---|---|\n  | 1 | 2 |\n", [["a", "b"], ["1", "2"]]),
        ("> | a | b |\n> |---|---|\n> | 1 | 2 |\n", [["a", "b"], ["1", "2"]]),
        ("a | b\n--|:-:\n1 | 2\n", [["a", "b"], ["1", "2"]]),
        ("| a |\n|---|\n| 1 | 2 |\n# End\n", [["a"], ["1", "2"]]),
        ("| a |\n|---|\nno pipe\n\n| 1 |\n", [["a"], ["no pipe"]]),
    ],
)
def test_tables_as_cards_write_them(text: str, grid: list[list[str]]) -> None:
    assert grids(text) == [grid]


@pytest.mark.parametrize("text", ["| a | b |\n|---|\n", "| a |\n| b |\n", "a\n---\n", "    | a |\n    |---|\n", "| a |\n-\n", "| a\n|x|\n"])
def test_what_is_no_table_is_none(text: str) -> None:
    assert grids(text) == []


def test_a_header_of_many_cells_costs_no_cell_a_row() -> None:
    wide = "|" + "a|" * 2000 + "\n|" + "-|" * 2000 + "\n" + "|x|\n" * 3000
    started = time.process_time()
    (table,) = parse_card(wide.encode()).tables
    assert time.process_time() - started < 1
    assert len(table.rows[0]) == MAX_COLUMNS


def test_a_card_that_is_its_front_matter_alone_has_nothing_behind_it() -> None:
    document = parse_card(b"---\nlicense: mit\n---")
    assert document.start_of(4) == len(document.text)
    assert extract(document, "example/Example").claims[0].kind == "license"
