"""SEANet (arXiv:2009.02095), the convolutions that EnCodec and Mimi make audio smaller and larger with."""

from __future__ import annotations

from collections.abc import Callable

from specverify import num
from specverify.architectures.blocks.audio import convolution, repeated, transposed_convolution
from specverify.architectures.blocks.tensors import prefixed
from specverify.architectures.keys import Config
from specverify.num import Num
from specverify.spec import Weight

Layer = tuple[Weight, ...]
MOST_STEPS = 64
"""Each doubles the channels: more make more of them than any size can be."""

Normed = Callable[[Layer], Layer]
"""What normalization makes of a convolution called `conv`."""


def unnormed(weights: Layer) -> Layer:
    """No normalization."""
    return weights


def ratios_of(c: Config, key: str = "upsampling_ratios") -> tuple[Num, ...]:
    """By how much each step makes the sequence longer or shorter; one unknown number where that is no plausible list."""
    ratios = c.counts(key)
    return ratios if len(ratios) <= MOST_STEPS else (num.unknown(f"`{key}` has {len(ratios):,} entries"),)


def seanet_encoder(c: Config, prefix: str, normed: Normed = unnormed, inner: Callable[[Num], Layer] | None = None) -> Layer:
    """From samples to latents: each of `upsampling_ratios`, the last first, doubles the channels; `inner` stands before the last layer."""
    width, hidden = c.int("num_filters"), c.int("hidden_size")
    layers = [normed(convolution("conv", c.int("audio_channels"), width, c.int("kernel_size")))]
    for ratio in reversed(ratios_of(c)):
        layers += _residuals(c, width, normed)
        layers += [(), normed(convolution("conv", width, width * 2, ratio * 2))]
        width = width * 2
    layers += [inner(width)] if inner is not None else []
    return _numbered(prefix, [*layers, (), normed(convolution("conv", width, hidden, c.int("last_kernel_size")))])


def seanet_decoder(c: Config, prefix: str, normed: Normed = unnormed, inner: Callable[[Num], Layer] | None = None) -> Layer:
    """From latents to samples; `inner` stands behind the first layer."""
    ratios = ratios_of(c)
    width = c.int("num_filters") * num.const(2 ** len(ratios), "2^ratios")
    layers = [normed(convolution("conv", c.int("hidden_size"), width, c.int("kernel_size")))]
    layers += [inner(width)] if inner is not None else []
    for ratio in ratios:
        layers += [(), normed(transposed_convolution("conv", width, width // 2, ratio * 2))]
        width = width // 2
        layers += _residuals(c, width, normed)
    last = normed(convolution("conv", c.int("num_filters"), c.int("audio_channels"), c.int("last_kernel_size")))
    return _numbered(prefix, [*layers, (), last])


def _residuals(c: Config, width: Num, normed: Normed) -> list[Layer]:
    inner, kernel = width // c.int("compress"), c.int("residual_kernel_size")
    block = (
        *prefixed("block.1.", normed(convolution("conv", width, inner, kernel))),
        *prefixed("block.3.", normed(convolution("conv", inner, width, 1))),
    )
    if c.flag("use_conv_shortcut"):
        block += prefixed("shortcut.", normed(convolution("conv", width, width, 1)))
    count = c.layers("num_residual_layers")
    refused = repeated(count, lambda index: ())
    return [refused] if refused else [block] * int(count.value or 0)


def _numbered(prefix: str, layers: list[Layer]) -> Layer:
    """The layers by their place; those without tensors are activations."""
    return tuple(weight for index, layer in enumerate(layers) for weight in prefixed(f"{prefix}layers.{index}.", layer))
