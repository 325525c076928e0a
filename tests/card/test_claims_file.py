"""Claims files: what is read of them with its line, and every way they can be wrong, named with file and place."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from specverify import data
from specverify.card.claims_file import KINDS, read_claims_file
from specverify.errors import Unreadable
from tests.fixture_files import FIXTURES

BOMB = "model: &a [" + ", ".join(["x"] * 50) + "]\n" + "".join(f"k{i}: [*a, *a, *a, *a, *a, *a, *a, *a]\n" for i in range(60))
ONE = """model: Example
claims:
  - kind: num_layers
    value: 12
    source: a paper
    where: table 1
"""


def test_a_claim_keeps_its_line_its_words_and_its_source() -> None:
    file = read_claims_file(ONE.encode(), "example.yaml")
    (claim,) = file.claims
    assert (file.model, file.status) == ("Example", "closed")
    assert (claim.kind, claim.accepted, claim.unit) == ("num_layers", (12,), "layers")
    assert (claim.file, claim.line, claim.columns, claim.quote) == ("example.yaml", 4, (5, 14), "value: 12")
    assert (claim.emitter, claim.relation, claim.conditions) == ("file", "self", ("source: a paper, table 1",))


@pytest.mark.parametrize(
    ("kind", "value", "accepted"),
    [
        ("total_params", "175B", (175_000_000_000,)),
        ("context_length", "128K", (131072, 128000)),
        ("context_length", "2048", (2048,)),
        ("training_tokens", "1.5T", (1_500_000_000_000,)),
        ("latency", "12.5", (12.5,)),
    ],
)
def test_numbers_are_read_as_cards_print_them(kind: str, value: str, accepted: tuple[float, ...]) -> None:
    text = f"model: Example\nclaims:\n- {{kind: {kind}, value: {value}, source: a paper}}\n"
    assert read_claims_file(text.encode(), "example.yaml").claims[0].accepted == accepted


def claim_of(**change: Any) -> str:
    entry = {"kind": "num_layers", "value": 12, "source": "a paper"} | change
    return yaml.safe_dump({"model": "Example", "claims": [{key: value for key, value in entry.items() if value is not None}]})


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("model: [", "line 2", "not YAML"),
        ("- a\n- b\n", "line 1", "no `key: value` pairs"),
        ("claims: []\n", "line 1", "states no name"),
        ("model: a\nstatus: secret\n", "line 2", "may be open or closed"),
        ("model: a\nclaims: 3\n", "line 2", "no list"),
        ("model: a\nmodell: b\n", "line 2", "did you mean `model`?"),
        ("model: a\nmodel: b\n", "line 2", "given twice"),
        ("model: a\nclaims:\n- 3\n", "line 3", "is no claim"),
        ("model: a\nclaims:\n- kind: num_layer\n  value: 1\n  source: b\n", "line 3", "did you mean `num_layers`?"),
        ("model: a\nclaims:\n- kind: num_layers\n  value: 1\n", "line 3", "states no source"),
        ("model: a\nclaims:\n- kind: num_layers\n  value: .nan\n  source: b\n", "line 4", "is no number of layers"),
        ("model: a\nclaims:\n- kind: num_layers\n  value: many\n  source: b\n", "line 4", "is no number of layers"),
        ("model: a\nclaims:\n- kind: num_layers\n  value: -3\n  source: b\n", "line 4", "is no number of layers"),
        ("model: a\nclaims:\n- kind: num_layers\n  value: true\n  source: b\n", "line 4", "states no number"),
        ("model: a\nclaims:\n- kind: attention\n  value: fancy\n  source: b\n", "line 4", "attention may be mla"),
        ("model: a\nclaims:\n- kind: num_layers\n  value: 1\n  source: b\n  role: hoped\n", "line 6", "may be one of"),
        ("model: a\nnot_stated: {num_layer: b}\n", "line 2", "did you mean `num_layers`?"),
        (
            "model: &a [" + ", ".join(["x"] * 50) + "]\n" + "".join(f"k{i}: [*a, *a, *a, *a, *a, *a, *a, *a]\n" for i in range(60)),
            "line",
            "more than",
        ),
        ("model: " + "[" * 100, "line 1", "nested deeper"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, place: str, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_claims_file(text.encode(), "example.yaml")
    assert str(caught.value).startswith(f"example.yaml:{place}" if not str(caught.value).startswith("example.yaml: ") else "example.yaml")
    assert place in str(caught.value)
    assert said in str(caught.value)


def test_a_huge_file_is_refused_before_it_is_read() -> None:
    with pytest.raises(Unreadable, match="bytes that a claims file may have"):
        read_claims_file(b"model: a\n" + b"# \n" * 2**20, "example.yaml")


SCHEMA = Draft202012Validator(data.schema("claims"))


@pytest.mark.parametrize("name", ["gpt-3.yaml", "gpt-4.yaml", "palm-540b.yaml"])
def test_the_shipped_files_are_valid_by_the_schema(name: str) -> None:
    text = (FIXTURES / name).read_text(encoding="utf-8")
    assert not list(SCHEMA.iter_errors(yaml.safe_load(text)))
    assert read_claims_file(text.encode(), name).model


@pytest.mark.parametrize(
    "change",
    [{"kind": "num_layer"}, {"source": None}, {"value": None}, {"role": "hoped"}, {"where": 3}, {"conditions": "a"}, {"colour": "red"}],
)
def test_schema_and_reader_refuse_alike(change: dict[str, Any]) -> None:
    text = claim_of(**change)
    assert list(SCHEMA.iter_errors(yaml.safe_load(text)))
    with pytest.raises(Unreadable):
        read_claims_file(text.encode(), "example.yaml")


def test_every_kind_has_a_name_of_its_own() -> None:
    assert len(set(KINDS)) == len(KINDS) > 25
