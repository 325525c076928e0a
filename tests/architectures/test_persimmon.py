"""Persimmon against its transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of
from tests.architectures.reading import under

PERSIMMON: dict[str, Any] = {**SMALL, "model_type": "persimmon"}


@pytest.mark.parametrize(
    ("architecture", "changes", "expected"),
    [
        ("PersimmonForCausalLM", {}, 36_416),
        ("PersimmonForCausalLM", {"qk_layernorm": False, "tie_word_embeddings": True}, 33_184),
        ("PersimmonForTokenClassification", {}, 33_378),
    ],
)
def test_totals(architecture: str, changes: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total_of({**PERSIMMON, "architectures": [architecture], **changes}) == expected


def test_every_head_has_keys_of_its_own() -> None:
    """PersimmonConfig knows no `num_key_value_heads`."""
    spec = spec_of(PERSIMMON)
    assert (spec.value("attention"), spec.value("qk_norm")) == ("mha", "per-head")
    assert under(spec, "model.layers.0.")["self_attn.query_key_value.weight"] == (96, 32)


def test_corpus() -> None:
    check_against_corpus("persimmon")
    check_cache_against_corpus("persimmon")
