"""HyperCLOVA X against its transformers classes."""

from __future__ import annotations

from specverify.derive.manifest import manifest
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of

TEXT = {**SMALL, "model_type": "hyperclovax"}
TOTAL = 2 * 97 * 32 + 4 * (2 * 32 * 32 + 2 * 32 * 16 + 4 * 32 + 3 * 32 * 48) + 32


def test_text() -> None:
    """HyperCLOVAXForCausalLM: norms behind the blocks unless `use_post_norm` is off."""
    assert total_of(TEXT) == TOTAL
    assert total_of({**TEXT, "use_post_norm": False}) == TOTAL - 4 * 2 * 32
    assert total_of({**TEXT, "attention_bias": True, "mlp_bias": True}) == TOTAL + 4 * (32 + 16 + 16 + 32 + 48 + 48 + 32)
    assert [spec_of({**TEXT, "use_post_norm": on}).value("norm_placement") for on in (True, False)] == ["pre and post", "pre"]


def test_images() -> None:
    """HyperCLOVAXVisionV2ForConditionalGeneration: Qwen2.5-VL's tower and merger, one matrix, the text model whole under one module."""
    vision = {"depth": 1, "hidden_size": 16, "intermediate_size": 24, "num_heads": 2, "out_hidden_size": 20, "patch_size": 2}
    tower = 3 * 2 * 4 * 16 + 4 * 16 * 16 + 4 * 16 + 3 * 16 * 24 + 24 + 24 + 16 + 2 * 16
    merger = 16 + 64 * 64 + 64 + 64 * 20 + 20
    config = {"model_type": "hyperclovax_vision_v2", "text_config": TEXT, "vision_config": vision}
    assert total_of(config) == TOTAL - 97 * 32 + tower + merger + 20 * 32 + 32
    names = {name for name, _, _ in manifest(spec_of(config))}
    assert "model.language_model.model.layers.0.post_norm1.weight" in names
    assert {"model.language_model.lm_head.weight", "model.vision_projector.bias", "model.vision_model.merger.ln_q.weight"} <= names


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("hyperclovax", "hyperclovax_vision_v2")
    check_cache_against_corpus("hyperclovax", "hyperclovax_vision_v2")
