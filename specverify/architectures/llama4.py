"""Llama 4: chunked attention where positions rotate, full attention without positions elsewhere, one routed expert a token."""

from __future__ import annotations

from typing import Any

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, moe, stacked_experts
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import vision_tower
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, decoder, depth_of, every, kinds
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import FeedForward, Mixer, Modality, Part, Role, Weight

CHUNKED, FULL = "chunked_attention", "full_attention"
WITHOUT_POSITIONS = " without positions"
FEED_FORWARD = "feed_forward."


@family("llama4_text", source="transformers Llama4ForCausalLM; https://ai.meta.com/blog/llama-4-multimodal-intelligence")
def llama4_text(c: Config) -> Model:
    """Llama 4 without images: routed and shared experts are `intermediate_size` wide, dense layers `intermediate_size_mlp`."""
    return text_model(c)


def text_model(c: Config, **placement: Any) -> Model:
    """The decoder of Llama 4. `placement` is for `decoder`."""
    bias, chunk = c.flag("attention_bias"), c.optional("attention_chunk_size")

    def mixer(c: Config, kind: str) -> Mixer:
        return gqa(
            c,
            bias=bias,
            o_bias=bias,
            window=chunk if kind.startswith(CHUNKED) else None,
            window_kind="chunked",
            rotary=not kind.endswith(WITHOUT_POSITIONS),
        )

    def feed_forward(c: Config, kind: str) -> FeedForward:
        if kind != "sparse":
            return glu(c, intermediate=c.int("intermediate_size_mlp"), prefix=FEED_FORWARD)
        width = c.int("intermediate_size")
        return moe(
            c,
            experts=c.int("num_local_experts"),
            per_token=c.int("num_experts_per_tok"),
            intermediate=width,
            shared=width,
            shared_prefix="shared_expert.",
            prefix=FEED_FORWARD,
            router="router",
            router_kind="sigmoid",
            expert_weights=stacked_experts(c.int("hidden_size"), width, FEED_FORWARD + "experts."),
        )

    return decoder(
        c,
        mixer=mixer,
        feed_forward=feed_forward,
        mixer_kinds=attention_kinds(c),
        feed_forward_kinds=sparse_layers(c),
        recipe=Recipe(qk_norm="l2, without weights" if c.flag("use_qk_norm") else None),
        **placement,
    )


def attention_kinds(c: Config) -> Kinds:
    """Layer kinds by `layer_types`, else chunked where `no_rope_layers` has a 1, which stands for rotary positions.

    An empty `no_rope_layers`, as published, counts as absent: then each `no_rope_layer_interval`-th layer has none.
    """
    count, interval = c.layers(), c.int("no_rope_layer_interval")
    depth = depth_of(count)
    rotary = c.list("no_rope_layers", of=int) or [(i + 1) % interval.value for i in range(depth) if interval.value]
    stated = kinds(c, count, allowed=(CHUNKED, FULL)).kinds if c.raw.get("layer_types") is not None else None
    c.mark("layer_types")
    found = [""] * depth
    for i, has_positions in enumerate(rotary[:depth]):
        kind = stated[i] if stated is not None else CHUNKED if has_positions else FULL
        found[i] = kind if not kind or has_positions else kind + WITHOUT_POSITIONS
    return Kinds(tuple(found), (count, interval))


def sparse_layers(c: Config) -> Kinds:
    """The layers of `moe_layers`, which the class makes up as every `interleave_moe_layer_step`-th."""
    count, chosen = c.layers(), c.list("moe_layers", of=int)
    if chosen is None:
        return Kinds(("",) * depth_of(count), (count,))
    return every(c, count, lambda i: i in chosen, *c.rests_on("moe_layers"))


@family("llama4", source="transformers Llama4ForConditionalGeneration; https://ai.meta.com/blog/llama-4-multimodal-intelligence")
def llama4(c: Config) -> Model:
    """Llama 4 with images, fused early: a tower's patches are shuffled, projected, and stand among the text from the first layer.

    The text config's `tie_word_embeddings` decides. Llama4ForCausalLM is the text model alone.
    """
    text = c.sub("text_config", text=True)
    if not (c.architecture or "ForConditionalGeneration").endswith("ForConditionalGeneration"):
        return text_model(text)
    vision = c.sub("vision_config")
    model = text_model(text, prefix="language_model.model.", head="language_model.lm_head", interface="encoder + projector", vision=vision)
    return replace(model, parts=(*model.parts, tower(vision), projector(vision, text)))


def tower(c: Config) -> Part:
    """A ViT over unfolded patches with a class token, learned and rotary positions, and a norm before and after."""
    hidden, patch, side = c.int("hidden_size"), c.int("patch_size"), c.int("image_size") // c.int("patch_size")
    outside = (
        *linear("patch_embedding.linear", c.int("num_channels") * patch * patch, hidden, Role.TOWER),
        Weight("class_embedding", (hidden,), Role.TOWER),
        Weight("positional_embedding_vlm", (side * side + 1, hidden), Role.POSITION),
        *norm("layernorm_pre", hidden, bias=True),
        *norm("layernorm_post", hidden, bias=True),
    )
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix="vision_model.",
        layers="model.layers.{layer}.",
        outside=outside,
        projections=("q_proj", "k_proj", "v_proj", "o_proj"),
        norms=("input_layernorm", "post_attention_layernorm"),
    )


def projector(vision: Config, text: Config) -> Part:
    """Two matrices over the shuffled patches, whose width is taken for `intermediate_size`, and one into the text."""
    inner, outer = vision.int("projector_input_dim"), vision.int("projector_output_dim")
    weights = (
        *linear("vision_model.vision_adapter.mlp.fc1", vision.int("intermediate_size"), inner, Role.PROJECTOR),
        *linear("vision_model.vision_adapter.mlp.fc2", outer, outer, Role.PROJECTOR),
        *linear("multi_modal_projector.linear_1", vision.int("vision_output_dim"), text.int("hidden_size"), Role.PROJECTOR),
    )
    return Part("projector", "projector", Modality.VISION, weights)
