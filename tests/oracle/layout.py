"""Where a published checkpoint and the class in memory name a tensor differently, by model type.

Families state the published layout. transformers 5 keeps the experts of a layer in one tensor and has renamed modules; it
converts on loading. Several published tensors that become one are compared by their elements.
"""

from __future__ import annotations

import re

Rules = tuple[tuple[str, str], ...]

FUSED_EXPERTS: Rules = (
    (r"\.experts\.\d+\.(gate_proj|up_proj|w1|w3)\.weight$", ".experts.gate_up_proj"),
    (r"\.experts\.\d+\.(down_proj|w2)\.weight$", ".experts.down_proj"),
)

GRANITE_EXPERTS: Rules = (
    (r"\.block_sparse_moe\.input_linear\.weight$", ".block_sparse_moe.experts.gate_up_proj"),
    (r"\.block_sparse_moe\.output_linear\.weight$", ".block_sparse_moe.experts.down_proj"),
    (r"\.router\.layer\.", ".router."),
)

IMAGES_BEFORE_TEXT: Rules = (
    (r"^language_model\.lm_head\.", "lm_head."),
    (r"^language_model\.model\.", "model.language_model."),
    (r"^(vision|image|video)_tower\.(vision_model\.)?", r"model.\1_tower."),
    (r"^(multi_modal_projector\.|vision_resampler\.|image_newline)", r"model.\1"),
)

BESIDE_VISUAL: Rules = (
    (r"^model\.", "model.language_model."),
    (r"^(embed_tokens|layers|norm)\.", r"model.language_model.\1."),
    (r"^visual\.", "model.visual."),
)

GEMMA3: Rules = (
    (r"^language_model\.lm_head\.", "lm_head."),
    (r"^language_model\.model\.", "model.language_model."),
    (r"^vision_tower\.vision_model\.", "model.vision_tower."),
    (r"^multi_modal_projector\.", "model.multi_modal_projector."),
)

ARIA_EXPERTS: Rules = ((r"\.experts\.fc1\.weight$", ".experts.gate_up_proj"), (r"\.experts\.fc2\.weight$", ".experts.down_proj"))

