"""Parakeet's FastConformer (arXiv:2305.05084): mel frames thinned out by strided convolutions, then conformer layers."""

from __future__ import annotations

from math import log2

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.audio import batch_norm, convolution, repeated
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import extended, linear, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import layer_groups, layer_norms
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Modality, Part, Role, Weight

NORMS = ("norm_feed_forward1", "norm_self_att", "norm_conv", "norm_feed_forward2", "norm_out")


def parakeet(c: Config, prefix: str, *, bias: bool | None = None) -> Part:
    """The encoder under `prefix`: two halved feed-forwards around attention and a convolution, relative positions of Transformer-XL.

    `bias` is `attention_bias` unless a composite says otherwise.
    """
    hidden = c.int("hidden_size")
    bias = c.flag("attention_bias") if bias is None else bias

    def mixer(c: Config, kind: str) -> Mixer:
        own = gqa(c, bias=bias, o_bias=bias, causal=False, cached=False, rotary=False)
        heads, dim = own.num_attention_heads, own.head_dim
        positions = linear("self_attn.relative_k_proj", hidden, heads * dim, Role.ATTENTION)
        biases = (Weight(f"self_attn.bias_{name}", (heads, dim), Role.ATTENTION) for name in "uv")
        return extended(own, *positions, *biases)

    def feed_forward(c: Config, kind: str) -> FeedForward:
        first, second = (plain(c, prefix=f"feed_forward{place}.", names=("linear1", "linear2"), bias=bias) for place in (1, 2))
        return extended(first, *second.weights, *_convolutions(c, hidden))

    groups = layer_groups(
        c,
        c.layers(),
        mixer=mixer,
        feed_forward=feed_forward,
        norms=layer_norms(*NORMS, bias=True),
    )
    return Part("encoder", "encoder", Modality.AUDIO, _subsampling(c), groups, prefix, f"{prefix}layers.{{layer}}.")


def _convolutions(c: Config, hidden: Num) -> tuple[Weight, ...]:
    """The convolution of a layer: gated, one filter a channel, under batch normalization."""
    bias, role = c.flag("convolution_bias"), Role.FEED_FORWARD
    weights = (
        *convolution("pointwise_conv1", hidden, hidden * 2, 1, bias=bias, role=role),
        *convolution("depthwise_conv", num.const(1), hidden, c.int("conv_kernel_size"), bias=bias, role=role),
        *batch_norm("norm", hidden),
        *convolution("pointwise_conv2", hidden, hidden, 1, bias=bias, role=role),
    )
    return prefixed("conv.", weights)


def _subsampling(c: Config) -> tuple[Weight, ...]:
    """Each halving of time and frequency a convolution, all but the first of one filter a channel and followed by a mixing one."""
    channels, kernel, role = c.int("subsampling_conv_channels"), c.int("subsampling_conv_kernel_size"), Role.EMBEDDING
    steps = num.call("log2", lambda factor: int(log2(factor)), c.int("subsampling_factor"))

    def further(step: int) -> tuple[Weight, ...]:
        own = convolution(f"subsampling.layers.{3 * step + 2}", num.const(1), channels, kernel, kernel, role=role)
        return (*own, *convolution(f"subsampling.layers.{3 * step + 3}", channels, channels, 1, 1, role=role))

    first = convolution("subsampling.layers.0", num.const(1), channels, kernel, kernel, role=role)
    thinned = num.call("power", lambda stride, times: stride**times, c.int("subsampling_conv_stride"), steps)
    rest = c.int("num_mel_bins") // thinned
    return (*first, *repeated(steps - 1, further), *linear("subsampling.linear", channels * rest, c.int("hidden_size"), role, bias=True))
