"""MiniMax-M3 against its transformers classes: published lists of flags, and the keys of an indexer beside keys and values."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from tests.architectures.plans import check_against_corpus, check_cache_against_corpus, spec_of, total_of
from tests.architectures.reading import kept, tensors, under

TEXT: dict[str, Any] = {
    "vocab_size": 70,
    "hidden_size": 16,
    "intermediate_size": 12,
    "dense_intermediate_size": 28,
    "shared_intermediate_size": 20,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "num_local_experts": 4,
    "index_n_heads": 2,
    "index_head_dim": 4,
}
ALONE: dict[str, Any] = {**TEXT, "model_type": "minimax_m3_vl_text", "architectures": ["MiniMaxM3VLForCausalLM"]}
PUBLISHED: dict[str, Any] = {
    **ALONE,
    "moe_layer_freq": [0, 1, 1],
    "sparse_attention_config": {"sparse_attention_freq": [0, 1, 1], "sparse_num_index_heads": 1, "sparse_index_dim": 6},
}
ATTENTION = 2 * 16 * 32 + 2 * 16 * 16 + 2 * 8
MIXTURE = 4 * 16 + 4 * 3 * 16 * 12 + 3 * 16 * 20


def test_every_layer_is_full_and_a_mixture_where_nothing_is_said() -> None:
    assert total_of(ALONE) == 2 * 70 * 16 + 16 + 3 * (ATTENTION + MIXTURE + 2 * 16)


def test_published_flags() -> None:
    """One dense layer; two indexers of a query head of 6."""
    indexer = 2 * 16 * 6 + 2 * 6
    expected = 2 * 70 * 16 + 16 + 3 * (ATTENTION + 2 * 16) + 3 * 16 * 28 + 2 * (MIXTURE + indexer)
    assert total_of(PUBLISHED) == expected
    listed = {**PUBLISHED, "layer_types": ["full_attention"] * 3}
    assert total_of(listed) == expected - 2 * indexer
    layer = under(spec_of(PUBLISHED), "model.layers.1.")
    assert layer["self_attn.index_q_proj.weight"] == (6, 16)
    assert {"block_sparse_moe.e_score_correction_bias", "block_sparse_moe.experts.3.w2.weight"} <= layer.keys()


def test_what_a_sequence_keeps() -> None:
    """Keys and values of three layers, and a key of 6 for two indexers."""
    assert kept(spec_of(PUBLISHED), 10)[0] == (3 * 2 * 2 * 8 + 2 * 6) * 10 * 2


@pytest.mark.parametrize(
    ("key", "pointer"), [("moe_layer_freq", "/moe_layer_freq"), ("nested", "/sparse_attention_config/sparse_attention_freq")]
)
def test_a_list_that_does_not_fit_the_layers(key: str, pointer: str) -> None:
    changed = {"moe_layer_freq": [1]} if key == "moe_layer_freq" else {"sparse_attention_config": {"sparse_attention_freq": [1]}}
    spec = spec_of({**PUBLISHED, **changed})
    found = counts(spec)
    assert found is not None
    assert found.total.value is None
    assert pointer in [problem.pointer for problem in spec.problems]


def test_tower_and_projector() -> None:
    vision = {"hidden_size": 24, "intermediate_size": 20, "num_hidden_layers": 1, "num_attention_heads": 2, "patch_size": 4}
    whole = {"model_type": "minimax_m3_vl", "text_config": TEXT, "vision_config": vision, "projector_hidden_size": 40}
    tower = 24 * 3 * 2 * 16 + 48 + (4 * 24 * 25 + 2 * 24 * 20 + 44 + 4 * 24)
    projector = (24 * 40 + 40 + 40 * 16 + 16) + (64 * 40 + 40 + 40 * 16 + 16)
    assert total_of(whole) == (total_of(ALONE) or 0) + tower + projector
    found = tensors(spec_of(whole))
    assert {
        "patch_merge_mlp.linear_1.weight",
        "language_model.lm_head.weight",
        "vision_tower.vision_model.pre_layrnorm.bias",
    } <= found.keys()


def test_corpus() -> None:
    check_against_corpus("minimax_m3_vl_text", "minimax_m3_vl")
    check_cache_against_corpus("minimax_m3_vl_text", "minimax_m3_vl")
