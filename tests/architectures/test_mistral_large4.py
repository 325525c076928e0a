"""Mistral Large 4 against its transformers class: layers without positions, indexers or latents of their own."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from tests.architectures.plans import check_against_corpus, check_cache_against_corpus, spec_of, total_of
from tests.architectures.reading import kept, tensors, under

TEXT: dict[str, Any] = {
    "hidden_size": 48,
    "vocab_size": 70,
    "intermediate_size": 20,
    "moe_intermediate_size": 12,
    "num_hidden_layers": 6,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "kv_lora_rank": 6,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 8,
    "v_head_dim": 12,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "index_n_heads": 2,
    "index_head_dim": 8,
    "attention_bias": True,
    "kv_source_layers": [0, 1, 0, 3, 1, 5],
    "indexer_types": ["full", "shared", "full", "full", "shared", "full"],
    "no_rope_layers": [1, 0, 1, 0, 0, 1],
    "mlp_layer_types": ["dense", "sparse", "sparse", "dense", "sparse", "dense"],
}
VISION: dict[str, Any] = {
    "model_type": "pixtral",
    "hidden_size": 32,
    "num_attention_heads": 2,
    "intermediate_size": 20,
    "num_hidden_layers": 2,
}
LARGE: dict[str, Any] = {
    "model_type": "mistral_large4",
    "architectures": ["MistralLarge4ForConditionalGeneration"],
    "text_config": TEXT,
    "vision_config": VISION,
    "multimodal_projector_bias": True,
    "vision_feature_layer": [-1, -2],
}


def test_total() -> None:
    """Built by transformers 5.23."""
    assert total_of(LARGE) == 127_048
    assert total_of({**LARGE, "tie_word_embeddings": True}) == 127_048 - 70 * 48


def test_names_of_the_published_checkpoint() -> None:
    spec = spec_of(LARGE)
    layer = under(spec, "layers.1.")
    assert layer["attention.wkv_a_with_mqa.weight"] == (6, 48)
    assert {"gate.weight", "experts.3.w1.weight", "shared_experts.w2.weight", "attention.ssmax_scaling.s"} <= layer.keys()
    assert {"tok_embeddings.weight", "output.weight", "vision_language_adapter.w_in.bias", "vision_encoder.ln_pre.weight"} <= tensors(
        spec
    ).keys()


def test_layers_differ() -> None:
    """Layers 2 and 4 take latents from another, layers 1 and 4 a choice of tokens, layers 1, 3 and 4 have no positions."""
    layers = [under(spec_of(LARGE), f"layers.{index}.attention.") for index in range(6)]
    assert ["wkv_a_with_mqa.weight" in layer for layer in layers] == [True, True, False, True, False, True]
    assert ["indexer.wk.weight" in layer for layer in layers] == [True, False, True, True, False, True]
    assert [layer["wkv_b.weight"][0] for layer in layers] == [4 * (8 + 12), 4 * (12 + 12), 80, 96, 96, 80]


def test_what_a_sequence_keeps() -> None:
    """Latents of four layers, rotary keys of the two of them with positions, and the keys of four indexers."""
    assert kept(spec_of(LARGE), 10)[0] == (4 * 6 + 2 * 4 + 4 * 8) * 10 * 2


@pytest.mark.parametrize("key", ["kv_source_layers", "no_rope_layers"])
def test_a_list_that_does_not_fit_the_layers(key: str) -> None:
    spec = spec_of({**LARGE, "text_config": {**TEXT, key: [0, 0]}})
    found = counts(spec)
    assert found is not None
    assert found.total.value is None
    assert f"/text_config/{key}" in [problem.pointer for problem in spec.problems]


def test_corpus() -> None:
    check_against_corpus("mistral_large4")
    check_cache_against_corpus("mistral_large4")
