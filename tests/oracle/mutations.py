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

PINNED: Mapping[str, tuple[str, ...]] = {
    # Published v1.1, Flan, mT5 and umT5 checkpoints have a head of their own, which is counted; transformers 5 ties it all the
    # same. And an encoder built as a decoder is no model that anyone means.
    "t5": ("tie_word_embeddings", "is_decoder"),
    "mt5": ("tie_word_embeddings", "is_decoder"),
    "umt5": ("tie_word_embeddings", "is_decoder"),
    # These have one value that other keys allow.
    "cosmos3_edge_text": ("head_dim",),
    "glm5_next_text": ("num_attention_heads", "num_key_value_heads", "index_topk", "qk_rope_head_dim"),
    "dbrx": ("tie_word_embeddings",),
    "granitemoehybrid": ("mamba_d_head",),
    "neomme": ("head_dim",),
    "dots3_note_text": (
        "num_attention_heads",
        "num_key_value_heads",
        "n_group",
        "topk_group",
        "qk_rope_head_dim",
        "index_head_dim",
        "head_dim",
    ),
    # With fewer layers than scales, the class assigns them by scipy.
    "inkling_vision": ("n_layers", "num_hidden_layers"),
    # The width of the text model is stated in the configs of its towers too.
    "inkling2": ("text_config.hidden_size",),
    "dots3_note": ("text_config.hidden_size", "vision_config.hidden_size", "audio_config.hidden_size"),
    "muse_spark": ("text_config.hidden_size",),
    "muse_spark_audio": ("num_hidden_layers", "out_hidden_size"),
}
"""Keys that keep their default, by model type, where a difference from transformers is meant or another value is refused.

Dotted ones are those of a sub-config."""

MAY_BE_NULL = ("n_inner", "q_lora_rank", "pad_token_id", "num_key_value_heads", "moe_latent_size", "head_dim")
"""Sizes that are drawn although their default is null."""

ROPE_BY_KIND = {kind: {"rope_type": "default", "rope_theta": 10000.0} for kind in ("full_attention", "sliding_attention")}
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
    "minimax_m3_vl_text": {
        "layer_types": (["minimax_m3_sparse", "full_attention"],),
        "sparse_attention_config": ({"sparse_attention_freq": [0, 1], "sparse_index_dim": 6}, {"sparse_num_index_heads": 1}),
        "moe_layer_freq": ([0, 1],),
        "num_hidden_layers": (2,),
    },
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
    "qwen4_exp_text": {
        "eos_token_id": (1, [2, 0]),
        "heads_per_ngram": (4,),
        "ngram_vocab_size_base": (100, 1000),
        "num_hidden_layers": (3, 5),
        "ple_embed_dim": (16, 48),
        "ple_layer_ids": ([1], [2, 1]),
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
}
"""Keys of a type that decide a shape and are drawn from values of their own; several are not in the class default."""

INDEXER = {
    f"indexer_{key}": value for key, value in (("n_heads", 2), ("kv_heads", 1), ("head_dim", 256), ("budget", 64), ("compress_ratio", 4))
}
REQUIRED: Mapping[str, Mapping[str, Any]] = {
    "cohere_compass": {"text_config": {"rope_parameters": ROPE_BY_KIND}},
    "cohere_compass_text": {"rope_parameters": ROPE_BY_KIND},
    "dbrx": {"attn_config": {"rope_theta": 10000.0}},
    "dots1": {"n_routed_experts": 8, "n_shared_experts": 2, "num_experts_per_tok": 2},
    "esm": {"vocab_size": 33},
    "hunyuan_v1_dense": {"head_dim": 128},
    "hunyuan_v1_moe": {"head_dim": 128},
    "longcat_flash": {"zero_expert_num": 0},
    "ministral": {"head_dim": 128},
    "nemotron": {"num_key_value_heads": 8},
    "qwen4_exp": {"text_config": INDEXER},
    "qwen4_exp_text": INDEXER,
    "ReformerModelWithLMHead": {"is_decoder": True},
}
"""Keys without which the default of a type, or of one of its classes, cannot be built."""


def completed(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config with the keys that its type cannot be built without."""
    full = dict(config)
    required = {**REQUIRED.get(config["model_type"], {}), **REQUIRED.get(config["architectures"][0], {})}
    for key, value in required.items():
        full[key] = {**value, **full.get(key, {})} if isinstance(value, dict) else full.get(key, value)
    return full


def draw(config: Mapping[str, Any], random: Random) -> dict[str, Any]:
    """Overrides of some keys of a config and of its sub-configs, and of `id2label`."""
    drawn = _unpinned(config, random)
    for part, _, key in (pinned.partition(".") for pinned in PINNED.get(config["model_type"], ())):
        if key:
            drawn.get(part, {}).pop(key, None)
    for key, values in VARIED.get(config["model_type"], {}).items():
        if random.random() < 0.6:
            drawn[key] = random.choice(values)
    if random.random() < 0.5:
        drawn["id2label"] = {str(index): f"LABEL_{index}" for index in range(random.choice((1, 3, 5)))}
    return drawn


def _unpinned(config: Mapping[str, Any], random: Random) -> dict[str, Any]:
    return {key: value for key, value in _draw(config, random).items() if key not in PINNED.get(config.get("model_type", ""), ())}


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
            drawn[key] = {**({"model_type": value["model_type"]} if "model_type" in value else {}), **_unpinned(value, random)}
    if "attention_types" in config and "num_layers" in drawn:
        drawn["attention_types"] = [[[random.choice(("global", "local"))], 1] for _ in range(drawn["num_layers"])]
    depth = drawn.get("num_hidden_layers")
    for key in ("layer_types", "mlp_layer_types"):
        kinds = sorted(set(config.get(key) or ()))
        if kinds and depth and random.random() < 0.4:
            drawn[key] = [random.choice(kinds) for _ in range(depth)]
    return drawn