RENAMED: dict[str, Rules] = {
    "afmoe": FUSED_EXPERTS,
    "aria": (*IMAGES_BEFORE_TEXT, *ARIA_EXPERTS),
    "aria_text": ARIA_EXPERTS,
    "axk1": ((r"\.post_mlp_layernorm\.", ".mlp.post_mlp_layernorm."), *FUSED_EXPERTS),
    "aya_vision": IMAGES_BEFORE_TEXT,
    "axk2": (
        (r"\.W_down\.", ".mlp.fc1."),
        (r"\.W_up\.", ".mlp.fc2."),
        (r"\.self_attn\.q_b_proj\.", ".self_attn.q_gate_proj."),
        *FUSED_EXPERTS,
    ),
    "cohere2_moe": FUSED_EXPERTS,
    "cohere2_vision": ((r"vision_tower\.vision_model\.", "vision_tower."),),
    "deepseek_v2": FUSED_EXPERTS,
    "deepseek_v3": FUSED_EXPERTS,
    "deepseek_v32": FUSED_EXPERTS,
    "dots1": FUSED_EXPERTS,
    "ernie4_5_moe": ((r"\.mlp\.moe_statics\.", ".mlp.gate.moe_statics."), *FUSED_EXPERTS),
    "ernie4_5_vl_moe": (
        (r"\.mlp\.gate\.weight$", ".mlp.text_moe.gate.weight"),
        (r"\.mlp\.gate\.weight_1$", ".mlp.vision_moe.gate.weight"),
        # The class default has 64 experts for text; those of images are numbered on from there.
        (r"\.experts\.(6[4-9]|[7-9]\d|1\d\d)\.", r".vision_moe.experts.\1."),
        (r"\.mlp\.experts\.", ".mlp.text_moe.experts."),
        *FUSED_EXPERTS,
        (r"_linear\.0\.", "_linear.fc1."),
        (r"_linear\.2\.", "_linear.fc2."),
        (r"_linear\.3\.", "_linear.ln."),
        (r"^vision_model\.", "model.vision_tower."),
        (r"^resampler_model\.", "model.resampler_model."),
        (r"^model\.(embed_tokens|layers|norm)\.", r"model.language_model.\1."),
        (r"^(embed_tokens|layers|norm)\.", r"model.language_model.\1."),
    ),
    "exaone_moe": ((r"\.mlp\.e_score_correction_bias$", ".mlp.gate.e_score_correction_bias"), *FUSED_EXPERTS),
    "flex_olmo": FUSED_EXPERTS,
    "flint": ((r"\.softmax_offset$", ".sinks"), *FUSED_EXPERTS),
    "gemma3": GEMMA3,
    "gemma4_unified": (
        (r"\bembed_vision\.", "embed_vision.multimodal_embedder."),
        (r"\bvision_embedder\.", "embed_vision."),
    ),
    "glm4_moe": FUSED_EXPERTS,
    "glm4_moe_lite": FUSED_EXPERTS,
    "glm_moe_dsa": FUSED_EXPERTS,
    "glm4v_moe": FUSED_EXPERTS,
    "glm4v_moe_text": FUSED_EXPERTS,
    "gte": (
        (r"^new\.", "gte."),
        (r"encoder\.layer\.", "layers."),
        (r"attention\.", "self_attn."),
        (r"attn_ln", "post_attention_layernorm"),
        (r"mlp_ln", "post_mlp_layernorm"),
        (r"lm_head\.norm", "lm_head.layer_norm"),
    ),
    "gpt_neox": ((r"^embed_out\.", "lm_head."),),
    "granite4_vision": ((r"vision_tower\.vision_model\.", "vision_tower."),),
    "granitemoe": GRANITE_EXPERTS,
    "granitemoehybrid": GRANITE_EXPERTS,
    "granitemoeshared": GRANITE_EXPERTS,
    "hrm_text": ((r"\.attn\.", ".self_attn."),),
    "hunyuan_v1_moe": FUSED_EXPERTS,
    "hunyuan_vl": (
        (r"\.perceive\.proj\.0\.", ".patch_merger.proj_conv."),
        (r"\.perceive\.proj\.2\.", ".patch_merger.proj_out."),
        (r"\.perceive\.", ".patch_merger."),
        (r"^(vit\.layers\.\d+)\.input_layernorm\.", r"\1.layer_norm1."),
        (r"^(vit\.layers\.\d+)\.post_attention_layernorm\.", r"\1.layer_norm2."),
        (r"\.dense_h_to_4h\.", ".fc1."),
        (r"\.dense_4h_to_h\.", ".fc2."),
        (r"^model\.", "model.language_model."),
        (r"^(embed_tokens|layers|norm)\.", r"model.language_model.\1."),
        (r"^vit\.", "model.vision_tower."),
    ),
    "hy_v3": (
        (r"\.mlp\.router\.gate\.", ".mlp.gate."),
        (r"\.mlp\.expert_bias$", ".mlp.e_score_correction_bias"),
        (r"\.mlp\.shared_mlp\.", ".mlp.shared_experts."),
        *FUSED_EXPERTS,
    ),
    "hy_v4": (
        (r"\.learnable_sink_param$", ".sinks"),
        (r"\.linear_gate\.", ".gate_proj."),
        (r"\.hc_attn_layer\.hc_pre\.hc_", ".attn_hc."),
        (r"\.hc_mlp_layer\.hc_pre\.hc_", ".ffn_hc."),
        (r"\.hc_head_(fn|base|scale)$", r".hc_\1"),
    ),
    "hyperclovax_vision_v2": (
        (r"language_model\.lm_head\.", "lm_head."),
        (r"^(model\.)?language_model\.(model\.)?", "model.language_model."),
        (r"^model\.lm_head", "lm_head"),
        (r"vision_projector\.", "projector."),
    ),
    "internvl": IMAGES_BEFORE_TEXT,
    "jamba": FUSED_EXPERTS,
    "jina_embeddings_v3": (
        (r"emb_ln", "embeddings.LayerNorm"),
        (r"encoder\.layers\.", "layers."),
        (r"mixer\.out_proj", "self_attn.o_proj"),
        (r"mixer\.", "self_attn."),
        (r"norm1", "post_attention_layernorm"),
        (r"norm2", "post_mlp_layernorm"),
    ),
    "kimi_linear": (
        (r"\.self_attn\.(f_a_proj|f_b_proj|dt_bias|A_log)\b", r".self_attn.forget_gate.\1"),
        (r"\.[qkv]_conv1d\.", ".conv1d."),
        (r"\.block_sparse_moe\.", ".mlp."),
        *FUSED_EXPERTS,
    ),
    "laguna": (
        (r"\.experts\.e_score_correction_bias$", ".gate.e_score_correction_bias"),
        (r"\.mlp\.shared_expert\.", ".mlp.shared_experts."),
        *FUSED_EXPERTS,
    ),
    "llava": IMAGES_BEFORE_TEXT,
    "llava_next": IMAGES_BEFORE_TEXT,
    "llava_next_video": IMAGES_BEFORE_TEXT,
    "llava_onevision": IMAGES_BEFORE_TEXT,
    "longcat_flash": FUSED_EXPERTS,
    "mellum": FUSED_EXPERTS,
    "mimo_v2_flash": ((r"\.attention_sink_bias$", ".sinks"), *FUSED_EXPERTS),
    "minimax": ((r"\.block_sparse_moe\.", ".mlp."), *FUSED_EXPERTS),
    "minimax_m2": ((r"\.block_sparse_moe\.", ".mlp."), *FUSED_EXPERTS),
    "mistral3": IMAGES_BEFORE_TEXT,
    "mistral_large4": (
        (r"^output\.", "lm_head."),
        (r"^(layers|norm)\.", r"model.language_model.\1."),
        (r"^tok_embeddings\.", "model.language_model.embed_tokens."),
        (r"^lerope\.", "model.language_model.rotary_emb."),
        (r"^vision_encoder\.", "model.vision_tower."),
        (r"^pre_mm_projector_norm\.", "model.multi_modal_projector.norm."),
        (r"^patch_merger\.", "model.multi_modal_projector.patch_merger."),
        (r"^vision_language_adapter\.w_in\.", "model.multi_modal_projector.linear_1."),
        (r"^vision_language_adapter\.w_out\.", "model.multi_modal_projector.linear_2."),
        (r"\.experts\.\d+\.w[13]\.weight$", ".experts.gate_up_proj"),
        (r"\.experts\.\d+\.w2\.weight$", ".experts.down_proj"),
        (r"(language_model\.layers\.\d+)\.(gate|experts|shared_experts)\.", r"\1.mlp.\2."),
        (r"(language_model\.layers\.\d+)\.feed_forward\.", r"\1.mlp."),
        (r"(language_model\.layers\.\d+)\.attention\.", r"\1.self_attn."),
        (r"(language_model\.layers\.\d+)\.attention_norm\.", r"\1.input_layernorm."),
        (r"(language_model\.layers\.\d+)\.ffn_norm\.", r"\1.post_attention_layernorm."),
        (r"\.w([qkvo])\.", r".\1_proj."),
        (r"\.indexer\.k_proj\.", ".indexer.wk."),
        (r"\.wkv_a_with_mqa\.", ".kv_a_proj_with_mqa."),
        (r"\.wkv_b\.", ".kv_b_proj."),
        (r"\.kv_a_norm\.", ".kv_a_layernorm."),
        (r"\.ssmax_scaling\.s$", ".softmax_scaling.scale"),
        (r"\.ssmax_scaling\.b$", ".softmax_scaling.bias"),
        (r"\.w1\.", ".gate_proj."),
        (r"\.w2\.", ".down_proj."),
        (r"\.w3\.", ".up_proj."),
    ),
    "mixtral": ((r"\.block_sparse_moe\.", ".mlp."), *FUSED_EXPERTS),
    "mllama": (
        (r"^language_model\.lm_head\.", "lm_head."),
        (r"^language_model\.model\.", "model.language_model."),
        (r"^(vision_model|multi_modal_projector)\.", r"model.\1."),
    ),
    "nemotron_h": (
        (r"^backbone\.", "model."),
        (r"\.experts\.\d+\.(up|down)_proj\.weight$", r".experts.\1_proj"),
    ),
    "nomic_bert": (
        (r"encoder\.layers\.", "layers."),
        (r"emb_ln", "embeddings.LayerNorm"),
        (r"attn\.out_proj", "self_attn.o_proj"),
        (r"\battn\.", "self_attn."),
        (r"fc11", "up_proj"),
        (r"fc12", "gate_proj"),
        (r"fc2", "down_proj"),
        (r"norm1", "post_attention_layernorm"),
        (r"norm2", "post_mlp_layernorm"),
    ),
    "olmoe": FUSED_EXPERTS,
    "paddleocr_vl": (*BESIDE_VISUAL, (r"^mlp_AR\.", "model.projector.")),
    "paligemma": IMAGES_BEFORE_TEXT,
    "phimoe": ((r"\.block_sparse_moe\.gate\.", ".mlp.router."), (r"\.block_sparse_moe\.", ".mlp."), *FUSED_EXPERTS),
    "qianfan_ocr": (
        (r"^vision_model\.encoder\.", "model.vision_tower."),
        (r"^vision_model\.", "model.vision_tower."),
        (r"\.ls([12])$", r".lambda_\1"),
        (r"\.attn\.proj\.", ".attention.projection_layer."),
        (r"\.attn\.", ".attention."),
        (r"\.norm1\.", ".layernorm_before."),
        (r"\.norm2\.", ".layernorm_after."),
        (r"\.class_embedding$", ".cls_token"),
        (r"\.position_embedding$", ".position_embeddings"),
        (r"\.patch_embedding\.", ".patch_embeddings.projection."),
        (r"^mlp1\.0\.", "model.multi_modal_projector.layer_norm."),
        (r"^mlp1\.1\.", "model.multi_modal_projector.linear_1."),
        (r"^mlp1\.3\.", "model.multi_modal_projector.linear_2."),
        (r"^language_model\.lm_head\.", "lm_head."),
        (r"^language_model\.(model\.)?", "model.language_model."),
    ),
    "pi0": (
        (r"\.paligemma_with_expert\.paligemma\.lm_head\.", ".vlm.language_model.embed_tokens."),
        (r"\.paligemma_with_expert\.gemma_expert\.lm_head\.", ".dit.embed_tokens."),
        (r"\.paligemma_with_expert\.paligemma\.model\.", ".vlm."),
        (r"\.paligemma_with_expert\.gemma_expert\.model\.", ".dit."),
        (r"\.vision_tower\.vision_model\.", ".vision_tower."),
        (r"^model\.(state_proj|action_in_proj|action_time_mlp_in|action_time_mlp_out)\.", r"embed_action_time.\1."),
        (r"^model\.action_out_proj\.", "action_out_proj."),
    ),
    "qwen2_5_vl": BESIDE_VISUAL,
    "qwen2_moe": FUSED_EXPERTS,
    "qwen2_vl": BESIDE_VISUAL,
    "qwen3_5_moe": FUSED_EXPERTS,
    "qwen3_5_moe_text": FUSED_EXPERTS,
    "qwen3_moe": FUSED_EXPERTS,
    "qwen3_next": FUSED_EXPERTS,
    "shieldgemma2": (*GEMMA3, (r"^", "model.")),
    "solar_open": FUSED_EXPERTS,
    "step3p7": (
        (r"^(model\.)?(embed_tokens|layers|norm)\.", r"model.language_model.\2."),
        (r"^vision_model\.", "model.vision_model."),
        (r"^vit_large_projector\.", "model.multi_modal_projector."),
        (r"\.moe\.gate\.weight$", ".mlp.gate.weight"),
        (r"\.moe\.router_bias$", ".mlp.gate.e_score_correction_bias"),
        (r"\.moe\.(gate|up)_proj\.weight$", ".mlp.experts.gate_up_proj"),
        (r"\.moe\.down_proj\.weight$", ".mlp.experts.down_proj"),
        (r"\.share_expert\.", ".mlp.shared_experts."),
        (r"\.conv1\.", ".embeddings.patch_embedding."),
        (r"\.positional_embedding$", ".embeddings.position_embedding.weight"),
        (r"\.transformer\.resblocks\.", ".layers."),
        (r"\.ln_pre\.", ".pre_layernorm."),
        (r"\.vit_downsampler", ".downsampler"),
        (r"\.ls_([12])\.gamma$", r".lambda_\1"),
        (r"\.mlp\.c_fc\.", ".mlp.fc1."),
        (r"\.mlp\.c_proj\.", ".mlp.fc2."),
        (r"\.attn\.", ".self_attn."),
        (r"\.ln_1\.", ".layernorm_before."),
        (r"\.ln_2\.", ".layernorm_after."),
    ),
    "t5gemma2": (
        (r"^(model\.)?encoder\.(embed_tokens|layers|norm)\.", r"\1encoder.text_model.\2."),
        (r"vision_tower\.vision_model\.", "vision_tower."),
    ),
    "video_llava": IMAGES_BEFORE_TEXT,
    "vipllava": IMAGES_BEFORE_TEXT,
    "ultrabert": ((r"^ultrabert\.", "model."), (r"^cls\.", "head.decoder.")),
}

