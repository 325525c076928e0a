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
    (r"^vision_tower\.(vision_model\.)?", "model.vision_tower."),
    (r"^(multi_modal_projector\.|image_newline)", r"model.\1"),
)

BESIDE_VISUAL: Rules = (
    (r"^model\.", "model.language_model."),
    (r"^(embed_tokens|layers|norm)\.", r"model.language_model.\1."),
    (r"^visual\.", "model.visual."),
)

MIMI: Rules = (
    (r"^(codec_model|audio_encoder)\.((?:en|de)coder)\.layers\.", r"\1.\2.\2_seanet.layers."),
    (r"^(codec_model|audio_encoder)\.((?:en|de)coder)_transformer\.", r"\1.\2.\2_transformer."),
    (r"^(codec_model|audio_encoder)\.downsample\.", r"\1.encoder.downsample."),
    (r"^(codec_model|audio_encoder)\.upsample\.", r"\1.decoder.upsample."),
)

WEIGHT_NORM: Rules = ((r"\.weight_g$", ".parametrizations.weight.original0"), (r"\.weight_v$", ".parametrizations.weight.original1"))

RENAMED: dict[str, Rules] = {
    "afmoe": FUSED_EXPERTS,
    "axk1": ((r"\.post_mlp_layernorm\.", ".mlp.post_mlp_layernorm."), *FUSED_EXPERTS),
    "axk2": (
        (r"\.W_down\.", ".mlp.fc1."),
        (r"\.W_up\.", ".mlp.fc2."),
        (r"\.self_attn\.q_b_proj\.", ".self_attn.q_gate_proj."),
        *FUSED_EXPERTS,
    ),
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
    "cohere2_moe": FUSED_EXPERTS,
    "csm": MIMI,
    "deepseek_v2": FUSED_EXPERTS,
    "deepseek_v3": FUSED_EXPERTS,
    "deepseek_v32": FUSED_EXPERTS,
    "dots1": FUSED_EXPERTS,
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
    "gte": (
        (r"^new\.", "gte."),
        (r"encoder\.layer\.", "layers."),
        (r"attention\.", "self_attn."),
        (r"attn_ln", "post_attention_layernorm"),
        (r"mlp_ln", "post_mlp_layernorm"),
        (r"lm_head\.norm", "lm_head.layer_norm"),
    ),
    "gpt_neox": ((r"^embed_out\.", "lm_head."),),
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
    "kyutai_speech_to_text": MIMI,
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
    "moshi": MIMI,
    "musicgen": WEIGHT_NORM,
    "musicgen_melody": WEIGHT_NORM,
    "nemo_speechlm": (
        (r"^perception\.encoder\.asr_encoder\.", "model.audio_tower.asr_encoder."),
        (r"diarization_model\.encoder\.", "diarization_model.model.audio_tower."),
        (r"diarization_model\.sortformer_modules\.encoder_proj\.", "diarization_model.model.proj."),
        (r"diarization_model\.sortformer_modules\.subpixel_upsample\.", "diarization_model.model.upsampler.conv."),
        (r"diarization_model\.sortformer_modules\.first_hidden_to_hidden\.", "diarization_model.classifier.dense."),
        (r"diarization_model\.sortformer_modules\.single_hidden_to_spks\.", "diarization_model.classifier.out_proj."),
        (r"diarization_model\.sortformer_modules\.learnable_sil_emb$", "diarization_model.silence_embeds"),
        (r"^perception\.encoder\.diar_norm\.", "model.audio_tower.speaker_norm."),
        (r"^perception\.encoder\.", "model.audio_tower."),
        (r"^perception\.proj\.", "model.multi_modal_projector."),
        (r"^ctc_timestamp\.decoder\.transformer\.", "model.word_timestamp_encoder."),
        (r"^ctc_timestamp\.decoder\.upsample\.", "model.word_timestamp_encoder.upsampler."),
        (r"^ctc_timestamp\.decoder\.decoder_layers\.0\.", "word_timestamp_head."),
        (r"^llm\.lm_head\.", "lm_head."),
        (r"^llm\.model\.embed_tokens\.", "model.language_model.embeddings."),
        (r"^llm\.model\.norm\.", "model.language_model.norm_f."),
        (r"^llm\.model\.", "model.language_model."),
        (r"\.pre_encode\.proj\.", ".embedder.projection."),
        (r"\.embed_norm\.", ".input_layer_norm."),
        (r"\.final_norm\.", ".layer_norm."),
        (r"\.norm([12])\.", r".layer_norm\1."),
        (r"\.attn\.out_proj\.", ".self_attn.o_proj."),
        (r"\.attn\.", ".self_attn."),
        (r"\.ffn\.net\.0\.", ".mlp.fc1."),
        (r"\.ffn\.net\.3\.", ".mlp.fc2."),
        (r"\._fp32_params\.", "."),
        (r"\.gate_and_up_projs$", ".up_proj"),
        (r"\.down_projs$", ".down_proj"),
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
    "solar_open": FUSED_EXPERTS,
    "speecht5": WEIGHT_NORM,
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
    "vibevoice_asr": (
        (r"^language_model\.lm_head\.", "lm_head."),
        (r"^language_model\.model\.", "model.language_model."),
        (r"^(acoustic_tokenizer_encoder|semantic_tokenizer_encoder|multi_modal_projector)\.", r"model.\1."),
    ),
    "vits": WEIGHT_NORM,
}

TURNED = {
    "nemo_speechlm": re.compile(r"\.experts\.(gate_and_up|down)_projs$"),
    "qwen3_vl_moe": re.compile(r"\.experts\.(gate_up|down)_proj$"),
}
"""Tensors of a type that are published with their last two dimensions the other way round."""

QUERY_KEY_VALUE = (".q_proj.", ".k_proj.", ".v_proj.")

SPLIT: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "gte": ((r"\.qkv_proj\.", QUERY_KEY_VALUE), (r"\.up_gate_proj\.", (".up_proj.", ".gate_proj."))),
    "gradium_phonon_tts": ((r"\.in_proj\.", QUERY_KEY_VALUE),),
    "hrm_text": ((r"\.gqkv_proj\.", (".gate_proj.", *QUERY_KEY_VALUE)), (r"\.gate_up_proj\.", (".gate_proj.", ".up_proj."))),
    "jina_embeddings_v3": ((r"\.Wqkv\.", QUERY_KEY_VALUE),),
    "nemo_speechlm": ((r"\.w_qkv\.", QUERY_KEY_VALUE),),
    "nomic_bert": ((r"\.Wqkv\.", QUERY_KEY_VALUE),),
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
