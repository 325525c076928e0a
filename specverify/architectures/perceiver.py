"""Perceiver IO: an input of any kind read into a fixed number of latents, which attend to each other."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.encoders import task_of, unknown_head
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, depth_of, label_count
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Attention, LayerGroup, Modality, Part, Role, Weight

DECODER_QK = 8 * 32
"""Width of the queries of the language model's decoder, which no key states."""

QUERIES, READING = "output_position_encodings.position_embeddings", "decoding_cross_attention."
ONE = num.const(1)

READ_TEXT = ("ForMaskedLM", "ForSequenceClassification")
"""The tasks that read text; the classes for images, flow and several modalities are not described."""


@family("perceiver", source="transformers PerceiverForMaskedLM; https://arxiv.org/abs/2107.14795")
def perceiver(c: Config) -> Model:
    """Perceiver IO on bytes: latents read the input once, pass `num_blocks` times through one stack, and are read out by position."""
    task, latents, width = task_of(c), c.int("d_latents"), c.int("d_model")
    prefix = "" if task == "Model" else "perceiver."
    positions, vocabulary = c.int("max_position_embeddings"), c.int("vocab_size")
    weights = [Weight("embeddings.latents", (c.int("num_latents"), latents), Role.POSITION)]
    if task in READ_TEXT:
        weights.append(Weight("input_preprocessor.embeddings.weight", (vocabulary, width), Role.EMBEDDING))
        weights.append(Weight("input_preprocessor.position_embeddings.weight", (positions, width), Role.POSITION))
    qk = c.optional("qk_channels") or (width if c.text("cross_attention_shape_for_attention") == "kv" else latents)
    widening = c.int("cross_attention_widening_factor")
    weights += _reading("encoder.cross_attention.", latents, width, qk, c.optional("v_channels") or qk, widening)
    heads: tuple[Weight, ...] = ()
    match task:
        case "Model":
            pass
        case "ForMaskedLM":
            weights.append(Weight(f"decoder.{QUERIES}", (positions, width), Role.POSITION))
            weights += _reading(f"decoder.{READING}", width, latents, num.const(DECODER_QK, "heads of the decoder"), width, ONE)
            heads = (Weight("embedding_decoder.bias", (vocabulary,), Role.HEAD),)
        case "ForSequenceClassification":
            weights.append(Weight(f"decoder.decoder.{QUERIES}", (ONE, latents), Role.POSITION))
            weights += _reading(f"decoder.decoder.{READING}", latents, latents, latents, latents, ONE)
            weights += linear("decoder.decoder.final_layer", latents, label_count(c), Role.HEAD, bias=True)
        case _:
            heads = unknown_head(c)
    part = Part(
        "encoder",
        "encoder",
        Modality.TEXT,
        (*prefixed(prefix, tuple(weights)), *heads),
        (_stack(c, latents),),
        layer_prefix=f"{prefix}encoder.self_attends.{{layer}}.",
    )
    return Model((part,), c, Recipe(norm="layer", position="learned", objective="masked"), mask="bidirectional")


def _stack(c: Config, latents: Num) -> LayerGroup:
    """The layers of one block, which all blocks share."""
    count, heads = c.layers("num_self_attends_per_block"), c.int("num_self_attention_heads")
    qk = c.optional("qk_channels") or latents
    value = c.optional("v_channels") or qk
    weights = (
        *norm("attention.self.layernorm1", latents, bias=True),
        *_projections("attention.", latents, latents, qk, value),
        *linear("attention.output.dense", value, value, Role.ATTENTION, bias=True),
    )
    mixer = Attention(heads, heads, qk // heads, value // heads, weights, causal=False, cached=False, rotary=False)
    wide = latents * c.int("self_attention_widening_factor")
    feed_forward = plain(c, hidden=latents, intermediate=wide, names=("dense1", "dense2"))
    indices = tuple(range(depth_of(count)))
    return LayerGroup(count, indices, (mixer,), feed_forward, norm("layernorm", latents, bias=True), c.int("num_blocks"))


def _projections(prefix: str, reader: Num, source: Num, qk: Num, value: Num) -> tuple[Weight, ...]:
    return (
        *linear(f"{prefix}self.query", reader, qk, Role.ATTENTION, bias=True),
        *linear(f"{prefix}self.key", source, qk, Role.ATTENTION, bias=True),
        *linear(f"{prefix}self.value", source, value, Role.ATTENTION, bias=True),
    )


def _reading(prefix: str, reader: Num, source: Num, qk: Num, value: Num, widening: Num) -> tuple[Weight, ...]:
    """A layer in which something as wide as `reader` reads something as wide as `source`."""
    return prefixed(
        prefix,
        (
            *norm("attention.self.layernorm1", reader, bias=True),
            *norm("attention.self.layernorm2", source, bias=True),
            *_projections("attention.", reader, source, qk, value),
            *linear("attention.output.dense", value, reader, Role.ATTENTION, bias=True),
            *norm("layernorm", reader, bias=True),
            *linear("mlp.dense1", reader, reader * widening, Role.FEED_FORWARD, bias=True),
            *linear("mlp.dense2", reader * widening, reader, Role.FEED_FORWARD, bias=True),
        ),
    )
