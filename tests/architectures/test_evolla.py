"""Evolla against its transformers class: a protein's encoder, latents, and adapters among Llama's layers."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, decoder_of, spec_of, total_of
from tests.architectures.reading import kept, tensors

SAPROT: dict[str, Any] = {
    "vocab_size": 11,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 13,
}
EVOLLA: dict[str, Any] = {
    "model_type": "evolla",
    **SMALL,
    "protein_encoder_config": SAPROT,
    "aligner_num_add_layers": 2,
    "aligner_ffn_mult": 3,
    "resampler_depth": 2,
    "resampler_dim_head": 5,
    "resampler_heads": 2,
    "resampler_num_latents": 7,
    "resampler_ff_mult": 3,
}
BODY = 97 * 32 + 4 * (2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 48 + 64) + 32
ADAPTER = 4 * (32 * 32 + 32) + 32 + 64 + 2 * 32 * 96 + 2
PROTEIN = 11 * 16 + 32 + 2 * (4 * (16 * 16 + 16) + (16 * 24 + 24) + (24 * 16 + 16) + 64)
LATENTS = 7 * 16 + 2 * (4 * 16 + 16 * 10 + 16 * 20 + 10 * 16 + 32 + 2 * 16 * 48) + 64 + (16 * 32 + 32)
WHOLE = BODY + 97 * 32 + 2 * ADAPTER + PROTEIN + LATENTS


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("EvollaForProteinText2Text", {}, WHOLE),
        ("EvollaForProteinText2Text", {"tie_word_embeddings": True}, WHOLE),
        ("EvollaModel", {}, WHOLE - 97 * 32),
        ("EvollaForProteinText2Text", {"aligner_num_add_layers": 9}, WHOLE + 2 * ADAPTER),
        ("EvollaForProteinText2Text", {"aligner_num_add_layers": 3}, WHOLE + 2 * ADAPTER),
        ("EvollaForProteinText2Text", {"aligner_enable_bias": False}, WHOLE - 2 * 32),
        ("EvollaForProteinText2Text", {"protein_encoder_config": {**SAPROT, "position_embedding_type": "absolute"}}, WHOLE + 13 * 16),
        ("EvollaForProteinText2Text", {"protein_encoder_config": {**SAPROT, "emb_layer_norm_before": True}}, WHOLE + 32),
    ],
)
def test_evolla(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Two adapters over four layers stand behind every second one; three would stand behind every one (4 // 3 is 1)."""
    assert total_of({**EVOLLA, **changes, "architectures": [architecture]}) == total


def test_names() -> None:
    """The frequencies of the protein's rotary positions are stored."""
    spec = spec_of(EVOLLA)
    names = tensors(spec)
    assert names["model.layers.1.adapter.key_protein.weight"] == (32, 32)
    assert "model.layers.0.adapter.query.weight" not in names
    assert names["model.protein_encoder.model.encoder.layer.1.attention.self.query.weight"] == (16, 16)
    assert names["model.protein_encoder.sequence_compressor_resampler.layers.1.0.to_kv.weight"] == (20, 16)
    buffers = {name: shape for name, shape, weight in manifest(spec) if weight.buffer}
    assert buffers == {"model.protein_encoder.model.rotary_embeddings.inv_freq": (4,)}


def test_adapters_keep_no_cache() -> None:
    """What is kept is the text's alone."""
    assert kept(spec_of(EVOLLA), 100, 50) == (100 * 4 * 64, 0)
    assert [len(group.mixers) for group in decoder_of(EVOLLA).layers] == [1, 2]


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("evolla")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of this type."""
    check_cache_against_corpus("evolla")
