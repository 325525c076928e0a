"""dots 3 Note: latent attention to what an indexer picks, and sliding latent attention of other sizes between."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mla
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import extended, linear, norm
from specverify.architectures.deepseek import BALANCED, experts, indexed, stated_sparse
from specverify.architectures.dots3_towers import image_merger, image_tower, sound_adapter, sound_tower
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, decoder, every, kinds
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Latent, Role, Rows

SOURCE = "transformers Dots3NoteForConditionalGeneration; https://huggingface.co/dots-studio/dots3-note-prev"
FULL, INDEXED, SLIDING = "full_attention", "indexed_attention", "sliding_attention"
SLIDING_SIZES = {
    "num_attention_heads": 64,
    "q_lora_rank": 1024,
    "kv_lora_rank": 1024,
    "head_dim": 256,
    "qk_nope_head_dim": 192,
    "v_head_dim": 128,
}
"""What sliding layers have where neither `swa_` keys nor `per_layer_config` say otherwise."""


@family("dots3_note_text", source=SOURCE)
def dots3_note_text(c: Config) -> Model:
    """The text model alone."""
    return text_model(c)


def text_model(c: Config, *, tied: bool | None = None) -> Model:
    """A gate with one value a head on the output of attention, a norm on the rotary key, DeepSeek-V3's mixture."""

    def mixer(c: Config, kind: str) -> Latent:
        own = latents(c, kind)
        gate = linear("self_attn.g_proj", c.int("hidden_size"), own.num_attention_heads, Role.ATTENTION)
        return extended(own, *gate, *norm("self_attn.k_rope_only_layernorm", own.qk_rope_head_dim))

    def mixture(c: Config, kind: str) -> FeedForward:
        if kind != "sparse":
            return glu(c)
        each = c.int("shared_experts_intermediate_size")
        return experts(c, shared_each=each, router_kind="sigmoid", correction_bias="gate.e_score_correction_bias")

    return decoder(
        c,
        mixer=mixer,
        feed_forward=mixture,
        mixer_kinds=attention_kinds(c),
        feed_forward_kinds=stated_sparse(c),
        recipe=Recipe(balancing=BALANCED),
        tied=tied,
    )


@family("dots3_note", source=SOURCE)
def dots3_note(c: Config) -> Model:
    """dots 3 Note: the text model under its own names beside towers for images and sound; the root ties the head."""
    text = c.sub("text_config", text=True)
    if (c.architecture or "").endswith("ForCausalLM"):
        return text_model(text)
    vision, audio = c.sub("vision_config"), c.sub("audio_config")
    model = text_model(text, tied=c.flag("tie_word_embeddings"))
    seeing, hearing = "vision_encoder.", "audio_encoder."
    parts = (
        image_tower(vision, seeing),
        image_merger(vision, f"{seeing}adapter."),
        sound_tower(audio, f"{hearing}dots_encoder.speech_encoder."),
        sound_adapter(audio, f"{hearing}audio_adapter."),
    )
    return replace(model, parts=(*model.parts, *parts), vision=vision, interface="encoder + projector")


def attention_kinds(c: Config) -> Kinds:
    """Layers by `layer_types`, else two in front and every fourth without a window; `use_dsa` decides what those are."""
    count, sparse = c.layers(), c.choice("use_dsa")
    if sparse is None and c.raw.get("per_layer_config") is None:
        sparse = True
    wide = FULL if sparse is False else INDEXED
    if c.raw.get("layer_types") is None:
        c.mark("layer_types")
        slides = c.flag("use_sliding_window", True)
        return every(c, count, lambda index: slides and index > 1 and index % 4 != 1, names=(wide, SLIDING))
    stated = kinds(c, count, allowed=(FULL, INDEXED, SLIDING))
    if sparse is None:
        return stated
    return Kinds(tuple(wide if kind in (FULL, INDEXED) else kind for kind in stated.kinds), stated.rests_on)


def latents(c: Config, kind: str) -> Latent:
    """Latents of one kind of layer. The class rotates the keys of an indexer in float32, and keeps them so."""
    bias = c.flag("attention_bias")
    if kind == INDEXED:
        own = indexed(c)
        return replace(own, index_head_dim=None, rows=(Rows(c.int("index_head_dim"), dtype="float32"),))
    if kind != SLIDING:
        return mla(c, bias=bias)
    window = c.int("sliding_window")
    if c.raw.get("per_layer_config") is not None:
        return replace(mla(c, bias=bias), window=window)
    size = {key: sliding_size(c, key) for key in SLIDING_SIZES}
    nope = size["qk_nope_head_dim"]
    own = mla(
        c,
        heads=size["num_attention_heads"],
        q_rank=size["q_lora_rank"],
        kv_rank=size["kv_lora_rank"],
        nope=nope,
        rope=c.optional("swa_qk_rope_head_dim") or size["head_dim"] - nope,
        v_dim=size["v_head_dim"],
        bias=bias,
    )
    return replace(own, window=window)


def sliding_size(c: Config, key: str) -> Num:
    """A size of the sliding layers, under `swa_`."""
    return c.optional(f"swa_{key}") or num.const(SLIDING_SIZES[key], f"swa_{key} (transformers' default)")
