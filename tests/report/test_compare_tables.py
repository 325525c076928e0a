"""A comparison for other programs: JSON by its schema, CSV with exact values, Markdown in which nothing is markup."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from specverify.data import schema
from specverify.outcome import Report
from specverify.report.compare.comparison import Comparison, compare
from specverify.report.compare.tables import FORMATS
from tests.fixture_files import FIXTURES
from tests.report.compared import CARD, read, write
from tests.report.reports import DEEPSEEK, LLAMA


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    home = tmp_path_factory.mktemp("models")
    small = write(home / "Small", {**LLAMA, "rms_norm_eps": float("inf")}, README__md=CARD)
    return read(small, write(home / "mixture", DEEPSEEK), str(FIXTURES / "gpt-3.yaml"), str(home / "nothing"))


def errors(form: Any) -> list[str]:
    return [
        f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in Draft202012Validator(schema("comparison")).iter_errors(form)
    ]


def csv_rows(comparison: Comparison) -> list[list[str]]:
    return list(csv.reader(io.StringIO(FORMATS["csv"](comparison))))


def test_json_is_valid_side_by_side_and_as_changes(models: list[Report]) -> None:
    beside = json.loads(FORMATS["json"](compare(models)))
    assert errors(beside) == []
    assert beside["changes"] is None
    assert [model.get("error_kind") for model in beside["models"]] == [None, None, None, "NotFound"]
    told = json.loads(FORMATS["json"](compare(models[:2], diff=True)))
    assert errors(told) == []
    assert told["groups"]
    assert all(told["changes"][part] for part in ("facts", "figures", "claims", "files"))


WRONG: list[dict[str, Any]] = [{"score": 3}, {"models": []}, {"groups": [{"name": "overall", "title": "", "rows": []}]}]


@pytest.mark.parametrize("change", WRONG, ids=str)
def test_the_schema_refuses(models: list[Report], change: dict[str, Any]) -> None:
    assert errors(json.loads(FORMATS["json"](compare(models))) | change)


def test_the_schema_asks_an_unknown_cell_for_its_reason(models: list[Report]) -> None:
    form = json.loads(FORMATS["json"](compare(models)))
    cell = next(cell for group in form["groups"] for row in group["rows"] for cell in row["cells"] if cell["status"] == "unknown")
    del cell["note"]
    assert errors(form)
    assert errors(json.loads(FORMATS["json"](compare(models)))) == []


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_the_same_models_give_the_same_bytes(models: list[Report], form: str) -> None:
    assert FORMATS[form](compare(models)) == FORMATS[form](compare(list(models)))


def test_csv_is_a_fact_a_row_and_a_model_a_column_with_exact_values(models: list[Report]) -> None:
    head, *rows = csv_rows(compare(models[:2]))
    assert head == ["group", "name", "unit", "differs", "Small", "note: Small", "mixture", "note: mixture"]
    assert {len(row) for row in rows} == {len(head)}
    assert all(row[4] and row[6] for row in rows)
    (total,) = [row for row in rows if row[1] == "parameters.total"]
    assert total[2:5] == ["parameters", "yes", str(models[0].figures["parameters.total"].value)]
    unknown = next(row for row in rows if row[6] == "unknown")
    assert unknown[7]


def test_csv_of_changes_has_both_values_and_places(models: list[Report]) -> None:
    head, *rows = csv_rows(compare(models[:2], diff=True))
    assert head[:5] == ["section", "name", "change", "before", "after"]
    (layers,) = [row for row in rows if row[:2] == ["fact", "num_hidden_layers"]]
    assert layers[3:] == ["3", "4", "config.json#/num_hidden_layers", "config.json#/num_hidden_layers"]
    assert {row[0] for row in rows} >= {"fact", "figure (bytes)", "claim", "file", "key"}


def test_a_spreadsheet_runs_nothing_a_repo_says(tmp_path: Path) -> None:
    one = write(tmp_path / "=1+1", {**LLAMA, "architectures": ["=cmd|x"], "torch_dtype": "@SUM(A1)"})
    two = write(tmp_path / "b", {**LLAMA, "architectures": ["+1"]})
    for diff in (False, True):
        cells = [cell for row in csv_rows(compare(read(one, two), diff=diff)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    assert any("'=cmd|x" in cell for row in csv_rows(compare(read(one, two))) for cell in row)


def test_markdown_is_a_table_a_group_and_nothing_in_it_is_markup(tmp_path: Path) -> None:
    one = write(tmp_path / "a|b", {**LLAMA, "architectures": ["<b>[x](y)|`"]})
    text = FORMATS["markdown"](compare(read(one, write(tmp_path / "b"))))
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in tables} == {4}
    assert text.count("\n## ") == 5
    assert "\\<b\\>\\[x\\](y)\\|\\`" in text
    told = FORMATS["markdown"](compare(read(one, write(tmp_path / "d")), diff=True))
    assert {line.replace("\\|", "").count("|") for line in told.splitlines() if line.startswith("|")} == {8}
