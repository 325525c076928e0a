"""A whole config.json to its spec: which class reads it, where its text model is, its dtype, and the keys left over."""

from __future__ import annotations

import json
from typing import Any

import pytest

import specverify
from specverify import normalize
from specverify.errors import Unreadable
from specverify.normalize.config import normalize_bytes
from tests.architectures.plans import SMALL, spec_of


def problems(raw: dict[str, Any]) -> list[tuple[str, str]]:
    return [(p.kind, p.pointer) for p in spec_of(raw).problems]


def test_the_type_decides_the_family() -> None:
    spec = spec_of({"model_type": "llama", **SMALL})
    assert (spec.family, spec.exactness, spec.problems) == ("llama", "exact", ())


def test_a_missing_type_is_made_up_for_by_the_class() -> None:
    spec = spec_of({"architectures": ["LlamaForCausalLM"], **SMALL})
    assert (spec.family, spec.exactness) == ("llama", "exact")
    assert spec.value("model_type") is None


def test_an_unknown_type_of_a_known_class_has_its_defaults() -> None:
    spec = spec_of({"model_type": "my-llama", "architectures": ["LlamaForCausalLM"], "num_hidden_layers": 2})
    assert spec.exactness == "generic"
    assert spec.value("vocab_size") == 32_000


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"model_type": 3, "architectures": ["LlamaForCausalLM"]}, ("type", "/model_type")),
        ({"model_type": "llama", "architectures": "LlamaForCausalLM"}, ("type", "/architectures")),
        ({"model_type": "llama", "torch_dtype": 16}, ("type", "/torch_dtype")),
    ],
)
def test_identity_of_the_wrong_kind_is_a_problem(raw: dict[str, Any], expected: tuple[str, str]) -> None:
    assert problems({**SMALL, **raw}) == [expected]


def test_a_config_of_nothing_is_no_language_model() -> None:
    spec = spec_of({})
    assert (spec.exactness, spec.family) == ("none", "none")
    assert spec.fact("prototype").reason == "not a language model: it states no layers, or no vocabulary"


@pytest.mark.parametrize(
    ("raw", "dtype", "pointers"),
    [
        ({"torch_dtype": "bfloat16"}, "bfloat16", ["/torch_dtype"]),
        ({"dtype": "torch.float16"}, "float16", ["/dtype"]),
        ({"dtype": "float32", "torch_dtype": "bfloat16"}, "float32", ["/dtype", "/torch_dtype"]),
        ({}, None, []),
        ({"torch_dtype": None}, None, []),
    ],
)
def test_the_dtype(raw: dict[str, Any], dtype: str | None, pointers: list[str]) -> None:
    fact = spec_of({"model_type": "llama", **SMALL, **raw}).fact("dtype")
    assert fact.value == dtype
    assert [reading.where.pointer for reading in fact.readings] == pointers
    assert fact.reason is None or fact.reason == "neither `dtype` nor `torch_dtype` is stated"


def test_the_root_dtype_comes_before_the_text_models() -> None:
    spec = spec_of({"model_type": "gemma3", "torch_dtype": "bfloat16", "text_config": {**SMALL, "torch_dtype": "float32"}})
    assert [(r.value, r.where.pointer) for r in spec.fact("dtype").readings] == [
        ("bfloat16", "/torch_dtype"),
        ("float32", "/text_config/torch_dtype"),
    ]


def test_keys_nobody_reads_are_listed_by_pointer() -> None:
    spec = spec_of({"model_type": "gemma3", "foo": 1, "text_config": {**SMALL, "bar/baz": 2}})
    assert {"/foo", "/text_config/bar~1baz"} <= set(spec.keys.unread)


def test_facts_are_in_order_of_name() -> None:
    names = list(spec_of({"model_type": "llama", **SMALL}).facts)
    assert names == sorted(names)


def test_parsed_configs_are_a_convenience() -> None:
    """By the public name, which a package of that name must not hide."""
    raw = {"model_type": "llama", **SMALL}
    assert normalize(raw) == spec_of(raw)
    assert specverify.normalize(raw) == spec_of(raw)


@pytest.mark.parametrize("raw", [{"a": {1, 2}}, {"a": object()}])
def test_what_json_cannot_hold_is_unreadable(raw: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match=r"config\.json: no JSON document"):
        normalize(raw)


def test_a_circle_is_unreadable() -> None:
    circle: dict[str, Any] = {}
    circle["a"] = circle
    with pytest.raises(Unreadable):
        normalize(circle)


def test_the_file_is_named_in_every_place() -> None:
    spec = normalize_bytes(json.dumps({"model_type": "llama", **SMALL}).encode(), "params.json")
    assert spec.fact("hidden_size").readings[0].where.file == "params.json"
