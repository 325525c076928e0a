"""Gemma 4, its unified kin and its towers, against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_cache_against_corpus,
    check_published,
    decoder_of,
    reserved_of,
    spec_of,
    total_of,
    windows_of,
)

TEXT = {
    **SMALL,
    "model_type": "gemma4_text",
    "head_dim": 8,
    "global_head_dim": 16,
    "hidden_size_per_layer_input": 0,
    "sliding_window": 8,
}
ALTERNATING = {**TEXT, "layer_types": ["sliding_attention", "full_attention"] * 2}
SPARSE = {**TEXT, "enable_moe_block": True, "num_experts": 4, "top_k_experts": 2, "moe_intermediate_size": 12}
SLIDES, SEES_ALL = 7_824, 10_912
"""A layer: q, k, v and o with heads of 8 or 16, a norm over queries and keys, four norms, and 3 x 32 x 48 of feed-forward."""
PLAIN = 97 * 32 + 3 * SLIDES + SEES_ALL + 32
VISION = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 6,
    "patch_size": 2,
    "position_embedding_size": 9,
}
AUDIO = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "subsampling_conv_channels": [8, 4],
    "conv_kernel_size": 3,
    "output_proj_dims": 20,
}


@pytest.mark.parametrize(
    ("config", "total"),
    [
        (TEXT, PLAIN),
        ({**TEXT, "tie_word_embeddings": False}, PLAIN + 97 * 32),
        ({**TEXT, "attention_k_eq_v": True}, PLAIN - 32 * 32),
        ({**TEXT, "attention_k_eq_v": True, "num_global_key_value_heads": 1}, PLAIN - 32 * 32 - 16 * 32),
        ({**TEXT, "num_global_key_value_heads": 1}, PLAIN),
        ({**TEXT, "per_layer_config": {}}, PLAIN - SEES_ALL + SLIDES),
        ({**TEXT, "per_layer_config": {"3": {"head_dim": 16}}}, PLAIN),
        (ALTERNATING, PLAIN + SEES_ALL - SLIDES),
        ({**ALTERNATING, "num_kv_shared_layers": 2}, PLAIN + SEES_ALL - SLIDES - (2 * 512 + 8) - (2 * 1024 + 16)),
        ({**ALTERNATING, "num_kv_shared_layers": 2, "use_double_wide_mlp": True}, PLAIN + SEES_ALL - SLIDES - 3096 + 2 * 4608),
        ({**TEXT, "use_double_wide_mlp": True}, PLAIN),
        (SPARSE, PLAIN + 4 * (4 * 3 * 32 * 12 + 4 * 32 + 4 + 32 + 3 * 32)),
    ],
)
def test_text_totals(config: dict[str, Any], total: int) -> None:
    """Gemma4ForCausalLM: full layers have wider heads and may lack values, the last layers keys and values."""
    assert total_of(config) == total


def test_layers_have_embeddings_of_their_own() -> None:
    """Gemma4TextModel: a table as wide as all layers' inputs, a projection of the first one, and a gate in each layer."""
    config = {**TEXT, "hidden_size_per_layer_input": 4, "vocab_size_per_layer_input": 50}
    assert total_of(config) == PLAIN + 50 * 16 + 32 * 16 + 4 + 4 * (2 * 32 * 4 + 32)


def test_the_last_layer_sees_everything() -> None:
    """Gemma4TextConfig makes the last layer a full one whatever `layer_types` says."""
    assert windows_of(TEXT) == [8, 8, 8, None]
    assert windows_of({**TEXT, "layer_types": ["sliding_attention"] * 4}) == [8, 8, 8, None]
    assert windows_of({**TEXT, "use_bidirectional_attention": "all"}) == [5, 5, 5, None]


def test_shared_layers_keep_nothing() -> None:
    """Gemma4TextAttention: of four layers two cache, 2 heads of 8 for 7 tokens and 2 heads of 16 for 20."""
    assert reserved_of({**ALTERNATING, "num_kv_shared_layers": 2}, 20) == 2 * 2 * (2 * 8 * 7 + 2 * 16 * 20)
    assert reserved_of(ALTERNATING, 20) == 2 * 2 * 2 * (2 * 8 * 7 + 2 * 16 * 20)


