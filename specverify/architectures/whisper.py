"""Whisper: an audio encoder behind two convolutions, and a text decoder that reads it."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, label_count, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Attention, Mixer, Modality, Part, Role, Weight

KERNEL = num.const(3, "convolution kernel")


@family("whisper", source="transformers WhisperForConditionalGeneration; https://arxiv.org/abs/2212.04356")
def whisper(c: Config) -> Model:
    """Whisper: pre-norm stacks of their own depth and width, keys without bias, a tied head.

    Encoder positions are sinusoids that the checkpoint stores, decoder positions are learned. Every mel frame pair
    is one encoder token, `max_source_positions` for 30 seconds. `ForCausalLM` is the decoder alone, which has no encoder
    to keep anything of.
    """
    name = c.architecture or "ForConditionalGeneration"
    alone = name.endswith("ForCausalLM")
    recipe = Recipe(norm="layer", position="learned", objective="causal" if alone else "sequence-to-sequence")
    if name.endswith("ForAudioClassification"):
        return Model((_encoder(c, "encoder.", _classifier(c)),), c, recipe, mask="bidirectional", interface="unified")
    bare = name.endswith("Model")
    prefix = "" if bare else "model."
    tied = c.flag("tie_word_embeddings")
    table = Weight(f"{prefix}decoder.embed_tokens.weight", (c.int("vocab_size"), c.int("d_model")), Role.EMBEDDING)
    head = () if bare else (Weight("proj_out.weight", table.shape, Role.HEAD, tied_to=table.name if tied else None),)
    decoder = _decoder(c, f"{prefix}decoder.", table, head, reads_encoder=not alone)
    encoder = () if alone else (_encoder(c, f"{prefix}encoder."),)
    return Model((*encoder, decoder), c, recipe, tied=tied, interface=None if alone else "cross-attention")


def _encoder(c: Config, prefix: str, more: tuple[Weight, ...] = ()) -> Part:
    hidden = c.int("d_model")
    weights = (
        *_convolution(f"{prefix}conv1", c.int("num_mel_bins"), hidden),
        *_convolution(f"{prefix}conv2", hidden, hidden),
        Weight(f"{prefix}embed_positions.weight", (c.int("max_source_positions"), hidden), Role.POSITION),
        *norm(f"{prefix}layer_norm", hidden, bias=True),
        *more,
    )
    heads = c.int("encoder_attention_heads")
    groups = layer_groups(
        c,
        c.layers("encoder_layers"),
        mixer=lambda c, kind: _attention(c, heads, "self_attn.", cached=False),
        feed_forward=lambda c, kind: plain(c, intermediate=c.int("encoder_ffn_dim"), prefix=""),
        norms=layer_norms("self_attn_layer_norm", "final_layer_norm", bias=True),
    )
    return Part("encoder", "encoder", Modality.AUDIO, weights, groups, layer_prefix=f"{prefix}layers.{{layer}}.")


def _decoder(c: Config, prefix: str, table: Weight, head: tuple[Weight, ...], *, reads_encoder: bool) -> Part:
    hidden, heads = c.int("d_model"), c.int("decoder_attention_heads")
    weights = (
        table,
        Weight(f"{prefix}embed_positions.weight", (c.int("max_target_positions"), hidden), Role.POSITION),
        *norm(f"{prefix}layer_norm", hidden, bias=True),
        *head,
    )

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = _attention(c, heads, "self_attn.", causal=True)
        return own, _attention(c, heads, "encoder_attn.", cross=True, cached=reads_encoder)

    groups = layer_groups(
        c,
        c.layers("decoder_layers"),
        mixer=mixers,
        feed_forward=lambda c, kind: plain(c, intermediate=c.int("decoder_ffn_dim"), prefix=""),
        norms=layer_norms("self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm", bias=True),
    )
    return Part("decoder", "decoder", Modality.TEXT, weights, groups, layer_prefix=f"{prefix}layers.{{layer}}.")


def _attention(c: Config, heads: Num, prefix: str, *, causal: bool = False, cross: bool = False, cached: bool = True) -> Attention:
    return mha(
        c,
        heads=heads,
        dim=c.int("d_model") // heads,
        bias=True,
        k_bias=False,
        o_bias=True,
        names=("q_proj", "k_proj", "v_proj", "out_proj"),
        prefix=prefix,
        causal=causal,
        cross=cross,
        cached=cached,
        rotary=False,
    )


def _convolution(name: str, channels: Num, hidden: Num) -> tuple[Weight, ...]:
    """A convolution over mel frames: `weight` [hidden, channels, kernel] and `bias` [hidden]; it is the audio's embedding."""
    return (
        Weight(f"{name}.weight", (hidden, channels, KERNEL), Role.EMBEDDING, shard="replicated"),
        Weight(f"{name}.bias", (hidden,), Role.EMBEDDING, shard="replicated"),
    )


def _classifier(c: Config) -> tuple[Weight, ...]:
    """The head over the encoder, on its last layer or on a learned mix of all of them and the input."""
    width = c.int("classifier_proj_size")
    mix = (Weight("layer_weights", (c.layers("encoder_layers") + 1,), Role.HEAD),) if c.flag("use_weighted_layer_sum") else ()
    return (
        *mix,
        *linear("projector", c.int("d_model"), width, Role.HEAD, bias=True),
        *linear("classifier", width, label_count(c), Role.HEAD, bias=True),
    )
