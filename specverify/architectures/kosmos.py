"""Kosmos-2 and 2.5: a decoder with a norm inside each feed-forward, behind latents that read the image."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import as_role, extended, linear, norm
from specverify.architectures.blocks.vision import vision_tower
from specverify.architectures.composite import projector
from specverify.architectures.keys import Config
from specverify.architectures.model import MixerOf, Model, Recipe, decoder, head_kind, layer_norms
from specverify.architectures.registry import family
from specverify.architectures.towers import clip
from specverify.frozen import replace
from specverify.spec import Attention, FeedForward, Mixer, Part, Role, Weight

SEGMENTS = num.const(2, "image, text")
NORMS = ("self_attn_layer_norm", "final_layer_norm")


@family("kosmos-2", source="transformers Kosmos2ForConditionalGeneration; https://arxiv.org/abs/2306.14824")
def kosmos_2(c: Config) -> Model:
    """Kosmos-2: CLIP's tower; a norm inside attention too, and attention to an encoder with `add_cross_attention`.

    The head is tied where root or text config says so.
    """
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    hidden, crosses = text.int("embed_dim"), text.flag("add_cross_attention")

    def mixer(c: Config, kind: str) -> Mixer | tuple[Mixer, ...]:
        own = extended(attention(c), *norm("self_attn.inner_attn_ln", hidden, bias=True))
        return (own, attention(c, "encoder_attn.", cross=True)) if crosses else own

    names = (*NORMS, "encoder_attn_layer_norm") if crosses else NORMS
    tied = c.flag("tie_word_embeddings") or text.flag("tie_word_embeddings")
    return behind(c, text_model(c, text, mixer, names, tied=tied), clip(vision, "vision_model.model."))


@family("kosmos-2.5", source="transformers Kosmos2_5ForConditionalGeneration; https://arxiv.org/abs/2309.11419")
def kosmos_2_5(c: Config) -> Model:
    """Kosmos-2.5: Pix2Struct's tower; a learned mark tells what is image and what is text; the text config alone ties the head."""
    text, tower = c.sub("text_config", text=True), pix2struct(c.sub("vision_config"), "vision_model.")
    segments = Weight("segment_emb.weight", (SEGMENTS, text.int("embed_dim")), Role.POSITION)
    tied = text.flag("tie_word_embeddings")
    return behind(c, text_model(c, text, lambda c, kind: attention(c), NORMS, segments, tied=tied), tower)


def attention(c: Config, prefix: str = "self_attn.", *, cross: bool = False) -> Attention:
    """Biases everywhere."""
    names = ("q_proj", "k_proj", "v_proj", "out_proj")
    return mha(c, bias=True, o_bias=True, names=names, prefix=prefix, causal=not cross, cross=cross, rotary=False)


def feed_forward(c: Config, kind: str) -> FeedForward:
    """Two matrices with a norm between them."""
    width = c.int("ffn_dim")
    return extended(plain(c, intermediate=width, prefix="ffn."), *norm("ffn.ffn_layernorm", width, bias=True))


def text_model(c: Config, text: Config, mixer: MixerOf, norms: tuple[str, ...], *extra: Weight, tied: bool) -> Model:
    """The decoder; the bare class holds it with its wrapper too, and leaves out the head."""
    outer = "bare." if head_kind(c.architecture) == "none" else ""
    return decoder(
        text,
        mixer=mixer,
        feed_forward=feed_forward,
        norms=layer_norms(*norms, bias=True),
        prefix=f"{outer}text_model.model.",
        final_norm="layer_norm",
        final_norm_bias=True,
        head="text_model.lm_head",
        extra=extra,
        tied=tied,
        root=c,
        recipe=Recipe(norm="layer", position="sinusoidal"),
    )


def behind(c: Config, model: Model, tower: Part) -> Model:
    """The text model behind `latent_query_num` latents that attend to the patches."""
    vision, hidden = c.sub("vision_config"), model.text.int("embed_dim")
    reading = (
        Weight("latent_query", (c.int("latent_query_num"), hidden), Role.PROJECTOR),
        *linear("dense", vision.int("hidden_size"), hidden, Role.PROJECTOR, bias=True),
        *as_role(Role.PROJECTOR, attention(model.text, "x_attn.").weights),
    )
    parts = (*model.parts, tower, projector("image_to_text_projection.", reading))
    return replace(model, parts=parts, vision=vision, interface="encoder + projector")


def pix2struct(c: Config, prefix: str) -> Part:
    """Pix2Struct's ViT (arXiv:2210.03347): flattened patches, learned rows and columns, RMSNorms and gated feed-forwards, no biases."""
    hidden, most = c.int("hidden_size"), c.int("max_num_patches")
    outside = (
        *linear("embeddings.patch_projection", c.int("patch_embed_hidden_size"), hidden, Role.TOWER, bias=True),
        *(Weight(f"embeddings.{axis}_embedder.weight", (most, hidden), Role.POSITION) for axis in ("row", "column")),
        *norm("layernorm", hidden),
    )
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        dim=c.int("head_dim"),
        count=c.layers(),
        prefix=prefix,
        layers="encoder.layer.{layer}.",
        outside=outside,
        attention="attention.",
        projections=("query", "key", "value", "output"),
        bias=False,
        feed_forward=("wi_0", "wi_1", "wo"),
        feed_forward_bias=False,
        norms=("pre_mlp_layer_norm", "pre_attention_layer_norm"),
        norm_bias=False,
    )
