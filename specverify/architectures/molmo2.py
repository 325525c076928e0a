"""Molmo2: a ViT two layers of which are read, pooled by attention, before a text model with its own names."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear, prefixed
from specverify.architectures.blocks.vision import vision_tower
from specverify.architectures.composite import projector, root_of
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, depth_of, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Part, Role, Weight

VISUAL = "vision_backbone."
PROJECTIONS = ("wq", "wk", "wv", "wo")
TABLE, ADDED = "wte.embedding", "wte.new_embedding"


@family("molmo2", source="transformers Molmo2ForConditionalGeneration; https://allenai.org/blog/molmo2")
def molmo2(c: Config) -> Model:
    """Molmo2: Qwen3 or OLMo 2 by `qk_norm_type`; tokens added to the vocabulary are read, and never predicted.

    Files of before the class state a `vit_config`, and more of its layers than were published: those up to the last one read.
    """
    text, adapter, root = c.sub("text_config", text=True), c.sub("adapter_config"), root_of(c)
    read = adapter.list("vit_layers" if "vit_layers" in adapter else "vision_feature_layer", of=int) or []
    earlier = c.raw.get("vision_config") is None and c.raw.get("vit_config") is not None
    vision = c.sub("vit_config", model_type="molmo2_vision") if earlier else c.sub("vision_config")
    count = last_read(vision, read) if earlier else vision.layers()
    model = text_model(c, text)
    parts = (*model.parts, tower(vision, f"{root}{VISUAL}image_vit.", count), projector(root + VISUAL, pooling(adapter, len(read))))
    return replace(model, parts=parts, vision=vision, interface="encoder + projector")


def text_model(c: Config, text: Config) -> Model:
    """The decoder: queries, keys and values in one tensor, gate and up in another, a norm over each or over all query heads.

    The head is never tied: it knows fewer words.
    """
    qk_norm = "per-head" if text.text("qk_norm_type") == "qwen3" else "full"
    hidden, bias = text.int("hidden_size"), text.flag("attention_bias")
    added = Weight(ADDED, (text.int("additional_vocab_size", least=0), hidden), Role.EMBEDDING)
    model = decoder(
        text,
        mixer=lambda c, kind: gqa(c, bias=bias, fused="att_proj", names=("", "", "", "attn_out"), qk_norm=qk_norm),
        feed_forward=lambda c, kind: glu(c, fused="ff_proj", names=("", "", "ff_out")),
        norms=layer_norms("attn_norm", "ff_norm"),
        prefix="model.transformer.",
        layers="blocks.{layer}.",
        embedding=TABLE,
        final_norm="ln_f",
        extra=(added,),
        tied=False,
        root=c,
        recipe=Recipe(qk_norm=qk_norm, norm_placement="post" if text.flag("norm_after") else "pre"),
    )
    body = model.parts[0]
    table, *others = body.weights
    parameter = replace(table, name=table.name.removesuffix(".weight"))
    return replace(model, parts=(replace(body, weights=(parameter, *others)),))


def last_read(c: Config, read: list[int]) -> Num:
    """Layers up to the deepest that is read."""
    stated = c.layers()
    depth = depth_of(stated)
    return num.counted(max(layer % depth for layer in read) + 1, "layers up to the last read", stated) if depth and read else stated


def tower(c: Config, prefix: str, count: Num) -> Part:
    """A ViT without a class token or a last norm."""
    hidden, patch = c.int("hidden_size"), c.int("patch_size")
    outside = (
        Weight("positional_embedding", (positions(c), hidden), Role.POSITION),
        *linear("patch_embedding", patch * patch * c.int("num_channels"), hidden, Role.TOWER, bias=True),
    )
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        kv_heads=c.int("num_key_value_heads"),
        dim=c.int("head_dim"),
        count=count,
        prefix=prefix,
        layers="transformer.resblocks.{layer}.",
        outside=outside,
        attention="attention.",
        projections=PROJECTIONS,
        bias=c.flag("attention_bias"),
        feed_forward=("w1", "w2"),
        feed_forward_prefix="feed_forward.",
        norms=("attention_norm", "ffn_norm"),
    )


def positions(c: Config) -> Num:
    """As many as stated, else the patches of an image of `image_size` or, as older files have it, `image_default_input_size`."""
    if "num_position_embeddings" in c:
        return c.int("num_position_embeddings")
    key = "image_default_input_size" if "image_default_input_size" in c else "image_size"
    sides = c.counts(key)
    if len(sides) != 2:
        return num.unknown(f"`{key}` is not a height and a width")
    return sides[0] // c.int("patch_size") * (sides[1] // c.int("patch_size"))


def pooling(c: Config, layers: int) -> tuple[Weight, ...]:
    """Attention from the mean of a few patches to each, over as many layers of the tower as are read, and a gated feed-forward."""
    hidden, width, bias = c.int("hidden_size"), c.int("intermediate_size"), c.flag("mlp_bias")
    projections = pooled(c, hidden * num.counted(layers, "vision_feature_layer"), bias=c.flag("attention_bias"))
    return (
        *prefixed("image_pooling_2d.", projections),
        *(weight for name in ("w1", "w3") for weight in linear(f"image_projector.{name}", hidden, width, Role.PROJECTOR, bias=bias)),
        *linear("image_projector.w2", width, c.int("text_hidden_size"), Role.PROJECTOR),
    )


def pooled(c: Config, inputs: Num, *, bias: bool) -> tuple[Weight, ...]:
    """The four projections of the pooling."""
    dim = c.int("head_dim")
    queries, keys = c.int("num_attention_heads") * dim, c.int("num_key_value_heads") * dim
    sizes = ((inputs, queries), (inputs, keys), (inputs, keys), (queries, c.int("hidden_size")))
    return tuple(
        weight
        for name, (ins, outs) in zip(PROJECTIONS, sizes, strict=True)
        for weight in linear(name, ins, outs, Role.PROJECTOR, bias=bias)
    )
