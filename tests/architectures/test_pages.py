"""The types that read pages and detail: GOT-OCR, DeepSeek-VL and -OCR, Unlimited-OCR, Ovis2, Molmo2 and Fuyu."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, check_published, spec_of, total_of
from tests.architectures.reading import kept, tensors, under

VISION: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 16,
    "patch_size": 4,
}
SAM: dict[str, Any] = {
    "hidden_size": 16,
    "output_channels": 6,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 4,
    "window_size": 3,
    "global_attn_indexes": [1],
    "mlp_dim": 20,
}
LLAMA: dict[str, Any] = {**SMALL, "model_type": "llama"}
GOT: dict[str, Any] = {"model_type": "got_ocr2", "text_config": {**SMALL, "model_type": "qwen2"}, "vision_config": SAM}
HYBRID: dict[str, Any] = {
    "model_type": "deepseek_vl_hybrid",
    "text_config": LLAMA,
    "vision_config": {**VISION, "model_type": "siglip_vision_model"},
    "high_res_vision_config": {**SAM, "model_type": "sam_vision_model"},
}
MIXTURE: dict[str, Any] = {
    **SMALL,
    "moe_intermediate_size": 10,
    "n_routed_experts": 4,
    "n_shared_experts": 2,
    "num_experts_per_tok": 2,
    "mlp_layer_types": ["dense", "sparse", "sparse", "sparse"],
}
OCR_2: dict[str, Any] = {
    "model_type": "deepseek_ocr2",
    "text_config": MIXTURE,
    "vision_config": {
        "sam_config": {**SAM, "downsample_channels": [8, 16]},
        "encoder_config": {**SMALL, "hidden_size": 16, "num_hidden_layers": 2},
    },
}
UNLIMITED: dict[str, Any] = {
    "model_type": "unlimited_ocr",
    "text_config": {**MIXTURE, "sliding_window": 8},
    "vision_config": {"sam_config": {**SAM, "downsample_channels": [8, 16]}, "encoder_config": VISION},
}
MOLMO2: dict[str, Any] = {
    "model_type": "molmo2",
    "text_config": {**SMALL, "head_dim": 8, "additional_vocab_size": 3},
    "vision_config": {**VISION, "image_size": [16, 24], "num_key_value_heads": 1, "head_dim": 4},
    "adapter_config": {
        "vision_feature_layer": [-1, 0],
        "hidden_size": 16,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 4,
        "intermediate_size": 20,
        "text_hidden_size": 32,
    },
}


def test_sam_reaches_as_far_as_its_windows() -> None:
    """Between rows of a window of three there are five distances; between the eight of the whole image, fifteen."""
    tower = under(spec_of(GOT), "vision_tower.")
    assert tower["pos_embed"] == (1, 8, 8, 16)
    assert [tower[f"layers.{layer}.attn.rel_pos_h"] for layer in range(3)] == [(5, 8), (15, 8), (5, 8)]
    assert tower["neck.conv2.weight"] == (6, 6, 3, 3)
    plain = under(spec_of({**GOT, "vision_config": {**SAM, "use_rel_pos": False, "use_abs_pos": False}}), "vision_tower.")
    assert not [name for name in plain if "pos" in name]


def test_got_ocr2() -> None:
    """Channels doubled, then as many as the text is wide; the head is tied unless the root says otherwise."""
    names = tensors(spec_of(GOT))
    assert names["multi_modal_projector.conv_upsampler1.weight"] == (12, 6, 3, 3)
    assert names["multi_modal_projector.conv_upsampler2.weight"] == (32, 12, 3, 3)
    assert "language_model.lm_head.weight" not in names
    assert tensors(spec_of({**GOT, "tie_word_embeddings": False}))["language_model.lm_head.weight"] == (97, 32)


def test_deepseek_vl_takes_half_from_either_tower() -> None:
    """Sixteen of thirty-two from SigLIP, sixteen from SAM's four times six channels, with a second neck beside SAM's own."""
    names = tensors(spec_of(HYBRID))
    assert names["model.aligner.vision_proj.weight"] == (16, 16)
    assert names["model.aligner.high_res_vision_proj.weight"] == (16, 24)
    assert names["model.high_res_vision_model.vision_encoder.neck.conv1.weight"] == (6, 16, 1, 1)
    assert names["model.high_res_vision_neck.conv1.weight"] == (6, 16, 1, 1)
    assert names["model.high_res_vision_proj.conv2.weight"] == (24, 12, 3, 3)
    small = tensors(spec_of({"model_type": "deepseek_vl", "text_config": LLAMA, "vision_config": VISION, "tie_word_embeddings": False}))
    assert small["model.aligner.linear1.weight"] == (32, 16)
    assert small["lm_head.weight"] == (97, 32)


def test_deepseek_ocr2() -> None:
    """SAM under Meta's names, Qwen2's layers with latents for two sizes of page, and a mixture with plain attention."""
    names = tensors(spec_of(OCR_2))
    assert names["model.sam_model.blocks.1.attn.rel_pos_w"] == (15, 8)
    assert names["model.sam_model.net_3.weight"] == (16, 8, 3, 3)
    assert names["model.qwen2_model.query_768.weight"] == (144, 16)
    assert names["model.qwen2_model.model.model.layers.1.self_attn.k_proj.bias"] == (8,)
    assert names["model.projector.layers.weight"] == (32, 16)
    assert names["model.layers.0.mlp.down_proj.weight"] == (32, 48)
    assert names["model.layers.1.mlp.experts.3.down_proj.weight"] == (32, 10)
    assert names["model.layers.1.mlp.shared_experts.down_proj.weight"] == (32, 20)
    assert names["model.layers.1.self_attn.k_proj.weight"] == (16, 32)


def test_unlimited_ocr_keeps_its_prompt() -> None:
    """Features of both towers side by side; a prompt is kept whole, however small the window for what is written."""
    spec = spec_of(UNLIMITED)
    names = tensors(spec)
    assert names["model.projector.layers.weight"] == (32, 32)
    assert names["model.image_newline"] == (32,)
    assert names["model.vision_model.transformer.layers.1.self_attn.qkv_proj.weight"] == (48, 16)
    assert kept(spec, 20) == (4 * 20 * 2 * 16 * 2, 0)
    earlier = {key: value for key, value in UNLIMITED.items() if key != "text_config"}
    assert total_of({**earlier, "language_config": UNLIMITED["text_config"]}) == total_of(UNLIMITED)


def test_a_page_is_halved_twice() -> None:
    """Another list of channels does not say what it becomes."""
    vision = {**UNLIMITED["vision_config"], "sam_config": {**SAM, "downsample_channels": [8]}}
    spec = spec_of({**UNLIMITED, "vision_config": vision})
    assert any(number.value is None for part in spec.parts for weight in part.weights for number in weight.shape)


def test_ovis2() -> None:
    """Ten visual words, two of them marks that the tower never says; a head of its own has the sizes of the root."""
    vision = {**VISION, "vocab_size": 10, "num_visual_indicator_tokens": 2, "hidden_stride": 2}
    config = {"model_type": "ovis2", "text_config": {**SMALL, "model_type": "qwen2"}, "vision_config": vision, "hidden_size": 32}
    names = tensors(spec_of({**config, "vocab_size": 95, "tie_word_embeddings": False}))
    assert names["model.vision_tower.head_linear.weight"] == (8, 64)
    assert names["model.vision_tower.head_norm.bias"] == (8,)
    assert names["model.visual_embeddings_table.weight"] == (10, 32)
    assert names["model.vision_tower.transformer.encoder.layers.0.ffn.gate_proj.weight"] == (24, 16)
    assert names["lm_head.weight"] == (95, 32)
    assert "lm_head.weight" not in tensors(spec_of(config))


def test_molmo2_under_its_own_names() -> None:
    """Queries, keys and values in one tensor, words that are only read, and attention over two layers' features of eight."""
    names = tensors(spec_of(MOLMO2))
    assert names["model.transformer.wte.embedding"] == (97, 32)
    assert names["model.transformer.wte.new_embedding"] == (3, 32)
    assert names["model.transformer.blocks.0.self_attn.att_proj.weight"] == (64, 32)
    assert names["model.transformer.blocks.0.self_attn.q_norm.weight"] == (8,)
    assert names["model.transformer.blocks.0.mlp.ff_proj.weight"] == (96, 32)
    assert names["lm_head.weight"] == (97, 32)
    visual = under(spec_of(MOLMO2), "model.vision_backbone.")
    assert visual["image_vit.positional_embedding"] == (24, 16)
    assert visual["image_vit.transformer.resblocks.1.attention.wk.weight"] == (4, 16)
    assert visual["image_pooling_2d.wk.weight"] == (4, 32)
    assert visual["image_projector.w2.weight"] == (32, 20)
    full = tensors(spec_of({**MOLMO2, "text_config": {**MOLMO2["text_config"], "qk_norm_type": "olmo"}}))
    assert full["model.transformer.blocks.0.self_attn.k_norm.weight"] == (16,)


