"""Granite for Docling against GraniteDoclingForConditionalGeneration."""

from __future__ import annotations

from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, total_of

VISION = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 0,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
    "out_hidden_size": 32,
    "scale_factor": 4,
    "deepstack_visual_indexes": [0, 1],
}
CONFIG = {"model_type": "granite_docling", "text_config": SMALL, "vision_config": VISION}
TEXT = 97 * 32 + 4 * (2 * 32 * 32 + 2 * 32 * 16 + 2 * 32 + 3 * 32 * 48) + 32
TOWER = 3 * 64 * 16 + 16 + 16 * 16 + 2 * 16


def route(square: int) -> int:
    """A matrix, and for two layers of the tower a norm and two matrices."""
    return square * 32 + 2 * (2 * square + square * 32 + 32 + 32 * 32 + 32)


COARSE, FINE = route(16 * 16), route(4 * 16)
SHARED = 2 * 16 + 2 * 32 + 32 * 32 + 2 * 32


def test_totals() -> None:
    """GraniteDoclingConnector: a coarse route and, unless switched off, a fine one; the router is built where it has a width."""
    assert total_of(CONFIG) == TEXT + TOWER + COARSE + FINE + SHARED
    assert total_of({**CONFIG, "tie_word_embeddings": False}) == TEXT + TOWER + COARSE + FINE + SHARED + 97 * 32
    assert total_of({**CONFIG, "vision_config": {**VISION, "use_fine_route": False}}) == TEXT + TOWER + COARSE + SHARED
    router = 16 + 1 + 2 * 16 + 16 * 12 + 12 + 12 + 1
    assert total_of({**CONFIG, "density_router_hidden_size": 12}) == TEXT + TOWER + COARSE + FINE + SHARED + router


def test_corpus() -> None:
    """Every class the corpus has of this type."""
    check_against_corpus("granite_docling")
    check_cache_against_corpus("granite_docling")
