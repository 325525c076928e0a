"""Cosmos 3: the reasoner of a world model, published beside its generator without the prefixes of a language model."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, plain
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import vision_tower
from specverify.architectures.keys import Config
from specverify.architectures.model import MixerOf, Model, Recipe, decoder
from specverify.architectures.qwen_vl import merger, tower
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import Modality, Part, Role, Weight

PROJECTIONS = ("to_q", "to_k", "to_v", "to_out")


@family("cosmos3_omni", source="transformers Cosmos3OmniForConditionalGeneration; NVIDIA, Cosmos 3")
def cosmos3_omni(c: Config) -> Model:
    """Cosmos 3: Qwen3-VL under other names."""
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    model = decoder(
        text,
        mixer=attention(text, qk_norm="per-head"),
        feed_forward=lambda c, kind: glu(c),
        prefix="",
        tied=c.flag("tie_word_embeddings"),
        root=c,
        recipe=Recipe(qk_norm="per-head"),
    )
    parts = (*model.parts, tower(vision, ""), merger(vision, ""))
    return replace(model, parts=parts, vision=vision, interface="encoder + projector")


@family("cosmos3_edge", source="transformers Cosmos3EdgeForConditionalGeneration; NVIDIA, Cosmos 3 Edge")
def cosmos3_edge(c: Config) -> Model:
    """Cosmos 3 Edge: a text model with plain feed-forwards behind a SigLIP 2 whose patches are projected in squares; no head is tied."""
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    bias = text.flag("mlp_bias")
    model = decoder(
        text,
        mixer=attention(text),
        feed_forward=lambda c, kind: plain(c, names=("up_proj", "down_proj"), bias=bias),
        prefix="",
        tied=False,
        root=c,
    )
    prefix = "" if (c.architecture or "").endswith("Model") else "model."
    width, side = vision.int("hidden_size"), vision.int("spatial_merge_size")
    square, between = width * side * side, c.int("projector_hidden_size")
    projector = (
        *norm("norm", width, bias=True),
        *linear("linear_fc1", square, between, Role.PROJECTOR, bias=True),
        *linear("linear_fc2", between, text.int("hidden_size"), Role.PROJECTOR, bias=True),
    )
    parts = (
        patches_of_any_shape(vision, f"{prefix}visual."),
        Part("projector", "projector", Modality.VISION, projector, prefix=f"{prefix}projector."),
    )
    return replace(model, parts=(*model.parts, *parts), vision=vision, interface="encoder + projector")


def attention(c: Config, *, qk_norm: str | None = None) -> MixerOf:
    """Attention with `attention_bias` on all four projections, named as in diffusers."""
    bias = c.flag("attention_bias")
    return lambda c, kind: gqa(c, bias=bias, o_bias=bias, names=PROJECTIONS, qk_norm=qk_norm, qk_norm_names=("norm_q", "norm_k"))


def patches_of_any_shape(c: Config, prefix: str) -> Part:
    """SigLIP 2 (arXiv:2502.14786) for images of any shape: patches enter by a matrix, `num_patches` positions are stretched over them."""
    hidden, patch = c.int("hidden_size"), c.int("patch_size")
    outside = (
        *linear("embeddings.patch_embedding", c.int("num_channels") * patch * patch, hidden, Role.TOWER, bias=True),
        Weight("embeddings.position_embedding.weight", (c.int("num_patches"), hidden), Role.POSITION),
        *norm("post_layernorm", hidden, bias=True),
    )
    heads, layers = c.int("num_attention_heads"), "encoder.layers.{layer}."
    return vision_tower(c, heads=heads, count=c.layers(), prefix=prefix, layers=layers, outside=outside)
