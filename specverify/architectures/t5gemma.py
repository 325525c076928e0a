"""T5Gemma: Gemma 2 or Gemma 3 made into an encoder and a decoder that reads it."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.gemma import pooled_projector, siglip
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, kinds, label_count, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import Struct, frozen, replace
from specverify.num import Num
from specverify.spec import Mixer, Modality, Part, Role, Weight

AROUND_BOTH = (
    "pre_self_attn_layernorm",
    "post_self_attn_layernorm",
    "pre_feedforward_layernorm",
    "post_feedforward_layernorm",
)
AROUND_CROSS = ("pre_cross_attn_layernorm", "post_cross_attn_layernorm")
RECIPE = Recipe(norm_placement="pre and post", objective="sequence-to-sequence")


@family("t5gemma", source="transformers T5GemmaForConditionalGeneration; https://arxiv.org/abs/2504.06225")
def t5gemma(c: Config) -> Model:
    """T5Gemma: two Gemma 2 stacks of their own sizes and vocabularies, cross-attention between two norms in the decoder.

    A classifier reads the encoder alone where `is_encoder_decoder` is false.
    """
    name = c.architecture or "ForConditionalGeneration"
    prefix = "" if name.endswith("Model") else "model."
    encoder, decoder = c.sub("encoder"), c.sub("decoder", text=True)
    style = Style()
    reading = stack(encoder, style, "encoder", prefix, table(encoder, f"{prefix}encoder."))
    if name.endswith("EncoderModel") or (not name.endswith("ForConditionalGeneration") and not c.flag("is_encoder_decoder")):
        part = replace(reading, weights=(*reading.weights, *head(c, name, reading.weights[0], encoder.int("hidden_size"))))
        return Model((part,), encoder, RECIPE, mask="bidirectional")
    source = table(decoder, f"{prefix}decoder.")
    writing = stack(decoder, replace(style, source=encoder.int("hidden_size")), "decoder", prefix, source)
    writing = replace(writing, weights=(*writing.weights, *head(c, name, source, decoder.int("hidden_size"))))
    return Model((reading, writing), decoder, RECIPE, tied=c.flag("tie_word_embeddings"))


@family("t5gemma2", source="transformers T5Gemma2ForConditionalGeneration; https://arxiv.org/abs/2512.14856")
def t5gemma2(c: Config) -> Model:
    """T5Gemma 2: Gemma 3 stacks with one embedding and images in the encoder; a decoder layer sees its own and the encoder's keys at once.

    The end of an image has a vector of its own beside the embedding.
    """
    name = c.architecture or "ForConditionalGeneration"
    prefix = "" if name.endswith("Model") else "model."
    tied = c.flag("tie_word_embeddings")
    reader, decoder = c.sub("encoder"), c.sub("decoder", text=True)
    encoder, vision = reader.sub("text_config"), reader.sub("vision_config")
    style = Style(qk_norm="per-head", merged=True)
    shared, ending = table(encoder, f"{prefix}encoder."), ending_of(encoder, f"{prefix}encoder.")
    own, own_ending = table(decoder, f"{prefix}decoder."), ending_of(decoder, f"{prefix}decoder.")
    if tied:
        own, own_ending = replace(shared, name=own.name, tied_to=shared.name), replace(ending, name=own_ending.name, tied_to=ending.name)
    reading = stack(encoder, style, "encoder", prefix, shared, ending)
    writing = stack(decoder, style, "decoder", prefix, own, own_ending)
    first = shared if tied else table(decoder, "")
    writing = replace(writing, weights=(*writing.weights, *head(c, name, first, decoder.int("hidden_size"))))
    projector = pooled_projector(vision, encoder, f"{prefix}encoder.multi_modal_projector.")
    tower = siglip(vision, f"{prefix}encoder.vision_tower.vision_model.")
    recipe = replace(RECIPE, qk_norm="per-head")
    return Model((reading, writing, tower, projector), decoder, recipe, tied=tied, vision=vision, interface="encoder + projector")


@frozen
class Style(Struct):
    """Where the two differ: `source` is the width that cross-attention reads; `merged` has none, its keys serve both."""

    qk_norm: str | None = None
    source: Num | None = None
    merged: bool = False


def stack(c: Config, style: Style, role: str, prefix: str, *tables: Weight) -> Part:
    """An encoder or a decoder: sliding and full layers by `layer_types`."""
    hidden, bias, window, decodes = c.int("hidden_size"), c.flag("attention_bias"), sliding_window(c), role == "decoder"

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        slides = window if kind == "sliding_attention" else None
        own = gqa(c, bias=bias, o_bias=bias, qk_norm=style.qk_norm, window=slides, causal=decodes, cached=decodes)
        if not decodes:
            return (own,)
        if style.merged:
            return own, replace(own, weights=(), window=None, window_kind=None, causal=False, cross=True)
        return own, gqa(c, source=style.source, bias=bias, o_bias=bias, prefix="cross_attn.", causal=False, cross=True, rotary=False)

    groups = layer_groups(
        c,
        c.layers(),
        mixer=mixers,
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=kinds(c, c.layers(), allowed=("full_attention", "sliding_attention")),
        norms=layer_norms(*AROUND_BOTH, *(AROUND_CROSS if decodes and not style.merged else ())),
    )
    weights = (*tables, *norm(f"{prefix}{role}.norm", hidden))
    return Part(role, role, Modality.TEXT, weights, groups, layer_prefix=f"{prefix}{role}.layers.{{layer}}.")


def table(c: Config, prefix: str) -> Weight:
    """The embedding of a stack."""
    return Weight(f"{prefix}embed_tokens.weight", (c.int("vocab_size"), c.int("hidden_size")), Role.EMBEDDING)


def ending_of(c: Config, prefix: str) -> Weight:
    """The vector of the token that ends an image."""
    return Weight(f"{prefix}embed_tokens.eoi_embedding", (c.int("hidden_size"),), Role.EMBEDDING)


def head(c: Config, name: str, source: Weight, hidden: Num) -> tuple[Weight, ...]:
    """The head of a class: the embedding once more where the root ties it, a classifier's, or none."""
    if name.endswith("Model"):
        return ()
    if name.endswith("ForConditionalGeneration"):
        same = source.name if c.flag("tie_word_embeddings") else None
        return (Weight("lm_head.out_proj.weight", source.shape, Role.HEAD, tied_to=same),)
    if name.endswith(("ForSequenceClassification", "ForTokenClassification")):
        return linear("score.out_proj", hidden, label_count(c), Role.HEAD, bias=True)
    return (Weight("{unknown}", (num.unknown(f"the head of {name} is not known"),), Role.HEAD),)
