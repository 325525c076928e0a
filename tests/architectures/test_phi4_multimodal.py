"""Phi-4-multimodal against its transformers class: Phi-3, SigLIP and a conformer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of
from tests.architectures.reading import tensors

VISION: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 16,
    "patch_size": 4,
}
AUDIO: dict[str, Any] = {
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_blocks": 2,
    "num_attention_heads": 2,
    "ext_pw_out_channel": 10,
    "depthwise_separable_out_channel": 8,
    "depthwise_multiplier": 2,
    "kernel_size": 3,
    "input_size": 20,
    "time_reduction": 4,
    "bias_max_distance": 5,
    "nemo_conv_channels": 6,
    "downsample_rate": 3,
}
PHI: dict[str, Any] = {"model_type": "phi4_multimodal", **SMALL, "vision_config": VISION, "audio_config": AUDIO}

BODY = 97 * 32 + 4 * (2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 48 + 64) + 32
SIGLIP_LAYER = 4 * (16 * 16 + 16) + (16 * 24 + 24) + (24 * 16 + 16) + 64
POOLING = 16 + (48 * 16 + 48) + (16 * 16 + 16) + 32 + (16 * 24 + 24) + (24 * 16 + 16)
SEEING = (16 * 3 * 16 + 16) + 16 * 16 + 2 * SIGLIP_LAYER + 32 + POOLING
IMAGES = (16 * 32 + 32) + (32 * 32 + 32) + 2 * 16
HALF = 16 + (8 * 24 + 24) + (12 * 8 + 8)
FILTERS = 16 + (8 * 20 + 20) + 20 + (16 * 3 + 16) + (16 * 8 + 8) + (8 * 10 + 10)
HEARING = (6 * 9 + 6) + (6 * 9 + 6) + (6 * 6 + 6) + (6 * 5 * 8 + 8) + 10 * 2 + 2 * (2 * HALF + 4 * (8 * 8 + 8) + FILTERS + 32)
SOUND = 2 * ((24 * 32 + 32) + (32 * 32 + 32))
REST = SEEING + IMAGES + HEARING + SOUND


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("Phi4MultimodalForCausalLM", {}, BODY + 97 * 32 + REST),
        ("Phi4MultimodalForCausalLM", {"tie_word_embeddings": True}, BODY + REST),
        ("Phi4MultimodalModel", {}, BODY + REST),
        ("Phi4MultimodalForCausalLM", {"audio_config": {**AUDIO, "bias_symmetric": True}}, BODY + 97 * 32 + REST - 10),
        ("Phi4MultimodalForCausalLM", {"audio_config": {**AUDIO, "nemo_final_size": 7}}, BODY + 97 * 32 + REST + 2 * 6 * 8),
    ],
)
def test_phi4_multimodal(architecture: str, changes: dict[str, Any], total: int) -> None:
    """20 mel bins halved twice are 5, unless the file states `nemo_final_size`, which the class takes instead."""
    assert total_of({**PHI, **changes, "architectures": [architecture]}) == total


def test_names() -> None:
    """The layout of the class: everything that is not text among the embeddings."""
    names = tensors(spec_of(PHI))
    assert names["model.layers.3.self_attn.qkv_proj.weight"] == (64, 32)
    assert names["model.embed_tokens_extend.image_embed.img_processor.encoder.layers.1.mlp.fc1.weight"] == (24, 16)
    assert names["model.embed_tokens_extend.image_embed.sub_img_feature_extensor"] == (1, 1, 1, 16)
    assert names["model.embed_tokens_extend.audio_embed.encoder.embed.conv.3.weight"] == (6, 6, 1, 1)
    assert names["model.embed_tokens_extend.audio_embed.encoder.encoders.1.conv.glu.b1"] == (1, 10, 1)
    assert names["model.embed_tokens_extend.audio_embed.up_proj_for_vision_speech.weight"] == (32, 24)


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("phi4_multimodal")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of this type."""
    check_cache_against_corpus("phi4_multimodal")
