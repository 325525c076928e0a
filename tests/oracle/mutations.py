"""Small configs of a type, drawn at random: sizes by what their key is called, switches turned, layer kinds shuffled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any

SIZES: tuple[tuple[str, tuple[int, ...]], ...] = (
    (r"token_id$|token_index$|_seed$", (0, 1, 2)),
    (r"^(num_nextn|mtp_|num_mtp)", (0, 1)),
    (r"(num|encoder|decoder|n)_(hidden_)?(encoder_|decoder_)?layers?$|^depth$", (1, 2, 3, 4, 5)),
    (r"^vocab_size$|^text_vocab|_vocab_size_", (70, 96, 131)),
    (r"^(num_key_value_heads|num_kv_heads)$", (1, 2)),
    (r"^global_head_dim$|head_dim$|^d_kv$|_head_dim_", (4, 8, 12)),
    (r"heads?$", (2, 4)),
    (r"(experts_per_tok|topk|top_k|topk_group|n_group|groups?)$|_per_tok", (1, 2)),
    (r"^(n|num)_.*experts$|^num_experts$", (2, 4, 6)),
    (r"rank$|_latent_size$", (4, 6, 8)),
    (r"^(hidden_size|d_model|n_embd)$|^out_hidden_size$", (16, 32, 48)),
    (r"^(input_|output_)?embedding_size$|^entity_emb_size$|^emb_dim$", (16, 24, 32, 48)),
    (r"intermediate|ffn|^d_ff$|^n_inner$|mlp.*dim$|_proj_size$", (12, 20, 28)),
    (r"max_.*positions?|n_positions|max_position_embeddings", (32, 40)),
    (r"^max_window_layers$", (1, 2, 3)),
    (r"window|^attention_chunk_size$", (8, 16)),
    (r"type_vocab_size", (1, 2, 3)),
    (r"(period|interval|step|freq|dense_replace|pattern)$", (1, 2, 3)),
    (r"offset$", (0, 1)),
    (r"mamba_|d_state|d_conv|kernel", (2, 4)),
    (r"num_mel_bins|num_buckets", (6, 8)),
)
"""Key, as a regular expression, and what it may be; a size that nothing here names is left alone."""
LEFT = re.compile(r"cache|return_dict|output_|is_encoder_decoder|scale_|^_|image_size|patch|merge|pad_")
"""Keys that are left alone: they are no part of the shape, or only few values of theirs make sense."""
FASTSPEECH2 = (
    "encoder_config",
    "decoder_config",
    "encoder_kernel_size",
    "decoder_kernel_size",
    "duration_predictor_kernel_size",
    "energy_embed_kernel_size",
    "energy_predictor_kernel_size",
    "pitch_embed_kernel_size",
    "pitch_predictor_kernel_size",
    "positionwise_conv_kernel_size",
    "speech_decoder_postnet_kernel",
)
FASTSPEECH2_KERNELS = (
    "encoder_kernel_size",
    "decoder_kernel_size",
    "duration_predictor_kernel_size",
    "energy_embed_kernel_size",
    "energy_predictor_kernel_size",
    "pitch_embed_kernel_size",
    "pitch_predictor_kernel_size",
    "positionwise_conv_kernel_size",
    "speech_decoder_postnet_kernel",
)
PINNED: Mapping[str, tuple[str, ...]] = {
    "t5": ("tie_word_embeddings", "is_decoder"),
    "mt5": ("tie_word_embeddings", "is_decoder"),
    "umt5": ("tie_word_embeddings", "is_decoder"),
    "fast_vlm": ("vision_config",),
    "dbrx": ("tie_word_embeddings",),
    "gemma4_text": ("per_layer_config",),
    "gemma4_unified_text": ("per_layer_config",),
    "granitemoehybrid": ("mamba_d_head",),
    "neomme": ("head_dim",),
    "deepseek_ocr2_text": ("num_hidden_layers",),
    "longt5": ("is_decoder",),
    "switch_transformers": ("is_decoder",),
    "pop2piano": ("is_decoder",),
    "udop": ("is_decoder",),
    "mvp": ("use_prompt",),
    "csm": ("tie_word_embeddings",),
    "pocket_tts": ("hidden_size",),
    "gradium_phonon_tts": ("hidden_size", "num_key_value_heads"),
    "bamba": ("mamba_d_head",),
    "falcon_h1": ("mamba_d_head",),
    "zamba2": ("mamba_headdim", "hybrid_layer_ids"),
    "cosmos3_edge_text": ("head_dim",),
    "glm5_next_text": ("num_attention_heads", "num_key_value_heads", "index_topk", "qk_rope_head_dim"),
    "seamless_m4t": ("conv_depthwise_kernel_size",),
    "seamless_m4t_v2": ("conv_depthwise_kernel_size",),
    "fastspeech2_conformer": FASTSPEECH2,
    "fastspeech2_conformer_with_hifigan": tuple(f"*.{key}" for key in FASTSPEECH2),
    "nemo_speechlm": ("*.num_key_value_heads", "*.hidden_size"),
    "inkling_vision": ("n_layers", "num_hidden_layers"),
    "inkling2": ("text_config.hidden_size",),
    "dots3_note_text": (
        "num_attention_heads",
        "num_key_value_heads",
        "n_group",
        "topk_group",
        "qk_rope_head_dim",
        "index_head_dim",
        "head_dim",
    ),
    "dots3_note": ("text_config.hidden_size", "vision_config.hidden_size", "audio_config.hidden_size"),
    "muse_spark": ("text_config.hidden_size",),
    "muse_spark_audio": ("num_hidden_layers", "out_hidden_size"),
}
"""Keys that keep their default where a difference from transformers is meant or another value is refused.

