from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from specverify.data import schema
from specverify.normalize.config import normalize_bytes
from specverify.outcome import Report
from specverify.report.shape import report_dict
from specverify.report.validate import problems
from specverify.spec_form import spec_to_dict
from tests.corpus import corpus
from tests.report.reports import BY_NAME, LLAMA, report_of, spec_of

EVERY = 8
"""Of so many configs of the corpus one is validated: jsonschema takes 40 ms for each."""
ROOT = Path(__file__).resolve().parent.parent


def errors(name: str, instance: Any) -> list[str]:
    return [
        f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in Draft202012Validator(schema(name)).iter_errors(instance)
    ]


@pytest.mark.parametrize("name", ["spec", "report", "config", "comparison", "lock", "drift"])
def test_a_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


def test_the_schemas_are_those_the_generator_writes() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts/generate_schemas.py", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", BY_NAME)
def test_specs_and_reports_are_valid(name: str) -> None:
    assert errors("spec", spec_to_dict(spec_of(BY_NAME[name]))) == []
    assert errors("report", report_dict(report_of(BY_NAME[name]))) == []
    assert errors("config", BY_NAME[name]) == []


def test_a_report_of_a_model_that_could_not_be_read_is_valid() -> None:
    assert errors("report", report_dict(Report("a/b", "a/b", error="a/b: no such repo", error_kind="NotFound"))) == []


def test_specs_of_the_corpus_are_valid() -> None:
    validator = Draft202012Validator(schema("spec"))
    for path in sorted(corpus().rglob("config.json"))[::EVERY]:
        found = list(validator.iter_errors(spec_to_dict(normalize_bytes(path.read_bytes()))))
        assert not found, f"{path}: {found[0].message[:200]}"


WRONG: list[dict[str, Any]] = [
    {"exactness": "roughly"},
    {"hidden_size": 64},
    {"hidden_size": {"value": 64}},
    {"hidden_size": {"value": 64, "readings": [{"value": 64, "source": "guessed", "file": "config.json"}]}},
    {"parts": [{"name": "decoder", "role": "decoder", "modality": "smell"}]},
    {"parts": [{"name": "decoder", "role": "decoder", "modality": "text", "colour": "red"}]},
    {"parts": None},
]


@pytest.mark.parametrize("change", WRONG, ids=lambda change: json.dumps(change)[:60])
def test_the_spec_schema_refuses(change: dict[str, Any]) -> None:
    assert errors("spec", spec_to_dict(spec_of(LLAMA)) | change) != []


def test_the_report_schema_asks_an_unknown_figure_for_its_reasons() -> None:
    report = report_dict(report_of(BY_NAME["unknown"]))
    assert report["figures"]["parameters.total"].pop("reasons")
    assert errors("report", report) != []


def test_the_config_schema_knows_spellings_and_ranges() -> None:
    assert errors("config", {"n_layer": "twelve"}) != []
    assert errors("config", {"num_attention_heads": 0}) != []
    assert errors("config", {"text_config": {"hidden_size": -1}}) != []
    assert errors("config", {"never_heard_of": object}) == []
    assert "GPT-2" in schema("config")["properties"]["n_layer"]["description"]
    assert "n_group" in schema("config")["properties"], "a key that only a family reads"


def test_a_report_says_itself_where_it_breaks_its_schema() -> None:
    assert list(problems(report_of(LLAMA))) == []
    broken = replace(report_of(LLAMA), notes=(7,))  # type: ignore[arg-type]
    assert list(problems(broken)) == ["/notes/0: 7 is not of type 'string'"]
