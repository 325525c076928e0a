"""InternLM 1 and 2 by the sizes of the published models, InternLM3 against its transformers class."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, check_published, spec_of, total_of
from tests.architectures.reading import tensors

INTERNLM3: dict[str, Any] = {**SMALL, "model_type": "internlm3", "head_dim": 10}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("LlamaForCausalLM", {}, 40_288),
        ("LlamaForCausalLM", {"qkv_bias": True, "bias": True}, 41_248),
    ],
)
def test_internlm3(architecture: str, changes: dict[str, Any], total: int) -> None:
    """LlamaForCausalLM with InternLM3Config."""
    assert total_of({**INTERNLM3, **changes, "architectures": [architecture]}) == total


PUBLISHED: dict[str, Any] = {
    "hidden_size": 4096,
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "tie_word_embeddings": False,
}


@pytest.mark.parametrize(
    ("config", "total"),
    [
        ({"model_type": "internlm", "bias": True, "intermediate_size": 11_008, "vocab_size": 103_168}, 7_321_948_160),
        (
            {"model_type": "internlm2", "bias": False, "intermediate_size": 14_336, "vocab_size": 92_544, "num_key_value_heads": 8},
            7_737_708_544,
        ),
    ],
)
def test_the_published_models(config: dict[str, Any], total: int) -> None:
    """InternLM-7B and InternLM2-7B."""
    assert total_of({**PUBLISHED, **config}) == total


def test_queries_keys_and_values_in_one_tensor() -> None:
    """InternLM2: `wqkv` of 32 + 2 x 16 rows, names of its own throughout; a reward model has one output."""
    config = {**SMALL, "model_type": "internlm2", "bias": False}
    shapes = tensors(spec_of(config))
    assert shapes["model.layers.0.attention.wqkv.weight"] == (64, 32)
    assert shapes["model.layers.0.feed_forward.w3.weight"] == (48, 32)
    assert shapes["output.weight"] == shapes["model.tok_embeddings.weight"] == (97, 32)
    reward = tensors(spec_of({**config, "architectures": ["InternLM2ForRewardModel"]}))
    assert reward["v_head.weight"] == (1, 32)
    assert "output.weight" not in reward
    assert "model.layers.3.attention.wo.bias" in tensors(spec_of({**config, "bias": True}))


def test_sizes_that_are_not_stated_are_unknown() -> None:
    """InternLM2's code is not part of transformers: there is no default to take."""
    spec = spec_of({key: value for key, value in {**SMALL, "model_type": "internlm2"}.items() if key != "num_key_value_heads"})
    assert spec.fact("num_key_value_heads").value is None


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("internlm3")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("internlm3")


def test_published() -> None:
    """Every published config the corpus has of these types."""
    check_published("internlm", "internlm2")
