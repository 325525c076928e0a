"""What can be said of a model whose class no family describes: its stated sizes, and nothing of its tensors."""

from __future__ import annotations

from collections.abc import Mapping

from specverify import num
from specverify.architectures.aliases import also
from specverify.architectures.keys import MOST_LAYERS, Config
from specverify.architectures.model import Model, Recipe, depth_of
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Latent, LayerGroup, Mixer, Modality, Part, Recurrent, Role, State, Weight

TEXT_CONFIGS = (
    "text_config",
    "llm_config",
    "language_config",
    "thinker_config",
    "text_cfg",
    "decoder",
    "decoder_config",
    "lm_config",
)
"""Where multimodal configs keep the language model: transformers, InternVL, DeepSeek-VL, Qwen-Omni, open-clip, seq2seq pairs."""
OTHER_STATE = (
    "mamba",
    "ssm",
    "d_state",
    "conv_kernel",
    "linear_attn",
    "linear_num",
    "linear_key",
    "rwkv",
    "attn_type_list",
    "block_configs",
    "hybrid",
    "attn_layer",
    "full_attn_idxs",
    "conv_l_cache",
    "compress_ratios",
    "num_kv_shared_layers",
    "use_cla",
    "loop_num",
    "num_loops",
    "layers_block_type",
    "swa_num_key_value_heads",
    "num_global_key_value_heads",
    "index_topk",
)
"""Parts of key names that say not every layer keeps plain keys and values."""


def text_config(c: Config) -> Config:
    """The config of the language model inside `c`; `c` itself where it is not nested."""
    for key in TEXT_CONFIGS:
        raw = c.raw.get(key)
        if isinstance(raw, Mapping) and (raw or "vocab_size" not in c.raw):
            return text_config(c.sub(key, text=True))
    return c


def generic(c: Config, mask: str) -> Model | None:
    """The stated sizes of a language model; None where it states no layers or no vocabulary.

    Its parameters are unknown. Its cache is known only where nothing hints at layers of another kind.
    """
    text = text_config(c)
    seq2seq = c.choice("is_encoder_decoder") is True
    layers = _decoder_size(text, "num_hidden_layers", ("decoder_layers", "num_decoder_layers"), seq2seq)
    heads = _decoder_size(text, "num_attention_heads", ("decoder_attention_heads",), seq2seq)
    vocabulary = text.optional("vocab_size", least=0, also=also("vocab_size"))
    if layers is None or vocabulary is None:
        return None
    hidden = text.optional("hidden_size", also=also("hidden_size"))
    for key in ("intermediate_size", "num_experts", "num_experts_per_tok"):
        text.optional(key, least=0, also=also(key))
    who = text.model_type or c.architecture or "a config without model_type"
    if layers.value is not None and layers.value > MOST_LAYERS:
        layers = num.unknown(f"`{layers.fact.name if layers.fact else 'num_hidden_layers'}` is not plausible")
    unstated = num.unknown(f"the tensors of {who} are not known to specverify")
    width = hidden or num.unknown("hidden_size is not stated")
    tensors = (Weight("{unknown}", (unstated,), Role.ATTENTION),)
    ffn = FeedForward((Weight("{unknown}", (unstated,), Role.FEED_FORWARD),), num.unknown("its feed-forward is not known"))
    mixers: tuple[Mixer, ...]
    if heads is None:
        state = State("state", (num.unknown(f"what a layer of {who} keeps is not known"),))
        mixers = (Recurrent(str(who), (state,), tensors),)
    else:
        mixers = (_mixer(text, heads, width, tensors, mask),)
        if seq2seq and isinstance(mixers[0], Attention):
            mixers = (*mixers, replace(mixers[0], cross=True, window=None))
    group = LayerGroup(layers, tuple(range(depth_of(layers))), mixers, ffn)
    table = (Weight("{unknown}", (vocabulary, width), Role.EMBEDDING),)
    role = "encoder" if mask == "bidirectional" else "decoder"
    part = Part(role, role, Modality.TEXT, table, (group,))
    position = "none" if heads is None else ""
    return Model(
        (part,), text, Recipe("", "", position, ""), mask=mask or ("causal" if heads is None else ""), tied=text.flag("tie_word_embeddings")
    )


def _decoder_size(c: Config, key: str, of_decoder: tuple[str, ...], seq2seq: bool) -> Num | None:
    """A size of the stack that generates: encoder-decoders state it under the decoder's own key."""
    if seq2seq:
        for name in of_decoder:
            found = c.optional(name, least=0)
            if found is not None:
                c.optional(key, least=0, also=also(key))
                return found
    return c.optional(key, least=0, also=also(key))


def _mixer(c: Config, heads: Num, hidden: Num, tensors: tuple[Weight, ...], mask: str) -> Mixer:
    rank = c.optional("kv_lora_rank", least=0)
    if rank is not None and rank.value != 0:
        rope = c.int("qk_rope_head_dim", least=0)
        return Latent(heads, rank, c.int("qk_nope_head_dim", least=0), rope, c.int("v_head_dim"), c.optional("q_lora_rank"), tensors)
    stated = c.optional("num_key_value_heads", also=also("num_key_value_heads"))
    multi_query = c.flag("multi_query")
    kv_heads = stated or (num.const(1, "multi_query") if multi_query else heads)
    if stated is None and not multi_query and c.defaults is None:
        kv_heads = num.unknown(f"no key states its key-value heads, and the class of {c.model_type or 'the config'} is not known")
    stated_dim = c.optional("head_dim", least=0, also=also("head_dim"))
    # DeepSeek-VL2 writes 0 for a size that is not in use.
    dim = hidden // heads if stated_dim is None or stated_dim.value == 0 else stated_dim
    other = _other_state(c)
    if other is not None:
        kv_heads = num.unknown(f"`{other}` says that layers differ, and what they keep is not known for {c.model_type}")
    window = c.optional("sliding_window", least=-1, also=also("sliding_window"))
    if window is not None and (window.value or 0) > 0:
        window = num.unknown(f"which layers of {c.model_type} the window applies to is not known")
    else:
        window = None
    return Attention(heads, kv_heads, dim, dim, tensors, window=window, causal=mask != "bidirectional")


def _other_state(c: Config) -> str | None:
    """A key that says layers differ in what they keep."""
    types = c.raw.get("layer_types")
    if isinstance(types, list) and len({str(kind) for kind in types[:1000]}) > 1:
        return "layer_types"
    return next((str(key) for key in c.raw if any(hint in str(key).lower() for hint in OTHER_STATE)), None)
