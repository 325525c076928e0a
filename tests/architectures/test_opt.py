"""OPT: the two rows in front of the first position, and the narrow embedding and post-norm of the 350M model."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import check_against_corpus, check_published
from tests.architectures.reading import kept, read, tensors, total, under

SIZES = {
    "vocab_size": 97,
    "hidden_size": 32,
    "ffn_dim": 48,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "max_position_embeddings": 128,
}
NARROW = {**SIZES, "word_embed_proj_dim": 16}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 37_344),
        ({"word_embed_proj_dim": 16, "do_layer_norm_before": False}, 36_752),
        ({"word_embed_proj_dim": 16, "tie_word_embeddings": False}, 38_368),
        ({"enable_bias": False}, 36_512),
        ({"layer_norm_elementwise_affine": False}, 36_768),
        ({"_remove_final_layer_norm": True}, 37_280),
    ],
)
def test_totals(changes: dict[str, Any], expected: int) -> None:
    """OPTForCausalLM, built by transformers 5.23."""
    assert total(read("opt", "OPTForCausalLM", **{**SIZES, **changes})) == expected


@pytest.mark.parametrize(
    ("architecture", "expected"), [("OPTModel", 36_816), ("OPTForSequenceClassification", 36_848), ("OPTForQuestionAnswering", 36_850)]
)
def test_heads_read_what_is_as_wide_as_the_embedding(architecture: str, expected: int) -> None:
    assert total(read("opt", architecture, **NARROW)) == expected


def test_the_published_350m() -> None:
    sizes = {"hidden_size": 1_024, "ffn_dim": 4_096, "num_hidden_layers": 24, "num_attention_heads": 16, "word_embed_proj_dim": 512}
    spec = read("opt", "OPTForCausalLM", **sizes, do_layer_norm_before=False)
    assert total(spec) == 331_196_416
    assert spec.value("norm_placement") == "post"
    assert tensors(spec)["model.decoder.project_in.weight"] == (1_024, 512)
    assert tensors(spec)["model.decoder.project_out.weight"] == (512, 1_024)


def test_names() -> None:
    spec = read("opt", **SIZES)
    assert under(spec, "model.decoder.layers.1.") == {
        **{f"self_attn.{name}_proj.weight": (32, 32) for name in ("q", "k", "v", "out")},
        **{f"self_attn.{name}_proj.bias": (32,) for name in ("q", "k", "v", "out")},
        "fc1.weight": (48, 32),
        "fc1.bias": (48,),
        "fc2.weight": (32, 48),
        "fc2.bias": (32,),
        **{f"{name}_layer_norm.{part}": (32,) for name in ("self_attn", "final") for part in ("weight", "bias")},
    }
    assert {name for name in tensors(spec) if ".layers." not in name} == {
        "model.decoder.embed_tokens.weight",
        "model.decoder.embed_positions.weight",
        "model.decoder.final_layer_norm.weight",
        "model.decoder.final_layer_norm.bias",
    }
    assert tensors(spec)["model.decoder.embed_positions.weight"] == (130, 32)
    assert "decoder.layers.0.fc1.weight" in tensors(read("opt", "OPTModel", **SIZES))


def test_recipe_and_cache() -> None:
    spec = read("opt", **SIZES)
    assert (spec.value("position_scheme"), spec.value("norm_placement"), spec.value("norm")) == ("learned", "pre", "layer")
    assert kept(spec, 10) == (4 * 2 * 32 * 10 * 2, 0)


def test_corpus() -> None:
    check_against_corpus("opt")


def test_published() -> None:
    check_published("opt")
