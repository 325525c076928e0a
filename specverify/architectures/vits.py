"""VITS: a text encoder, a normalizing flow, a model of durations, and a HiFi-GAN, trained end to end."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.audio import convolution, repeated, weight_normed
from specverify.architectures.blocks.tensors import extended, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.architectures.tower_hifigan import hifigan
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Modality, Part, Role, Weight

RECIPE = Recipe(norm="layer", norm_placement="post", position="relative", objective="speech synthesis")
Weights = tuple[Weight, ...]


@family("vits", source="transformers VitsModel; https://arxiv.org/abs/2106.06103; MMS-TTS")
def vits(c: Config) -> Model:
    """VITS: the waveform is made at once, not token by token; the posterior encoder is for training alone, and always there."""
    hidden, flow, speaker = c.int("hidden_size"), c.int("flow_size"), c.int("speaker_embedding_size", least=0)
    steps = c.layers("prior_encoder_num_flows")
    coupling = _coupling(c, hidden, flow, speaker)
    towers = {
        "flow": repeated(steps, lambda index: prefixed(f"flows.{index}.", coupling)),
        "decoder": (*hifigan(c, flow, last_bias=False), *_voice(speaker, c.int("upsample_initial_channel"))),
        "duration_predictor": _durations(c, hidden, speaker),
        "posterior_encoder": _posterior(c, hidden, flow, speaker),
    }
    parts = [Part(name.replace("_", " "), "tower", Modality.AUDIO, weights, prefix=f"{name}.") for name, weights in towers.items()]
    count = c.int("num_speakers")
    voices = () if count.value == 1 else (Weight("embed_speaker.weight", (count, speaker), Role.EMBEDDING),)
    return Model((_encoder(c, hidden, voices), *parts), c, RECIPE, mask="bidirectional")


def _encoder(c: Config, hidden: Num, voices: Weights) -> Part:
    """Post-norm layers whose feed-forward is two convolutions; `window_size` is how far positions are told apart."""
    bias, kernel, reach = c.flag("use_bias"), c.int("ffn_kernel_size"), c.optional("window_size", least=0)

    def mixer(c: Config, kind: str) -> Mixer:
        names = ("q_proj", "k_proj", "v_proj", "out_proj")
        own = mha(c, bias=bias, o_bias=bias, names=names, prefix="attention.", causal=False, cached=False, rotary=False)
        if reach is None or reach.value == 0:
            return own
        shape = (Num(1), reach * 2 + 1, own.head_dim)
        return extended(own, *(Weight(f"attention.emb_rel_{name}", shape, Role.POSITION) for name in "kv"))

    def feed_forward(c: Config, kind: str) -> FeedForward:
        inner, role = c.int("ffn_dim"), Role.FEED_FORWARD
        weights = (*convolution("conv_1", hidden, inner, kernel, role=role), *convolution("conv_2", inner, hidden, kernel, role=role))
        return FeedForward(prefixed("feed_forward.", weights), inner, gated=False, activation=c.text("hidden_act"))

    groups = layer_groups(
        c, c.layers(), mixer=mixer, feed_forward=feed_forward, norms=layer_norms("layer_norm", "final_layer_norm", bias=True)
    )
    weights = (
        Weight("text_encoder.embed_tokens.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING),
        *convolution("text_encoder.project", hidden, c.int("flow_size") * 2, 1, role=Role.PROJECTOR),
        *voices,
    )
    return Part("text encoder", "encoder", Modality.TEXT, weights, groups, layer_prefix="text_encoder.encoder.layers.{layer}.")


def _voice(speaker: Num, outputs: Num, name: str = "cond") -> Weights:
    """What a speaker's embedding adds; nothing where it has no width."""
    return () if speaker.value == 0 else convolution(name, speaker, outputs, 1)


