"""Where a published checkpoint and the class in memory name a tensor differently, by model type.

Families state the published layout. transformers 5 keeps the experts of a layer in one tensor and has renamed modules; it
converts on loading. Several published tensors that become one are compared by their elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Rules = tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...]

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
    (r"^vision_tower\.(vision_model\.)?", "model.vision_tower."),
    (r"^(multi_modal_projector\.|image_newline)", r"model.\1"),
)

BESIDE_VISUAL: Rules = (
    (r"^model\.", "model.language_model."),
    (r"^(embed_tokens|layers|norm)\.", r"model.language_model.\1."),
    (r"^visual\.", "model.visual."),
)

DIFFUSERS_TEXT: Rules = (
    (r"^(embed_tokens|layers|norm)\.", r"model.language_model.\1."),
    (r"\.to_([qkv])\.", r".\1_proj."),
    (r"\.to_out\.", ".o_proj."),
    (r"\.norm_([qk])\.", r".\1_norm."),
)

MINIMAX_M3: Rules = (
    (r"\.block_sparse_moe\.e_score_correction_bias$", ".mlp.gate.e_score_correction_bias"),
    (r"\.block_sparse_moe\.", ".mlp."),
    (r"\.index_([qk])_(proj|norm)\.", r".indexer.\1_\2."),
    *FUSED_EXPERTS,
    (r"\.(gate|up)_proj\.weight$", ".gate_up_proj.weight"),
)

INKLING_TEXT: Rules = (
    (r"^model\.llm\.unembed\.", "lm_head."),
    (r"^(model\.)?llm\.", r"\1"),
    (r"embed\.weight$", "embed_tokens.weight"),
    (r"embed_norm\.", "embed_tokens.embed_norm."),
    (r"\.experts\.w13_weight$", ".experts.gate_up_proj"),
    (r"\.experts\.w2_weight$", ".experts.down_proj"),
    (r"\.gate\.bias$", ".gate.e_score_correction_bias"),
    (r"\.attn\.w([qkv])_d[uv]\.", r".self_attn.\1_proj."),
    (r"\.attn\.wr_du\.", ".self_attn.r_proj."),
    (r"\.attn\.wo_ud\.", ".self_attn.o_proj."),
    (r"\.attn_norm\.", ".input_layernorm."),
    (r"\.mlp_norm\.", ".post_attention_layernorm."),
)

INKLING: Rules = (
    *INKLING_TEXT,
    (r"\.shared_w2_weight$", ".down_proj"),
    (r"\.w2_md\.", ".down_proj."),
    (r"\.attn\.", ".self_attn."),
    (r"sconv\.weight$", "sconv.conv1d.weight"),
)

INKLING2: Rules = (
    *INKLING_TEXT,
    (r"\.gate_attn\.", ".gate_proj."),
    (r"\.attn_sink_proj\.", ".sink_proj."),
    (r"\.attn\.", ".self_attn."),
    (r"\.attn_sconv\.", ".post_attention_convolution."),
    (r"\.mlp_sconv\.", ".post_mlp_convolution."),
    (r"(convolution|sconv)\.weight$", r"\1.conv1d.weight"),
    (r"sconv\.static_w$", "sconv.static_weight"),
    (r"sconv\.weight_proj$", "sconv.weight_proj.weight"),
    (r"\.([qkv])_input_norm\.", r".\1_input_layernorm."),
    (r"attn_res\.mlp_queries\.(\d+)$", r"layers.\1.mlp_input.query"),
    (r"attn_res\.output_query$", "final_input.query"),
    # One for each layer but the first.
    (r"attn_res\.attn_queries\.(\d+)$", lambda found: f"layers.{int(found[1]) + 1}.attention_input.query"),
)

VISIBLE: Rules = (
    (r"^(model\.)?llm\.(?!unembed)", r"\1language_model."),
    (r"^(model\.)?(visual|audio)\.", lambda found: f"{found[1] or ''}{'vision' if found[2] == 'visual' else 'audio'}_tower."),
)

RENAMED: dict[str, Rules] = {
    "afmoe": FUSED_EXPERTS,
    "axk1": ((r"\.post_mlp_layernorm\.", ".mlp.post_mlp_layernorm."), *FUSED_EXPERTS),
    "axk2": (
        (r"\.W_down\.", ".mlp.fc1."),
        (r"\.W_up\.", ".mlp.fc2."),
        (r"\.self_attn\.q_b_proj\.", ".self_attn.q_gate_proj."),
        *FUSED_EXPERTS,
    ),
    "cohere2_moe": FUSED_EXPERTS,
    "cosmos3_edge": (*DIFFUSERS_TEXT, (r"\.up_proj\.", ".fc1."), (r"\.down_proj\.", ".fc2.")),
    "cosmos3_omni": (*DIFFUSERS_TEXT, (r"^(blocks|merger|patch_embed|pos_embed|deepstack_merger_list)\.", r"model.visual.\1.")),
    "deepseek_v2": FUSED_EXPERTS,
    "deepseek_v3": FUSED_EXPERTS,
    "deepseek_v32": FUSED_EXPERTS,
    "deepseek_v4": (
        (r"^embed\.", "model.embed_tokens."),
        (r"^head\.", "lm_head."),
        (r"^(norm|layers)\.", r"model.\1."),
        (r"^hc_head_", "model.hc_head.hc_"),
        (r"\.hc_(attn|ffn)_", r".\1_hc."),
        (r"\.attn_norm\.", ".input_layernorm."),
        (r"\.ffn_norm\.", ".post_attention_layernorm."),
        (r"\.ffn\.gate\.bias$", ".mlp.gate.e_score_correction_bias"),
        (r"\.attn\.indexer\.wq_b\.", ".self_attn.compressor.indexer.q_b_proj."),
        (r"\.attn\.indexer\.weights_proj\.", ".self_attn.compressor.indexer.scorer.weights_proj."),
        (r"\.attn\.indexer\.compressor\.", ".self_attn.compressor.indexer."),
        (r"\.attn\.", ".self_attn."),
        (r"\.ffn\.", ".mlp."),
        (r"\.(compressor|indexer)\.norm\.", r".\1.kv_norm."),
        (r"\.ape$", ".position_bias"),
        (r"\.attn_sink$", ".sinks"),
        (r"\.wkv\.", ".kv_proj."),
        (r"\.wgate\.", ".gate_proj."),
        (r"\.w([qo])_([ab])\.", r".\1_\2_proj."),
        (r"\.q_norm\.", ".q_a_norm."),
        (r"\.shared_experts\.w1\.", ".shared_experts.gate_proj."),
        (r"\.shared_experts\.w2\.", ".shared_experts.down_proj."),
        (r"\.shared_experts\.w3\.", ".shared_experts.up_proj."),
        *FUSED_EXPERTS,
    ),
    "dots1": FUSED_EXPERTS,
    "dots3_note": (
        (r"^(model\.)?(embed_tokens|layers|norm)\.", r"model.language_model.\2."),
        (r"^vision_encoder\.post_trunk_norm\.", "model.vision_tower.norm."),
        (r"^vision_encoder\.adapter\.", "model.vision_tower.merger."),
        (r"^vision_encoder\.", "model.vision_tower."),
        (r"^audio_encoder\.audio_adapter\.proj\.0\.", "model.audio_tower.adapter.norm."),
        (r"^audio_encoder\.audio_adapter\.proj\.1\.", "model.audio_tower.adapter.fc1."),
        (r"^audio_encoder\.audio_adapter\.proj\.3\.", "model.audio_tower.adapter.fc2."),
        (r"^audio_encoder\.dots_encoder\.speech_encoder\.", "model.audio_tower."),
        (r"\.conv2d([123])\.", lambda found: f".conv_stem.convs.{int(found[1]) - 1}."),
        (r"\.conv_out\.", ".conv_stem.conv_out."),
        (r"(audio_tower\.layers\.\d+\.self_attn)\.out_proj\.", r"\1.o_proj."),
        (r"\.self_attn_layer_norm\.", ".input_layernorm."),
        (r"\.final_layer_norm\.", ".post_attention_layernorm."),
        (r"(audio_tower\.layers\.\d+)\.fc1\.", r"\1.mlp.gate_up_proj."),
        (r"(audio_tower\.layers\.\d+)\.fc2\.", r"\1.mlp.down_proj."),
        (r"(blocks\.\d+)\.norm_([12])\.", r"\1.norm\2."),
        (r"(blocks\.\d+\.mlp)\.gate_weight$", r"\1.gate.weight"),
        (r"(blocks\.\d+\.mlp)\.router_bias$", r"\1.e_score_correction_bias"),
        (r"(blocks\.\d+\.mlp)\.experts\.\d+\.fc[13]\.weight$", r"\1.experts.gate_up_proj"),
        (r"(blocks\.\d+\.mlp)\.experts\.\d+\.fc2\.weight$", r"\1.experts.down_proj"),
        (r"(blocks\.\d+\.mlp)\.fc1\.", r"\1.gate_proj."),
        (r"(blocks\.\d+\.mlp)\.fc2\.", r"\1.down_proj."),
        (r"(blocks\.\d+\.mlp)\.fc3\.", r"\1.up_proj."),
        *FUSED_EXPERTS,
    ),
    "dots3_note_text": FUSED_EXPERTS,
    "ernie4_5_moe": ((r"\.mlp\.moe_statics\.", ".mlp.gate.moe_statics."), *FUSED_EXPERTS),
    "exaone_moe": ((r"\.mlp\.e_score_correction_bias$", ".mlp.gate.e_score_correction_bias"), *FUSED_EXPERTS),
    "flex_olmo": FUSED_EXPERTS,
    "flint": ((r"\.softmax_offset$", ".sinks"), *FUSED_EXPERTS),
    "gemma3": (
        (r"^language_model\.lm_head\.", "lm_head."),
        (r"^language_model\.model\.", "model.language_model."),
        (r"^vision_tower\.vision_model\.", "model.vision_tower."),
        (r"^multi_modal_projector\.", "model.multi_modal_projector."),
    ),
    "glm4_moe": FUSED_EXPERTS,
    "glm4_moe_lite": FUSED_EXPERTS,
    "glm_moe_dsa": FUSED_EXPERTS,
    "glm5_next": (
        (r"\.self_attn\.(f_a_proj|f_b_proj|dt_bias|A_log)\b", r".self_attn.forget_gate.\1"),
        (r"\.[qkv]_conv1d\.", ".conv1d."),
        (r"\.hc_(attn|ffn)_", r".\1_hc."),
        *FUSED_EXPERTS,
    ),
    "gte": (
        (r"^new\.", "gte."),
        (r"encoder\.layer\.", "layers."),
        (r"attention\.", "self_attn."),
        (r"attn_ln", "post_attention_layernorm"),
        (r"mlp_ln", "post_mlp_layernorm"),
        (r"lm_head\.norm", "lm_head.layer_norm"),
    ),
    "gpt_neox": ((r"^embed_out\.", "lm_head."),),
    "granitemoe": GRANITE_EXPERTS,
    "granitemoehybrid": GRANITE_EXPERTS,
    "granitemoeshared": GRANITE_EXPERTS,
    "hrm_text": ((r"\.attn\.", ".self_attn."),),
    "hunyuan_v1_moe": FUSED_EXPERTS,
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
    "inkling2": (
        *VISIBLE,
        *INKLING2,
        (r"\.backbone\.", "."),
        (r"\.embeddings\.position_embedding$", ".embeddings.position_embedding.weight"),
        (r"vision_tower\.ln_pre\.", "vision_tower.pre_layernorm."),
        (r"vision_tower\.proj_in\.", "vision_tower.merger.linear_1."),
        (r"vision_tower\.proj_out\.", "vision_tower.merger.linear_2."),
        (r"\.ln_1\.", ".layernorm_before."),
        (r"\.ln_2\.", ".layernorm_after."),
        (r"\.mlp\.c_fc\.", ".mlp.fc1."),
        (r"\.mlp\.c_proj\.", ".mlp.fc2."),
        (r"\.ls_([12])\.gamma$", r".lambda_\1"),
    ),
    "inkling2_text": INKLING2,
    "inkling_mm_model": (
        *VISIBLE,
        *INKLING,
        (r"audio_tower\.encoder\.weight$", "audio_tower.embed_audio_tokens.embed_audio_tokens.weight"),
        (r"audio_tower\.final_norm\.", "audio_tower.norm."),
        (r"vision_tower\.layers\.linear_(\d+)\.", r"vision_tower.encoder_layers.\1.projection."),
        (r"vision_tower\.layers\.norm_(\d+)\.", r"vision_tower.encoder_layers.\1.layer_norm."),
    ),
    "inkling_text": INKLING,
    "jamba": FUSED_EXPERTS,
    "jina_embeddings_v3": (
        (r"emb_ln", "embeddings.LayerNorm"),
        (r"encoder\.layers\.", "layers."),
        (r"mixer\.out_proj", "self_attn.o_proj"),
        (r"mixer\.", "self_attn."),
        (r"norm1", "post_attention_layernorm"),
        (r"norm2", "post_mlp_layernorm"),
    ),
    "kimi_k25": (
        *IMAGES_BEFORE_TEXT,
        (r"^mm_projector\.", "model.mm_projector."),
        (r"\.mm_projector\.proj\.0\.", ".mm_projector.in_proj."),
        (r"\.mm_projector\.proj\.2\.", ".mm_projector.out_proj."),
        (r"\.pos_emb\.weight$", ".pos_emb.position_embeddings"),
        (r"\.encoder\.(final_layernorm)\.", r".\1."),
        (r"\.encoder\.blocks\.", ".layers."),
        (r"\.norm1\.", ".norm2."),
        (r"\.norm0\.", ".norm1."),
        (r"\.mlp\.fc1\.", ".mlp.fc2."),
        (r"\.mlp\.fc0\.", ".mlp.fc1."),
        (r"\.wo\.", ".attn.proj."),
        *FUSED_EXPERTS,
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
    "longcat_flash": FUSED_EXPERTS,
    "mellum": FUSED_EXPERTS,
    "mimo_v2_flash": ((r"\.attention_sink_bias$", ".sinks"), *FUSED_EXPERTS),
    "minimax": ((r"\.block_sparse_moe\.", ".mlp."), *FUSED_EXPERTS),
    "minimax_m3_vl": (
        (r"^vision_tower\.vision_model\.encoder\.", "vision_tower."),
        (r"^vision_tower\.vision_model\.embeddings\.patch_embedding\.", "vision_tower.embeddings.proj."),
        (r"^patch_merge_mlp\.", "model.multi_modal_projector.merge_"),
        *IMAGES_BEFORE_TEXT,
        *MINIMAX_M3,
    ),
    "minimax_m3_vl_text": MINIMAX_M3,
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
    "phimoe": ((r"\.block_sparse_moe\.gate\.", ".mlp.router."), (r"\.block_sparse_moe\.", ".mlp."), *FUSED_EXPERTS),
    "qwen2_5_vl": BESIDE_VISUAL,
    "qwen2_moe": FUSED_EXPERTS,
    "qwen2_vl": BESIDE_VISUAL,
    "qwen3_5_moe": FUSED_EXPERTS,
    "qwen3_5_moe_text": FUSED_EXPERTS,
    "qwen3_moe": FUSED_EXPERTS,
    "qwen3_next": FUSED_EXPERTS,
    "qwen4_exp": FUSED_EXPERTS,
    "qwen4_exp_text": FUSED_EXPERTS,
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
    "ultrabert": ((r"^ultrabert\.", "model."), (r"^cls\.", "head.decoder.")),
}

TURNED = {"qwen3_vl_moe": re.compile(r"\.experts\.(gate_up|down)_proj$")}
"""Tensors of a type that are published with their last two dimensions the other way round."""

QUERY_KEY_VALUE = (".q_proj.", ".k_proj.", ".v_proj.")

SPLIT: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "gte": ((r"\.qkv_proj\.", QUERY_KEY_VALUE), (r"\.up_gate_proj\.", (".up_proj.", ".gate_proj."))),
    "hrm_text": ((r"\.gqkv_proj\.", (".gate_proj.", *QUERY_KEY_VALUE)), (r"\.gate_up_proj\.", (".gate_proj.", ".up_proj."))),
    **dict.fromkeys(
        ("inkling_text", "inkling_mm_model"),
        ((r"\.shared_w13_weight$", (".gate_proj", ".up_proj")), (r"\.w13_dn\.", (".gate_proj.", ".up_proj."))),
    ),
    "jina_embeddings_v3": ((r"\.Wqkv\.", QUERY_KEY_VALUE),),
    "kimi_k25": ((r"\.wqkv\.", (".attn.q_proj.", ".attn.k_proj.", ".attn.v_proj.")),),
    "nomic_bert": ((r"\.Wqkv\.", QUERY_KEY_VALUE),),
    "step3p7": ((r"\.in_proj_", QUERY_KEY_VALUE),),
}
"""Published tensors of a type that are several in memory, equal rows in order; of stacked matrices the rows of each."""

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
            axis = max(len(shape) - 2, 0)
            rows = shape[axis] // len(names)
            return [(re.sub(pattern, piece, name), (*shape[:axis], rows, *shape[axis + 1 :])) for piece in names]
    return [(name, shape)]
