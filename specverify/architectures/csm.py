"""CSM: Llama over text and codebooks of audio, and a small Llama that tells one frame's codebooks from one another."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import PRE_NORM, Model, Recipe, layer_groups
from specverify.architectures.registry import family
from specverify.architectures.tower_mimi import mimi
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import LayerGroup, Modality, Part, Role, Weight


@family("csm", source="transformers CsmForConditionalGeneration; https://huggingface.co/sesame/csm-1b")
def csm(c: Config) -> Model:
    """CSM: a backbone whose frame is a text token or the sum of `num_codebooks` audio tokens, of which its head says the first.

    The depth decoder says the others; its cache lasts for one frame and is not the sequence's. With
    `tie_codebooks_embeddings` its embedding is the backbone's too; `tie_word_embeddings` says nothing. The codec is Mimi.
    """
    depth, hidden = c.sub("depth_decoder_config"), c.int("hidden_size")
    c.mark("tie_word_embeddings")
    table = Weight("depth_decoder.model.embed_tokens.weight", (_codes(depth), depth.int("backbone_hidden_size")), Role.EMBEDDING)
    codes = Weight("backbone_model.embed_tokens.embed_audio_tokens.weight", (_codes(c), hidden), Role.EMBEDDING)
    if c.flag("tie_codebooks_embeddings"):
        codes = replace(codes, shape=table.shape, tied_to=table.name)
    weights = (
        Weight("embed_text_tokens.weight", (c.int("text_vocab_size"), hidden), Role.EMBEDDING),
        codes,
        *norm("backbone_model.norm", hidden),
        *linear("lm_head", hidden, c.int("vocab_size"), Role.HEAD),
    )
    decoder = Part("decoder", "decoder", Modality.TEXT, weights, _llama(c), layer_prefix="backbone_model.layers.{layer}.")
    parts = (decoder, _depth_decoder(depth, table), mimi(c.sub("codec_config"), "codec_model."))
    return Model(parts, c, Recipe(), interface="unified")


def _codes(c: Config) -> Num:
    """Rows of the one table that holds all codebooks."""
    return c.int("num_codebooks") * c.int("vocab_size")


def _depth_decoder(c: Config, table: Weight) -> Part:
    """A decoder over the codebooks of one frame, each but the first with a head of its own."""
    hidden = c.int("hidden_size")
    weights = (
        table,
        *linear("depth_decoder.model.inputs_embeds_projector", table.shape[1], hidden, Role.PROJECTOR),
        *norm("depth_decoder.model.norm", hidden),
        Weight("depth_decoder.codebooks_head.weight", (c.int("num_codebooks") - 1, hidden, c.int("vocab_size")), Role.HEAD),
    )
    return Part("depth decoder", "tower", Modality.AUDIO, weights, _llama(c), layer_prefix="depth_decoder.model.layers.{layer}.")


def _llama(c: Config) -> tuple[LayerGroup, ...]:
    bias, mlp_bias = c.flag("attention_bias"), c.flag("mlp_bias")
    return layer_groups(
        c,
        c.layers(),
        mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias),
        feed_forward=lambda c, kind: glu(c, bias=mlp_bias),
        norms=PRE_NORM,
    )
