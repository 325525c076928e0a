"""MusicGen: a decoder over delayed codebooks of EnCodec, told what to play by T5."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.audio import repeated
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.architectures.t5 import text_encoder
from specverify.architectures.tower_encodec import encodec
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, Mixer, Modality, Part, Role, Weight

RECIPE = Recipe(norm="layer", position="sinusoidal")


@family("musicgen", source="transformers MusicgenForConditionalGeneration; https://arxiv.org/abs/2306.05284")
def musicgen(c: Config) -> Model:
    """MusicGen: no biases, a table and a head for each codebook, cross-attention to the encoded text.

    `ForCausalLM` is the decoder alone: it has the cross-attention, but nothing to read.
    """
    return _model(c, crosses=True)


@family("musicgen_melody", source="transformers MusicgenMelodyForConditionalGeneration; https://arxiv.org/abs/2306.05284")
def musicgen_melody(c: Config) -> Model:
    """MusicGen Melody: no cross-attention; text and the chroma of a melody stand in front of the sequence."""
    return _model(c, crosses=False)


def _model(c: Config, *, crosses: bool) -> Model:
    own = c.sub("decoder", text=True)
    if (c.architecture or "").endswith("ForCausalLM"):
        return Model((_decoder(own, "", crosses=crosses, reads=False),), own, RECIPE)
    text, hidden = c.sub("text_encoder"), own.int("hidden_size")
    encoder = text_encoder(text, "text_encoder.")
    decoder = _decoder(own, "decoder.", crosses=crosses, reads=True)
    projections: tuple[Weight, ...] = ()
    if not (crosses and own.optional("cross_attention_hidden_size") is not None):
        projections += _projection("enc_to_dec_proj", text.int("hidden_size"), hidden)
    if not crosses:
        encoder = replace(encoder, name="text encoder", role="tower")
        projections += _projection("audio_enc_to_dec_proj", c.int("num_chroma"), hidden)
    projection = Part("projector", "projector", Modality.TEXT, projections)
    parts = (encoder, decoder, encodec(c.sub("audio_encoder"), "audio_encoder."), projection)
    return Model(parts, own, RECIPE, interface="cross-attention" if crosses else "encoder + projector")


def _projection(name: str, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """From an encoder's width to the decoder's, where they differ."""
    return () if inputs.value == outputs.value else linear(name, inputs, outputs, Role.PROJECTOR, bias=True)


def _decoder(c: Config, prefix: str, *, crosses: bool, reads: bool) -> Part:
    hidden, vocabulary, codebooks = c.int("hidden_size"), c.int("vocab_size"), c.int("num_codebooks")
    inner = f"{prefix}model.decoder."
    shape = (vocabulary + 1, hidden)
    tables = repeated(codebooks, lambda index: (Weight(f"{inner}embed_tokens.{index}.weight", shape, Role.EMBEDDING),))
    heads = repeated(codebooks, lambda index: linear(f"{prefix}lm_heads.{index}", hidden, vocabulary, Role.HEAD))

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = _attention(c, "self_attn.")
        return (own, replace(_attention(c, "encoder_attn."), cross=True, cached=reads)) if crosses else (own,)

    groups = layer_groups(
        c,
        c.layers(),
        mixer=mixers,
        feed_forward=lambda c, kind: plain(c, intermediate=c.int("ffn_dim"), prefix="", bias=False),
        norms=layer_norms("self_attn_layer_norm", *(("encoder_attn_layer_norm",) if crosses else ()), "final_layer_norm", bias=True),
    )
    weights = (*tables, *norm(f"{inner}layer_norm", hidden, bias=True), *heads)
    return Part("decoder", "decoder", Modality.TEXT, weights, groups, layer_prefix=f"{inner}layers.{{layer}}.")


def _attention(c: Config, prefix: str) -> Attention:
    return mha(c, names=("q_proj", "k_proj", "v_proj", "out_proj"), prefix=prefix, rotary=False)
