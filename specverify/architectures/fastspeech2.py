"""FastSpeech 2 on conformers: text drawn out to the length it is predicted to sound, and a spectrogram of it at once."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.audio import batch_norm, convolution, repeated
from specverify.architectures.blocks.tensors import extended, linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.architectures.speecht5 import refining
from specverify.architectures.tower_hifigan import hifigan, standardizing
from specverify.num import Num
from specverify.spec import FeedForward, LayerGroup, Mixer, Modality, Part, Role, Weight

RECIPE = Recipe(norm="layer", norm_placement="post", position="relative", objective="speech synthesis")


@family("fastspeech2_conformer", source="transformers FastSpeech2ConformerModel; https://arxiv.org/abs/2006.04558")
def fastspeech2_conformer(c: Config) -> Model:
    """FastSpeech 2: the `decoder` is a second encoder, over frames; neither has a cache. The vocoder is apart."""
    return Model(_parts(c, ""), c, RECIPE, mask="bidirectional")


@family("fastspeech2_conformer_with_hifigan", source="transformers FastSpeech2ConformerWithHifiGan; https://arxiv.org/abs/2010.13956")
def fastspeech2_conformer_with_hifigan(c: Config) -> Model:
    """FastSpeech 2 with the HiFi-GAN that makes samples of its spectrogram."""
    own, vocoder = c.sub("model_config", text=True), c.sub("vocoder_config")
    inputs = vocoder.int("model_in_dim")
    generator = Part("vocoder", "tower", Modality.AUDIO, (*hifigan(vocoder, inputs), *standardizing(inputs)), prefix="vocoder.")
    return Model((*_parts(own, "model."), generator), own, RECIPE, mask="bidirectional")


def _parts(c: Config, prefix: str) -> tuple[Part, ...]:
    hidden = c.int("hidden_size")
    table = Weight(f"{prefix}encoder.embed.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING)
    encoder = _layers(c, "encoder"), f"{prefix}encoder.conformer_layers.{{layer}}."
    decoder = _layers(c, "decoder"), f"{prefix}decoder.conformer_layers.{{layer}}."
    spectrogram = (*linear("feat_out", hidden, c.int("num_mel_bins") * c.int("reduction_factor"), Role.HEAD, bias=True), *refining(c))
    outside = (
        *_predictor(c, "duration"),
        *(weight for name in ("pitch", "energy") for weight in (*_predictor(c, name), *_embedded(c, name, hidden))),
        *prefixed("speech_decoder_postnet.", spectrogram),
    )
    return (
        Part("encoder", "encoder", Modality.TEXT, (table, *prefixed(prefix, _voices(c, hidden))), encoder[0], layer_prefix=encoder[1]),
        Part("spectrogram decoder", "tower", Modality.AUDIO, prefixed(prefix, outside), decoder[0], layer_prefix=decoder[1]),
    )


def _voices(c: Config, hidden: Num) -> tuple[Weight, ...]:
    """Tables of languages and of speakers where there is more than one, and what brings in a speaker's embedding."""
    weights: tuple[Weight, ...] = ()
    for key, name in (("num_languages", "language_id_embedding"), ("num_speakers", "speaker_id_embedding")):
        count = c.optional(key)
        if count is not None and count.value != 1:
            weights += (Weight(f"{name}.weight", (count, hidden), Role.EMBEDDING),)
    width = c.optional("speaker_embed_dim", least=0)
    if width is not None and width.value != 0:
        weights += linear("projection", hidden + width, hidden, Role.PROJECTOR, bias=True)
    return weights


def _layers(c: Config, stack: str) -> tuple[LayerGroup, ...]:
    """Conformer layers; the second feed-forward and the convolution can be left out of both stacks."""
    sizes, lead = _stated(c, stack)
    hidden, heads, inner = c.int("hidden_size"), sizes.int(f"{lead}num_attention_heads"), sizes.int(f"{lead}linear_units")
    concatenates = sizes.flag(f"{lead}concat_after")
    macaron, convolves = c.flag("use_macaron_style_in_conformer"), c.flag("use_cnn_in_conformer")
    norms: tuple[str, ...] = ("ff_layer_norm", "self_attn_layer_norm")
    norms += ("ff_macaron_layer_norm",) if macaron else ()
    norms += ("conv_layer_norm", "final_layer_norm") if convolves else ()

    def mixer(c: Config, kind: str) -> Mixer:
        names = ("linear_q", "linear_k", "linear_v", "linear_out")
        own = mha(c, heads=heads, dim=hidden // heads, bias=True, o_bias=True, names=names, causal=False, cached=False, rotary=False)
        biases = (Weight(f"self_attn.pos_bias_{name}", (heads, own.head_dim), Role.POSITION) for name in "uv")
        joined = linear("concat_linear", hidden * 2, hidden, Role.ATTENTION, bias=True) if concatenates else ()
        return extended(own, *linear("self_attn.linear_pos", hidden, hidden, Role.ATTENTION), *biases, *joined)

    def feed_forward(c: Config, kind: str) -> FeedForward:
        kernel, role = c.int("positionwise_conv_kernel_size"), Role.FEED_FORWARD
        block = (*convolution("conv1", hidden, inner, kernel, role=role), *convolution("conv2", inner, hidden, kernel, role=role))
        weights = prefixed("feed_forward.", block)
        weights += prefixed("feed_forward_macaron.", block) if macaron else ()
        weights += prefixed("conv_module.", _convolutions(c, hidden, sizes.int(f"{lead}kernel_size"))) if convolves else ()
        return FeedForward(weights, inner, gated=False, activation="relu")

    return layer_groups(
        c, sizes.layers(f"{lead}layers"), mixer=mixer, feed_forward=feed_forward, norms=layer_norms(*norms, bias=True, size=hidden)
    )


def _stated(c: Config, stack: str) -> tuple[Config, str]:
    """What states the sizes of a stack, and how the keys begin: an object of its own where the file has one, else the root."""
    key = f"{stack}_config"
    return (c.sub(key), "") if isinstance(c.raw.get(key), dict) else (c, f"{stack}_")


def _convolutions(c: Config, hidden: Num, kernel: Num) -> tuple[Weight, ...]:
    bias, role = c.flag("convolution_bias"), Role.FEED_FORWARD
    return (
        *convolution("pointwise_conv1", hidden, hidden * 2, 1, bias=bias, role=role),
        *convolution("depthwise_conv", Num(1), hidden, kernel, bias=bias, role=role),
        *batch_norm("norm", hidden),
        *convolution("pointwise_conv2", hidden, hidden, 1, bias=bias, role=role),
    )


def _predictor(c: Config, name: str) -> tuple[Weight, ...]:
    """Normed convolutions to one number a token: how long it sounds, how high, how loud."""
    width, kernel = c.int(f"{name}_predictor_channels"), c.int(f"{name}_predictor_kernel_size")

    def layer(index: int) -> tuple[Weight, ...]:
        own = convolution(f"conv_layers.{index}.conv", width if index else c.int("hidden_size"), width, kernel)
        return (*own, *norm(f"conv_layers.{index}.layer_norm", width, bias=True))

    weights = repeated(c.layers(f"{name}_predictor_layers"), layer)
    return prefixed(f"{name}_predictor.", (*weights, *linear("linear", width, Num(1), Role.TOWER, bias=True)))


def _embedded(c: Config, name: str, hidden: Num) -> tuple[Weight, ...]:
    return convolution(f"{name}_embed.conv", Num(1), hidden, c.int(f"{name}_embed_kernel_size"))
