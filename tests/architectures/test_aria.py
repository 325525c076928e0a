"""Aria against its transformers classes."""

from __future__ import annotations

from specverify.derive.parameters import counts
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of

TEXT = {**SMALL, "model_type": "aria_text", "intermediate_size": 12, "moe_num_experts": 4, "moe_topk": 2, "moe_num_shared_experts": 3}
EXPERT = 3 * 32 * 12
LAYER = 2 * 32 * 32 + 2 * 32 * 16 + 2 * 32 + 4 * 32 + 4 * EXPERT + 3 * EXPERT
TOTAL = 2 * 97 * 32 + 4 * LAYER + 32


def test_text() -> None:
    """AriaTextForCausalLM: shared experts are one block as wide as three of them; two of four others are touched."""
    assert total_of(TEXT) == TOTAL
    assert total_of({**TEXT, "attention_bias": True, "mlp_bias": True}) == TOTAL + 4 * (32 + 16 + 16 + 32 + 36 + 36 + 32)
    found = counts(spec_of(TEXT))
    assert found is not None
    assert found.activated.value == TOTAL - 4 * 2 * EXPERT


def test_images() -> None:
    """AriaForConditionalGeneration: as many queries as the largest entry of `projector_patch_to_query_dict`."""
    vision = {
        "hidden_size": 16,
        "intermediate_size": 24,
        "num_hidden_layers": 0,
        "num_attention_heads": 2,
        "image_size": 32,
        "patch_size": 8,
    }
    tower = 3 * 64 * 16 + 16 + 16 * 16 + 2 * 16
    projector = 7 * 16 + 6 * 16 * 16 + 3 * 16 * 16 - 16 * 16 + 3 * 16 + 2 * 16 + 3 * 2 * 16 + 16 * 32 + 32 * 32
    config = {"model_type": "aria", "text_config": TEXT, "vision_config": vision, "projector_patch_to_query_dict": {"16": 5, "64": 7}}
    assert total_of(config) == TOTAL + tower + projector
    assert total_of({**config, "tie_word_embeddings": True}) == TOTAL - 97 * 32 + tower + projector
    wrong = spec_of({**config, "projector_patch_to_query_dict": {"16": "many"}})
    assert [problem.pointer for problem in wrong.problems] == ["/projector_patch_to_query_dict"]


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("aria_text", "aria")
    check_cache_against_corpus("aria_text", "aria")
