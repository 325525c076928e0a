"""SpeechT5: one encoder and one decoder, with nets in front of them and behind for the modality of each."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.audio import batch_norm, convolution, repeated
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.architectures.tower_wav2vec2 import feature_encoder, positional_convolution
from specverify.num import Num
from specverify.spec import Attention, Mixer, Modality, Part, Role, Weight

RECIPE = Recipe(norm="layer", norm_placement="post", position="relative and sinusoidal", objective="sequence-to-sequence")
DENSE = ("intermediate_dense", "output_dense")


@family("speecht5", source="transformers SpeechT5ForTextToSpeech; https://arxiv.org/abs/2110.07205")
def speecht5(c: Config) -> Model:
    """SpeechT5: the class says which side is text and which is speech; `SpeechT5Model` has neither net. The vocoder is apart."""
    name = c.architecture or "ForTextToSpeech"
    bare = name.endswith("Model")
    prefix = "" if bare else "speecht5."
    heard, spoken = "ForSpeechTo" in name, name.endswith("ToSpeech")
    tied = not bare and not spoken and c.flag("tie_word_embeddings")
    before = () if bare else _heard(c) if heard else _read(c)
    after = () if bare else _spoken(c) if spoken else (_table(c),)
    head = () if bare else _spectrogram(c) if spoken else _words(c, f"{prefix}decoder.prenet.embed_tokens.weight" if tied else None)
    encoder = _encoder(c, f"{prefix}encoder.", before, Modality.AUDIO if heard else Modality.TEXT)
    return Model((encoder, _decoder(c, f"{prefix}decoder.", after, head)), c, RECIPE, tied=tied, interface="cross-attention")


def _encoder(c: Config, prefix: str, before: tuple[Weight, ...], modality: Modality) -> Part:
    """Post-norm layers behind a norm; the relative positions are read by every layer's queries."""
    hidden, heads = c.int("hidden_size"), c.int("encoder_attention_heads")
    inner = f"{prefix}wrapped_encoder."
    weights = (
        *prefixed(f"{prefix}prenet.", before),
        *norm(f"{inner}layer_norm", hidden, bias=True),
        Weight(f"{inner}embed_positions.pe_k.weight", (c.int("encoder_max_relative_position") * 2, hidden // heads), Role.POSITION),
    )
    groups = layer_groups(
        c,
        c.layers("encoder_layers"),
        mixer=lambda c, kind: _attention(c, heads, "attention.", causal=False, cached=False),
        feed_forward=lambda c, kind: plain(c, intermediate=c.int("encoder_ffn_dim"), prefix="feed_forward.", names=DENSE),
        norms=layer_norms("layer_norm", "final_layer_norm", bias=True),
    )
    return Part("encoder", "encoder", modality, weights, groups, layer_prefix=f"{inner}layers.{{layer}}.")


def _decoder(c: Config, prefix: str, before: tuple[Weight, ...], head: tuple[Weight, ...]) -> Part:
    heads = c.int("decoder_attention_heads")

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        return _attention(c, heads, "self_attn."), _attention(c, heads, "encoder_attn.", causal=False, cross=True)

    groups = layer_groups(
        c,
        c.layers("decoder_layers"),
        mixer=mixers,
        feed_forward=lambda c, kind: plain(c, intermediate=c.int("decoder_ffn_dim"), prefix="feed_forward.", names=DENSE),
        norms=layer_norms("self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm", bias=True),
    )
    weights = (*prefixed(f"{prefix}prenet.", before), *head)
    return Part("decoder", "decoder", Modality.TEXT, weights, groups, layer_prefix=f"{prefix}wrapped_decoder.layers.{{layer}}.")


def _attention(c: Config, heads: Num, prefix: str, *, causal: bool = True, cross: bool = False, cached: bool = True) -> Attention:
    return mha(
        c,
        heads=heads,
        dim=c.int("hidden_size") // heads,
        bias=True,
        o_bias=True,
        names=("q_proj", "k_proj", "v_proj", "out_proj"),
        prefix=prefix,
        causal=causal,
        cross=cross,
        cached=cached,
        rotary=False,
    )


def _table(c: Config) -> Weight:
    return Weight("embed_tokens.weight", (c.int("vocab_size"), c.int("hidden_size")), Role.EMBEDDING)


def _read(c: Config) -> tuple[Weight, ...]:
    """Text into the encoder; `alpha` scales the sinusoidal positions."""
    return (_table(c), Weight("encode_positions.alpha", (), Role.POSITION))


def _heard(c: Config) -> tuple[Weight, ...]:
    """Speech into the encoder; what is masked in training has a vector where anything is."""
    hidden = c.int("hidden_size")
    masks = any((c.number(key) or num.const(0)).value for key in ("mask_time_prob", "mask_feature_prob"))
    masked = (Weight("masked_spec_embed", (hidden,), Role.EMBEDDING),) if masks else ()
    return (*masked, *feature_encoder(c), *positional_convolution(c, hidden))


def _spoken(c: Config) -> tuple[Weight, ...]:
    """The last frame into the decoder, and whose voice it is."""
    hidden, units = c.int("hidden_size"), c.int("speech_decoder_prenet_units")
    inputs = c.int("num_mel_bins")
    count = c.layers("speech_decoder_prenet_layers")
    return (
        *repeated(count, lambda index: linear(f"layers.{index}", units if index else inputs, units, Role.EMBEDDING, bias=True)),
        *linear("final_layer", units, hidden, Role.EMBEDDING, bias=True),
        Weight("encode_positions.alpha", (), Role.POSITION),
        *linear("speaker_embeds_layer", c.int("speaker_embedding_dim") + hidden, hidden, Role.EMBEDDING, bias=True),
    )


def _words(c: Config, tied_to: str | None) -> tuple[Weight, ...]:
    return (Weight("text_decoder_postnet.lm_head.weight", (c.int("vocab_size"), c.int("hidden_size")), Role.HEAD, tied_to=tied_to),)


def _spectrogram(c: Config) -> tuple[Weight, ...]:
    """`reduction_factor` frames of the spectrogram at a time, whether they are the last, and the net that makes them finer."""
    hidden, frames = c.int("hidden_size"), c.int("reduction_factor")
    heads = (
        *linear("feat_out", hidden, c.int("num_mel_bins") * frames, Role.HEAD, bias=True),
        *linear("prob_out", hidden, frames, Role.HEAD, bias=True),
    )
    return prefixed("speech_decoder_postnet.", (*heads, *refining(c)))


def refining(c: Config) -> tuple[Weight, ...]:
    """Convolutions over the spectrogram under batch normalization, `speech_decoder_postnet_units` wide but for both ends."""
    mels, units, kernel = c.int("num_mel_bins"), c.int("speech_decoder_postnet_units"), c.int("speech_decoder_postnet_kernel")
    count = c.layers("speech_decoder_postnet_layers")

    def layer(index: int) -> tuple[Weight, ...]:
        inputs, outputs = units if index else mels, mels if index + 1 == count.value else units
        own = convolution(f"layers.{index}.conv", inputs, outputs, kernel, bias=False, role=Role.HEAD)
        return (*own, *batch_norm(f"layers.{index}.batch_norm", outputs))

    return repeated(count, layer)
