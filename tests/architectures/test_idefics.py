"""Idefics 1 to 3, SmolVLM and ModernVBERT against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, check_published, spec_of, total_of
from tests.architectures.reading import kept, tensors, under

VISION: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 16,
    "patch_size": 4,
}
TEXT: dict[str, Any] = {**SMALL, "model_type": "llama"}
IDEFICS3: dict[str, Any] = {"model_type": "idefics3", "text_config": TEXT, "vision_config": VISION, "scale_factor": 2}
IDEFICS2: dict[str, Any] = {
    "model_type": "idefics2",
    "text_config": {**TEXT, "model_type": "mistral"},
    "vision_config": VISION,
    "perceiver_config": {
        "hidden_size": 32,
        "num_key_value_heads": 1,
        "resampler_n_latents": 5,
        "resampler_depth": 3,
        "resampler_n_heads": 2,
        "resampler_head_dim": 6,
    },
}
IDEFICS: dict[str, Any] = {
    **{key: value for key, value in SMALL.items() if key != "num_key_value_heads"},
    "model_type": "idefics",
    "vision_config": {**{key: value for key, value in VISION.items() if key != "hidden_size"}, "embed_dim": 16},
    "cross_layer_interval": 2,
}
MODERNVBERT: dict[str, Any] = {
    "model_type": "modernvbert",
    "text_config": {**SMALL, "model_type": "modernbert"},
    "vision_config": {**VISION, "model_type": "siglip_vision_model"},
    "pixel_shuffle_factor": 2,
}


def test_idefics3_stands_between_siglip_and_its_text() -> None:
    """A tower without its pooling head, one matrix over squares of four patches, the bare text model and a head at the root."""
    names = tensors(spec_of(IDEFICS3))
    assert names["model.connector.modality_projection.proj.weight"] == (32, 64)
    assert names["model.vision_model.embeddings.position_embedding.weight"] == (16, 16)
    assert not under(spec_of(IDEFICS3), "model.vision_model.head.")
    assert names["model.text_model.layers.3.mlp.down_proj.weight"] == (32, 48)
    assert names["lm_head.weight"] == (97, 32)
    assert "lm_head.weight" not in tensors(spec_of({**IDEFICS3, "tie_word_embeddings": True}))
    bare = tensors(spec_of({**IDEFICS3, "architectures": ["Idefics3Model"]}))
    assert "text_model.embed_tokens.weight" in bare
    assert "lm_head.weight" not in bare


@pytest.mark.parametrize("text", ["qwen2", "olmo2"])
def test_the_text_model_is_of_any_family(text: str) -> None:
    """By its own type, whatever its class calls its modules."""
    names = tensors(spec_of({**IDEFICS3, "text_config": {**TEXT, "model_type": text}}))
    assert names["model.text_model.layers.0.self_attn.k_proj.weight"] == (16, 32)


def test_a_text_model_nobody_knows_is_unknown() -> None:
    """Its tensors are, and so is the total; the tower is read all the same."""
    spec = spec_of({**IDEFICS3, "text_config": {**TEXT, "model_type": "nobodys"}})
    assert spec.parts[0].weights[0].name.endswith("{unknown}")


def test_idefics2_reads_the_patches_as_latents() -> None:
    """Patches made as wide as the text, then a resampler: two heads of six, one of keys and values."""
    names = tensors(spec_of(IDEFICS2))
    assert names["model.connector.modality_projection.up_proj.weight"] == (48, 16)
    assert names["model.connector.modality_projection.down_proj.weight"] == (32, 48)
    resampler = under(spec_of(IDEFICS2), "model.connector.perceiver_resampler.")
    assert resampler["latents"] == (5, 32)
    assert resampler["layers.2.self_attn.q_proj.weight"] == (12, 32)
    assert resampler["layers.2.self_attn.k_proj.weight"] == (6, 32)
    assert resampler["layers.2.mlp.gate_proj.weight"] == (128, 32)


def test_idefics_crosses_to_the_image_every_other_layer() -> None:
    """Two layers of cross-attention beside four of the text's own, and nothing of the image is kept."""
    spec = spec_of(IDEFICS)
    crossing = under(spec, "model.gated_cross_attn_layers.")
    assert crossing["1.cross_attn.k_proj.weight"] == (32, 16)
    assert crossing["1.alpha_dense"] == (1,)
    assert not [name for name in crossing if name.startswith("2.")]
    assert kept(spec, 10, 17) == (4 * 10 * 2 * 32 * 2, 0)
    vector = under(spec_of({**IDEFICS, "alpha_type": "vector", "qk_layer_norms": True}), "model.gated_cross_attn_layers.")
    assert vector["0.alpha_dense"] == (1, 1, 32)
    assert vector["0.cross_attn.q_layer_norm.weight"] == (8,)


def test_idefics_may_have_a_resampler_and_more_tokens() -> None:
    """The resampler is as wide as the tower; added tokens have rows of their own, tied with the rest."""
    perceiver = {"resampler_depth": 1, "resampler_n_heads": 2, "resampler_head_dim": 6, "resampler_n_latents": 3}
    resampling = under(spec_of({**IDEFICS, "use_resampler": True, "perceiver_config": perceiver}), "model.perceiver_resampler.")
    assert resampling["latents"] == (3, 16)
    assert resampling["blocks.0.1.fc.weight"] == (64, 16)
    more = {**IDEFICS, "additional_vocab_size": 2}
    plain = total_of(IDEFICS)
    assert plain is not None
    assert total_of(more) == plain + 2 * 2 * 32
    assert "lm_head.additional_fc.weight" not in tensors(spec_of({**more, "tie_word_embeddings": True}))
    assert "lm_head.additional_fc.weight" not in tensors(spec_of({**more, "architectures": ["IdeficsModel"]}))


@pytest.mark.parametrize(
    ("architecture", "names", "others"),
    [
        ("ModernVBertForMaskedLM", {"projection_head.dense.weight", "lm_head.bias"}, {"classifier.weight"}),
        ("ModernVBertForTokenClassification", {"head.norm.weight", "classifier.bias"}, {"lm_head.weight"}),
    ],
)
def test_modernvbert(architecture: str, names: set[str], others: set[str]) -> None:
    """The heads of ModernBERT are the composite's, under names of its own; SigLIP has its pooling head."""
    spec = spec_of({**MODERNVBERT, "architectures": [architecture]})
    found = tensors(spec)
    assert names <= set(found)
    assert not others & set(found)
    assert found["model.connector.modality_projection.weight"] == (32, 64)
    assert found["model.vision_model.head.probe"] == (1, 1, 16)
    assert found["model.text_model.layers.1.attn.Wqkv.weight"] == (96, 32)


def test_a_class_nobody_described_has_an_unknown_head() -> None:
    """ModernVBERT has no class for questions."""
    spec = spec_of({**MODERNVBERT, "architectures": ["ModernVBertForQuestionAnswering"]})
    assert "{unknown}" in {weight.name for part in spec.parts for weight in part.weights}


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("idefics", "idefics2", "idefics3", "modernvbert", "smolvlm")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("idefics2", "idefics3", "smolvlm")


def test_published() -> None:
    """Granite Docling and a small Idefics."""
    check_published("idefics", "idefics2", "idefics3", "smolvlm")
