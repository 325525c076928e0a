"""GLM-5.3-Flash against its transformers class: kinds of layers, what an indexer over pools keeps, streams, tower."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import check_against_corpus, check_cache_against_corpus, spec_of, total_of
from tests.architectures.reading import kept, tensors, under

TEXT: dict[str, Any] = {
    "vocab_size": 70,
    "hidden_size": 16,
    "intermediate_size": 20,
    "moe_intermediate_size": 12,
    "num_hidden_layers": 6,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "kv_lora_rank": 6,
    "q_lora_rank": 4,
    "qk_nope_head_dim": 8,
    "v_head_dim": 8,
    "n_routed_experts": 4,
    "index_n_heads": 2,
    "index_head_dim": 4,
    "index_kpool": 8,
    "linear_num_heads": 2,
    "linear_head_dim": 8,
    "hc_mult": 2,
    "layer_types": [
        "linear_attention",
        "indexed_attention",
        "indexed_attention",
        "full_attention",
        "indexed_attention",
        "linear_attention",
    ],
    "index_topk_freq": 2,
}
VISION: dict[str, Any] = {
    "depth": 1,
    "hidden_size": 24,
    "num_heads": 2,
    "intermediate_size": 20,
    "patch_size": 4,
    "out_hidden_size": 16,
    "projection_intermediate_size": 28,
}
NEXT: dict[str, Any] = {"model_type": "glm5_next", "text_config": TEXT, "vision_config": VISION}


def layers(config: dict[str, Any]) -> list[dict[str, tuple[int, ...]]]:
    spec = spec_of(config)
    return [under(spec, f"model.language_model.layers.{index}.") for index in range(6)]


def test_kinds_of_layers() -> None:
    """Layers 0, 1, 3 and 5 of the pattern choose for themselves; a linear one has nothing to choose."""
    found = layers(NEXT)
    assert ["self_attn.A_log" in layer for layer in found] == [True, False, False, False, False, True]
    assert ["self_attn.indexer.wk.weight" in layer for layer in found] == [False, True, False, True, False, False]
    assert found[0]["self_attn.A_log"] == (2,)
    assert found[1]["self_attn.indexer.index_kpool_compress_ape"] == (8, 4)
    assert found[1]["hc_attn_fn"] == ((2 + 2) * 2, 2 * 16)
    assert ["mlp.gate.weight" in layer for layer in found] == [False] * 3 + [True] * 3


def test_linear_sizes_of_a_config_of_their_own() -> None:
    nested = {**TEXT, "linear_attn_config": {"num_heads": 3, "head_dim": 4, "short_conv_kernel_size": 2}}
    layer = layers({**NEXT, "text_config": nested})[0]
    assert layer["self_attn.q_conv1d.weight"] == (12, 1, 2)
    assert layer["self_attn.A_log"] == (3,)


def test_what_a_sequence_keeps() -> None:
    """Latents of four layers, and key, gate and one channel of two indexers."""
    assert kept(spec_of(NEXT), 10)[0] == (4 * 6 + 2 * (4 + 4 + 1)) * 10 * 2


def test_tower() -> None:
    found = tensors(spec_of(NEXT))
    assert found["model.visual.patch_embed.proj.weight"] == (24, 3, 2, 4, 4)
    assert found["model.visual.downsample.weight"] == (16, 24, 2, 2)
    assert found["model.visual.merger.gate_proj.weight"] == (28, 16)
    assert found["model.visual.blocks.0.attn.q_norm.weight"] == (12,)
    assert "model.visual.blocks.0.mlp.up_proj.bias" in found
    without = tensors(spec_of({**NEXT, "vision_config": {**VISION, "attention_bias": False}}))
    assert "model.visual.blocks.0.attn.qkv.bias" not in without


@pytest.mark.parametrize("tied", [True, False])
def test_the_root_ties(tied: bool) -> None:
    assert total_of({**NEXT, "tie_word_embeddings": tied}) == (total_of(NEXT) or 0) - tied * 70 * 16


def test_corpus() -> None:
    check_against_corpus("glm5_next")
    check_cache_against_corpus("glm5_next")