TURNED = {
    "ernie4_5_vl_moe": re.compile(r"\.mlp\.gate\.weight(_1)?$"),
    "qwen3_vl_moe": re.compile(r"\.experts\.(gate_up|down)_proj$"),
}
"""Tensors of a type that are published with their last two dimensions the other way round."""

QUERY_KEY_VALUE = (".q_proj.", ".k_proj.", ".v_proj.")

SPLIT: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "ernie4_5_vl_moe": ((r"\.moe_statics\.", (".text_moe.gate.moe_statics.", ".vision_moe.gate.moe_statics.")),),
    "gte": ((r"\.qkv_proj\.", QUERY_KEY_VALUE), (r"\.up_gate_proj\.", (".up_proj.", ".gate_proj."))),
    "hrm_text": ((r"\.gqkv_proj\.", (".gate_proj.", *QUERY_KEY_VALUE)), (r"\.gate_up_proj\.", (".gate_proj.", ".up_proj."))),
    "jina_embeddings_v3": ((r"\.Wqkv\.", QUERY_KEY_VALUE),),
    "nomic_bert": ((r"\.Wqkv\.", QUERY_KEY_VALUE),),
    "qianfan_ocr": ((r"\.qkv\.", QUERY_KEY_VALUE),),
    "step3p7": ((r"\.in_proj_", QUERY_KEY_VALUE),),
}
"""Published tensors of a type that are several in memory, equal rows in order."""

