"""ERNIE 4.5-VL against its transformers class."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, decoder_of, spec_of, total_of
from tests.architectures.reading import tensors

VISION: dict[str, Any] = {"depth": 2, "hidden_size": 16, "intermediate_size": 24, "num_heads": 2, "patch_size": 4}
TEXT: dict[str, Any] = {**SMALL, "head_dim": 128, "moe_num_experts": 4, "moe_k": 2, "moe_intermediate_size": [16, 12]}
ERNIE_VL: dict[str, Any] = {
    "model_type": "ernie4_5_vl_moe",
    "architectures": ["Ernie4_5_VLMoeForConditionalGeneration"],
    "text_config": TEXT,
    "vision_config": VISION,
}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({}, 274_696),
        ({"architectures": ["Ernie4_5_VLMoeModel"]}, 274_696),
        ({"tie_word_embeddings": False}, 277_800),
        ({"text_config": {**TEXT, "moe_intermediate_size": [16, 8]}}, 270_088),
        ({"text_config": {**TEXT, "moe_num_shared_experts": 0}}, 265_480),
        ({"text_config": {**TEXT, "use_bias": True}}, 279_336),
        ({"vision_config": {**VISION, "temporal_merge_size": 3}}, 278_792),
    ],
)
def test_totals(changes: dict[str, Any], total: int) -> None:
    """Ernie4_5_VLMoeForConditionalGeneration: routed experts of two widths, shared ones as wide as the text's."""
    assert total_of({**ERNIE_VL, **changes}) == total


def test_names() -> None:
    """Experts 0 to 3 are the text's, 4 to 7 the image's; routers are stored inputs first, one bias row for each."""
    names = tensors(spec_of(ERNIE_VL))
    assert names["model.layers.1.mlp.experts.3.down_proj.weight"] == (32, 16)
    assert names["model.layers.1.mlp.experts.4.down_proj.weight"] == (32, 12)
    assert names["model.layers.1.mlp.experts.7.down_proj.weight"] == (32, 12)
    assert "model.layers.1.mlp.experts.8.down_proj.weight" not in names
    assert names["model.layers.1.mlp.gate.weight_1"] == (32, 4)
    assert names["model.layers.1.mlp.moe_statics.e_score_correction_bias"] == (2, 4)
    assert names["vision_model.patch_embed.proj.weight"] == (16, 48)
    assert names["model.resampler_model.temporal_linear.0.weight"] == (64, 128)


def test_layers() -> None:
    """The first layer is dense unless `mlp_layer_types` says otherwise."""
    assert [group.indices for group in decoder_of(ERNIE_VL).layers] == [(0,), (1, 2, 3)]
    text = {**TEXT, "mlp_layer_types": ["sparse", "dense", "sparse", "dense"]}
    assert [group.indices for group in decoder_of({**ERNIE_VL, "text_config": text}).layers] == [(0, 2), (1, 3)]


def test_corpus() -> None:
    """Every class the corpus has."""
    check_against_corpus("ernie4_5_vl_moe")
