"""How a model is made, as facts; most are decided by mask and structure, never by brand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, spec_of
from tests.derive.served import published

UNKNOWN = {"model_type": "unheard-of", "architectures": ["UnheardOfForCausalLM"], **SMALL}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("llama-3.1-8b", {"prototype": "decoder-only", "attention": "gqa", "modern_decoder_recipe": True, "norm_placement": "pre"}),
        ("llama-2-7b", {"attention": "mha", "modern_decoder_recipe": False}),
        ("bert-base", {"prototype": "encoder-only", "attention": "mha", "norm": "layer", "feed_forward": "plain", "long_context_path": []}),
        ("gpt2", {"prototype": "decoder-only", "position_scheme": "learned", "modern_decoder_recipe": False, "feed_forward": "plain"}),
        ("t5-base", {"prototype": "encoder-decoder", "position_scheme": "relative", "tied_embeddings": True}),
        ("whisper-large-v3", {"prototype": "encoder-decoder", "attention": "mha"}),
        (
            "deepseek-v3",
            {"attention": "mla", "router": "sigmoid", "long_context_path": ["scaled dense positions", "compressed or recurrent state"]},
        ),
        ("mixtral-8x7b", {"attention": "gqa", "router": "softmax"}),
        ("jamba-v0.1", {"prototype": "decoder-only", "attention": "mixed", "position_scheme": "none"}),
        ("qwen3-8b", {"qk_norm": "per-head", "router": "none", "router_balancing": "none"}),
        ("gemma-3-4b", {"modality_interface": "encoder + projector", "prototype": "decoder-only", "norm_placement": "pre and post"}),
        ("mistral-7b-v0.1", {"long_context_path": ["changed attention graph"]}),
        ("llama-4-scout", {"prototype": "decoder-only", "long_context_path": ["scaled dense positions", "changed attention graph"]}),
    ],
)
def test_published_models(model: str, expected: dict[str, Any]) -> None:
    assert {name: published(model).value(name) for name in expected} == expected


@pytest.mark.parametrize("model", ["glm-4.5", "glm-4.5-air"])
def test_a_name_promises_a_mask_and_the_class_keeps_another(model: str) -> None:
    fact = published(model).fact("prototype")
    assert fact.value == "decoder-only"
    note = fact.readings[0].note or ""
    assert "causal mask" in note
    assert "prefix" in note.lower()


def test_image_spans_do_not_make_a_prefix_model() -> None:
    note = published("gemma-3-4b").fact("prototype").readings[0].note or ""
    assert "does not make it a prefix LM" in note


def test_what_an_unknown_class_does_is_unknown_not_guessed() -> None:
    spec = spec_of(UNKNOWN)
    for name in (
        "norm",
        "norm_placement",
        "parallel_blocks",
        "qk_norm",
        "feed_forward",
        "router",
        "router_balancing",
        "modern_decoder_recipe",
    ):
        assert spec.value(name) is None, name
        assert spec.fact(name).reason, name
    assert spec.value("prototype") == "decoder-only"


def test_an_unknown_class_with_a_rotary_base_is_rotary() -> None:
    assert spec_of(UNKNOWN).value("position_scheme") is None
    assert spec_of({**UNKNOWN, "rope_theta": 10_000.0}).value("position_scheme") == "rope"


def test_other_inputs_of_an_unknown_class_are_not_called_text_only() -> None:
    spec = spec_of({**UNKNOWN, "vision_config": {"hidden_size": 8}})
    assert spec.value("modality_interface") is None
    assert "`vision_config`" in (spec.fact("modality_interface").reason or "")
    assert spec_of(UNKNOWN).value("modality_interface") == "text only"


def test_a_flag_alone_makes_an_encoder_decoder() -> None:
    fact = spec_of({**UNKNOWN, "architectures": ["UnheardOfForConditionalGeneration"], "is_encoder_decoder": True}).fact("prototype")
    assert fact.value == "encoder-decoder"


def test_attention_kinds_by_their_counts() -> None:
    llama = {"model_type": "llama", **SMALL}
    kinds = [spec_of({**llama, "num_key_value_heads": n}).value("attention") for n in (4, 2, 1)]
    assert kinds == ["mha", "gqa", "mqa"]
    mixed = spec_of({**llama, "per_layer_config": {"0": {"num_key_value_heads": 1}}}).fact("attention")
    assert mixed.value == "mixed"
    assert mixed.readings[0].note == "mqa in 1 layers, gqa in 3 layers"


def test_an_unknown_head_count_leaves_attention_unknown() -> None:
    assert spec_of({"model_type": "llama", **SMALL, "num_key_value_heads": "2"}).fact("attention").reason


def test_tied_embeddings_cite_the_key_where_it_decides() -> None:
    fact = spec_of({"model_type": "llama", **SMALL, "tie_word_embeddings": True}).fact("tied_embeddings")
    assert (fact.value, fact.readings[0].where.pointer) == (True, "/tie_word_embeddings")


def test_a_swish_gate_is_needed_for_the_modern_recipe() -> None:
    llama = {"model_type": "llama", **SMALL}
    assert spec_of(llama).value("modern_decoder_recipe") is True
    fact = spec_of({**llama, "hidden_act": "gelu"}).fact("modern_decoder_recipe")
    assert (fact.value, fact.readings[0].note) == (False, "RoPE yes, RMSNorm yes, SwiGLU no, GQA yes")
