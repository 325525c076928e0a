"""Gemma: heads of a width of their own, a tied head, zero-centred norms; from Gemma 2 on windows and norms on both sides."""

from __future__ import annotations

from typing import Any

from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.blocks.vision import patch_convolution, vision_tower
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, NormsOf, Recipe, decoder, head_kind, kinds, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Mixer, Modality, Part, Role, Weight

BOTH_SIDES = layer_norms(
    "input_layernorm",
    "post_attention_layernorm",
    "pre_feedforward_layernorm",
    "post_feedforward_layernorm",
)


@family("gemma", source="transformers GemmaForCausalLM; https://arxiv.org/abs/2403.08295")
def gemma(c: Config) -> Model:
    """Gemma 1: Llama with GeGLU, a `head_dim` of its own, norms stored zero-centred and the head tied to the embedding."""
    bias = c.flag("attention_bias")
    return decoder(c, mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias), feed_forward=lambda c, kind: glu(c))


@family("gemma2", source="transformers Gemma2ForCausalLM; https://arxiv.org/abs/2408.00118")
def gemma2(c: Config) -> Model:
    """Gemma 2: Gemma with every other layer sliding, four norms a layer, and soft-capped scores and logits."""
    return windowed(c, Recipe(norm_placement="pre and post"))


@family("gemma3_text", source="transformers Gemma3ForCausalLM; https://arxiv.org/abs/2503.19786")
def gemma3_text(c: Config) -> Model:
    """Gemma 3: Gemma 2 with five sliding layers to one full, and a norm over each query and key head instead of soft-capping.

    `use_bidirectional_attention` (EmbeddingGemma) makes it an encoder whose window reaches half as far either way.
    """
    return normed(c)


def normed(c: Config, **placement: Any) -> Model:
    """The decoder of Gemma 3. `placement` is for `decoder`."""
    mask = "bidirectional" if c.flag("use_bidirectional_attention") else "causal"
    return windowed(c, Recipe(norm_placement="pre and post", qk_norm="per-head"), mask=mask, **placement)


@family("vaultgemma", source="transformers VaultGemmaForCausalLM")
def vaultgemma(c: Config) -> Model:
    """VaultGemma: Gemma 2 with norms before its blocks only."""
    return windowed(c, Recipe(), norms=layer_norms("input_layernorm", "pre_feedforward_layernorm"))


def windowed(c: Config, recipe: Recipe, *, norms: NormsOf = BOTH_SIDES, mask: str = "causal", **placement: Any) -> Model:
    """The decoder of Gemma 2 and 3: sliding and full layers by `layer_types`, norms before and after both blocks."""
    bias, window = c.flag("attention_bias"), sliding_window(c)

    def mixer(c: Config, kind: str) -> Mixer:
        return gqa(
            c,
            bias=bias,
            o_bias=bias,
            qk_norm=recipe.qk_norm,
            window=window if kind == "sliding_attention" else None,
            causal=mask == "causal",
        )

    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=kinds(c, c.layers(), allowed=("full_attention", "sliding_attention")),
        norms=norms,
        recipe=recipe,
        mask=mask,
        **placement,
    )


@family("gemma3", source="transformers Gemma3ForConditionalGeneration; https://arxiv.org/abs/2503.19786")
def gemma3(c: Config) -> Model:
    """Gemma 3 with images: the root's `tie_word_embeddings` decides, whatever the text config says."""
    return pooled_images(c, tied=c.flag("tie_word_embeddings"))


@family("shieldgemma2", source="transformers ShieldGemma2ForImageClassification; https://arxiv.org/abs/2504.01081")
def shieldgemma2(c: Config) -> Model:
    """ShieldGemma 2: Gemma 3 whole, its head read for yes and no, and tied where root or text config says so."""
    return pooled_images(c, tied=c.flag("tie_word_embeddings") or c.sub("text_config", text=True).flag("tie_word_embeddings"))


def pooled_images(c: Config, *, tied: bool) -> Model:
    """Gemma 3 and a SigLIP tower, pooled to `mm_tokens_per_image` and projected into it; tokens of one image see each other both ways."""
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    bare = head_kind(c.architecture) == "none"
    model = normed(
        text,
        prefix="model.language_model." if bare else "language_model.model.",
        head="language_model.lm_head",
        tied=tied,
        root=c,
        interface="encoder + projector",
        image_mask=True,
        vision=vision,
    )
    projection = pooled_projector(vision, text, "multi_modal_projector.")
    return replace(model, parts=(*model.parts, siglip(vision, "vision_tower.vision_model."), projection))


def pooled_projector(vision: Config, text: Config, prefix: str) -> Part:
    """A norm over pooled features and a matrix into the text, stored with its inputs first."""
    inputs = vision.int("hidden_size")
    weights = (
        Weight("mm_input_projection_weight", (inputs, text.int("hidden_size")), Role.PROJECTOR),
        *norm("mm_soft_emb_norm", inputs),
    )
    return Part("projector", "projector", Modality.VISION, weights, prefix=prefix)


def siglip(c: Config, prefix: str, *, positions: bool = True, pooled: bool | None = None) -> Part:
    """SigLIP (arXiv:2303.15343): learned positions, and a head that pools by attention.

    `pooled` is `vision_use_head` unless a class decides it; `positions` is off where a class has rotary ones alone.
    """
    hidden, patch = c.int("hidden_size"), c.int("patch_size")
    outside = patch_convolution("embeddings.patch_embedding", hidden, c.int("num_channels"), patch, patch)
    if positions:
        side = c.int("image_size") // patch
        outside += (Weight("embeddings.position_embedding.weight", (side * side, hidden), Role.POSITION),)
    outside += norm("post_layernorm", hidden, bias=True)
    if c.flag("vision_use_head", True) if pooled is None else pooled:
        outside += prefixed("head.", pooling_head(c))
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix=prefix,
        layers="encoder.layers.{layer}.",
        outside=outside,
    )


def pooling_head(c: Config) -> tuple[Weight, ...]:
    """One learned query that attends to all patches, and a feed-forward."""
    hidden, intermediate = c.int("hidden_size"), c.int("intermediate_size")
    return (
        Weight("probe", (Num(1), Num(1), hidden), Role.TOWER),
        Weight("attention.in_proj_weight", (hidden * 3, hidden), Role.TOWER),
        Weight("attention.in_proj_bias", (hidden * 3,), Role.TOWER),
        *linear("attention.out_proj", hidden, hidden, Role.TOWER, bias=True),
        *norm("layernorm", hidden, bias=True),
        *linear("mlp.fc1", hidden, intermediate, Role.TOWER, bias=True),
        *linear("mlp.fc2", intermediate, hidden, Role.TOWER, bias=True),
    )