def test_a_kind_that_no_layer_before_caches_cannot_be_shared() -> None:
    """Gemma4TextConfig.kv_sharing_modes refuses it."""
    spec = spec_of({**TEXT, "num_kv_shared_layers": 1})
    assert [problem.pointer for problem in spec.problems] == ["/num_kv_shared_layers"]


def test_experts_stand_beside_the_dense_block() -> None:
    """Gemma4TextDecoderLayer: the dense block is always on, two of four experts are touched."""
    block = decoder_of(SPARSE).layers[0].feed_forward
    assert block is not None
    assert block.experts is not None
    assert [number and number.value for number in (block.experts.total, block.experts.per_token, block.experts.shared)] == [4, 2, 48]


def test_towers() -> None:
    """Gemma4ForConditionalGeneration: each tower where the config has it, clipped matrices with four bounds that are no parameters."""
    vision_layer = 2 * 16 * 12 + 2 * 16 * 6 + 2 * 6 + 4 * 16 + 3 * 16 * 24
    vision = 12 * 16 + 2 * 9 * 16 + 2 * vision_layer + 16 * 32
    block = 2 * 16 * 64 + 2 * 16
    audio_layer = 2 * block + 5 * 16 * 16 + 8 + 16 * 32 + 16 * 16 + 3 * 16 + 2 * 16 + 3 * 16
    audio = 8 * 9 + 8 + 4 * 8 * 9 + 4 + 8 * 16 + audio_layer + 16 * 20 + 20 + 20 * 32
    config = {"model_type": "gemma4", "text_config": TEXT}
    assert total_of(config) == PLAIN
    assert total_of({**config, "vision_config": VISION}) == PLAIN + vision
    assert total_of({**config, "vision_config": VISION, "audio_config": AUDIO}) == PLAIN + vision + audio
    clipped = {**config, "vision_config": {**VISION, "use_clipped_linears": True, "standardize": True}}
    assert total_of(clipped) == PLAIN + vision
    bounds = [name for name, shape, weight in manifest(spec_of(clipped)) if weight.buffer and shape == ()]
    assert len(bounds) == 4 * 7 * 2
    assert "model.vision_tower.encoder.layers.0.self_attn.q_proj.input_min" in bounds


def test_unified_has_no_towers() -> None:
    """Gemma4UnifiedForConditionalGeneration: patches of 4 by 4 pixels between norms, frames of 20 samples."""
    text = {key: value for key, value in TEXT.items() if key != "hidden_size_per_layer_input"}
    vision = {"mm_embed_dim": 16, "mm_posemb_size": 9, "patch_size": 2, "pooling_kernel_size": 2, "output_proj_dims": 16}
    config = {"model_type": "gemma4_unified", "text_config": {**text, "model_type": "gemma4_unified_text"}}
    patches = 2 * 48 + 48 * 16 + 16 + 4 * 16 + 9 * 2 * 16 + 16 * 32
    assert total_of({**config, "vision_config": vision, "audio_config": {"audio_embed_dim": 20}}) == PLAIN + patches + 20 * 32
    found = spec_of({**config, "vision_config": vision})
    names = [name for name, _, _ in manifest(found) if "vision_embedder" in name or "embed_vision" in name]
    assert names[0] == "model.vision_embedder.patch_ln1.weight"
    assert names[-1] == "model.embed_vision.embedding_projection.weight"
    assert "image" in (found.fact("prototype").readings[0].note or "")


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("gemma4_text", "gemma4", "gemma4_unified_text", "gemma4_unified")
    check_cache_against_corpus("gemma4_text", "gemma4", "gemma4_unified_text", "gemma4_unified")


def test_published() -> None:
    """Every published config the corpus has of these types."""
    check_published("gemma4")
