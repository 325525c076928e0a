"""The page of an audit, as it is without a script; tests/browser sorts and filters it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from specverify.audit.page import COLUMNS
from specverify.audit.rows import FACTS, FIGURES
from specverify.audit.table import FORMATS
from tests.audit.test_table import GATED, LARGEST, LLAMA, UNKNOWN


def made(*rows: dict[str, Any]) -> str:
    return "".join(FORMATS["html"](iter(rows)))


def table(*rows: dict[str, Any]) -> list[list[str]]:
    """The cells of the table as they are read."""
    (body,) = re.findall(r"<tbody>(.*?)</tbody>", made(*rows), re.DOTALL)
    return [
        [" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line, re.DOTALL)]
        for line in re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
    ]


def test_a_row_is_rounded_and_sorts_by_the_exact_value() -> None:
    (row,) = table(LLAMA)
    assert row == ["acme/llama", "ok", "gqa", "8.03B", "8.03B", "131,072", "128 KiB", "16 GiB", "14.96 GiB", "-", "-", ""]
    assert 'data-value="8030261248" title="8,030,261,248 parameters">8.03B</td>' in made(LLAMA)


def test_what_is_not_known_has_nothing_to_sort_by() -> None:
    assert table(UNKNOWN)[0][3] == "unknown"
    assert 'data-value="">unknown</td>' in made(UNKNOWN)


def test_findings_unfold_and_an_error_stands_in_their_place() -> None:
    finding = {"code": "ATT001", "severity": "error", "message": "heads", "place": "config.json:3"}
    remark = {"code": "POS001", "severity": "info", "message": "long", "place": None}
    assert table({**LARGEST, "findings": [finding, remark]})[0][-1] == "ATT001 ATT001 heads config.json:3"
    assert table(GATED)[0][-1] == GATED["error"]


def test_models_are_counted_by_status() -> None:
    text = made(LLAMA, GATED, LLAMA)
    assert re.findall(r'<span class="pill (\w+)" data-status="\w+">([^<]+)</span>', text) == [("broken", "1 Gated"), ("ok", "2 ok")]


def test_the_columns_are_of_the_rows() -> None:
    assert {key for key, *_ in COLUMNS} <= {*FACTS, *FIGURES}


def test_rows_pass_through_one_at_a_time() -> None:
    taken = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal taken
        for _ in range(1_000):
            taken += 1
            yield LLAMA

    pieces = FORMATS["html"](rows())
    assert next(piece for piece in pieces if "acme/llama" in piece)
    assert taken < 3
