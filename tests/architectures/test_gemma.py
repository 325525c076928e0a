"""Gemma 1 to 3, with and without images, against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive import cache
from specverify.derive.parameters import counts
from tests.architectures.plans import SMALL, check_against_corpus, check_published, decoder_of, spec_of, total_of, windows_of

GEMMA = {**SMALL, "model_type": "gemma", "head_dim": 16}
GEMMA2 = {**GEMMA, "model_type": "gemma2"}
GEMMA3 = {**GEMMA, "model_type": "gemma3_text", "sliding_window": 8}
VISION = {
    "model_type": "siglip_vision_model",
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
}
WITH_IMAGES = {"model_type": "gemma3", "text_config": GEMMA3, "vision_config": VISION}


@pytest.mark.parametrize(
    ("config", "architecture", "total"),
    [
        (GEMMA, "GemmaForCausalLM", 46_400),
        ({**GEMMA, "head_dim": 8}, "GemmaForCausalLM", 34_112),
        ({**GEMMA, "attention_bias": True}, "GemmaForCausalLM", 47_040),
        ({**GEMMA, "tie_word_embeddings": False}, "GemmaForCausalLM", 49_504),
        ({**GEMMA, "num_key_value_heads": 1}, "GemmaForCausalLM", 42_304),
        (GEMMA, "GemmaForSequenceClassification", 46_464),
        (GEMMA, "GemmaModel", 46_400),
        (GEMMA2, "Gemma2ForCausalLM", 46_656),
        ({**GEMMA2, "attention_bias": True}, "Gemma2ForCausalLM", 47_296),
        (GEMMA2, "Gemma2ForTokenClassification", 46_722),
        (GEMMA3, "Gemma3ForCausalLM", 46_784),
        ({**GEMMA3, "head_dim": 8}, "Gemma3ForCausalLM", 34_432),
        ({**GEMMA3, "attention_bias": True}, "Gemma3ForCausalLM", 47_424),
        (GEMMA3, "Gemma3TextModel", 46_784),
        (GEMMA3, "Gemma3TextForSequenceClassification", 46_848),
    ],
)
def test_totals(config: dict[str, Any], architecture: str, total: int) -> None:
    """GemmaForCausalLM, Gemma2ForCausalLM, Gemma3ForCausalLM and their siblings: tied unless the config says otherwise."""
    assert total_of({**config, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("config", "seen"),
    [
        (GEMMA, [None] * 4),
        ({**GEMMA2, "sliding_window": 8}, [8, None, 8, None]),
        (GEMMA2, [4096, None, 4096, None]),
        ({**GEMMA2, "sliding_window": None}, [None] * 4),
        ({**GEMMA3, "num_hidden_layers": 7}, [8] * 5 + [None, 8]),
        ({**GEMMA3, "sliding_window_pattern": 2}, [8, None, 8, None]),
        ({**GEMMA3, "sliding_window": 0}, [None] * 4),
    ],
)
def test_windows(config: dict[str, Any], seen: list[int | None]) -> None:
    """Gemma2Config slides on even layers, Gemma3TextConfig on all but every `sliding_window_pattern`-th."""
    assert windows_of(config) == seen


def test_both_ways_it_is_an_encoder() -> None:
    """Gemma3TextModel with `use_bidirectional_attention`: half the window either way, and no cache."""
    config = {**GEMMA3, "sliding_window": 512, "use_bidirectional_attention": True, "architectures": ["Gemma3TextModel"]}
    assert windows_of(config) == [257] * 4
    spec = spec_of(config)
    assert spec.value("prototype") == "encoder-only"
    assert cache.plan(spec) == ()
    assert spec_of(GEMMA3).value("prototype") == "decoder-only"


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 56_552),
        ({"tie_word_embeddings": False}, 59_656),
        ({"text_config": {**GEMMA3, "tie_word_embeddings": False}}, 56_552),
        ({"architectures": ["Gemma3ForSequenceClassification"]}, 56_616),
        ({"architectures": ["Gemma3ForSequenceClassification"], "id2label": {"0": "a", "1": "b", "2": "c"}}, 56_648),
        ({"architectures": ["Gemma3Model"]}, 56_552),
    ],
)
def test_with_images(changes: dict[str, Any], total: int) -> None:
    """Gemma3ForConditionalGeneration: the root decides what is tied and how many labels there are."""
    assert total_of({**WITH_IMAGES, **changes}) == total


def test_shieldgemma_is_tied_where_either_config_says_so() -> None:
    """ShieldGemma2ForImageClassification: Gemma 3 whole, its head read for yes and no."""
    config = {**WITH_IMAGES, "model_type": "shieldgemma2", "architectures": ["ShieldGemma2ForImageClassification"]}
    assert total_of(config) == total_of({**config, "tie_word_embeddings": False}) == 56_552
    text = {**GEMMA3, "tie_word_embeddings": False}
    assert total_of({**config, "text_config": text}) == 59_656
    assert total_of({**config, "text_config": text, "tie_word_embeddings": True}) == 56_552


def test_the_tower_without_its_pooling_head() -> None:
    """SiglipVisionConfig: `vision_use_head` false leaves the attention pooling out."""
    head = 16 + 48 * 16 + 48 + 16 * 16 + 16 + 2 * 16 + 24 * 16 + 24 + 16 * 24 + 16
    assert total_of({**WITH_IMAGES, "vision_config": {**VISION, "vision_use_head": False}}) == 56_552 - head


def test_the_published_4b_config_rests_on_class_defaults() -> None:
    """Gemma3ForConditionalGeneration with 8 heads of 256, 4 KV heads and a vocabulary of 262,208 that no key states."""
    text = {"hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34, "sliding_window": 1024}
    vision = {"hidden_size": 1152, "image_size": 896, "intermediate_size": 4304, "num_attention_heads": 16, "num_hidden_layers": 27}
    config = {"model_type": "gemma3", "text_config": text, "vision_config": {**vision, "patch_size": 14, "vision_use_head": False}}
    assert total_of(config) == 4_300_079_472
    found = counts(spec_of(config))
    assert found is not None
    assert found.activated_text_only.value == 3_880_263_168
    assert windows_of(config).count(None) == 5


def test_vaultgemma() -> None:
    """VaultGemmaForCausalLM: Gemma 2's windows, and half its norms."""
    config = {**SMALL, "model_type": "vaultgemma", "head_dim": 6, "sliding_window": 8}
    assert total_of(config) == 31_040
    assert total_of({**config, "attention_bias": True, "tie_word_embeddings": False}) == 34_464
    assert windows_of(config) == [8, None, 8, None]
    assert spec_of(config).value("norm_placement") == "pre"


