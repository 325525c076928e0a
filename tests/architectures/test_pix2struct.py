"""Pix2Struct: flattened patches with a row and a column, and T5's decoder under other names."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.spec import Modality
from tests.architectures.plans import check_against_corpus
from tests.architectures.reading import encoder_attention, kept, read, tensors, total, under

TEXT = {"vocab_size": 97, "hidden_size": 32, "d_kv": 8, "d_ff": 48, "num_layers": 3, "num_heads": 4}
VISION = {
    "hidden_size": 24,
    "patch_embed_hidden_size": 20,
    "d_ff": 28,
    "d_kv": 6,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "seq_len": 10,
}
SIZES: dict[str, Any] = {"text_config": TEXT, "vision_config": VISION}


@pytest.mark.parametrize(("changes", "expected"), [({}, 52_496), ({"tie_word_embeddings": True}, 49_392)])
def test_totals(changes: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total(read("pix2struct", **SIZES, **changes)) == expected


def test_names() -> None:
    spec = read("pix2struct", **SIZES)
    shapes = tensors(spec)
    assert shapes["encoder.embeddings.patch_projection.weight"] == (24, 20)
    assert shapes["encoder.embeddings.row_embedder.weight"] == shapes["encoder.embeddings.column_embedder.weight"] == (10, 24)
    assert shapes["encoder.encoder.layer.1.attention.output.weight"] == (24, 12)
    assert shapes["decoder.layer.0.self_attention.attention.relative_attention_bias.weight"] == (32, 4)
    assert shapes["decoder.lm_head.weight"] == shapes["decoder.embed_tokens.weight"] == (97, 32)
    assert {name for name in under(spec, "decoder.layer.2.") if "norm" in name} == {
        f"{block}.layer_norm.weight" for block in ("self_attention", "encoder_decoder_attention", "mlp")
    }


def test_cache() -> None:
    """The decoder keeps its own keys and values and those of the patches it reads."""
    spec = read("pix2struct", **SIZES)
    assert kept(spec, 10, 7) == (3 * 2 * 32 * 10 * 2, 3 * 2 * 32 * 7 * 2)
    assert encoder_attention(spec) == {(False, False)}
    encoder = spec.encoder()
    assert encoder is not None
    assert (encoder.modality, spec.value("prototype")) == (Modality.VISION, "encoder-decoder")


def test_corpus() -> None:
    check_against_corpus("pix2struct")
