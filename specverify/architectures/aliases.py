"""The spellings of one field across model classes, remote code and checkpoint formats, each with who uses it.

Known classes have their own attribute map in `defaults.json`. This table is for everything else, and for the config schema.
"""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """A canonical key: its JSON `kind` (`count`, `number`, `flag`, `text`, `list`, `object`), least value, other spellings and users."""

    name: str
    kind: str
    least: int = 1
    spellings: tuple[tuple[str, str], ...] = ()
    nullable: bool = True

    @property
    def also(self) -> tuple[str, ...]:
        """The other spellings alone."""
        return tuple(spelling for spelling, _ in self.spellings)


_KEYS = (
    Key(
        "num_hidden_layers",
        "count",
        0,
        (
            ("n_layer", "GPT-2, BLOOM, GPT-J, CodeGen"),
            ("n_layers", "DBRX, MPT, DistilBERT, XLM, Mistral params.json"),
            ("num_layers", "T5, GPT-Neo, ChatGLM, XGLM, LongCat-Flash"),
            ("num_decoder_layers", "T5 decoders"),
            ("decoder_layers", "BART, Whisper, Marian"),
        ),
    ),
    Key(
        "hidden_size",
        "count",
        1,
        (
            ("d_model", "T5, BART, Whisper, MPT, DBRX"),
            ("n_embd", "GPT-2 and its kin"),
            ("dim", "DistilBERT, Mistral params.json"),
            ("n_embed", "old BLOOM exports"),
            ("emb_dim", "XLM, FlauBERT"),
            ("embed_dim", "vision towers"),
            ("model_dim", "OpenELM"),
        ),
    ),
    Key(
        "num_attention_heads",
        "count",
        1,
        (
            ("n_head", "GPT-2, BLOOM"),
            ("n_heads", "DBRX, MPT, DistilBERT, Mistral params.json"),
            ("num_heads", "T5, GPT-Neo"),
            ("decoder_attention_heads", "BART, Whisper"),
            ("attention_heads", "XGLM, Kosmos-2"),
        ),
    ),
    Key(
        "num_key_value_heads",
        "count",
        1,
        (
            ("n_head_kv", "Falcon"),
            ("num_kv_heads", "Falcon"),
            ("multi_query_group_num", "ChatGLM 2 and 3 remote code"),
            ("num_attention_groups", "Step-3"),
            ("n_kv_heads", "Mistral params.json"),
            ("num_query_groups", "Megatron"),
        ),
    ),
    Key(
        "head_dim",
        "count",
        1,
        (
            ("d_kv", "T5"),
            ("kv_channels", "ChatGLM, JetMoE"),
            ("attention_head_dim", "Hunyuan, Zamba"),
            ("hidden_size_per_head", "PLaMo 2"),
        ),
    ),
    Key(
        "intermediate_size",
        "count",
        1,
        (
            ("n_inner", "GPT-2"),
            ("ffn_dim", "OPT, XGLM"),
            ("d_ff", "T5"),
            ("decoder_ffn_dim", "BART, Whisper"),
            ("ffn_hidden_size", "Falcon, ChatGLM, LongCat-Flash"),
            ("hidden_dim", "DistilBERT, Mistral params.json"),
        ),
    ),
    Key(
        "vocab_size",
        "count",
        0,
        (("padded_vocab_size", "ChatGLM remote code"), ("n_words", "XLM"), ("tgt_vocab_size", "FSMT")),
    ),
    Key(
        "num_experts",
        "count",
        0,
        (
            ("num_local_experts", "Mixtral, gpt-oss, MiniMax, Llama 4"),
            ("n_routed_experts", "DeepSeek, GLM-4.5, Kimi K2"),
            ("moe_num_experts", "ERNIE 4.5, DBRX, Step-3"),
            ("num_moe_experts", "Megatron"),
        ),
    ),
    Key(
        "num_experts_per_tok",
        "count",
        0,
        (
            ("num_experts_per_token", "Kimi-Linear"),
            ("top_k_experts", "Gemma 4"),
            ("moe_topk", "Hunyuan, LongCat-Flash"),
            ("moe_top_k", "DBRX, Step-3"),
            ("moe_k", "ERNIE 4.5"),
            ("num_selected_experts", "JAX exports"),
            ("experts_per_token", "gpt-oss"),
        ),
    ),
    Key("kv_lora_rank", "count"),
    Key("q_lora_rank", "count"),
    Key("qk_rope_head_dim", "count", 0),
    Key("qk_nope_head_dim", "count", 0),
    Key("v_head_dim", "count"),
    Key("sliding_window", "count", -1, (("sliding_window_size", "Gemma 2, MiMo"), ("attention_window_size", "RecurrentGemma"))),
    Key(
        "max_position_embeddings",
        "count",
        1,
        (
            ("n_positions", "GPT-2"),
            ("max_seq_len", "MPT, DBRX"),
            ("seq_length", "ChatGLM, BLOOM"),
            ("model_max_length", "Command-R, Kimi-Linear"),
            ("max_sequence_length", "LLaDA"),
            ("max_target_positions", "Whisper"),
            ("context_length", "RWKV"),
        ),
    ),
    Key("rope_theta", "number"),
    Key("partial_rotary_factor", "number"),
    Key("rope_scaling", "object"),
    Key("rope_parameters", "object"),
    Key("quantization_config", "object"),
    Key("layer_types", "list"),
    Key("tie_word_embeddings", "flag"),
    Key("is_encoder_decoder", "flag"),
    Key("is_decoder", "flag"),
    Key("use_sliding_window", "flag"),
    Key("attention_bias", "flag"),
    Key("mlp_bias", "flag"),
    Key("hidden_act", "text", 1, (("activation_function", "GPT-2, BART, OPT"), ("hidden_activation", "Gemma 2 and later"))),
    Key("torch_dtype", "text", 1, (("dtype", "transformers 5"),)),
    Key("model_type", "text"),
    Key("architectures", "list"),
    Key("auto_map", "object"),
)

KEYS: dict[str, Key] = {key.name: key for key in _KEYS}


def also(name: str) -> tuple[str, ...]:
    """The other spellings of a canonical key."""
    return KEYS[name].also
