"""The 19 published models of the corpus, figure by figure, against what their classes build and their caches hold."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from specverify import num
from specverify.derive import cache as kv
from specverify.derive.parameters import Counts, counts
from specverify.normalize.config import normalize_bytes
from specverify.spec import ModelSpec
from tests.corpus import corpus

MODELS = (
    "bert-base",
    "deepseek-v2",
    "deepseek-v3",
    "gemma-2-9b",
    "gemma-3-4b",
    "glm-4.5-air",
    "gpt-oss-20b",
    "jamba-v0.1",
    "llama-3.1-70b",
    "llama-3.1-8b",
    "llama-4-scout",
    "mistral-7b-v0.1",
    "mixtral-8x7b",
    "phi-3-mini-128k",
    "qwen2.5-7b",
    "qwen3-30b-a3b",
    "qwen3-next-80b-a3b",
    "t5-base",
    "whisper-large-v3",
)
BF16 = num.const(2)
CONTEXTS = {"4k": 4_096, "8k": 8_192, "32k": 32_768, "128k": 131_072}

pytestmark = pytest.mark.parametrize("model", MODELS)


@cache
def truth(folder: Path) -> dict[str, dict[str, Any]]:
    figures: dict[str, dict[str, Any]] = json.loads((folder / "models" / "truth.json").read_text())
    return figures


@cache
def spec(folder: Path, model: str) -> ModelSpec:
    return normalize_bytes((folder / "models" / model / "config.json").read_bytes())


def parameters(model: str) -> Counts:
    found = counts(spec(corpus(), model))
    assert found is not None
    return found


def test_an_exact_family_reads_it_without_a_problem(model: str) -> None:
    found = spec(corpus(), model)
    assert (found.exactness, found.problems) == ("exact", ())


def test_total_parameters(model: str) -> None:
    assert parameters(model).total.value == truth(corpus())[model]["total_params"]


def test_activated_parameters(model: str) -> None:
    assert parameters(model).activated.value == truth(corpus())[model]["activated_params"]


def test_activated_parameters_without_the_input_embedding(model: str) -> None:
    assert parameters(model).activated_no_input_embedding.value == truth(corpus())[model]["activated_excl_input_embed"]


@pytest.mark.parametrize("context", CONTEXTS)
def test_keys_and_values(model: str, context: str) -> None:
    held = kv.attention_bytes(kv.plan(spec(corpus(), model)), num.const(CONTEXTS[context]), BF16)
    assert held.value == truth(corpus())[model][f"kv_windowed_{context}"]


STATE = {"jamba-v0.1": (16_056_320, 8_716_288), "qwen3-next-80b-a3b": (77_266_944, 39_518_208)}
"""Bytes as the class keeps them, recurrent state in float32, and all in bfloat16."""


def test_recurrent_and_convolution_state(model: str) -> None:
    plan = kv.plan(spec(corpus(), model))
    kept, in_cache_dtype = (kv.state_bytes(plan, "bfloat16", dtype).value for dtype in (None, "bfloat16"))
    assert (kept, in_cache_dtype) == STATE.get(model, (0, 0))


CROSS = {"t5-base": (512, 18_874_368), "whisper-large-v3": (1_500, 245_760_000)}
"""Encoder tokens, and the bytes of their keys and values."""


def test_keys_and_values_of_the_encoder(model: str) -> None:
    tokens, expected = CROSS.get(model, (1_500, 0))
    assert kv.cross_attention_bytes(kv.plan(spec(corpus(), model)), num.const(tokens), BF16).value == expected


def test_the_list_of_models_is_complete(model: str) -> None:
    assert model in truth(corpus())
    assert len(truth(corpus())) == len(MODELS)
