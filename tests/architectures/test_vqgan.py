"""Chameleon, Janus and Emu3 and their image tokenizers against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of
from tests.architectures.reading import kept, tensors, total, under

CODES: dict[str, Any] = {
    "embed_dim": 5,
    "num_embeddings": 11,
    "codebook_size": 11,
    "latent_channels": 6,
    "base_channels": 8,
    "channel_multiplier": [1, 3],
    "num_res_blocks": 1,
    "resolution": 16,
    "hidden_size": 24,
}
CHAMELEON: dict[str, Any] = {"model_type": "chameleon", **SMALL, "vq_config": CODES}
EMU3: dict[str, Any] = {
    "model_type": "emu3",
    "text_config": SMALL,
    "vq_config": {**CODES, "attn_resolutions": [1], "temporal_downsample_factor": 4},
}
JANUS: dict[str, Any] = {
    "model_type": "janus",
    "text_config": {**SMALL, "model_type": "llama"},
    "vision_config": {
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "image_size": 16,
        "patch_size": 4,
        "mlp_ratio": 2.3,
        "projection_dim": 32,
        "depth": 3,
    },
    "vq_config": {**CODES, "projection_dim": 32, "image_token_embed_dim": 32, "num_hidden_layers": 2},
}


def test_chameleon_has_a_norm_for_each_head() -> None:
    """Four query heads and two of keys, of eight each; no attention in the tokenizer's levels unless their side is listed."""
    names = tensors(spec_of(CHAMELEON))
    assert names["model.layers.0.self_attn.q_norm.weight"] == (4, 8)
    assert names["model.layers.0.self_attn.k_norm.bias"] == (2, 8)
    reader = under(spec_of(CHAMELEON), "model.vqmodel.")
    assert reader["encoder.down.1.block.0.conv1.weight"] == (24, 8, 3, 3)
    assert reader["encoder.down.1.block.0.nin_shortcut.weight"] == (24, 8, 1, 1)
    assert reader["encoder.down.0.downsample.conv.weight"] == (8, 8, 3, 3)
    assert "encoder.down.1.downsample.conv.weight" not in reader
    assert reader["encoder.mid.attn_1.q.weight"] == (24, 24, 1, 1)
    assert reader["quantize.embedding.weight"] == (11, 5)
    assert not [name for name in reader if name.startswith(("decoder.", "encoder.down.0.attn", "encoder.down.1.attn"))]
    listed = under(spec_of({**CHAMELEON, "vq_config": {**CODES, "attn_resolutions": [8], "double_latent": True}}), "model.vqmodel.")
    assert listed["encoder.down.1.attn.0.k.weight"] == (24, 24, 1, 1)
    assert "encoder.down.0.attn.0.k.weight" not in listed
    assert listed["encoder.conv_out.weight"] == (12, 24, 3, 3)
    without = under(spec_of({**CHAMELEON, "vq_config": {**CODES, "attn_type": "none", "attn_resolutions": [8]}}), "model.vqmodel.")
    assert not [name for name in without if "attn" in name]
    assert kept(spec_of(CHAMELEON), 10) == (4 * 10 * 2 * 16 * 2, 0)


def test_janus_reads_and_writes() -> None:
    """A tower 36 wide inside (16 times 2.3), projectors for patches and for codes, and a decoder that lists its last level first."""
    names = under(spec_of(JANUS), "model.")
    assert names["vision_model.encoder.layers.0.mlp.fc1.weight"] == (36, 16)
    assert names["aligner.hidden_layers.1.weight"] == (32, 32)
    assert "aligner.hidden_layers.2.weight" not in names
    assert names["generation_aligner.fc1.weight"] == (32, 5)
    assert names["generation_head.vision_head.weight"] == (11, 32)
    assert names["vqmodel.encoder.down.1.attn.0.q.weight"] == (24, 24, 1, 1)
    assert names["vqmodel.decoder.up.0.upsample.conv.weight"] == (24, 24, 3, 3)
    assert names["vqmodel.decoder.up.1.block.0.conv1.weight"] == (8, 24, 3, 3)
    assert names["vqmodel.decoder.up.1.block.1.conv1.weight"] == (8, 8, 3, 3)
    assert "lm_head.weight" not in tensors(spec_of(JANUS))
    assert tensors(spec_of({**JANUS, "tie_word_embeddings": False}))["lm_head.weight"] == (97, 32)
    normed = {**JANUS["vision_config"], "use_qk_norm": True}
    assert under(spec_of({**JANUS, "vision_config": normed}), "model.")["vision_model.encoder.layers.1.self_attn.q_norm.bias"] == (16,)


def test_emu3_codes_films() -> None:
    """Time halved twice; the decoder's norms are shifted and scaled by the five numbers of a code."""
    names = tensors(spec_of(EMU3))
    assert names["text_model.model.layers.3.mlp.down_proj.weight"] == (32, 48)
    assert names["text_model.lm_head.weight"] == (97, 32)
    assert names["vqmodel.encoder.time_conv.1.conv.conv.weight"] == (6, 6, 4, 3, 3)
    assert names["vqmodel.decoder.time_conv.1.conv.conv.weight"] == (6, 6, 3, 3, 3)
    assert names["vqmodel.decoder.up_block.up.1.attn_norms.0.conv_y.weight"] == (24, 5, 1, 1)
    assert names["vqmodel.encoder.down_block.down.1.attn.0.q_proj.weight"] == (24, 24)
    assert names["vqmodel.encoder.time_res_stack.0.norm1.running_var"] == (6,)
    assert names["vqmodel.quant_conv.conv.weight"] == (5, 6, 3, 1, 1)


@pytest.mark.parametrize(
    "config", [{**EMU3, "architectures": ["Emu3ForCausalLM"]}, {"model_type": "emu3_text_model", **SMALL}, {**SMALL, "model_type": "llama"}]
)
def test_emu3s_text_model_alone_is_llama(config: dict[str, Any]) -> None:
    """In its own class, and by its own type."""
    names = tensors(spec_of({"architectures": ["Emu3ForCausalLM"], **config}))
    assert names["model.layers.0.self_attn.k_proj.weight"] == (16, 32)
    assert total_of(config) == 37_216


@pytest.mark.parametrize("change", [{"num_res_blocks": 10_000}, {"channel_multiplier": [1] * 300}])
def test_so_many_levels_are_not_listed(change: dict[str, Any]) -> None:
    """What would only cost time is unknown."""
    for config in (CHAMELEON, JANUS, EMU3):
        assert total(spec_of({**config, "vq_config": {**config["vq_config"], **change}})) is None


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("chameleon", "emu3", "janus")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("chameleon", "emu3", "janus")
