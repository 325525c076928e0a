"""Kimi K2.5 against its transformers class and its published configs."""

from __future__ import annotations

from typing import Any

from tests.architectures.plans import check_against_corpus, check_cache_against_corpus, check_published, spec_of, total_of
from tests.architectures.reading import tensors

TEXT: dict[str, Any] = {
    "model_type": "deepseek_v3",
    "vocab_size": 70,
    "hidden_size": 16,
    "intermediate_size": 20,
    "moe_intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "kv_lora_rank": 6,
    "q_lora_rank": 4,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 8,
    "v_head_dim": 8,
    "n_routed_experts": 4,
    "first_k_dense_replace": 1,
    "num_nextn_predict_layers": 0,
}
SIZES = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 20}
VISION: dict[str, Any] = {**SIZES, "pos_emb_height": 3, "pos_emb_width": 5, "patch_size": 4, "merge_kernel_size": [2, 1]}
K25: dict[str, Any] = {
    "model_type": "kimi_k25",
    "text_config": TEXT,
    "vision_config": VISION,
    "projection_hidden_size": 24,
    "tie_word_embeddings": False,
}


def test_tower_and_projector() -> None:
    found = tensors(spec_of(K25))
    assert found["vision_tower.patch_embed.proj.weight"] == (24, 3, 4, 4)
    assert found["vision_tower.patch_embed.pos_emb.weight"] == (3, 5, 24)
    assert found["vision_tower.encoder.blocks.1.wqkv.weight"] == (72, 24)
    assert found["mm_projector.pre_norm.weight"] == (24,)
    assert found["mm_projector.proj.2.weight"] == (16, 48)
    layer = 4 * 24 + 4 * 24 * 24 + 4 * 24 + 2 * 24 * 20 + 20 + 24
    tower = 24 * 3 * 16 + 24 + 15 * 24 + 2 * layer + 48
    projector = 48 + 48 * 48 + 48 + 48 * 16 + 16
    text = total_of({**TEXT, "architectures": ["DeepseekV3ForCausalLM"]})
    assert text is not None
    assert total_of(K25) == text + tower + projector


def test_published_spelling() -> None:
    """Published configs say `vt_hidden_size` and `init_pos_emb_height`."""
    published: dict[str, Any] = {f"vt_{key}": value for key, value in SIZES.items()}
    published |= {"init_pos_emb_height": 3, "init_pos_emb_width": 5, "patch_size": 4, "merge_kernel_size": [2, 1]}
    assert tensors(spec_of({**K25, "vision_config": published})) == tensors(spec_of(K25))


def test_the_root_ties() -> None:
    """It does so where it says nothing."""
    tied = total_of({key: value for key, value in K25.items() if key != "tie_word_embeddings"})
    assert tied == (total_of(K25) or 0) - 70 * 16


def test_corpus() -> None:
    check_against_corpus("kimi_k25")
    check_cache_against_corpus("kimi_k25")
    check_published("kimi_k25")
