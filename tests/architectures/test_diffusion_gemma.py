"""DiffusionGemma against DiffusionGemmaForBlockDiffusion."""

from __future__ import annotations

from specverify.derive.manifest import manifest
from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_cache_against_corpus,
    reserved_of,
    spec_of,
    total_of,
    windows_of,
)

TEXT = {
    **SMALL,
    "head_dim": 8,
    "global_head_dim": 16,
    "sliding_window": 8,
    "num_experts": 4,
    "top_k_experts": 2,
    "moe_intermediate_size": 12,
}
VISION = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 0, "patch_size": 2, "position_embedding_size": 9}
CONFIG = {"model_type": "diffusion_gemma", "text_config": TEXT, "vision_config": VISION}
SPARSE = 4 * 3 * 32 * 12 + 4 * 32 + 4 + 32 + 3 * 32
SLIDES = 2 * 32 * 32 + 2 * 32 * 16 + 2 * 8 + 4 * 32 + 3 * 32 * 48 + SPARSE
SEES_ALL = 2 * 32 * 64 + 32 * 32 + 2 * 16 + 4 * 32 + 3 * 32 * 48 + SPARSE
STACK = 97 * 32 + 3 * SLIDES + SEES_ALL + 32
CONDITIONING = 32 + 3 * 32 * 48
IMAGES = 12 * 16 + 2 * 9 * 16 + 16 * 32


def test_totals() -> None:
    """DiffusionGemmaModel ties its stacks, but not their biases; `tie_word_embeddings: false` undoes all ties."""
    assert total_of(CONFIG) == STACK + CONDITIONING + IMAGES
    assert total_of({**CONFIG, "tie_word_embeddings": False}) == 2 * STACK + 97 * 32 + CONDITIONING + IMAGES
    biased = {**CONFIG, "text_config": {**TEXT, "attention_bias": True}}
    biases = 3 * (32 + 2 * 16 + 32) + 64 + 32 + 32
    assert total_of(biased) == STACK + CONDITIONING + IMAGES + 2 * biases


def test_every_layer_is_the_same_tensor_twice() -> None:
    """A tensor of an encoder layer is the decoder's of that layer."""
    same = {name: weight.tied_to for name, _, weight in manifest(spec_of(CONFIG))}
    assert same["model.encoder.language_model.layers.2.mlp.up_proj.weight"] == "model.decoder.layers.2.mlp.up_proj.weight"
    assert same["model.decoder.layers.2.mlp.up_proj.weight"] is None


def test_cache() -> None:
    """The decoder reads what the encoder caches: of 20 tokens a sliding layer keeps 7."""
    assert windows_of(CONFIG) == [8, 8, 8, None]
    assert reserved_of(CONFIG, 20) == 2 * 2 * 2 * (3 * 8 * 7 + 16 * 20)


def test_corpus() -> None:
    """Every row the corpus has of this type; where nothing is tied, the first embedding is the input's."""
    check_against_corpus("diffusion_gemma")
    check_cache_against_corpus("diffusion_gemma")
