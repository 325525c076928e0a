"""Llama 3.2 Vision: Llama 3.1 with layers of cross-attention between its own, to an image tower of tiles."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import patch_convolution, vision_tower
from specverify.architectures.composite import attended
from specverify.architectures.keys import Config
from specverify.architectures.model import PRE_NORM, Kinds, Model, decoder, depth_of, every, head_kind
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Mixer, Modality, Part, Role, Weight

CROSS, OWN = "cross-attention", "self-attention"


@family("mllama", "mllama_text_model", source="transformers MllamaForConditionalGeneration; https://arxiv.org/abs/2407.21783")
def mllama(c: Config) -> Model:
    """Llama 3.2 11B and 90B Vision: each layer of `cross_attention_layers` reads the image instead of the text; the head is never tied.

    Without an image the cross-attention layers are skipped, and keep nothing.
    """
    if c.model_type == "mllama_text_model":
        return text_model(c, "model.", "lm_head")
    text, name = c.sub("text_config", text=True), c.architecture or ""
    if name.endswith("ForCausalLM"):
        return text_model(text, "model.", "lm_head")
    bare = head_kind(name) == "none"
    vision = c.sub("vision_config")
    model = text_model(text, "model.language_model." if bare else "language_model.model.", "language_model.lm_head")
    attended(c, vision.int("max_num_tiles") * tile_tokens(vision))
    inputs = vision.int("vision_output_dim")
    projection = linear("multi_modal_projector", inputs, text.int("hidden_size"), Role.PROJECTOR, bias=True)
    parts = (*model.parts, *towers(vision), Part("projector", "projector", Modality.VISION, projection))
    return replace(model, parts=parts, vision=vision, interface="cross-attention")


def text_model(c: Config, prefix: str, head: str) -> Model:
    """The decoder; its embedding has eight rows more than its head, for tokens that are only read."""
    hidden, heads = c.int("hidden_size"), c.int("num_attention_heads")

    def mixer(c: Config, kind: str) -> Mixer:
        if kind == CROSS:
            return gqa(c, dim=hidden // heads, qk_norm="per-head", prefix="cross_attn.", cross=True, causal=False, rotary=False)
        return gqa(c, dim=hidden // heads)

    def norms(c: Config, kind: str) -> tuple[Weight, ...]:
        return (*PRE_NORM(c, kind), *gates("cross_attn_attn_gate", "cross_attn_mlp_gate")) if kind == CROSS else PRE_NORM(c, kind)

    model = decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=crossing(c),
        norms=norms,
        prefix=prefix,
        head=head,
        tied=False,
    )
    body = model.parts[0]
    table, *others = body.weights
    longer = replace(table, shape=(table.shape[0] + num.const(8, "tokens without logits"), *table.shape[1:]))
    return replace(model, parts=(replace(body, weights=(longer, *others)),))


def crossing(c: Config) -> Kinds:
    """Which layers attend to the image; unknown where the list cannot be read."""
    stated, count = c.list("cross_attention_layers", of=int), c.layers()
    if stated is None:
        return Kinds(("",) * depth_of(count), (count,))
    return every(c, count, lambda index: index in stated, names=(OWN, CROSS))


def gates(*names: str) -> tuple[Weight, ...]:
    """Learned factors of one number each."""
    return tuple(Weight(name, (Num(1),), Role.ATTENTION) for name in names)


def towers(c: Config) -> tuple[Part, ...]:
    """A ViT over each tile, and a gated one over all tiles of the image; positions of patches and of tiles by aspect ratio."""
    hidden, patch, tiles = c.int("hidden_size"), c.int("patch_size"), c.int("max_num_tiles")
    tokens = tile_tokens(c)
    ratios = num.counted(len(c.list("supported_aspect_ratios") or ()), "supported_aspect_ratios") + 1
    position = Role.POSITION
    outside = (
        *patch_convolution("patch_embedding", hidden, c.int("num_channels"), patch, patch, bias=False),
        Weight("class_embedding", (hidden,), Role.TOWER),
        Weight("gated_positional_embedding.embedding", (tokens, hidden), position),
        Weight("gated_positional_embedding.tile_embedding.weight", (ratios, tiles * tokens * hidden), position),
        *gates("gated_positional_embedding.gate"),
        *(
            weight
            for name in ("pre_tile_positional_embedding", "post_tile_positional_embedding")
            for weight in (Weight(f"{name}.embedding.weight", (ratios, tiles * hidden), position), *gates(f"{name}.gate"))
        ),
        *norm("layernorm_pre", hidden, bias=True),
        *norm("layernorm_post", hidden, bias=True),
    )
    return (
        stack(c, "transformer", c.layers(), outside),
        stack(c, "global_transformer", c.layers("num_global_layers"), (), gates("gate_attn", "gate_ffn")),
    )


def tile_tokens(c: Config) -> Num:
    """Tokens of one tile: its patches and a class token."""
    side = c.int("image_size") // c.int("patch_size")
    return side * side + 1


def stack(c: Config, name: str, count: Num, outside: tuple[Weight, ...], more: tuple[Weight, ...] = ()) -> Part:
    """Layers of the tower: no bias in attention."""
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=count,
        prefix="vision_model.",
        layers=f"{name}.layers.{{layer}}.",
        outside=outside,
        projections=("q_proj", "k_proj", "v_proj", "o_proj"),
        bias=False,
        norms=("input_layernorm", "post_attention_layernorm"),
        more=more,
    )