def _wavenet(c: Config, hidden: Num, speaker: Num, layers: Num) -> Weights:
    """Gated convolutions (arXiv:1609.03499) under weight normalization; the last has nothing to pass on."""

    def layer(index: int) -> Weights:
        outputs = hidden if index + 1 == layers.value else hidden * 2
        own = convolution(f"in_layers.{index}", hidden, hidden * 2, c.int("wavenet_kernel_size"))
        return (*own, *convolution(f"res_skip_layers.{index}", hidden, outputs, 1))

    return prefixed("wavenet.", weight_normed((*_voice(speaker, hidden * 2 * layers, "cond_layer"), *repeated(layers, layer))))


def _coupling(c: Config, hidden: Num, flow: Num, speaker: Num) -> Weights:
    """A step of the flow, which computes one half of the channels from the other."""
    return (
        *convolution("conv_pre", flow // 2, hidden, 1),
        *_wavenet(c, hidden, speaker, c.layers("prior_encoder_num_wavenet_layers")),
        *convolution("conv_post", hidden, flow // 2, 1),
    )


def _posterior(c: Config, hidden: Num, flow: Num, speaker: Num) -> Weights:
    return (
        *convolution("conv_pre", c.int("spectrogram_bins"), hidden, 1),
        *_wavenet(c, hidden, speaker, c.layers("posterior_encoder_num_wavenet_layers")),
        *convolution("conv_proj", hidden, flow * 2, 1),
    )


def _durations(c: Config, hidden: Num, speaker: Num) -> Weights:
    """How long each token sounds: a flow of its own, or two convolutions where `use_stochastic_duration_prediction` is off."""
    one = Num(1)
    if not c.flag("use_stochastic_duration_prediction", True):
        width, kernel = c.int("duration_predictor_filter_channels"), c.int("duration_predictor_kernel_size")
        return (
            *convolution("conv_1", hidden, width, kernel),
            *norm("norm_1", width, bias=True),
            *convolution("conv_2", width, width, kernel),
            *norm("norm_2", width, bias=True),
            *convolution("proj", width, one, 1),
            *_voice(speaker, hidden),
        )
    weights = _voice(speaker, hidden)
    for post, inputs in (("", hidden), ("post_", one)):
        weights += convolution(f"{post}conv_pre", inputs, hidden, 1)
        weights += convolution(f"{post}conv_proj", hidden, hidden, 1)
        weights += prefixed(f"{post}conv_dds.", _separable(c, hidden))
        weights += prefixed(f"{post}flows.", _spline_flows(c, hidden))
    return weights


def _spline_flows(c: Config, hidden: Num) -> Weights:
    """An affine step and steps by rational-quadratic splines (arXiv:1906.04032) of `duration_predictor_flow_bins`."""
    channels = c.int("depth_separable_channels")
    half = channels // 2
    step = (
        *convolution("conv_pre", half, hidden, 1),
        *prefixed("conv_dds.", _separable(c, hidden)),
        *convolution("conv_proj", hidden, half * (c.int("duration_predictor_flow_bins") * 3 - 1), 1),
    )
    steps = c.layers("duration_predictor_num_flows")
    return (
        Weight("0.translate", (channels, Num(1)), Role.TOWER),
        Weight("0.log_scale", (channels, Num(1)), Role.TOWER),
        *repeated(steps, lambda index: prefixed(f"{index + 1}.", step)),
    )


def _separable(c: Config, hidden: Num) -> Weights:
    """Convolutions of one filter a channel, each followed by a mixing one."""

    def layer(index: int) -> Weights:
        return (
            *convolution(f"convs_dilated.{index}", Num(1), hidden, c.int("duration_predictor_kernel_size")),
            *convolution(f"convs_pointwise.{index}", hidden, hidden, 1),
            *norm(f"norms_1.{index}", hidden, bias=True),
            *norm(f"norms_2.{index}", hidden, bias=True),
        )

    return repeated(c.layers("depth_separable_num_layers"), layer)