By model type, of a config or of one inside it; `*.` pins a key at any depth, `text_config.` in that object. T5's published v1.1,
Flan, mT5 and umT5 checkpoints have a head of their own, which is counted, and transformers 5 ties it all the same; an encoder built
as a decoder is no model that anyone means. The others have one value that other keys allow.
"""
MAY_BE_NULL = ("n_inner", "q_lora_rank", "pad_token_id", "num_key_value_heads", "moe_latent_size", "head_dim")
"""Sizes that are drawn although their default is null."""
BERT = {
    "vocab_size": 96,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 40,
    "max_position_embeddings": 32,
}
READS = {"is_decoder": True, "add_cross_attention": True}
BART = {"vocab_size": 90, "d_model": 48, "decoder_layers": 2, "decoder_ffn_dim": 40, "max_position_embeddings": 32}
DECODERS = (
    {**BERT, **READS, "model_type": "bert"},
    {**BERT, **READS, "model_type": "roberta", "hidden_size": 48, "tie_word_embeddings": False},
    {**READS, "model_type": "gpt2", "vocab_size": 80, "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 40},
    {**BART, "model_type": "bart"},
    {**BART, "model_type": "mbart", "tie_word_embeddings": False},
)
"""What may follow an encoder of another type."""
READS_24 = {**BART, "model_type": "trocr", "cross_attention_hidden_size": 24}
VIT = {"hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 36, "image_size": 32, "patch_size": 8}
SWIN = {"embed_dim": 12, "depths": [2, 1], "num_heads": [2, 4], "window_size": 3, "image_size": [40, 24], "patch_size": 4}
WAVE = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 36,
    "conv_dim": [12, 16],
    "conv_kernel": [5, 3],
    "conv_stride": [2, 2],
    "num_feat_extract_layers": 2,
    "num_conv_pos_embeddings": 6,
    "num_conv_pos_embedding_groups": 4,
}
LAYERED = {**WAVE, "feat_extract_norm": "layer", "conv_bias": True, "do_stable_layer_norm": True, "mask_time_prob": 0.0}
ROPE_BY_KIND = {kind: {"rope_type": "default", "rope_theta": 10000.0} for kind in ("full_attention", "sliding_attention")}
GEMMA4_VISION = {
    "hidden_size": 32,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 12,
    "num_hidden_layers": 2,
    "position_embedding_size": 9,
    "use_clipped_linears": True,
}
GEMMA4_AUDIO = {
    "hidden_size": 32,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "subsampling_conv_channels": [24, 8],
    "output_proj_dims": 20,
    "conv_kernel_size": 3,
}
VARIED: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "deberta": {"pos_att_type": (["c2p", "p2c"], "p2c"), "relative_attention": (True,), "talking_head": (True,), "embedding_size": (24,)},
    "deberta-v2": {
        "pos_att_type": (["p2c", "c2p"], "c2p|p2c"),
        "relative_attention": (True,),
        "share_att_key": (True,),
        "position_buckets": (-1, 10),
        "norm_rel_ebd": ("layer_norm",),
        "conv_kernel_size": (0, 3),
        "conv_groups": (2,),
        "embedding_size": (24,),
        "pooler_hidden_size": (20,),
    },
    "esm": {"position_embedding_type": ("rotary", "absolute", "none")},
    "funnel": {"block_sizes": ([2, 3], [1, 2, 1]), "block_repeats": ([1, 2], [1, 2, 2])},
    "gemma3n_text": {
        "num_kv_shared_layers": (0, 1, 2),
        "intermediate_size": ([12, 20, 12], [28, 28, 12, 12]),
        "altup_num_inputs": (1, 2, 3),
    },
    "gemma4_text": {
        "num_kv_shared_layers": (0, 1, 2),
        "hidden_size_per_layer_input": (0, 8),
        "vocab_size_per_layer_input": (80,),
        "num_global_key_value_heads": (1, 4),
        "global_head_dim": (16,),
        "num_experts": (4, 6),
        "top_k_experts": (2,),
        "moe_intermediate_size": (12,),
        "use_bidirectional_attention": ("all", "vision"),
    },
    "gemma4_unified_text": {"num_kv_shared_layers": (0, 1, 2), "num_global_key_value_heads": (1, 4), "global_head_dim": (16,)},
    "gemma4_unified": {
        "vision_config": ({"mm_embed_dim": 24, "mm_posemb_size": 9, "patch_size": 2, "output_proj_dims": 24},),
        "audio_config": ({"audio_embed_dim": 20},),
    },
    "granite_docling": {"density_router_hidden_size": (12,)},
    "perceiver": {
        "d_latents": (32, 64),
        "d_model": (16, 48),
        "num_latents": (10,),
        "num_blocks": (2,),
        "num_self_attends_per_block": (1, 3),
        "qk_channels": (16, 64),
        "v_channels": (32, 64),
        "self_attention_widening_factor": (2,),
        "cross_attention_widening_factor": (3,),
        "cross_attention_shape_for_attention": ("q", "kv"),
    },
    "reformer": {
        "attn_layers": (["local"], ["lsh", "lsh", "local"]),
        "axial_pos_embds_dim": ([4, 12], [8, 8], [20, 12], [16, 32]),
        "axial_pos_shape": ([4, 8], [6, 6]),
        "axial_pos_embds": (True, False),
        "attention_head_size": (12,),
        "num_hidden_layers": (3, 4),
    },
    "ultrabert": {"attention_windows": ([8, None, 8], [0, 8])},
    "xmod": {"languages": (["en_XX", "de_DE"], [])},
    "longformer": {"attention_window": ([8, 12, 8],)},
    "yoso": {"conv_window": (5,)},
    "encoder-decoder": {
        "encoder": ({**BERT, "model_type": "bert"}, {**BERT, "model_type": "electra", "embedding_size": 24, "hidden_size": 48}),
        "decoder": DECODERS,
    },
    "speech-encoder-decoder": {
        "encoder": (
            {**WAVE, "model_type": "wav2vec2"},
            {**LAYERED, "model_type": "wav2vec2", "adapter_attn_dim": 8, "add_adapter": True, "output_hidden_size": 48},
            {**WAVE, "model_type": "wavlm", "num_buckets": 10},
            {**LAYERED, "model_type": "wavlm", "add_adapter": True, "num_adapter_layers": 2},
            {**LAYERED, "model_type": "hubert"},
            {**WAVE, "model_type": "hubert", "conv_pos_batch_norm": True, "feat_proj_layer_norm": False},
        ),
        "decoder": DECODERS,
    },
    "vision-encoder-decoder": {
        "encoder": (
            {**VIT, "model_type": "vit", "qkv_bias": False},
            {**VIT, "model_type": "deit", "image_size": [32, 16], "pooler_output_size": 20},
            {**SWIN, "model_type": "donut-swin"},
            {**SWIN, "model_type": "donut-swin", "use_absolute_embeddings": True, "mlp_ratio": 2.5, "qkv_bias": False},
        ),
        "decoder": (READS_24, *DECODERS),
    },
    "bamba": {"attn_layer_indices": ([0], [1, 2])},
    "falcon_h1": {"mamba_d_ssm": (16, 32, None)},
    "lfm2_moe": {"num_hidden_layers": (3,), "layer_types": (["conv", "full_attention", "conv"], ["full_attention", "conv", "conv"])},
    "nemotron_h_omni": {
        "audio_config": (
            {"hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 2, "projection_hidden_size": 12, "projection_bias": True},
            {"hidden_size": 16, "attention_bias": True, "num_hidden_layers": 1, "projection_hidden_size": 12, "projection_bias": False},
        ),
        "downsample_ratio": (1.0, 0.25),
    },
    "recurrent_gemma": {"block_types": (["attention", "recurrent"], ["recurrent"]), "lru_width": (16, 48)},
    "xlstm": {
        "weight_mode": ("fused",),
        "num_blocks": (2,),
        "v_dim_factor": (1.5,),
        "ffn_proj_factor": (1.3,),
        "ffn_round_up_to_multiple_of": (16,),
    },
    "zaya": {"sliding_window": (8,), "cca_time0": (3,), "cca_time1": (3,), "num_experts_per_tok": (1,), "router_hidden_size": (8, 12)},
    "zamba2": {
        "num_hidden_layers": (5,),
        "layers_block_type": (
            ["hybrid", "linear_attention", "hybrid", "hybrid", "hybrid"],
            ["linear_attention", "hybrid"] * 2 + ["hybrid"],
        ),
        "num_mem_blocks": (1, 2, 3),
        "use_shared_attention_adapter": (True,),
    },
    "minimax_m3_vl_text": {
        "layer_types": (["minimax_m3_sparse", "full_attention"],),
        "sparse_attention_config": ({"sparse_attention_freq": [0, 1], "sparse_index_dim": 6}, {"sparse_num_index_heads": 1}),
        "moe_layer_freq": ([0, 1],),
        "num_hidden_layers": (2,),
    },
    "granite4_vision": {"vision_config": ({"hidden_size": 64, "num_attention_heads": 4}, {"hidden_size": 192, "num_attention_heads": 4})},
    "qwen4_exp_text": {
        "eos_token_id": (1, [2, 0]),
        "heads_per_ngram": (4,),
        "ngram_vocab_size_base": (100, 1000),
        "num_hidden_layers": (3, 5),
        "ple_embed_dim": (16, 48),
        "ple_layer_ids": ([1], [2, 1]),
    },
}
"""Keys of a type that decide a shape and are drawn from values of their own; several are not in the class default."""
INDEXER = {
    f"indexer_{key}": value for key, value in (("n_heads", 2), ("kv_heads", 1), ("head_dim", 256), ("budget", 64), ("compress_ratio", 4))
}
REQUIRED: Mapping[str, Mapping[str, Any]] = {
    "aya_vision": {"vision_config": {"hidden_size": 1152, "num_attention_heads": 16, "vision_use_head": False}},
    "cohere_compass": {"text_config": {"rope_parameters": ROPE_BY_KIND}},
    "cohere_compass_text": {"rope_parameters": ROPE_BY_KIND},
    "dbrx": {"attn_config": {"rope_theta": 10000.0}},
    "diffusion_gemma": {"text_config": {"num_experts": 4, "top_k_experts": 2, "moe_intermediate_size": 12}},
    "dots1": {"n_routed_experts": 8, "n_shared_experts": 2, "num_experts_per_tok": 2},
    "ernie4_5_vl_moe": {"text_config": {"head_dim": 128}},
    "esm": {"vocab_size": 33},
    "hunyuan_v1_dense": {"head_dim": 128},
    "hunyuan_v1_moe": {"head_dim": 128},
    "hunyuan_vl": {"text_config": {"head_dim": 128}},
    "longcat_flash": {"zero_expert_num": 0},
    "ministral": {"head_dim": 128},
    "nemotron": {"num_key_value_heads": 8},
    "T5GemmaEncoderModel": {"is_encoder_decoder": False},
    "ReformerModelWithLMHead": {"is_decoder": True},
    "chameleon": {"vocabulary_map": {"<image>": 1}},
    "deepseek_ocr2": {
        "text_config": {
            "num_hidden_layers": 3,
            "mlp_layer_types": ["dense", "sparse", "sparse"],
            "num_experts_per_tok": 2,
        },
    },
    "emu3": {"vocabulary_map": {"<image>": 1}},
    "molmo2": {"adapter_config": {"vision_feature_layer": [-1, 0]}},
    "qwen3_omni_moe": {"talker_config": {"spatial_merge_size": 2, "text_config": {"shared_expert_intermediate_size": 24}}},
    "moonshine_streaming": {"num_key_value_heads": 8},
    "lfm2_moe": {"layer_types": ["conv"] * 32},
    "nemotron_h_omni": {"vision_config": {"video_temporal_patch_size": 2}},
    "gemma3n": {"text_config": {"num_kv_shared_layers": 0}},
    "granite4_vision": {"deepstack_layer_map": [[-2, 1], [-1, 0]], "downsample_rate": "2/4"},
    "qwen4_exp": {"text_config": INDEXER},
    "qwen4_exp_text": INDEXER,
}
"""Keys without which the default of a type, or of one of its classes, cannot be built."""


def completed(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config with the keys that its type cannot be built without."""
    return _over({**REQUIRED.get(config["model_type"], {}), **REQUIRED.get(config["architectures"][0], {})}, config)


