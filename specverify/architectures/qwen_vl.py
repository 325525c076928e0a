"""Qwen3-VL and Qwen3.5 with their vision tower: patches enter as projected tokens among the text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, stacked_experts
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.blocks.vision import patch_convolution, vision_tower
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder
from specverify.architectures.qwen import normed_mixture
from specverify.architectures.qwen_next import qwen3_5_moe_text, qwen3_5_text
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight

TextModel = Callable[..., Model]
"""A family's text model, of its config and of where `decoder` is to place it."""


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


def with_tower(c: Config, text_model: TextModel) -> Model:
    """A text model with tower and merger, but for the classes that are the text model alone; the root says whether the head is tied."""
    text = c.sub("text_config", text=True)
    if (c.architecture or "").endswith("ForCausalLM"):
        return text_model(text)
    vision = c.sub("vision_config")
    model = text_model(text, prefix="model.language_model.", tied=c.flag("tie_word_embeddings"), root=c)
    prefix = "visual." if (c.architecture or "").endswith("Model") else "model.visual."
    parts = (*model.parts, tower(vision, prefix), merger(vision, prefix))
    return replace(model, parts=parts, vision=vision, interface="encoder + projector")


def tower(c: Config, prefix: str) -> Part:
    """Patches of `temporal_patch_size` frames, learned positions interpolated to the image, and rotary ones in the layers."""
    hidden, patch = c.int("hidden_size"), c.int("patch_size")
    outside = (
        *patch_convolution("patch_embed.proj", hidden, c.int("in_channels"), c.int("temporal_patch_size"), patch, patch),
        Weight("pos_embed.weight", (c.int("num_position_embeddings"), hidden), Role.POSITION),
    )
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
        feed_forward=("linear_fc1", "linear_fc2"),
        norms=("norm1", "norm2"),
    )


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
