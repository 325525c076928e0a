"""Gemma 3n against its transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from specverify.derive.parameters import counts
from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_cache_against_corpus,
    reserved_of,
    spec_of,
    total_of,
    windows_of,
)

TEXT = {
    **SMALL,
    "model_type": "gemma3n_text",
    "intermediate_size": 48,
    "head_dim": 8,
    "layer_types": ["sliding_attention", "full_attention"] * 2,
    "sliding_window": 8,
    "num_kv_shared_layers": 0,
    "hidden_size_per_layer_input": 4,
    "vocab_size_per_layer_input": 50,
    "altup_num_inputs": 3,
    "laurel_rank": 5,
}
ALTUP = 32 + 3 * 3 + 9 * 3 + 3 * 32 + 32
LAUREL = 2 * 32 * 5 + 32
LAYER = 2 * 32 * 32 + 2 * 32 * 16 + 2 * 8 + 4 * 32 + 2 * 32 * 4 + 32 + ALTUP + LAUREL
TOTAL = 97 * 32 + 50 * 16 + 32 * 16 + 4 + 2 * 2 * 32 * 32 + 32 + 4 * (LAYER + 3 * 32 * 48)


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, TOTAL),
        ({"tie_word_embeddings": False}, TOTAL + 97 * 32),
        ({"num_kv_shared_layers": 2}, TOTAL - 2 * (2 * 32 * 16 + 8)),
        ({"intermediate_size": [48, 48, 96, 48]}, TOTAL + 3 * 32 * 48),
        ({"altup_num_inputs": 1}, TOTAL - 4 * 32 * 32 - 4 * (8 + 26 + 2 * 32)),
        ({"attention_bias": True}, TOTAL + 4 * (32 + 16 + 16 + 32)),
    ],
)
def test_totals(changes: dict[str, Any], total: int) -> None:
    """Gemma3nForCausalLM: AltUp, LAuReL and an input of its own in each layer, widths by layer."""
    assert total_of({**TEXT, **changes}) == total


def test_windows_and_shared_layers() -> None:
    """Gemma3nTextConfig: every fifth layer is full; the last `num_kv_shared_layers` cache nothing."""
    assert windows_of(TEXT) == [8, None, 8, None]
    assert reserved_of({**TEXT, "num_kv_shared_layers": 2}, 20) == 2 * 2 * 2 * 8 * (7 + 20)
    by_default = {key: value for key, value in TEXT.items() if key not in ("layer_types", "sliding_window")}
    assert windows_of({**by_default, "num_hidden_layers": 6}) == [512, 512, 512, 512, None, 512]


AUDIO = {
    "hidden_size": 16,
    "vocab_size": 6,
    "input_feat_size": 10,
    "conf_num_hidden_layers": 1,
    "conf_num_attention_heads": 2,
    "conf_conv_kernel_size": 3,
    "sscp_conv_channel_size": [8, 4],
    "sscp_conv_kernel_size": [[3, 5], [3, 3]],
}
MOBILENET = 294_126_912
"""timm's mobilenetv5_300m_enc."""


def test_images_and_audio() -> None:
    """Gemma3nForConditionalGeneration: of ten frequencies a kernel of five leaves four, one of three two."""
    block = 2 * 16 * 64 + 2 * 16
    layer = 2 * block + 5 * 16 * 16 + 8 + 16 * 32 + 16 * 16 + 3 * 16 + 2 * 16 + 3 * 16
    audio = 8 * 15 + 8 + 4 * 8 * 9 + 4 + 2 * 4 * 16 + layer + (6 + 2 + 32) * 16
    images = MOBILENET + (5 + 2 + 32) * 2048
    config: dict[str, Any] = {"model_type": "gemma3n", "text_config": TEXT, "vision_config": {"vocab_size": 5}, "audio_config": AUDIO}
    assert total_of(config) == TOTAL + images + audio
    assert total_of({**config, "architectures": ["Gemma3nModel"], "tie_word_embeddings": False}) == TOTAL + images + audio
    names = {name for name, _, _ in manifest(spec_of(config))}
    assert "model.vision_tower.timm_model.blocks.3.37.attn.output.proj.weight" in names
    assert "model.audio_tower.conformer.0.attention.attn.relative_position_embedding.pos_proj.weight" in names


@pytest.mark.parametrize("vision", [{"architecture": "mobilenetv5_base"}, {"model_args": {"stem_size": 32}}])
def test_other_towers_of_timm_are_unknown(vision: dict[str, Any]) -> None:
    """The config states the name of timm's model alone."""
    found = counts(spec_of({"model_type": "gemma3n", "text_config": TEXT, "vision_config": vision, "audio_config": AUDIO}))
    assert found is not None
    assert found.total.value is None


@pytest.mark.parametrize("sides", [[[3, 3]], [[3], [3]], [["3", 3], [3, 3]]])
def test_kernels_that_are_no_pairs(sides: Any) -> None:
    """Two pairs of sizes are asked for."""
    spec = spec_of({"model_type": "gemma3n", "text_config": TEXT, "audio_config": {**AUDIO, "sscp_conv_kernel_size": sides}})
    found = counts(spec)
    assert found is not None
    assert found.total.value is None


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("gemma3n_text", "gemma3n")
    check_cache_against_corpus("gemma3n_text")
