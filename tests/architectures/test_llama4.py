"""Llama 4 with and without images, against its transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from specverify.spec import Attention
from tests.architectures.plans import SMALL, check_against_corpus, decoder_of, spec_of, total_of, windows_of

TEXT = {**SMALL, "model_type": "llama4_text", "head_dim": 16, "num_local_experts": 4, "intermediate_size_mlp": 40}
VISION = {
    "model_type": "llama4_vision_model",
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
    "projector_input_dim": 12,
    "projector_output_dim": 20,
    "vision_output_dim": 28,
}
WITH_IMAGES = {"model_type": "llama4", "text_config": TEXT, "vision_config": VISION}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("Llama4ForCausalLM", {}, 123_744),
        ("Llama4ForCausalLM", {"head_dim": 8}, 111_456),
        ("Llama4ForCausalLM", {"attention_bias": True}, 124_384),
        ("Llama4ForCausalLM", {"interleave_moe_layer_step": 2}, 85_088),
        ("Llama4ForCausalLM", {"interleave_moe_layer_step": 3}, 65_760),
        ("Llama4ForCausalLM", {"moe_layers": [0, 2]}, 85_088),
        ("Llama4ForCausalLM", {"moe_layers": []}, 46_432),
        ("Llama4ForCausalLM", {"use_qk_norm": False}, 123_744),
        ("Llama4ForCausalLM", {"tie_word_embeddings": True}, 120_640),
        ("Llama4TextModel", {}, 120_640),
    ],
)
def test_text(architecture: str, changes: dict[str, Any], total: int) -> None:
    """Llama4ForCausalLM: an expert that is always on beside the routed ones; the norm on queries and keys has no weights."""
    assert total_of({**TEXT, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 132_672),
        ({"text_config": {**TEXT, "tie_word_embeddings": True}}, 129_568),
        ({"tie_word_embeddings": True}, 132_672),
        ({"architectures": ["Llama4ForCausalLM"]}, 123_744),
    ],
)
def test_with_images(changes: dict[str, Any], total: int) -> None:
    """Llama4ForConditionalGeneration: the text config decides what is tied; Llama4ForCausalLM has no tower."""
    assert total_of({**WITH_IMAGES, **changes}) == total


@pytest.mark.parametrize(
    ("changes", "seen", "rotary"),
    [
        ({}, [8192, 8192, 8192, None], [0, 1, 2]),
        ({"no_rope_layers": []}, [8192, 8192, 8192, None], [0, 1, 2]),
        ({"no_rope_layers": [1, 0, 1, 1], "attention_chunk_size": 8}, [8, None, 8, 8], [0, 2, 3]),
        ({"no_rope_layer_interval": 2}, [8192, None, 8192, None], [0, 2]),
        ({"layer_types": ["full_attention"] * 3 + ["chunked_attention"]}, [None, None, None, 8192], [0, 1, 2]),
    ],
)
def test_chunks(changes: dict[str, Any], seen: list[int | None], rotary: list[int]) -> None:
    """Llama4TextConfig: chunked where positions rotate, full where there are none, unless `layer_types` says otherwise."""
    assert windows_of({**TEXT, **changes}) == seen
    groups = decoder_of({**TEXT, **changes}).layers
    mixers = [(group, mixer) for group in groups for mixer in group.mixers if isinstance(mixer, Attention)]
    assert sorted(index for group, mixer in mixers if mixer.rotary for index in group.indices) == rotary
    assert {mixer.window_kind for _, mixer in mixers} == {"chunked", None}


def test_one_expert_a_token() -> None:
    """Llama 4 activates one routed expert, the shared one, and with images its tower."""
    found = counts(spec_of(WITH_IMAGES))
    assert found is not None
    assert found.activated.value == 132_672 - 4 * 3 * (3 * 32 * 48)
    assert found.activated_text_only.value == 123_744 - 4 * 3 * (3 * 32 * 48)


def test_recipe() -> None:
    """Sigmoid router, projected patches, and nobody says how experts are kept balanced."""
    spec = spec_of(WITH_IMAGES)
    assert (spec.value("router"), spec.value("modality_interface")) == ("sigmoid", "encoder + projector")
    assert spec.fact("router_balancing").reason is not None
    assert spec.value("long_context_path") == ["changed attention graph"]


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("llama4", "llama4_text")
