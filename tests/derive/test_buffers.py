"""What engines keep beside the weights: tables of angles, copies, and buffers of a step, by hand on small models."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL
from tests.derive.served import UNTIED, figure, per_gpu, rotary

SEGMENTS = {"rope_type": "default", "mrope_section": [1, 1, 2]}
GEMMA: dict[str, Any] = {
    **SMALL, "model_type": "gemma4_text", "architectures": ["Gemma4ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 128,
    "head_dim": 8, "global_head_dim": 16, "hidden_size_per_layer_input": 4, "vocab_size_per_layer_input": 64, "sliding_window": 8,
    "layer_types": ["sliding_attention", "full_attention"] * 2, "num_kv_shared_layers": 0,
}  # fmt: skip
"""Layers of two KV heads of 8 and of 16, in turns."""
PICTURES: dict[str, Any] = {
    "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 6,
    "patch_size": 2, "position_embedding_size": 9,
}  # fmt: skip
QWEN: dict[str, Any] = {
    "model_type": "qwen3_vl", "architectures": ["Qwen3VLForConditionalGeneration"],
    "text_config": {**SMALL, "model_type": "qwen3_vl_text", "vocab_size": 128, "head_dim": 8, "dtype": "bfloat16"},
    "vision_config": {
        "hidden_size": 16, "intermediate_size": 24, "depth": 4, "num_heads": 2, "patch_size": 2, "temporal_patch_size": 2, "in_channels": 3,
        "spatial_merge_size": 2, "out_hidden_size": 32, "num_position_embeddings": 16, "deepstack_visual_indexes": [1, 2],
    },
}  # fmt: skip


def beside(config: dict[str, Any], engine: str = "vllm", **target: Any) -> int:
    """Bytes beyond those of the weights."""
    return per_gpu(config, engine, **target) - int(figure("weights.bytes", config) or 0)


def test_sglang_keeps_angles_in_float32() -> None:
    assert per_gpu(UNTIED, "sglang") - per_gpu(UNTIED) == rotary(128, 8)


def test_positions_with_sections_are_four_times_as_many_to_vllm() -> None:
    sections = {**UNTIED, "rope_parameters": {**SEGMENTS, "rope_theta": 10000.0}}
    assert per_gpu(sections) - per_gpu(UNTIED) == 3 * rotary(128, 8)
    assert per_gpu(sections, "sglang") == per_gpu(UNTIED, "sglang")


@pytest.mark.parametrize(
    ("scaling", "positions"),
    [
        ({"rope_type": "linear", "factor": 2.0}, 256),
        ({"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128}, 512),
        (
            {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64},
            128,
        ),
    ],
)
def test_the_table_has_every_position_that_scaling_reaches(scaling: dict[str, Any], positions: int) -> None:
    scaled = {**UNTIED, "rope_scaling": scaling, "rope_theta": 10000.0}
    assert per_gpu(scaled) - per_gpu(UNTIED) == rotary(positions - 128, 8)


def test_without_rotary_positions_there_is_no_table() -> None:
    """GPT-2 has learned positions, and a vocabulary of 50,257 rows that become 50,304."""
    assert per_gpu("gpt2") - (figure("weights.bytes", "gpt2") or 0) == (50_304 - 50_257) * 768 * 2


def test_latent_attention_keeps_its_up_projections_once_more() -> None:
    """DeepSeek-V3: 61 layers x 128 heads x (128 + 128) x 512 x 2 B, an eighth of it on each of eight GPUs."""
    copies = 61 * 128 * 256 * 512 * 2
    assert per_gpu("deepseek-v3") - (figure("weights.bytes", "deepseek-v3") or 0) == copies + rotary(163_840, 64)
    split = per_gpu("deepseek-v3", gpus=8) - (figure("weights.bytes_per_gpu", "deepseek-v3", gpus=8) or 0)
    assert split == copies // 8 + rotary(163_840, 64)


def turned(kind: str, share: float) -> dict[str, Any]:
    """Positions by layer type: the full layers' own, and the plain ones of the others."""
    full = {"rope_type": kind, "rope_theta": 1e6, "partial_rotary_factor": share}
    return {**GEMMA, "rope_parameters": {"full_attention": full, "sliding_attention": {"rope_type": "default", "rope_theta": 1e4}}}


