"""Gemma 4: full layers with wider heads than sliding ones, experts beside a dense block, shared keys, and an embedding for every layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from specverify import num
from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import glu, moe, stacked_experts
from specverify.architectures.blocks.tensors import extended, linear, norm
from specverify.architectures.gemma import BOTH_SIDES
from specverify.architectures.gemma3n import FULL, RECIPE, SHARED, SLIDING, layer_embeddings, layer_input, reading, sharing, without
from specverify.architectures.keys import Config
from specverify.architectures.llava import inside
from specverify.architectures.model import MixerOf, Model, decoder
from specverify.architectures.registry import family
from specverify.architectures.tower_gemma4 import COLOURS, audio_tower, vision_tower
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Modality, Part, Role, Weight


@family("gemma4_text", source="transformers Gemma4ForCausalLM; https://ai.google.dev/gemma/docs/core/model_card_4")
def gemma4_text(c: Config) -> Model:
    """Gemma 4: per-layer embeddings in the small ones, experts beside the dense block in the sparse one."""
    return layered(c)


def layered(c: Config, **placement: Any) -> Model:
    """The decoder of Gemma 4. `placement` is for `decoder`."""
    inputs = c.int("hidden_size_per_layer_input", least=0)
    return dense_or_sparse(c, inputs=None if inputs.value == 0 else inputs, sparse=c.flag("enable_moe_block"), **placement)


@family("gemma4", source="transformers Gemma4ForConditionalGeneration; https://ai.google.dev/gemma/docs/core/model_card_4")
def gemma4(c: Config) -> Model:
    """Gemma 4 with images and audio, each where the config has its tower; the root says whether the head is tied."""
    return with_inputs(c, layered, towers)


@family("gemma4_unified_text", source="transformers Gemma4UnifiedForCausalLM; https://ai.google.dev/gemma/docs/core/model_card_4")
def gemma4_unified_text(c: Config) -> Model:
    """The text model of unified Gemma 4: dense, and without per-layer embeddings."""
    return dense_or_sparse(c)


@family("gemma4_unified", source="transformers Gemma4UnifiedForConditionalGeneration; https://ai.google.dev/gemma/docs/core/model_card_4")
def gemma4_unified(c: Config) -> Model:
    """Unified Gemma 4: no towers; squares of pixels and frames of a waveform are projected into the text as they are."""
    return with_inputs(c, dense_or_sparse, projections)


def with_inputs(c: Config, text_model: Callable[..., Model], inputs: Callable[[Config, str], tuple[Part, ...]]) -> Model:
    """A text model and what feeds images and audio into it; spans of one image may see themselves both ways."""
    text = c.sub("text_config", text=True)
    model = text_model(text, prefix="model.language_model.", tied=c.flag("tie_word_embeddings"), root=c)
    found = inputs(c, inside(c))
    both_ways = text.text("use_bidirectional_attention") == "vision"
    vision = c.sub("vision_config") if c.raw.get("vision_config") is not None else None
    interface = "encoder + projector" if any(part.role == "tower" for part in found) else "projector" if found else None
    return replace(model, parts=(*model.parts, *found), vision=vision, interface=interface, image_mask=both_ways and vision is not None)


def towers(c: Config, prefix: str) -> tuple[Part, ...]:
    """The towers that the config has, each with a projection of what it puts out."""
    found: tuple[Part, ...] = ()
    if c.raw.get("vision_config") is not None:
        vision = c.sub("vision_config")
        found += (vision_tower(vision, f"{prefix}vision_tower."), projected(c, f"{prefix}embed_vision.", vision.int("hidden_size")))
    if c.raw.get("audio_config") is not None:
        audio = c.sub("audio_config")
        projection = projected(c, f"{prefix}embed_audio.", audio.int("output_proj_dims"), Modality.AUDIO)
        found += (audio_tower(audio, f"{prefix}audio_tower."), projection)
    return found


def projections(c: Config, prefix: str) -> tuple[Part, ...]:
    """What stands in for towers: patches between three norms with a learned position for each axis, and frames projected alone."""
    found: tuple[Part, ...] = ()
    if c.raw.get("vision_config") is not None:
        vision = c.sub("vision_config")
        patches = Part("patches", "projector", Modality.VISION, patch_embedding(vision), prefix=f"{prefix}vision_embedder.")
        found += (patches, projected(c, f"{prefix}embed_vision.", vision.int("output_proj_dims")))
    if c.raw.get("audio_config") is not None:
        found += (projected(c, f"{prefix}embed_audio.", c.sub("audio_config").int("audio_embed_dim"), Modality.AUDIO),)
    return found


def patch_embedding(c: Config) -> tuple[Weight, ...]:
    """The pixels of a merged patch, normed, projected and normed again, and normed once more with their position."""
    hidden, side = c.int("mm_embed_dim"), c.int("patch_size") * c.int("pooling_kernel_size")
    pixels = COLOURS * side * side
    return (
        *norm("patch_ln1", pixels, bias=True),
        *linear("patch_dense", pixels, hidden, Role.PROJECTOR, bias=True),
        *norm("patch_ln2", hidden, bias=True),
        Weight("pos_embedding", (c.int("mm_posemb_size"), num.const(2, "axes"), hidden), Role.POSITION),
        *norm("pos_norm", hidden, bias=True),
    )


def projected(c: Config, prefix: str, width: Num, modality: Modality = Modality.VISION) -> Part:
    """A matrix into the text, behind a norm without a weight."""
    weights = linear("embedding_projection", width, c.sub("text_config", text=True).int("hidden_size"), Role.PROJECTOR)
    return Part("projector" if modality is Modality.VISION else f"{modality} projector", "projector", modality, weights, prefix=prefix)


def dense_or_sparse(c: Config, *, inputs: Num | None = None, sparse: bool = False, **placement: Any) -> Model:
    """Layers with experts if `sparse`, each with an embedding of its own as wide as `inputs` where that is given."""
    doubled, layers = c.flag("use_double_wide_mlp"), sharing(c, last_is_full=True)
    mask = "bidirectional" if c.text("use_bidirectional_attention") == "all" else "causal"

    def feed_forward(c: Config, kind: str) -> FeedForward:
        width = c.int("intermediate_size") * (2 if doubled and kind.endswith(SHARED) else 1)
        return beside_experts(c, width) if sparse else glu(c, intermediate=width)

    return decoder(
        c,
        mixer=attention_of(c, keys_as_values=c.flag("attention_k_eq_v"), causal=mask == "causal"),
        feed_forward=feed_forward,
        mixer_kinds=layers,
        feed_forward_kinds=layers if doubled else None,
        norms=lambda c, kind: (*scaled(c, kind), *(() if inputs is None else layer_input(c, inputs))),
        recipe=RECIPE,
        extra=() if inputs is None else layer_embeddings(c, inputs),
        mask=mask,
        **placement,
    )


def attention_of(c: Config, *, keys_as_values: bool, causal: bool) -> MixerOf:
    """Attention; full layers have a `global_head_dim`, and KV heads of their own if their values are their keys before position and norm.

    A `per_layer_config` of the file says what differs in its place.
    """
    window, bias, listed = sliding_window(c), c.flag("attention_bias"), "per_layer_config" in c.raw

    def mixer(c: Config, kind: str) -> Mixer:
        full = kind.startswith(FULL)
        apart = full and not listed
        own = gqa(
            c,
            kv_heads=c.optional("num_global_key_value_heads") if apart and keys_as_values else None,
            dim=c.int("global_head_dim") if apart else c.int("head_dim"),
            bias=bias,
            o_bias=bias,
            qk_norm="per-head",
            window=window if kind.startswith(SLIDING) else None,
            causal=causal,
        )
        if full and keys_as_values:
            own = without(own, "v_proj")
        return reading(own) if kind.endswith(SHARED) else own

    return mixer


def scaled(c: Config, kind: str) -> tuple[Weight, ...]:
    """The four norms, and a number that what the layer puts out is multiplied by."""
    return (*BOTH_SIDES(c, kind), Weight("layer_scalar", (Num(1),), Role.NORM, buffer=True))


def beside_experts(c: Config, width: Num) -> FeedForward:
    """Experts beside a dense block, both with norms of their own; the router scales its input and what each expert returns."""
    hidden, experts, intermediate = c.int("hidden_size"), c.int("num_experts"), c.int("moe_intermediate_size")
    mixture = moe(
        c,
        experts=experts,
        per_token=c.int("top_k_experts"),
        intermediate=intermediate,
        shared=width,
        shared_prefix="mlp.",
        prefix="",
        router="router.proj",
        expert_weights=stacked_experts(hidden, intermediate, "experts.", outputs_first=True),
    )
    return extended(
        mixture,
        Weight("router.scale", (hidden,), Role.ROUTER),
        Weight("router.per_expert_scale", (experts,), Role.ROUTER),
        *norm("post_feedforward_layernorm_1", hidden),
        *norm("post_feedforward_layernorm_2", hidden),
        *norm("pre_feedforward_layernorm_2", hidden),
    )