ANSWERS_FROM_TRANSFORMER = (
    "nemotron",
    "arcee",
    "diffllama",
    "exaone4",
    "llama",
    "ministral",
    "qwen2",
    "qwen3",
    "qwen3_moe",
    "qwen3_next",
    "seed_oss",
    "smollm3",
)
"""Types whose `ForQuestionAnswering` alone calls its body `transformer`, for checkpoints of older releases."""


def in_memory(model_type: str, architecture: str, name: str) -> str:
    """The name that transformers 5.23 gives a published tensor of this class."""
    rules = RENAMED.get(model_type, ())
    if model_type in ANSWERS_FROM_TRANSFORMER and architecture.endswith("ForQuestionAnswering"):
        rules = (*rules, (r"^model\.", "transformer."))
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    bare = architecture.endswith("Model") and not architecture.endswith("MTModel")
    return name.removeprefix("model.") if bare else name


def shape_in_memory(model_type: str, name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that transformers 5.23 gives a published tensor of this type."""
    turned = TURNED.get(model_type)
    return (*shape[:-2], shape[-1], shape[-2]) if turned is not None and turned.search(name) else shape


def pieces(model_type: str, name: str, shape: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """The tensors that transformers 5.23 splits a published one into; mostly itself alone."""
    for pattern, names in SPLIT.get(model_type, ()):
        if re.search(pattern, name):
            rows = shape[0] // len(names)
            return [(re.sub(pattern, piece, name), (rows, *shape[1:])) for piece in names]
    return [(name, shape)]
