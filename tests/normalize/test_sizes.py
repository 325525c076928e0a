"""The standard sizes under their standard names, whatever a class calls them."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.facts import Source
from tests.architectures.plans import SMALL, spec_of
from tests.derive.served import published

NAMES = ("num_hidden_layers", "num_attention_heads", "num_key_value_heads", "vocab_size", "hidden_size")


@pytest.mark.parametrize(
    ("model", "sizes"),
    [
        ("gpt2", (12, 12, 12, 50_257, 768)),
        ("t5-base", (12, 12, 12, 32_128, 768)),
        ("whisper-large-v3", (32, 20, 20, 51_866, 1280)),
        ("bert-base", (12, 12, 12, 30_522, 768)),
        ("gemma-3-4b", (34, 8, 4, 262_208, 2560)),
        ("jamba-v0.1", (32, 32, 8, 65_536, 4096)),
        ("qwen3-next-80b-a3b", (48, 16, 2, 151_936, 2048)),
    ],
)
def test_published_sizes(model: str, sizes: tuple[int, ...]) -> None:
    spec = published(model)
    assert tuple(spec.value(name) for name in NAMES) == sizes


def test_latent_attention_states_no_key_value_heads_of_its_own() -> None:
    assert published("deepseek-v3").value("num_attention_heads") == 128
    assert published("deepseek-v3").value("num_hidden_layers") == 61


def test_a_size_read_off_the_plan_shows_how() -> None:
    fact = published("t5-base").fact("num_key_value_heads")
    assert fact.readings[0].source is Source.DERIVED
    assert fact.readings[0].note


@pytest.mark.parametrize(("key", "value"), [("num_hidden_layers", "four"), ("vocab_size", None), ("hidden_size", -1)])
def test_a_size_that_is_unknown_stays_unknown_with_its_reason(key: str, value: Any) -> None:
    spec = spec_of({"model_type": "llama", **SMALL, key: value})
    assert spec.value(key) is None
    assert key in (spec.fact(key).reason or "")
