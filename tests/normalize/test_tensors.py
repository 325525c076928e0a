"""Headers as readings: a dimension that is one fact measures it, a product only says what follows from the other factor."""

from __future__ import annotations

import json
from typing import Any

import pytest

from specverify.facts import Source
from specverify.normalize.config import normalize_bytes
from specverify.normalize.tensors import with_measured
from specverify.spec import Tensor
from tests.rules.test_checkpoint import GLM, LLAMA, Tensors, tensors_of


def read(config: dict[str, Any], tensors: Tensors, name: str) -> list[tuple[Any, Source]]:
    headers = [Tensor(tensor, shape, dtype, "model.safetensors") for tensor, (dtype, shape) in tensors.items()]
    fact = with_measured(normalize_bytes(json.dumps(config).encode()), headers).fact(name)
    return [(reading.value, reading.source) for reading in fact.readings]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("vocab_size", 100),
        ("hidden_size", 64),
        ("n_routed_experts", 6),
        ("num_hidden_layers", 3),
        ("head_dim", 24),
        ("moe_intermediate_size", 32),
    ],
)
def test_a_size_alone_in_a_dimension_is_measured(name: str, value: int) -> None:
    assert read(GLM, tensors_of(GLM), name) == [(value, Source.MEASURED), (value, Source.DECLARED)]


def test_what_is_measured_is_stronger_than_what_is_declared() -> None:
    assert read(LLAMA | {"vocab_size": 128}, tensors_of(LLAMA), "vocab_size") == [(100, Source.MEASURED), (128, Source.DECLARED)]


def test_heads_follow_from_the_rows_and_never_outrank_the_config() -> None:
    assert read(LLAMA | {"num_key_value_heads": 1}, tensors_of(LLAMA), "num_key_value_heads") == [(1, Source.DECLARED), (2, Source.DERIVED)]


def test_a_fact_on_which_tensors_disagree_is_left_as_it_was() -> None:
    tensors = tensors_of(LLAMA) | {"model.norm.weight": ("BF16", (250,))}
    assert read(LLAMA, tensors, "hidden_size") == [(256, Source.DECLARED)]


def test_packed_integers_measure_nothing() -> None:
    packed = {name: ("I32", shape) for name, (_, shape) in tensors_of(LLAMA).items()}
    assert read(LLAMA, packed, "hidden_size") == [(256, Source.DECLARED)]


def test_layers_are_counted_without_those_of_next_token_prediction() -> None:
    tensors = tensors_of(GLM)
    assert any(name.startswith("model.layers.3.") for name in tensors)
    assert read(GLM, tensors, "num_hidden_layers")[0] == (3, Source.MEASURED)
