"""Dia: two configs, cross-attention with head counts of its own, one table for all channels."""

from __future__ import annotations

from tests.architectures.plans import check_against_corpus
from tests.architectures.reading import encoder_attention, kept, read, tensors


def test_cross_attention_reads_the_width_it_is_told() -> None:
    decoder = {"cross_num_attention_heads": 6, "cross_num_key_value_heads": 3, "cross_head_dim": 10, "cross_hidden_size": 40}
    shapes = tensors(read("dia", decoder_config=decoder))
    assert shapes["model.decoder.layers.0.cross_attention.q_proj.weight"] == (60, 2_048)
    assert shapes["model.decoder.layers.0.cross_attention.k_proj.weight"] == (30, 40)


def test_table_and_head_are_for_all_channels() -> None:
    shapes = tensors(read("dia"))
    assert shapes["model.decoder.embeddings.embed.weight"] == shapes["logits_dense.weight"] == (9 * 1_028, 2_048)
    assert "logits_dense.weight" not in tensors(read("dia", "DiaModel"))


def test_what_is_kept() -> None:
    assert kept(read("dia"), 10, 20) == (18 * 2 * 4 * 128 * 10 * 2, 18 * 2 * 16 * 128 * 20 * 2)
    assert encoder_attention(read("dia")) == {(False, False)}


def test_corpus() -> None:
    check_against_corpus("dia")
