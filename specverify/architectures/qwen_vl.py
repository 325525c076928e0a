"""Qwen2-VL to Qwen3.5 with their vision tower: patches enter as projected tokens among the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, stacked_experts
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.blocks.vision import patch_convolution, vision_tower, with_vision
from specverify.architectures.cohere import cohere_compass_text
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder
from specverify.architectures.qwen import normed_mixture, window_kinds, windowed
from specverify.architectures.qwen_next import qwen3_5_moe_text, qwen3_5_text
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight

VISUAL = "visual."
TextModel = Callable[..., Model]
"""A family's text model, of its config and of where `decoder` is to place it."""


@family("qwen2_vl", source="transformers Qwen2VLForConditionalGeneration; https://arxiv.org/abs/2409.12191")
def qwen2_vl(c: Config) -> Model:
    """Qwen2-VL: Qwen2 behind a tower `embed_dim` wide; the vision config's `hidden_size` is the width it is projected to."""
    vision = c.sub("vision_config")
    hidden = vision.int("embed_dim")
    tower = patch_tower(
        vision,
        hidden=hidden,
        intermediate=hidden * vision.int("mlp_ratio"),
        feed_forward=("fc1", "fc2"),
        norm_bias=True,
    )
    return behind(c, vision, tower, square_merger(vision, hidden, vision.int("hidden_size"), bias=True), "qwen2_vl_text")


@family("qwen2_5_vl", source="transformers Qwen2_5_VLForConditionalGeneration; https://arxiv.org/abs/2502.13923")
def qwen2_5_vl(c: Config) -> Model:
    """Qwen2.5-VL: Qwen2-VL whose tower has RMSNorms, SwiGLU, and windows of `window_size` pixels but for `fullatt_block_indexes`."""
    vision = c.sub("vision_config")
    hidden = vision.int("hidden_size")
    tower = patch_tower(vision, hidden=hidden, feed_forward=("gate_proj", "up_proj", "down_proj"), norm_bias=False)
    return behind(c, vision, tower, square_merger(vision, hidden, vision.int("out_hidden_size"), bias=False), "qwen2_5_vl_text")


def behind(c: Config, vision: Config, tower: Part, merger: Part, text_type: str) -> Model:
    """Qwen2 behind a tower, its keys in `text_config` or, as in older files, at the root; either may say that the head is tied."""
    text = text_of(c, text_type)
    tied = c.flag("tie_word_embeddings") or text.raw.get("tie_word_embeddings") is True
    text.mark("tie_word_embeddings")
    model = decoder(
        text,
        mixer=windowed(text, bias=True),
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=window_kinds(text, lambda index, limit: index >= limit),
        tied=tied,
    )
    return with_vision(model, vision, tower, merger)


def text_of(c: Config, text_type: str) -> Config:
    """The text config, or the root where a file keeps the text model's keys there."""
    return c.sub("text_config", text=True) if c.raw.get("text_config") is not None else at_root(c, text_type)


def at_root(c: Config, text_type: str) -> Config:
    """The root read as the text config it holds the keys of."""
    return Config(c.raw, file=c.file, pointer=c.pointer, model_type=text_type, architecture=c.architecture, parent=c)


def patch_tower(
    c: Config,
    *,
    hidden: Num,
    feed_forward: tuple[str, ...],
    norm_bias: bool,
    intermediate: Num | None = None,
    kv_heads: Num | None = None,
    prefix: str = VISUAL,
) -> Part:
    """Patches of `temporal_patch_size` frames with rotary positions alone."""
    patch = c.int("patch_size")
    kernel = (c.int("in_channels"), c.int("temporal_patch_size"), patch, patch)
    outside = patch_convolution("patch_embed.proj", hidden, *kernel, bias=False)
    return block_tower(
        c,
        prefix,
        outside,
        feed_forward=feed_forward,
        hidden=hidden,
        intermediate=intermediate,
        kv_heads=kv_heads,
        norm_bias=norm_bias,
    )


def block_tower(c: Config, prefix: str, outside: tuple[Weight, ...], *, feed_forward: tuple[str, ...], **options: Any) -> Part:
    """`depth` blocks with q, k and v in one tensor, as the towers of Qwen-VL, GLM-V and ERNIE-VL have them.

    `options` are those of `vision_tower`.
    """
    return vision_tower(
        c,
        heads=c.int("num_heads"),
        count=c.layers("depth"),
        prefix=prefix,
        layers="blocks.{layer}.",
        outside=outside,
        attention="attn.",
        projections=("q", "k", "v", "proj"),
        fused="qkv",
        feed_forward=feed_forward,
        norms=("norm1", "norm2"),
        **options,
    )


