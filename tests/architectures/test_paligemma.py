"""PaliGemma and pi-0 against their transformers classes."""

from __future__ import annotations

from specverify.derive.manifest import manifest
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, spec_of, total_of

GEMMA = {**SMALL, "model_type": "gemma", "head_dim": 16}
VISION = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
    "vision_use_head": False,
}
CONFIG = {"model_type": "paligemma", "text_config": GEMMA, "vision_config": VISION, "projection_dim": 32}
TEXT = 46_400
IMAGES = 3 * 64 * 16 + 16 + 16 * 16 + 2 * 16 + 4 * (16 * 16 + 16) + 2 * 16 * 24 + 24 + 16 + 4 * 16 + 16 * 32 + 32


def test_paligemma() -> None:
    """PaliGemmaForConditionalGeneration: the root says what is tied; image and prompt are a prefix that sees itself."""
    assert total_of(CONFIG) == TEXT + IMAGES
    assert total_of({**CONFIG, "tie_word_embeddings": False}) == TEXT + IMAGES + 97 * 32
    assert spec_of(CONFIG).value("prototype") == "prefix-lm"


def test_pi0() -> None:
    """PI0ForConditionalGeneration: no heads, the expert's table as long as the reader's, and matrices for state and actions."""
    expert = {**GEMMA, "hidden_size": 16, "vocab_size": 50}
    layers = 4 * (2 * 16 * 64 + 2 * 16 * 32 + 2 * 16 + 3 * 16 * 48) + 16
    moves = 5 * 16 + 16 + 3 * 16 + 16 + 32 * 16 + 16 + 16 * 16 + 16 + 16 * 3 + 3
    config = {"model_type": "pi0", "vlm_config": CONFIG, "dit_config": expert, "max_state_dim": 5, "max_action_dim": 3}
    assert total_of(config) == TEXT + IMAGES + layers + 97 * 16 + moves
    assert total_of({**config, "architectures": ["PI0Model"]}) == TEXT + IMAGES + layers + 97 * 16
    shapes = {name: shape for name, shape, _ in manifest(spec_of(config))}
    assert shapes["model.paligemma_with_expert.gemma_expert.lm_head.weight"] == (97, 16)
    assert shapes["model.paligemma_with_expert.paligemma.lm_head.weight"] == (97, 32)
    assert "model.paligemma_with_expert.paligemma.model.vision_tower.vision_model.post_layernorm.bias" in shapes
    assert "model.paligemma_with_expert.gemma_expert.model.layers.3.mlp.up_proj.weight" in shapes


def test_pi0_by_default() -> None:
    """PI0Config: a reader that is absent has a tower of other sizes than PaliGemma's own default."""
    assert total_of({"model_type": "pi0"}) == 3_501_372_176
    assert total_of({"model_type": "pi0", "vlm_config": {}}) == 3_501_372_176 - 27 * (4304 - 4096) * (2 * 1152 + 1)


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("paligemma", "pi0")
    check_cache_against_corpus("paligemma")
