"""Inkling and Inkling 2 against their transformers classes: convolutions that keep state, kinds of layers, the towers."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.architectures.tower_hmlp import chosen, planned, primes_of
from specverify.derive.parameters import counts
from tests.architectures.plans import check_against_corpus, check_cache_against_corpus, reserved_of, spec_of, total_of
from tests.architectures.reading import tensors, under

SIZES: dict[str, Any] = {
    "vocab_size": 70,
    "hidden_size": 16,
    "moe_intermediate_size": 12,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "swa_num_attention_heads": 2,
    "swa_num_key_value_heads": 1,
    "swa_head_dim": 4,
    "sliding_window_size": 8,
    "rel_extent": 20,
    "d_rel": 3,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "layer_types": ["hybrid_sliding", "hybrid", "hybrid_sliding"],
}
FIRST: dict[str, Any] = {
    **SIZES,
    "model_type": "inkling_text",
    "architectures": ["InklingForCausalLM"],
    "mlp_layer_types": ["dense", "sparse", "sparse"],
    "intermediate_size": 28,
}
SECOND: dict[str, Any] = {**SIZES, "model_type": "inkling2_text", "architectures": ["Inkling2ForCausalLM"]}


def test_layers_of_the_first() -> None:
    dense, full = (under(spec_of(FIRST), f"model.llm.layers.{index}.") for index in (0, 1))
    assert dense["mlp.w13_dn.weight"] == (56, 16)
    assert dense["attn.rel_logits_proj.proj"] == (3, 8)
    assert full["attn.rel_logits_proj.proj"] == (3, 20)
    assert dense["attn.k_sconv.weight"] == (4, 1, 4)
    assert full["attn.k_sconv.weight"] == (16, 1, 4)
    assert full["mlp.gate.weight"] == (4 + 2, 16)
    assert full["mlp.shared_experts.shared_w13_weight"] == (2, 24, 16)


def test_width_of_an_expert() -> None:
    """Published configs call it `intermediate_size` and the width of dense layers `dense_intermediate_size`."""
    stated = {key: value for key, value in FIRST.items() if key != "moe_intermediate_size"}
    published = {**stated, "intermediate_size": 12, "dense_intermediate_size": 28}
    assert total_of(published) == total_of(FIRST)
    assert under(spec_of(stated), "model.llm.layers.1.")["mlp.experts.w2_weight"] == (4, 16, 3072)


def test_layers_of_the_second() -> None:
    """The second layer has queries, keys and values of their own, and convolutions over keys that each token shapes."""
    found = tensors(spec_of(SECOND))
    slide, full = (under(spec_of(SECOND), f"model.llm.layers.{index}.") for index in (0, 1))
    assert {"attn_norm.weight", "attn.k_sconv.weight"} <= slide.keys()
    assert {"q_input_norm.weight", "attn.k_sconv.static_w"} <= full.keys()
    assert full["attn.k_sconv.weight_proj"] == (2 * 4, 16)
    queries = [found.get(f"model.llm.attn_res.attn_queries.{index}") for index in range(3)]
    assert queries == [(3, 16), (16,), None]
    assert "model.llm.attn_res.mlp_queries.2" in found
    assert slide["attn.q_l2_clip.scale"] == (2, 4)


@pytest.mark.parametrize("config", [FIRST, SECOND])
def test_what_a_sequence_keeps(config: dict[str, Any]) -> None:
    """Keys and values of two windows of 7 and of 20 tokens; four convolutions a layer over 4 tokens in float32."""
    keys = (2 * 7 * 2 * 4 + 20 * 2 * 2 * 8) * 2
    convolutions = (2 * (4 + 4 + 16 + 16) + (16 + 16 + 16 + 16)) * 4 * 4
    assert reserved_of(config, 20) == keys + convolutions


def test_no_head_is_tied() -> None:
    assert total_of({**FIRST, "tie_word_embeddings": True}) == total_of(FIRST)


def test_scales_of_the_first_tower() -> None:
    """40 pixels are folded by 5, 2, 2 and 2, then two frames; channels are rounded up to 64."""
    assert primes_of(40) == [2, 2, 2, 5]
    assert planned(40, 2, 3) == [(1, 3), (25, 128), (100, 320), (400, 1216), (1600, 4800), (3200, 614_400)]
    assert chosen([(1, 3), (4, 64), (16, 128)], 2)[1] == (4, 64)


def test_composite_of_the_first() -> None:
    whole = {
        "model_type": "inkling_mm_model",
        "text_config": {**FIRST, "architectures": None},
        "vision_config": {"patch_size": 4, "temporal_patch_size": 2, "n_layers": 6},
        "audio_config": {"n_mel_bins": 5, "mel_vocab_size": 7},
    }
    found = tensors(spec_of(whole))
    assert found["model.audio.encoder.weight"] == (35, 16)
    assert found["model.visual.layers.linear_5.weight"][0] == 16
    assert "model.visual.layers.norm_5.weight" not in found
    few = counts(spec_of({**whole, "vision_config": {"n_layers": 2}}))
    assert few is not None
    assert few.total.value is None


def test_composite_of_the_second() -> None:
    vision = {"hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2, "patch_size": 4, "posemb_grid_size": 3}
    sizes = {"intermediate_size": 20, "projection_hidden_dim": 28, "text_hidden_size": 16}
    whole = {"model_type": "inkling2", "text_config": {**SECOND, "architectures": None}, "vision_config": {**vision, **sizes}}
    tower = 2 * 24 + 48 * 24 + 9 * 24 + 48 + (4 * 24 * 25 + 2 * 24 * 20 + 44 + 4 * 24 + 2 * 24)
    assert total_of(whole) == (total_of(SECOND) or 0) + tower + 4 * 24 * 28 + 28 * 16
    assert "model.visual.backbone.layers.0.ls_1.gamma" in tensors(spec_of(whole))


def test_corpus() -> None:
    check_against_corpus("inkling_text", "inkling_mm_model", "inkling2", "inkling2_text")
    check_cache_against_corpus("inkling_text")