def _over(required: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    full = {**required, **config}
    for key, value in required.items():
        if isinstance(value, dict):
            full[key] = _over(value, config.get(key, {}))
    return full


def draw(config: Mapping[str, Any], random: Random) -> dict[str, Any]:
    """Overrides of some keys of a config and of its sub-configs, and of `id2label`."""
    drawn = _unpinned(_draw(config, random), PINNED.get(config["model_type"], ()))
    for key, values in VARIED.get(config["model_type"], {}).items():
        if random.random() < 0.6:
            drawn[key] = random.choice(values)
    if random.random() < 0.5:
        drawn["id2label"] = {str(index): f"LABEL_{index}" for index in range(random.choice((1, 3, 5)))}
    return drawn


def _unpinned(drawn: Mapping[str, Any], pinned: tuple[str, ...]) -> dict[str, Any]:
    """What was drawn without the pinned keys, and those pinned at any depth, or by a path, in the objects of it."""
    deep = tuple(key for key in pinned if key.startswith("*."))
    kept = {key: value for key, value in drawn.items() if key not in pinned and f"*.{key}" not in deep}
    inside = {key: (*deep, *(path.removeprefix(f"{key}.") for path in pinned if path.startswith(f"{key}."))) for key in kept}
    return {key: _unpinned(value, inside[key]) if isinstance(value, dict) else value for key, value in kept.items()}


def _draw(config: Mapping[str, Any], random: Random) -> dict[str, Any]:
    drawn: dict[str, Any] = {}
    for key, value in config.items():
        if LEFT.search(key) and not key.endswith("token_id"):
            continue
        if isinstance(value, bool):
            if random.random() < 0.25:
                drawn[key] = not value
        elif isinstance(value, int) or (value is None and key in MAY_BE_NULL):
            choices = next((choices for pattern, choices in SIZES if re.search(pattern, key)), None)
            if choices is not None and (value is not None or random.random() < 0.5):
                drawn[key] = random.choice(choices)
        elif isinstance(value, dict) and key.endswith("config"):
            drawn[key] = {**({"model_type": value["model_type"]} if "model_type" in value else {}), **_draw(value, random)}
    if "attention_types" in config and "num_layers" in drawn:
        drawn["attention_types"] = [[[random.choice(("global", "local"))], 1] for _ in range(drawn["num_layers"])]
    depth = drawn.get("num_hidden_layers")
    for key in ("layer_types", "mlp_layer_types"):
        kinds = sorted(set(config.get(key) or ()))
        if kinds and depth and random.random() < 0.4:
            drawn[key] = [random.choice(kinds) for _ in range(depth)]
    return {key: value for key, value in drawn.items() if key not in PINNED.get(config.get("model_type", ""), ())}
