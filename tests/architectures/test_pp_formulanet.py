"""PP-FormulaNet and PP-Chart2Table: SAM's encoder before a decoder that attends to it, and before one that takes it in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import check_against_corpus, check_cache_against_corpus
from tests.architectures.reading import encoder_attention, kept, read, tensors, total, under

TEXT = {
    "vocab_size": 97,
    "d_model": 32,
    "decoder_layers": 2,
    "decoder_ffn_dim": 40,
    "decoder_attention_heads": 4,
    "max_position_embeddings": 128,
}
SAM: dict[str, Any] = {
    "hidden_size": 24,
    "output_channels": 8,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "image_size": 64,
    "patch_size": 8,
    "window_size": 3,
    "global_attn_indexes": [1],
    "mlp_dim": 28,
}
VISION = {**SAM, "post_conv_in_channels": 8, "post_conv_mid_channels": 12, "post_conv_out_channels": 20, "decoder_hidden_size": 32}
QWEN = {
    "model_type": "qwen2",
    "vocab_size": 97,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}


@pytest.mark.parametrize(
    ("architecture", "vision", "expected"),
    [
        ("PPFormulaNetForConditionalGeneration", {}, 56_400),
        ("PPFormulaNetModel", {"use_rel_pos": False, "use_abs_pos": False}, 51_160),
    ],
)
def test_totals(architecture: str, vision: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total(read("pp_formulanet", architecture, text_config=TEXT, vision_config={**VISION, **vision})) == expected


def test_the_image_is_shortened_behind_the_neck() -> None:
    """Eight patches a side are two tokens a side."""
    spec = read("pp_formulanet", text_config=TEXT, vision_config=VISION)
    assert spec.value("encoder_tokens") == 4
    assert under(spec, "model.encoder.multi_modal_projector.") == {
        "conv1.weight": (12, 8, 3, 3),
        "conv2.weight": (20, 12, 3, 3),
        "linear_1.weight": (20, 20),
        "linear_1.bias": (20,),
        "linear_2.weight": (32, 20),
        "linear_2.bias": (32,),
    }
    assert tensors(spec)["lm_head.weight"] == (97, 32)
    assert tensors(spec)["model.decoder.embed_positions.weight"] == (130, 32)


def test_the_decoder_reads_the_image() -> None:
    spec = read("pp_formulanet", text_config=TEXT, vision_config=VISION)
    assert kept(spec, 10, 4) == (2 * 2 * 32 * 10 * 2, 2 * 2 * 32 * 4 * 2)
    assert encoder_attention(spec) == {(False, False)}
    assert (spec.value("prototype"), spec.value("modality_interface")) == ("encoder-decoder", "cross-attention")


def test_pp_chart2table_is_got_ocr() -> None:
    """Built by transformers 5.23."""
    spec = read("pp_chart2table", "GotOcr2ForConditionalGeneration", text_config=QWEN, vision_config=SAM)
    assert total(spec) == 44_812
    assert spec.value("prototype") == "decoder-only"


def test_corpus() -> None:
    check_against_corpus("pp_formulanet", "pp_chart2table")
    check_cache_against_corpus("pp_chart2table")
