"""Muse Glimmer and Spark: gated attention that slides but for every fourth layer, images and sound projected into the text."""

from __future__ import annotations

from typing import Any

from specverify import num
from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import glu, moe, plain_weights
from specverify.architectures.blocks.recurrent import depthwise_conv
from specverify.architectures.blocks.tensors import as_role, extended, linear, norm, prefixed
from specverify.architectures.blocks.vision import vision_tower
from specverify.architectures.deepseek import BALANCED, stated_sparse
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, depth_of, layer_norms
from specverify.architectures.qwen import SLIDING, listed_windows
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Modality, Part, Role, Weight

SANDWICH = ("input_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm")


@family("muse_glimmer", source="transformers MuseGlimmerForConditionalGeneration; Meta, Muse Glimmer")
def muse_glimmer(c: Config) -> Model:
    """Muse Glimmer, dense: norms around both blocks; the root says whether the head is tied."""
    return seeing(
        c,
        feed_forward=lambda c, kind: glu(c),
        norms=layer_norms(*SANDWICH, "post_attention_layernorm"),
        tied=c.flag("tie_word_embeddings"),
        recipe=Recipe(norm_placement="pre and post"),
    )


@family("muse_spark", source="transformers MuseSparkForConditionalGeneration; Meta, Muse Spark")
def muse_spark(c: Config) -> Model:
    """Muse Spark: mixtures of a width of their own, gates on both residuals, and a tower for sound; no head is tied."""
    text, audio = c.sub("text_config", text=True), c.sub("audio_config")
    hidden = text.int("hidden_size")
    gates = tuple(Weight(f"post_{block}_residual_gate.gate", (hidden,), Role.NORM) for block in ("attention", "feedforward"))
    own = layer_norms(*SANDWICH)
    model = seeing(
        c,
        feed_forward=lambda c, kind: narrowed(c) if kind == "sparse" else glu(c),
        feed_forward_kinds=stated_sparse(text),
        norms=lambda c, kind: (*own(c, kind), *gates),
        tied=False,
        recipe=Recipe(norm_placement="pre and post", balancing=BALANCED),
    )
    return replace(model, parts=(*model.parts, sound_tower(audio, f"{body(c)}audio_tower.")))


def body(c: Config) -> str:
    """What stands before the names of a composite's modules: nothing in a bare one."""
    return "" if (c.architecture or "").endswith("Model") else "model."


def seeing(c: Config, **facts: Any) -> Model:
    """The text model behind the vision tower. `facts` are for `decoder`."""
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    model = decoder(
        text,
        mixer=attention,
        mixer_kinds=listed_windows(text),
        prefix="model.language_model.",
        root=c,
        **facts,
    )
    joined, between = c.int("out_hidden_size"), c.int("projector_hidden_size")
    weights = (
        *linear("vision_adapter.fc1", joined, between, Role.PROJECTOR),
        *linear("vision_adapter.fc2", between, between, Role.PROJECTOR),
        *linear("vision_projection", between, text.int("hidden_size"), Role.PROJECTOR),
    )
    projector = Part("projector", "projector", Modality.VISION, weights, prefix=body(c))
    parts = (*model.parts, image_tower(vision, f"{body(c)}vision_tower."), projector)
    return replace(model, parts=parts, vision=vision, interface="encoder + projector")


def attention(c: Config, kind: str) -> Attention:
    """Attention with a gate on its output; layers that see everything have no positions."""
    bias, window = c.flag("attention_bias"), sliding_window(c) if kind == SLIDING else None
    own = gqa(c, bias=bias, o_bias=bias, window=window, rotary=kind == SLIDING)
    return extended(own, *linear("self_attn.gate_proj", c.int("hidden_size"), own.num_attention_heads * own.head_dim, Role.ATTENTION))


def narrowed(c: Config) -> FeedForward:
    """A mixture between two matrices to and from the width its experts work in, with norms before and behind them."""
    hidden, inner, width = c.int("hidden_size"), c.int("moe_hidden_size"), c.int("moe_intermediate_size")
    mixture = moe(
        c,
        experts=c.int("num_local_experts"),
        per_token=c.int("num_experts_per_tok"),
        intermediate=width,
        router_kind="sigmoid",
        correction_bias="gate.e_score_correction_bias",
        expert_weights=(
            Weight("mlp.experts.gate_up_proj", (width * 2, inner), Role.ROUTED_EXPERT),
            Weight("mlp.experts.down_proj", (inner, width), Role.ROUTED_EXPERT),
        ),
    )
    return extended(
        mixture,
        *linear("mlp.pre_expert_proj", hidden, inner, Role.FEED_FORWARD),
        *norm("mlp.pre_expert_norm", inner),
        *norm("mlp.experts.post_expert_norm", inner),
        *linear("mlp.post_expert_proj", inner, hidden, Role.FEED_FORWARD),
    )


def image_tower(c: Config, prefix: str) -> Part:
    """A ViT over patches of `patch_temporal` frames, with positions learned for a grid."""
    hidden, patch = c.int("hidden_size"), c.int("patch_size")
    pixels = c.int("patch_temporal") * num.const(3, "colours") * patch * patch
    outside = (
        *linear("patch_embedder.patch_embedding", pixels, hidden, Role.TOWER),
        Weight("patch_embedder.position_embedding_table.weight", (c.int("pos_emb_height") * c.int("pos_emb_width"), hidden), Role.POSITION),
        *norm("ln_pre", hidden, bias=True),
        *norm("ln_post", hidden, bias=True),
    )
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix=prefix,
        layers="layers.{layer}.",
        outside=outside,
        attention="attn.",
        projections=("q_proj", "k_proj", "v_proj", "proj"),
        norms=("norm1", "norm2"),
    )


def sound_tower(c: Config, prefix: str) -> Part:
    """Stages that join samples, each with convolutions over time and feed-forwards `mlp_ratio` times as wide."""
    widths, joined, depths = c.counts("hidden_sizes"), c.counts("patch_sizes"), c.counts("depths")
    kernel, outputs = c.int("conv_kernel_size"), c.int("out_hidden_size")
    ratio = c.number("mlp_ratio") or num.unknown("`mlp_ratio` is null")
    weights: tuple[Weight, ...] = ()
    before = Num(1)
    for stage, (width, samples, depth) in enumerate(zip(widths, joined, depths, strict=False)):
        one = convolved(width, kernel, ratio)
        blocks = (block for index in range(depth_of(depth)) for block in prefixed(f"conv_blocks.{index}.", one))
        entry = (*linear("patch_embedder.proj", before * samples, width, Role.TOWER, bias=True), *norm("patch_embedder.norm", width))
        weights += prefixed(f"layers.{stage}.", (*entry, *blocks))
        before = width
    weights += (*norm("norm", before), *linear("proj", before, outputs, Role.TOWER, bias=True), *norm("post_proj_norm", outputs))
    return Part("audio tower", "tower", Modality.AUDIO, weights, prefix=prefix)


def convolved(width: Num, kernel: Num, ratio: Num) -> tuple[Weight, ...]:
    """A convolution over time, a norm and a feed-forward."""
    wide = num.floor(width * ratio)
    return (
        *as_role(Role.TOWER, depthwise_conv("conv", width, kernel, bias=True)),
        *norm("norm", width),
        *plain_weights(width, wide, Role.TOWER, names=("fc1", "fc2"), bias=True),
    )