def square_merger(c: Config, hidden: Num, outputs: Num, *, bias: bool, prefix: str = VISUAL) -> Part:
    """A norm over each patch and two matrices over each square of `spatial_merge_size` patches; `bias` is the norm's."""
    side = c.int("spatial_merge_size")
    square = hidden * side * side
    weights = (
        *norm("merger.ln_q", hidden, bias=bias),
        *linear("merger.mlp.0", square, square, Role.PROJECTOR, bias=True),
        *linear("merger.mlp.2", square, outputs, Role.PROJECTOR, bias=True),
    )
    return Part("projector", "projector", Modality.VISION, weights, prefix=prefix)


@family("qwen3_vl", source="transformers Qwen3VLForConditionalGeneration; https://arxiv.org/abs/2511.21631")
def qwen3_vl(c: Config) -> Model:
    """Qwen3-VL: Qwen3 without windows behind a tower, some layers of which also reach the first text layers, each merged apart."""

    def text(c: Config, **placement: Any) -> Model:
        bias = c.flag("attention_bias")
        return decoder(
            c,
            mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias, qk_norm="per-head"),
            feed_forward=lambda c, kind: glu(c),
            recipe=Recipe(qk_norm="per-head"),
            **placement,
        )

    return with_tower(c, text)


@family("qwen3_vl_moe", source="transformers Qwen3VLMoeForConditionalGeneration; https://arxiv.org/abs/2511.21631")
def qwen3_vl_moe(c: Config) -> Model:
    """Qwen3-VL with the mixtures of Qwen3-MoE, whose experts the checkpoint keeps together."""

    def text(c: Config, **placement: Any) -> Model:
        experts = stacked_experts(c.int("hidden_size"), c.int("moe_intermediate_size"), "mlp.experts.")
        return normed_mixture(c, expert_weights=experts, **placement)

    return with_tower(c, text)


@family("qwen3_5", source="transformers Qwen3_5ForConditionalGeneration")
def qwen3_5(c: Config) -> Model:
    """Qwen3.5, dense: its hybrid text model behind a vision tower."""
    return with_tower(c, qwen3_5_text)


@family("qwen3_5_moe", source="transformers Qwen3_5MoeForConditionalGeneration")
def qwen3_5_moe(c: Config) -> Model:
    """Qwen3.5, sparse: its hybrid text model behind a vision tower."""
    return with_tower(c, qwen3_5_moe_text)


@family("cohere_compass", source="transformers CohereCompassForConditionalGeneration; Cohere, Compass")
def cohere_compass(c: Config) -> Model:
    """Compass with images: Qwen3-VL's tower before Cohere's text model."""
    return with_tower(c, cohere_compass_text)


def with_tower(c: Config, text_model: TextModel) -> Model:
    """A text model with tower and merger, but for the classes that are the text model alone; the root says whether the head is tied."""
    text = c.sub("text_config", text=True)
    if (c.architecture or "").endswith("ForCausalLM"):
        return text_model(text)
    vision = c.sub("vision_config")
    model = text_model(text, prefix="model.language_model.", tied=c.flag("tie_word_embeddings"), root=c)
    prefix = "visual." if (c.architecture or "").endswith("Model") else "model.visual."
    return with_vision(model, vision, tower(vision, prefix), merger(vision, prefix))


def tower(c: Config, prefix: str) -> Part:
    """Patches of `temporal_patch_size` frames, learned positions interpolated to the image, and rotary ones in the layers."""
    hidden, patch = c.int("hidden_size"), c.int("patch_size")
    outside = (
        *patch_convolution("patch_embed.proj", hidden, c.int("in_channels"), c.int("temporal_patch_size"), patch, patch),
        Weight("pos_embed.weight", (c.int("num_position_embeddings"), hidden), Role.POSITION),
    )
    return block_tower(c, prefix, outside, feed_forward=("linear_fc1", "linear_fc2"))


def merger(c: Config, prefix: str) -> Part:
    """Two matrices over each square of `spatial_merge_size` patches; one more pair for every entry of `deepstack_visual_indexes`."""
    hidden, side = c.int("hidden_size"), c.int("spatial_merge_size")
    square = hidden * side * side
    weights = prefixed("merger.", projection(square, hidden, c.int("out_hidden_size")))
    for index, _ in enumerate(c.list("deepstack_visual_indexes", of=int) or ()):
        weights += prefixed(f"deepstack_merger_list.{index}.", projection(square, square, c.int("out_hidden_size")))
    return Part("projector", "projector", Modality.VISION, weights, prefix=prefix)


def projection(square: Num, normed: Num, outputs: Num) -> tuple[Weight, ...]:
    """A norm as wide as a patch or a square of them, and two matrices."""
    return (
        *norm("norm", normed, bias=True),
        *linear("linear_fc1", square, square, Role.PROJECTOR, bias=True),
        *linear("linear_fc2", square, outputs, Role.PROJECTOR, bias=True),
    )