def test_recipe() -> None:
    """Norms before and after both blocks; images see themselves both ways, which makes no prefix LM of it."""
    assert spec_of(GEMMA).value("norm_placement") == "pre"
    assert spec_of(GEMMA2).value("norm_placement") == "pre and post"
    assert (spec_of(GEMMA2).value("qk_norm"), spec_of(GEMMA3).value("qk_norm")) == ("none", "per-head")
    prototype = spec_of(WITH_IMAGES).fact("prototype")
    assert prototype.value == "decoder-only"
    assert "image" in (prototype.readings[0].note or "")


def test_names() -> None:
    """The published layout, which transformers 5 renames in memory; a bare model's is its own."""
    assert decoder_of(WITH_IMAGES).layer_prefix == "language_model.model.layers.{layer}."
    assert decoder_of({**WITH_IMAGES, "architectures": ["Gemma3Model"]}).layer_prefix == "language_model.layers.{layer}."
    assert [part.layer_prefix or part.prefix for part in spec_of(WITH_IMAGES).parts[1:]] == [
        "vision_tower.vision_model.encoder.layers.{layer}.",
        "multi_modal_projector.",
    ]


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("gemma", "gemma2", "gemma3_text", "gemma3", "shieldgemma2", "vaultgemma")


def test_published() -> None:
    """Every published config the corpus has of these types."""
    check_published("gemma", "gemma2", "gemma3_text", "gemma3")
