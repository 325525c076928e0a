"""Florence-2: DaViT by stages, what stands between it and the text, and BART bare under a prefix."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from tests.architectures.plans import check_against_corpus, check_cache_against_corpus, hub_configs, spec_of
from tests.architectures.reading import kept, read, tensors, total, under

TEXT = {
    "model_type": "bart",
    "vocab_size": 97,
    "d_model": 32,
    "encoder_layers": 3,
    "decoder_layers": 2,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 40,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 4,
    "max_position_embeddings": 128,
}
VISION: dict[str, Any] = {
    "depths": [1, 2],
    "embed_dim": [16, 24],
    "num_heads": [2, 4],
    "num_groups": [4, 2],
    "patch_size": [7, 3],
    "patch_stride": [4, 2],
    "patch_padding": [3, 1],
    "patch_prenorm": [False, True],
    "projection_dim": 32,
    "max_temporal_embeddings": 10,
    "max_position_embeddings": 6,
}


@pytest.mark.parametrize(
    ("architecture", "vision", "root", "expected"),
    [
        ("Florence2ForConditionalGeneration", {}, {}, 101_512),
        ("Florence2Model", {}, {}, 101_512),
        ("Florence2ForConditionalGeneration", {"qkv_bias": False, "mlp_ratio": 2.5}, {"tie_word_embeddings": False}, 95_592),
    ],
)
def test_totals(architecture: str, vision: dict[str, Any], root: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total(read("florence2", architecture, text_config=TEXT, vision_config={**VISION, **vision}, **root)) == expected


def test_stages_open_with_a_convolution_over_or_under_its_norm() -> None:
    shapes = under(read("florence2", text_config=TEXT, vision_config=VISION), "model.vision_tower.")
    assert (shapes["convs.0.conv.weight"], shapes["convs.0.norm.weight"]) == ((16, 3, 7, 7), (16,))
    assert (shapes["convs.1.conv.weight"], shapes["convs.1.norm.weight"]) == ((24, 16, 3, 3), (16,))
    assert {name.split(".")[1:3][0] + name.split(".")[2] for name in shapes if name.startswith("blocks")} == {"00", "10", "11"}
    assert shapes["blocks.1.1.channel_block.channel_attn.qkv.weight"] == (72, 24)
    assert shapes["blocks.1.1.spatial_block.conv2.weight"] == (24, 1, 3, 3)
    assert shapes["blocks.1.0.spatial_block.ffn.fc1.weight"] == (96, 24)


def test_between_tower_and_text() -> None:
    spec = read("florence2", text_config=TEXT, vision_config={**VISION, "embed_dim": [16, 28]})
    assert under(spec, "model.multi_modal_projector.") == {
        "image_projection.weight": (32, 28),
        "image_proj_norm.weight": (32,),
        "image_proj_norm.bias": (32,),
        "image_position_embed.row_embeddings.weight": (6, 14),
        "image_position_embed.column_embeddings.weight": (6, 14),
        "visual_temporal_embed.pos_idx_to_embed": (10, 28),
    }


def test_the_text_model_is_bare_and_the_head_beside_it() -> None:
    spec = read("florence2", text_config=TEXT, vision_config=VISION)
    tied = {name: weight.tied_to for name, _, weight in manifest(spec) if weight.tied_to}
    table = "model.language_model.shared.weight"
    assert tied == {
        "model.language_model.encoder.embed_tokens.weight": table,
        "model.language_model.decoder.embed_tokens.weight": table,
        "lm_head.weight": table,
    }
    assert tensors(read("florence2", text_config=TEXT, vision_config=VISION, tie_word_embeddings=False))["lm_head.weight"] == (97, 32)
    assert kept(spec, 10, 7) == (2 * 2 * 32 * 10 * 2, 2 * 2 * 32 * 7 * 2)
    assert spec.value("prototype") == "encoder-decoder"


def test_a_list_of_another_length_is_a_problem() -> None:
    spec = read("florence2", text_config=TEXT, vision_config={**VISION, "num_groups": [4]})
    assert [(problem.kind, problem.pointer) for problem in spec.problems] == [("length", "/vision_config/num_groups")]


def test_published() -> None:
    """Microsoft's own config gives one width for four stages, so the tower's size cannot be told."""
    for _, config in hub_configs("florence2"):
        spec = spec_of(config)
        assert spec.exactness == "exact"
        assert [problem.pointer for problem in spec.problems] == ["/vision_config/dim_embed"]
        assert total(spec) is None


def test_corpus() -> None:
    check_against_corpus("florence2")
    check_cache_against_corpus("florence2")
