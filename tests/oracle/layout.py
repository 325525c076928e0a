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
AUDIO_BEFORE_TEXT: Rules = (
    (r"^language_model\.lm_head\.", "lm_head."),
    (r"^language_model\.model\.", "model.language_model."),
    (r"^(audio_tower|multi_modal_projector)\.", r"model.\1."),
)
SAM_MODEL: Rules = (
    (r"\bsam_model\.", "vision_tower.sam_encoder."),
    (r"(sam_encoder)\.blocks\.(\d+)\.norm([12])\.", r"\1.layers.\2.layer_norm\3."),
    (r"(sam_encoder)\.blocks\.", r"\1.layers."),
    (r"(sam_encoder)\.patch_embed\.proj\.", r"\1.patch_embed.projection."),
    (r"(sam_encoder)\.neck\.0\.", r"\1.neck.conv1."),
    (r"(sam_encoder)\.neck\.1\.", r"\1.neck.layer_norm1."),
    (r"(sam_encoder)\.neck\.2\.", r"\1.neck.conv2."),
    (r"(sam_encoder)\.neck\.3\.", r"\1.neck.layer_norm2."),
    (r"(sam_encoder)\.net_2\.", r"\1.proj.conv1."),
    (r"(sam_encoder)\.net_3\.", r"\1.proj.conv2."),
    (r"\bprojector\.layers\.", "multi_modal_projector."),
    (r"view_seperator", "view_separator"),
    (r"^(model\.)?(embed_tokens|layers|norm)\.", r"model.language_model.\2."),
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
MIMI: Rules = (
    (r"^(codec_model|audio_encoder)\.((?:en|de)coder)\.layers\.", r"\1.\2.\2_seanet.layers."),
    (r"^(codec_model|audio_encoder)\.((?:en|de)coder)_transformer\.", r"\1.\2.\2_transformer."),
    (r"^(codec_model|audio_encoder)\.downsample\.", r"\1.encoder.downsample."),
    (r"^(codec_model|audio_encoder)\.upsample\.", r"\1.decoder.upsample."),
)
WEIGHT_NORM: Rules = ((r"\.weight_g$", ".parametrizations.weight.original0"), (r"\.weight_v$", ".parametrizations.weight.original1"))
THINKER: Rules = (
    (r"^(thinker\.)?model\.", r"\1model.language_model."),
    (r"^(thinker\.)?(embed_tokens|layers|norm)\.", r"\1model.language_model.\2."),
    (r"^(thinker\.)?(visual|audio_tower)\.", r"\1model.\2."),
)
CONFORMER_BEFORE_TEXT: Rules = (*AUDIO_BEFORE_TEXT, (r"^(encoder|projector)\.", r"model.\1."))
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
    "deepseek_ocr2": (
        *SAM_MODEL,
        (r"qwen2_model\.model\.model\.", "vision_tower.vision_encoder."),
        (r"qwen2_model\.(query_\d+)\.", r"vision_tower.\1_resolution."),
        *FUSED_EXPERTS,
    ),
    "emu3": (
        (r"^text_model\.lm_head\.", "lm_head."),
        (r"^text_model\.(model\.)?", "model.text_model."),
        (r"^vqmodel\.", "model.vqmodel."),
    ),
    "fuyu": (
        (r"^language_model\.lm_head\.", "lm_head."),
        (r"^language_model\.model\.", "model.language_model."),
        (r"^vision_embed_tokens\.", "model.vision_embed_tokens."),
    ),
    "got_ocr2": IMAGES_BEFORE_TEXT,
    "molmo2": (
        (r"(?<!image_vit\.)transformer\.wte\.(new_)?embedding$", "language_model.embed_tokens.weight"),
        (r"(?<!image_vit\.)transformer\.ln_f\.", "language_model.norm."),
        (r"(?<!image_vit\.)transformer\.blocks\.", "language_model.layers."),
        (r"\.attn_norm\.", ".input_layernorm."),
        (r"\.ff_norm\.", ".post_attention_layernorm."),
        (r"\.attn_out\.", ".o_proj."),
        (r"\.ff_out\.", ".down_proj."),
        (r"vision_backbone\.image_vit\.transformer\.resblocks\.", "vision_tower.layers."),
        (r"vision_backbone\.image_vit\.", "vision_tower."),
        (r"vision_backbone\.", "multi_modal_projector."),
        (r"\.attention_norm\.", ".layer_norm1."),
        (r"\.ffn_norm\.", ".layer_norm2."),
        (r"\.attention\.w([qkvo])\.", r".self_attn.\1_proj."),
        (r"\.feed_forward\.w([12])\.", r".mlp.fc\1."),
        (r"image_pooling_2d\.w([qkvo])\.", r"image_pooling_2d.\1_proj."),
        (r"image_projector\.w1\.", "image_projector.gate_proj."),
        (r"image_projector\.w2\.", "image_projector.down_proj."),
        (r"image_projector\.w3\.", "image_projector.up_proj."),
    ),
    "unlimited_ocr": (
        *SAM_MODEL,
        (r"\bvision_model\.", "vision_tower.vision_encoder."),
        (r"(vision_encoder)\.transformer\.", r"\1.encoder."),
        *FUSED_EXPERTS,
    ),
    "audioflamingo3": AUDIO_BEFORE_TEXT,
    "glmasr": AUDIO_BEFORE_TEXT,
    "granite_speech": CONFORMER_BEFORE_TEXT,
    "granite_speech_plus": CONFORMER_BEFORE_TEXT,
    "musicflamingo": AUDIO_BEFORE_TEXT,
    "qwen2_5_omni": THINKER,
    "qwen2_5_omni_thinker": THINKER,
    "qwen2_audio": AUDIO_BEFORE_TEXT,
    "qwen3_omni_moe": (*THINKER, *FUSED_EXPERTS),
    "qwen3_omni_moe_thinker": (*THINKER, *FUSED_EXPERTS),
    "ultravbert": ((r"^head\.decoder\.", "lm_head."), (r"^head\.", "projection_head.")),
    "voxtral": AUDIO_BEFORE_TEXT,
    "voxtral_realtime": AUDIO_BEFORE_TEXT,
    "beam": FUSED_EXPERTS,
    "bark": WEIGHT_NORM,
    "cohere_asr": (
        (r"^encoder\.pre_encode\.conv\.", "encoder.subsampling.layers."),
        (r"^encoder\.pre_encode\.out\.", "encoder.subsampling.linear."),
        (r"^transf_decoder\._embedding\.position_embedding\.pos_enc$", "decoder.pos_emb.weight"),
        (r"^transf_decoder\._embedding\.token_embedding\.", "decoder.embed_tokens."),
        (r"^transf_decoder\._embedding\.layer_norm\.", "decoder.embedding_layernorm."),
        (r"^transf_decoder\._decoder\.final_layer_norm\.", "decoder.norm."),
        (r"^transf_decoder\._decoder\.layers\.", "decoder.layers."),
        (r"^encoder_decoder_proj\.", "decoder.proj."),
        (r"^log_softmax\.mlp\.layer0\.", "proj_out."),
        (r"\.linear_([qkv])\.", r".\1_proj."),
        (r"\.linear_out\.", ".o_proj."),
        (r"\.linear_pos\.", ".relative_k_proj."),
        (r"\.pos_bias_", ".bias_"),
        (r"\.batch_norm\.", ".norm."),
        (r"\.first_sub_layer\.", ".self_attn."),
        (r"\.second_sub_layer\.", ".encoder_attn."),
        (r"\.query_net\.", ".q_proj."),
        (r"\.key_net\.", ".k_proj."),
        (r"\.value_net\.", ".v_proj."),
        (r"\.out_projection\.", ".o_proj."),
        (r"\.third_sub_layer\.dense_in\.", ".mlp.fc1."),
        (r"\.third_sub_layer\.dense_out\.", ".mlp.fc2."),
        (r"\.layer_norm_1\.", ".input_layernorm."),
        (r"\.layer_norm_2\.", ".post_attention_layernorm."),
        (r"\.layer_norm_3\.", ".final_layernorm."),
        (r"^((?:en|de)coder)\.", r"model.\1."),
    ),
    "csm": MIMI,
    "pp_chart2table": IMAGES_BEFORE_TEXT,
    "gradium_phonon_tts": (
        (r"conditioners\.transcript_in_segment\.embed\.", "embed_tokens."),
        (r"conditioners\.speaker_wavs\.output_proj\.", "audio_prompt_proj."),
        (r"conditioners\.num_speakers\.embed\.", "num_speakers_embed."),
        (r"conditioners\.num_speakers\.output_proj\.", "num_speakers_proj."),
        (r"conditioners\.duration_delta\.output_proj\.", "duration_delta_proj."),
        (r"^flow_lm\.condition_provider\.", "model."),
        (r"^flow_lm\.input_linear\.", "model.audio_latent_proj."),
        (r"^flow_lm\.bos_emb$", "model.bos_latent"),
        (r"^flow_lm\.emb_(mean|std)$", r"latent_\1"),
        (r"^flow_lm\.out_norm\.", "model.norm."),
        (r"^flow_lm\.out_eos\.", "eos_head."),
        (r"^flow_lm\.transformer\.", "model."),
        (r"\.self_attn\.out_proj\.", ".self_attn.o_proj."),
        (r"\.linear([12])\.", r".mlp.fc\1."),
        (r"^(model\.layers\.\d+)\.norm1\.", r"\1.input_layernorm."),
        (r"^(model\.layers\.\d+)\.norm2\.", r"\1.post_attention_layernorm."),
        (r"^flow_lm\.flow_net\.time_embed\.", "flow_head.timestep_embeddings."),
        (r"^flow_lm\.flow_net\.cond_embed\.", "flow_head.cond_proj."),
        (r"^flow_lm\.flow_net\.res_blocks\.", "flow_head.layers."),
        (r"^flow_lm\.flow_net\.final_layer\.linear\.", "flow_head.final_layer.proj."),
        (r"^flow_lm\.flow_net\.", "flow_head."),
        (r"\.mlp\.0\.", ".fc1."),
        (r"\.mlp\.2\.", ".fc2."),
        (r"\.mlp\.3\.alpha$", ".norm.weight"),
        (r"\.in_ln\.", ".norm."),
        (r"\.adaLN_modulation\.1\.", ".adaln_proj."),
    ),
    "kyutai_speech_to_text": MIMI,
    "moshi": MIMI,
    "musicgen": WEIGHT_NORM,
    "musicgen_melody": WEIGHT_NORM,
    "speech-encoder-decoder": (
        (r"\.weight_g$", ".parametrizations.weight.original0"),
        (r"\.weight_v$", ".parametrizations.weight.original1"),
    ),
    "speecht5": WEIGHT_NORM,
    "vision-encoder-decoder": (
        (r"^encoder\.encoder\.layer\.(\d+)\.attention\.attention\.([qkv])[a-z]+\.", r"encoder.layers.\1.attention.\2_proj."),
        (r"^encoder\.encoder\.layer\.(\d+)\.attention\.output\.dense\.", r"encoder.layers.\1.attention.o_proj."),
        (r"^encoder\.encoder\.layer\.(\d+)\.intermediate\.dense\.", r"encoder.layers.\1.mlp.fc1."),
        (r"^encoder\.encoder\.layer\.(\d+)\.output\.dense\.", r"encoder.layers.\1.mlp.fc2."),
        (r"^encoder\.encoder\.layer\.", "encoder.layers."),
    ),
    "vibevoice_asr": (
        (r"^language_model\.lm_head\.", "lm_head."),
        (r"^language_model\.model\.", "model.language_model."),
        (r"^(acoustic_tokenizer_encoder|semantic_tokenizer_encoder|multi_modal_projector)\.", r"model.\1."),
    ),
    "vits": WEIGHT_NORM,
    "bailing_hybrid": (
        (r"\bword_embeddings\.", "embed_tokens."),
        (r"\.attention\.", ".self_attn."),
        (r"\.self_attn\.(f_proj|dt_bias|A_log)\b", r".self_attn.forget_gate.\1"),
        (r"\.[qkv]_conv1d\.", ".conv1d."),
        (r"\.self_attn\.dense\.", ".self_attn.o_proj."),
        (r"\.mlp\.gate\.expert_bias$", ".mlp.gate.e_score_correction_bias"),
        *FUSED_EXPERTS,
    ),
    "kolibri1": (
        (r"\.moe\.router\.expert_bias$", ".mlp.gate.e_score_correction_bias"),
        (r"\.post_attn_norm\.", ".post_self_attn_layernorm."),
        (r"\.post_ffn_norm\.", ".post_mlp_layernorm."),
        *FUSED_EXPERTS,
    ),
    "lfm2_moe": FUSED_EXPERTS,
    "lfm2_vl": ((r"\bvision_tower\.vision_model\.", "vision_tower."),),
    "lfm3": ((r"\.self_attn\.gate_proj\.", ".self_attn.g_proj."),),
    "lfm3_vl": (
        (r"\.self_attn\.gate_proj\.", ".self_attn.g_proj."),
        (r"\bpatchifier\.", "patch_embed."),
        (r"\.([qk])_layernorm\.", r".\1_norm."),
    ),
    "nemotron_h_omni": (
        (r"\.backbone\.", ".model."),
        (r"\.experts\.\d+\.(up|down)_proj\.weight$", r".experts.\1_proj"),
        (r"\.radio_model\.model\.patch_generator\.embedder\.", ".embeddings.patch_projection."),
        (r"\.radio_model\.model\.patch_generator\.video_embedder\.", ".embeddings.video_patch_projection."),
        (r"\.radio_model\.model\.patch_generator\.pos_embed$", ".embeddings.position_embedding"),
        (r"\.radio_model\.model\.patch_generator\.cls_token\.token$", ".embeddings.cls_register_token"),
        (r"\.radio_model\.model\.blocks\.", ".encoder.layer."),
        (r"\.radio_model\.", "."),
        (r"\.attn\.proj\.", ".attention.o_proj."),
        (r"\.attn\.", ".attention."),
        (r"^mlp1\.0\.", "multi_modal_projector.layer_norm."),
        (r"^mlp1\.1\.", "multi_modal_projector.linear_1."),
        (r"^mlp1\.3\.", "multi_modal_projector.linear_2."),
        (r"^sound_encoder\.encoder\.", "audio_tower."),
        (r"^sound_projection\.norm\.", "embed_audio.layer_norm."),
        (r"^sound_projection\.linear([12])\.", r"embed_audio.linear_\1."),
    ),
    "olmo_hybrid": (
        (r"\.attention_layer_norm\.", ".input_layernorm."),
        (r"\.feedforward_layer_norm\.", ".post_attention_layernorm."),
        (r"\.[qkv]_conv1d\.", ".conv1d."),
    ),
    "cosmos3_edge": (*DIFFUSERS_TEXT, (r"\.up_proj\.", ".fc1."), (r"\.down_proj\.", ".fc2.")),
    "cosmos3_omni": (*DIFFUSERS_TEXT, (r"^(blocks|merger|patch_embed|pos_embed|deepstack_merger_list)\.", r"model.visual.\1.")),
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
    "glm5_next": (
        (r"\.self_attn\.(f_a_proj|f_b_proj|dt_bias|A_log)\b", r".self_attn.forget_gate.\1"),
        (r"\.[qkv]_conv1d\.", ".conv1d."),
        (r"\.hc_(attn|ffn)_", r".\1_hc."),
        *FUSED_EXPERTS,
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
    "minimax_m3_vl": (
        (r"^vision_tower\.vision_model\.encoder\.", "vision_tower."),
        (r"^vision_tower\.vision_model\.embeddings\.patch_embedding\.", "vision_tower.embeddings.proj."),
        (r"^patch_merge_mlp\.", "model.multi_modal_projector.merge_"),
        *IMAGES_BEFORE_TEXT,
        *MINIMAX_M3,
    ),
    "minimax_m3_vl_text": MINIMAX_M3,
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
    "unlimited_ocr": ((r"\.qkv_proj\.", QUERY_KEY_VALUE),),
    "gradium_phonon_tts": ((r"\.in_proj\.", QUERY_KEY_VALUE),),
    "nemotron_h_omni": ((r"\.qkv\.", QUERY_KEY_VALUE),),
    "kimi_k25": ((r"\.wqkv\.", (".attn.q_proj.", ".attn.k_proj.", ".attn.v_proj.")),),
}
"""Published tensors of a type that are several in memory, equal rows in order."""
JOINED: dict[str, Rules] = {
    "molmo2": (
        (r"(language_model.*\.self_attn)\.[qkv]_proj\.", r"\1.att_proj."),
        (r"(language_model.*\.mlp)\.(gate|up)_proj\.", r"\1.ff_proj."),
    ),
}
"""Tensors in memory that are one in the checkpoint, their rows one below the other and not as many in each."""
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


def joined(model_type: str, theirs: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The tensors in memory, those that are one in the checkpoint as one."""
    found: dict[str, tuple[int, ...]] = {}
    for name, shape in theirs.items():
        published = name
        for pattern, replacement in JOINED.get(model_type, ()):
            published = re.sub(pattern, replacement, published)
        found[published] = (found[published][0] + shape[0], *shape[1:]) if published in found else shape
    return found
