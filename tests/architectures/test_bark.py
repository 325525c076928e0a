"""Bark: what each of its three models ties, masks and keeps."""

from __future__ import annotations

from tests.architectures.plans import check_against_corpus
from tests.architectures.reading import kept, read, tensors


def test_a_fine_head_is_the_table_of_the_next_codebook() -> None:
    fine = {"n_codes_total": 4, "n_codes_given": 2}
    assert not any(name.startswith("fine_acoustics.lm_heads") for name in tensors(read("bark", fine_acoustics_config=fine)))
    untied = tensors(read("bark", fine_acoustics_config={**fine, "tie_word_embeddings": False}))
    assert "fine_acoustics.lm_heads.1.weight" in untied
    assert "fine_acoustics.lm_heads.2.weight" not in untied
    assert "fine_acoustics.input_embeds_layers.3.weight" in untied


def test_biases_are_all_on_or_off_where_the_mask_is_causal() -> None:
    shapes = tensors(read("bark", semantic_config={"bias": False}, fine_acoustics_config={"bias": False}))
    assert "semantic.layers.0.layernorm_1.bias" not in shapes
    assert "fine_acoustics.layers.0.layernorm_1.bias" in shapes
    assert "fine_acoustics.layers.0.mlp.in_proj.bias" not in shapes
    assert shapes["coarse_acoustics.layers.0.attn.bias"] == (1, 1, 1_024, 1_024)
    assert "fine_acoustics.layers.0.attn.bias" not in shapes


def test_the_semantic_models_cache_is_counted() -> None:
    assert kept(read("bark", semantic_config={"hidden_size": 64, "num_heads": 4, "num_layers": 2}), 10) == (2 * 2 * 64 * 10 * 2, 0)


def test_corpus() -> None:
    check_against_corpus("bark")
