"""The reasoners of Cosmos 3 against their transformers classes."""

from __future__ import annotations

from typing import Any

from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of
from tests.architectures.reading import tensors

TEXT: dict[str, Any] = {**SMALL, "head_dim": 8, "num_hidden_layers": 2}
EDGE: dict[str, Any] = {
    "model_type": "cosmos3_edge",
    "text_config": TEXT,
    "vision_config": {
        "hidden_size": 24,
        "intermediate_size": 20,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "patch_size": 4,
        "num_patches": 9,
        "spatial_merge_size": 2,
    },
    "projector_hidden_size": 40,
}
OMNI: dict[str, Any] = {
    "model_type": "cosmos3_omni",
    "text_config": TEXT,
    "vision_config": {
        "hidden_size": 24,
        "intermediate_size": 20,
        "depth": 2,
        "num_heads": 2,
        "patch_size": 4,
        "out_hidden_size": 32,
        "num_position_embeddings": 9,
        "deepstack_visual_indexes": [0],
    },
}


def test_edge() -> None:
    """Plain feed-forwards of two matrices; 48 values of a patch enter by a matrix, four patches leave as one."""
    tower = 48 * 24 + 24 + 9 * 24 + 48 + (4 * 24 * 25 + 2 * 24 * 20 + 44 + 4 * 24)
    projector = 48 + 96 * 40 + 40 + 40 * 32 + 32
    text = 2 * 97 * 32 + 32 + 2 * (2 * 32 * 32 + 2 * 32 * 16 + 2 * 32 * 48 + 2 * 32)
    assert total_of(EDGE) == text + tower + projector
    found = tensors(spec_of(EDGE))
    assert {"layers.1.self_attn.to_out.weight", "layers.1.mlp.up_proj.weight", "model.projector.norm.bias"} <= found.keys()
    assert found["model.visual.embeddings.patch_embedding.weight"] == (24, 48)
    assert total_of({**EDGE, "text_config": {**TEXT, "mlp_bias": True}}) == text + tower + projector + 2 * (48 + 32)


def test_omni_is_qwen3_vl_under_other_names() -> None:
    assert total_of(OMNI) == total_of({**OMNI, "model_type": "qwen3_vl"})
    found = tensors(spec_of(OMNI))
    assert {
        "layers.0.self_attn.norm_q.weight",
        "blocks.1.attn.qkv.bias",
        "deepstack_merger_list.0.norm.bias",
        "lm_head.weight",
    } <= found.keys()


def test_the_root_ties_the_larger_one_alone() -> None:
    assert total_of({**OMNI, "tie_word_embeddings": True}) == (total_of(OMNI) or 0) - 97 * 32
    assert total_of({**EDGE, "tie_word_embeddings": True}) == total_of(EDGE)


def test_corpus() -> None:
    check_against_corpus("cosmos3_edge", "cosmos3_omni")
    check_cache_against_corpus("cosmos3_edge", "cosmos3_omni")
