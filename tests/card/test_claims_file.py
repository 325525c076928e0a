"""Claims files: what is read of them with its line, and every way they can be wrong, named with file and place."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from specverify import data
from specverify.card.claims_file import KINDS, read_claims_file
from specverify.errors import Unreadable
from tests.fixture_files import FIXTURES

BOMB = "model: &a [" + ", ".join(["x"] * 50) + "]\n" + "".join(f"k{i}: [*a, *a, *a, *a, *a, *a, *a, *a]\n" for i in range(60))
"""It stands for twenty thousand values by its fiftieth line."""
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
    assert (file.model, file.status, file.repo) == ("Example", None, None)
    assert (claim.kind, claim.accepted, claim.unit) == ("num_layers", (12,), "layers")
    assert (claim.file, claim.line, claim.columns, claim.quote) == ("example.yaml", 4, (5, 14), "value: 12")
    assert (claim.emitter, claim.relation, claim.source, claim.conditions) == ("file", "self", "a paper, table 1", ())


def test_a_claim_that_an_alias_repeats_stands_where_the_alias_does() -> None:
    text = "model: a\nclaims:\n- &one {kind: num_layers, value: 12, source: b}\n- *one\n"
    assert [(c.line, c.columns) for c in read_claims_file(text.encode(), "a.yaml").claims] == [(3, (1, 48)), (4, (1, 7))]


def test_only_a_line_feed_ends_a_line() -> None:
    (claim,) = read_claims_file(("# \x85\u2028\u2029\n" + ONE).encode(), "a.yaml").claims
    assert (claim.line, claim.quote) == (5, "value: 12")


def test_what_a_claim_is_bound_to_is_kept() -> None:
    text = ONE + "    quote: twelve layers\n    date: 2024\n    conditions: [the base model]\nrepo: a/b\nstatus: open\n"
    file = read_claims_file(text.encode(), "a.yaml")
    (claim,) = file.claims
    assert (claim.quote, claim.source, claim.conditions) == ("twelve layers", "a paper, table 1, 2024", ("the base model",))
    assert (file.status, file.repo) == ("open", "a/b")


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
        ("model: a\nclaims:\n- kind: attention\n  value: fancy\n  source: b\n", "line 4", "names no attention that is known"),
        ("model: a\nclaims:\n- kind: num_layers\n  value: 1\n  source: b\n  role: hoped\n", "line 6", "may be one of"),
        ("model: a\nnot_stated: {num_layer: b}\n", "line 2", "did you mean `num_layers`?"),
        (BOMB, "line 50", "stands for more than"),
        ("model: a\nmodel\0: b\n", "line 2", "is no key"),
        ("model: a\nrepo: 3\n", "line 2", "is no text"),
        ("model: a\nstatus:\n", "line 2", "may be open or closed"),
        ("model: a\nnot_stated:\n", "line 2", "is no mapping"),
        ("model: a\nnot_stated:\n  num_layers: 3\n", "line 3", "is no text"),
        ("model: a\nclaims:\n", "line 2", "no list"),
        ("model: " + "a" * 201 + "\n", "line 1", "is no text of at most 200 characters"),
        (ONE + "    quote: " + "b" * 1001 + "\n", "line 7", "is no text of at most 1,000"),
        (ONE + "    date: soon\n", "line 7", "is no date"),
        (ONE + "    date: 2024-1\n", "line 7", "is no date"),
        (ONE + "    conditions: batch 1\n", "line 7", "is no list"),
        (ONE + "    conditions: [1]\n", "line 7", "is no text"),
        (ONE + "    source: b\n", "line 7", "given twice"),
        (ONE + "not_stated: {num_layers: silent}\n", "line 7", "is claimed in the same file"),
        ("model: a\nclaims:\n- kind: attention\n  value: gqa\n  unit: heads\n  source: b\n", "line 5", "for a value in words"),
        ("a: " + "!!python/object/apply:os.system [echo]", "line 1", "is no key"),
        ("model: " + "[" * 100, "line 1", "nested deeper"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, place: str, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_claims_file(text.encode(), "example.yaml")
    assert str(caught.value).startswith(f"example.yaml:{place}: ")
    assert said in str(caught.value)


def test_a_huge_file_is_refused_before_it_is_read() -> None:
    with pytest.raises(Unreadable, match="bytes that a claims file may have"):
        read_claims_file(b"model: a\n" + b"# \n" * 2**20, "example.yaml")


def test_bytes_that_are_no_utf_8_are_named_with_their_place() -> None:
    with pytest.raises(Unreadable, match=r"example\.yaml:byte 7: not UTF-8"):
        read_claims_file(b"model: \xff\n", "example.yaml")


SCHEMA = Draft202012Validator(data.schema("claims"))


@pytest.mark.parametrize("name", ["gpt-3.yaml", "gpt-4.yaml", "palm-540b.yaml"])
def test_the_shipped_files_are_valid_by_the_schema(name: str) -> None:
    text = (FIXTURES / name).read_text(encoding="utf-8")
    assert not list(SCHEMA.iter_errors(yaml.safe_load(text)))
    assert read_claims_file(text.encode(), name).model


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "num_layer"},
        {"source": None},
        {"value": None},
        {"role": "hoped"},
        {"where": 3},
        {"conditions": "a"},
        {"colour": "red"},
        {"date": "soon"},
        {"unit": 3},
        {"quote": ""},
        {"source": "b" * 1001},
        {"conditions": ["a"] * 21},
    ],
)
def test_schema_and_reader_refuse_alike(change: dict[str, Any]) -> None:
    text = claim_of(**change)
    assert list(SCHEMA.iter_errors(yaml.safe_load(text)))
    with pytest.raises(Unreadable):
        read_claims_file(text.encode(), "example.yaml")


SCALARS = st.one_of(
    st.sampled_from([*KINDS, "12", "175B", "gqa", "open", "closed", "stated", "a paper", "2024", 2024, 12, 0, -1, 1.5, 10**30]),
    st.sampled_from(["", " ", None, True, float("nan"), float("inf"), "\x85", "\u2028", "a" * 1001]),
    st.text(max_size=8),
)
ENTRIES = st.fixed_dictionaries(
    {"kind": st.sampled_from(KINDS) | SCALARS, "value": SCALARS | st.lists(SCALARS, max_size=3), "source": st.just("b") | SCALARS},
    optional={key: SCALARS | st.lists(SCALARS, max_size=3) for key in ("unit", "role", "where", "quote", "date", "conditions", "x")},
)
DOCUMENTS = st.fixed_dictionaries(
    {"model": st.just("a") | SCALARS, "claims": st.lists(ENTRIES, max_size=3) | SCALARS},
    optional={
        "status": st.sampled_from(["open", "closed"]) | SCALARS,
        "repo": SCALARS,
        "not_stated": st.dictionaries(st.sampled_from(KINDS) | st.text(max_size=4), SCALARS, max_size=2) | SCALARS,
    },
)


@given(DOCUMENTS)
@settings(max_examples=400, deadline=None)
def test_what_is_read_is_valid_by_the_schema(document: dict[str, Any]) -> None:
    """Whatever else is in it, the reader raises Unreadable with file and place, and nothing else."""
    try:
        file = read_claims_file(yaml.safe_dump(document, allow_unicode=True).encode(), "example.yaml")
    except Unreadable as error:
        assert (error.file, (error.place or "").partition(" ")[0]) == ("example.yaml", "line")  # noqa: PT017
        return
    assert not list(SCHEMA.iter_errors(document))
    assert all(claim.accepted or claim.terms for claim in file.claims)


@given(st.text(alphabet="model: aclims-kndvu175B&*[]{}#'\"\n\t\r\0\x85\u2028\ufeff!|>%@", max_size=200))
@settings(max_examples=400, deadline=None)
def test_any_text_is_read_or_named(text: str) -> None:
    with contextlib.suppress(Unreadable):
        read_claims_file(text.encode(), "example.yaml")


def test_every_kind_has_a_name_of_its_own() -> None:
    assert len(set(KINDS)) == len(KINDS) > 25