def test_molmo2_was_published_up_to_the_last_layer_read() -> None:
    """Five layers are stated; the third from the end and the first are read, so three are there."""
    earlier = {key: value for key, value in MOLMO2.items() if key not in ("vision_config", "adapter_config")}
    vision = {**VISION, "num_hidden_layers": 5, "image_default_input_size": [16, 24], "image_patch_size": 4, "head_dim": 8}
    adapter = {**MOLMO2["adapter_config"], "vit_layers": [-3, -5]}
    visual = under(spec_of({**earlier, "vit_config": vision, "adapter_config": adapter}), "model.vision_backbone.image_vit.")
    assert visual["positional_embedding"] == (24, 16)
    assert "transformer.resblocks.2.attention.wq.weight" in visual
    assert "transformer.resblocks.3.attention.wq.weight" not in visual
    assert under(spec_of({**MOLMO2, "vision_config": {**VISION, "num_position_embeddings": 5}}), "model.vision_backbone.image_vit.")[
        "positional_embedding"
    ] == (5, 16)
    sides = spec_of({**MOLMO2, "vision_config": {**VISION, "image_size": [16]}})
    assert any(number.value is None for part in sides.parts for weight in part.weights for number in weight.shape)


@pytest.mark.parametrize("nested", [True, False])
def test_fuyu_has_its_text_keys_in_either_place(nested: bool) -> None:
    """One matrix over the pixels of a patch of two by two, in three colours."""
    text = {**SMALL, "qk_layernorm": False}
    text.pop("num_key_value_heads")
    rest = {"text_config": {**text, "model_type": "persimmon"}} if nested else text
    names = tensors(spec_of({"model_type": "fuyu", "patch_size": 2, **rest}))
    assert names["vision_embed_tokens.weight"] == (32, 12)
    assert names["language_model.model.layers.3.mlp.dense_h_to_4h.weight"] == (48, 32)
    assert names["language_model.lm_head.weight"] == (97, 32)


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("deepseek_ocr2", "deepseek_vl", "deepseek_vl_hybrid", "fuyu", "got_ocr2", "molmo2", "ovis2", "unlimited_ocr")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("deepseek_ocr2", "deepseek_vl", "deepseek_vl_hybrid", "fuyu", "got_ocr2", "molmo2", "ovis2", "unlimited_ocr")


def test_published() -> None:
    """Fuyu-8B."""
    check_published("fuyu")