def test_windowed_layers_have_a_table_of_their_own() -> None:
    """Half of 16 dimensions in the full layers, and all 8 in the others: as many, but at another frequency."""
    assert beside(turned("default", 0.5)) == 2 * rotary(128, 8)
    assert beside(turned("default", 1.0)) == rotary(128, 16) + rotary(128, 8)


def test_a_table_of_proportional_positions_has_the_whole_head() -> None:
    assert beside(turned("proportional", 0.25)) == rotary(128, 16) + rotary(128, 8)


def test_vllm_has_room_for_keys_and_values_that_no_layer_uses() -> None:
    """The last two layers read the keys and values of earlier ones; where values are the keys, full layers have them twice."""
    plain, shared, equal = GEMMA, {**GEMMA, "num_kv_shared_layers": 2}, {**GEMMA, "attention_k_eq_v": True}
    sliding, full = 2 * 8 * 32 * 2, 2 * 16 * 32 * 2
    assert beside(shared) - beside(plain) == 2 * (sliding + full)
    assert beside(equal) - beside(plain) == 2 * full
    assert beside(shared, "sglang") == beside(plain, "sglang") == beside(equal, "sglang")


def test_keys_and_values_without_a_use_are_cut_by_heads_and_stored_as_the_queries_are() -> None:
    shared = {**GEMMA, "num_kv_shared_layers": 2}
    tables = beside(GEMMA)
    without_use = {gpus: per_gpu(shared, gpus=gpus) - int(figure("weights.bytes_per_gpu", shared, gpus=gpus) or 0) for gpus in (2, 4)}
    assert without_use == dict.fromkeys((2, 4), tables + (8 + 16) * 32 * 2 * 2)
    int8 = {"quant_method": "compressed-tensors", "config_groups": {"g": {"targets": ["Linear"], "weights": {
        "num_bits": 8, "type": "int", "strategy": "channel"}}}}  # fmt: skip
    rows = 2 * 2 * (8 + 16)
    assert beside({**shared, "quantization_config": int8}) == tables + rows * 32 + rows * 2


def test_a_step_has_room_for_the_embeddings_of_every_layer_behind_towers() -> None:
    """Four layers of 4 for each of 512 tokens; vLLM's text model alone makes them as it goes."""
    whole = {"model_type": "gemma4", "architectures": ["Gemma4ForConditionalGeneration"], "text_config": GEMMA, "vision_config": PICTURES}
    tables = beside(GEMMA, max_batched_tokens=512)
    assert tables == rotary(128, 16) + rotary(128, 8)
    assert beside(whole, max_batched_tokens=512) == tables + 512 * 4 * 4 * 2
    assert beside(whole, "sglang", max_batched_tokens=512) == 2 * tables


def test_a_step_has_room_for_the_features_of_every_level_of_a_tower() -> None:
    """Two levels of the width of the text, for each of 512 tokens, whole on every GPU."""
    features = 512 * 2 * 32 * 2
    assert beside(QWEN, max_batched_tokens=512) == rotary(128, 8) + features
    assert beside(QWEN, max_batched_tokens=1024) == rotary(128, 8) + 2 * features
    share = int(figure("weights.bytes_per_gpu", QWEN, gpus=2) or 0)
    assert per_gpu(QWEN, gpus=2, max_batched_tokens=512) - share == rotary(128, 8) + features
    flat = {**QWEN, "vision_config": {**QWEN["vision_config"], "deepstack_visual_indexes": []}}
    assert beside(flat, max_batched_tokens=512) == rotary(128, 8)


def test_a_layer_that_drafts_has_its_latent_projections_once_more_too() -> None:
    copies = 128 * 256 * 512 * 2
    drafting, plain = (per_gpu("deepseek-v3", draft_tokens=tokens) for tokens in (1, 0))
    weights, before = (int(figure("weights.bytes", "deepseek-v3", draft_tokens=tokens) or 0) for tokens in (1, 0))
    assert drafting - plain - (weights - before) == copies
