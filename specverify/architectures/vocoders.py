"""What makes a wave of audio codes: a diffusion transformer over mel frames with BigVGAN behind it, and Qwen3-Omni's decoder."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, plain
from specverify.architectures.blocks.sound import ONE, POINT, convolution, stack, stretching
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import layer_norms
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight

WIDE = num.const(7, "convolution kernel")
TIME = num.const(256, "sinusoids of a time step")
MOST_STAGES = 32
"""Stages of a vocoder, and shares of its channels: more do not exist, and would only cost time."""
PAIRS = 3
"""Pairs of convolutions in a residual block, each with dilations of its own."""


def diffusion(c: Config, prefix: str = "token2wav.code2wav_dit_model.") -> Part:
    """A diffusion transformer whose norms are scaled by the time step (DiT, arXiv:2212.09748), told the speaker by `speaker`."""
    hidden, inputs = c.int("hidden_size"), c.int("emb_dim")
    given = c.int("mel_dim") + c.int("enc_dim") + c.int("enc_emb_dim") + inputs
    outside = (
        *linear("time_embed.time_mlp.0", TIME, hidden, Role.TOWER, bias=True),
        *linear("time_embed.time_mlp.2", hidden, hidden, Role.TOWER, bias=True),
        Weight("text_embed.codec_embed.weight", (c.int("num_embeds") + 1, inputs), Role.TOWER),
        *linear("input_embed.proj", given, hidden, Role.TOWER, bias=True),
        *prefixed("input_embed.spk_encoder.", speaker(c)),
        *linear("norm_out.linear", hidden, hidden * 2, Role.TOWER, bias=True),
        *linear("proj_out", hidden, c.int("mel_dim"), Role.TOWER, bias=True),
    )
    attention = gqa(
        c,
        kv_heads=c.int("num_attention_heads"),
        bias=True,
        o_bias=True,
        names=("to_q", "to_k", "to_v", "to_out.0"),
        prefix="attn.",
        causal=False,
        cached=False,
    )
    block = plain(c, intermediate=hidden * c.int("ff_mult"), prefix="ff.ff.", names=("0", "3"))
    scales = linear("attn_norm.linear", hidden, hidden * 6, Role.TOWER, bias=True)
    groups = stack(c, c.layers(), attention, block, lambda c, kind: scales)
    return Part("diffusion transformer", "tower", Modality.AUDIO, outside, groups, prefix, f"{prefix}transformer_blocks.{{layer}}.")


def speaker(c: Config) -> tuple[Weight, ...]:
    """ECAPA-TDNN (arXiv:2005.07143): one vector for a voice, by convolutions that share channels among `enc_res2net_scale`."""
    channels, kernels, scale = stages(c, "enc_channels"), stages(c, "enc_kernel_sizes"), shares(c, "enc_res2net_scale")
    squeezed, last, attended = c.int("enc_se_channels"), channels[-1], c.int("enc_attention_channels")
    weights = convolution("blocks.0.conv", c.int("mel_dim"), channels[0], kernels[0])
    for index, (inputs, outputs, kernel) in enumerate(zip(channels, channels[1:-1], kernels[1:], strict=False), 1):
        share = outputs // scale
        block = convolution("tdnn1.conv", inputs, outputs, POINT)
        for part in range(int(scale.value or 2) - 1):
            block += convolution(f"res2net_block.blocks.{part}.conv", share, share, kernel)
        block += convolution("tdnn2.conv", outputs, outputs, POINT)
        block += convolution("se_block.conv1", outputs, squeezed, POINT) + convolution("se_block.conv2", squeezed, outputs, POINT)
        weights += prefixed(f"blocks.{index}.", block)
    return (
        *weights,
        *convolution("mfa.conv", last, last, kernels[-1]),
        *convolution("asp.tdnn.conv", last * 3, attended, POINT),
        *convolution("asp.conv", attended, last, POINT),
        *convolution("fc", last * 2, c.int("enc_dim"), POINT),
    )


def stages(c: Config, key: str) -> tuple[Num, ...]:
    """A list of counts, one for each stage; one unknown number where there are none, or too many to be plausible."""
    found = c.counts(key)
    if 0 < len(found) <= MOST_STAGES:
        return found
    c.problem("length", key, f"`{key}` has {len(found)} entries, which is no plausible number of stages", len(found))
    return (num.unknown(f"`{key}` is not plausible"),)


def shares(c: Config, key: str) -> Num:
    """Into how many parts channels are split."""
    count = c.int(key)
    if count.value is None or count.value <= MOST_STAGES:
        return count
    c.problem("range", key, f"`{key}` is larger than {MOST_STAGES}", count.value)
    return num.unknown(f"`{key}` is not plausible")


def bigvgan(c: Config, prefix: str = "token2wav.code2wav_bigvgan_model.") -> Part:
    """BigVGAN (arXiv:2206.04658): convolutions that stretch mel frames to a wave, residual blocks of periodic activations between."""
    width = c.int("upsample_initial_channel")
    weights = convolution("conv_pre", c.int("mel_dim"), width, WIDE)
    resblocks = tuple(zip(stages(c, "resblock_kernel_sizes"), c.list("resblock_dilation_sizes") or (), strict=False))
    for stage, (kernel, _) in enumerate(zip(stages(c, "upsample_kernel_sizes"), stages(c, "upsample_rates"), strict=False)):
        weights += stretching(f"ups.{stage}.0", width, width // 2, kernel)
        width = width // 2
        for block, (size, _) in enumerate(resblocks, stage * len(resblocks)):
            weights += prefixed(f"resblocks.{block}.", residual(width, size))
    weights += (*periodic("activation_post.act", width), *convolution("conv_post", width, ONE, WIDE, bias=False))
    return Part("vocoder", "tower", Modality.AUDIO, weights, prefix=prefix)


def residual(width: Num, kernel: Num) -> tuple[Weight, ...]:
    """A residual block of BigVGAN."""
    weights: tuple[Weight, ...] = ()
    for index in range(PAIRS):
        weights += convolution(f"convs1.{index}", width, width, kernel) + convolution(f"convs2.{index}", width, width, kernel)
        weights += periodic(f"activations.{2 * index}.act", width) + periodic(f"activations.{2 * index + 1}.act", width)
    return weights


def periodic(name: str, channels: Num) -> tuple[Weight, ...]:
    """Snake (arXiv:2006.08195) with a frequency and a magnitude for every channel."""
    return Weight(f"{name}.alpha", (channels,), Role.TOWER), Weight(f"{name}.beta", (channels,), Role.TOWER)


def code_to_wave(c: Config, prefix: str = "code2wav.") -> Part:
    """A causal transformer over the sum of a frame's codes, and convolutions that stretch it to a wave."""
    hidden, width = c.int("hidden_size"), c.int("decoder_dim")
    weights = (
        Weight("code_embedding.weight", (c.int("codebook_size") * c.int("num_quantizers"), hidden), Role.TOWER),
        *norm("pre_transformer.norm", hidden),
    )
    for index, factor in enumerate(c.counts("upsampling_ratios")):
        weights += prefixed(f"upsample.{index}.", (*stretching("0.conv", hidden, hidden, factor), *prefixed("1.", convnext(hidden))))
    weights += convolution("decoder.0.conv", hidden, width, WIDE)
    rates = c.counts("upsample_rates")
    for index, rate in enumerate(rates, 1):
        weights += prefixed(f"decoder.{index}.block.", widening(width, rate))
        width = width // 2
    end = len(rates) + 1
    weights += (*periodic(f"decoder.{end}", width), *convolution(f"decoder.{end + 1}.conv", width, ONE, WIDE))
    bias = c.flag("attention_bias")
    attention = gqa(c, bias=bias, o_bias=bias, window=c.int("sliding_window"), cached=False)
    scales = tuple(Weight(f"{name}_layer_scale.scale", (hidden,), Role.TOWER) for name in ("self_attn", "mlp"))
    norms = layer_norms("input_layernorm", "post_attention_layernorm")
    groups = stack(c, c.layers(), attention, glu(c), lambda c, kind: (*norms(c, kind), *scales))
    return Part("vocoder", "tower", Modality.AUDIO, weights, groups, prefix, f"{prefix}pre_transformer.layers.{{layer}}.")


def convnext(width: Num) -> tuple[Weight, ...]:
    """ConvNeXt (arXiv:2201.03545) over time: a filter a channel, a norm, two matrices and a scale."""
    return (
        *convolution("dwconv.conv", ONE, width, WIDE),
        *norm("norm", width, bias=True),
        *linear("pwconv1", width, width * 4, Role.TOWER, bias=True),
        *linear("pwconv2", width * 4, width, Role.TOWER, bias=True),
        Weight("gamma", (width,), Role.TOWER),
    )


def widening(width: Num, rate: Num) -> tuple[Weight, ...]:
    """Half the channels at `rate` times the length, and three residual units."""
    outputs = width // 2
    weights = (*periodic("0", width), *stretching("1.conv", width, outputs, rate * 2))
    for index in range(2, 2 + PAIRS):
        unit = (
            *periodic("act1", outputs),
            *convolution("conv1.conv", outputs, outputs, WIDE),
            *periodic("act2", outputs),
            *convolution("conv2.conv", outputs, outputs, POINT),
        )
        weights += prefixed(f"{index}.", unit)
    return weights
