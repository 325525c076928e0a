"""HiFi-GAN (arXiv:2010.05646): a spectrogram drawn out into samples, each step followed by residual blocks of several kernels."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.audio import MOST_REPEATED, convolution, transposed_convolution
from specverify.architectures.keys import Config
from specverify.architectures.seanet import ratios_of
from specverify.num import Num
from specverify.spec import Role, Weight

ENDS = 7
"""The kernel of the first and of the last convolution."""


def hifigan(c: Config, inputs: Num, *, last_bias: bool = True) -> tuple[Weight, ...]:
    """The generator, from `inputs` channels; each of `upsample_kernel_sizes` halves `upsample_initial_channel`."""
    width = c.int("upsample_initial_channel")
    blocks = tuple(zip(c.counts("resblock_kernel_sizes"), _dilations(c), strict=False))
    if sum(dilations for _, dilations in blocks) > MOST_REPEATED:
        return (Weight("resblocks.{unknown}", (num.unknown("`resblock_dilation_sizes` is not plausible"),), Role.TOWER),)
    weights = [*convolution("conv_pre", inputs, width, ENDS)]
    for step, kernel in enumerate(ratios_of(c, "upsample_kernel_sizes")):
        weights += transposed_convolution(f"upsampler.{step}", width, width // 2, kernel)
        width = width // 2
        for place, (size, dilations) in enumerate(blocks):
            for index in range(dilations):
                for convolutions in ("convs1", "convs2"):
                    name = f"resblocks.{step * len(blocks) + place}.{convolutions}.{index}"
                    weights += convolution(name, width, width, size)
    return (*weights, *convolution("conv_post", width, num.const(1, "channels"), ENDS, bias=last_bias))


def standardizing(inputs: Num) -> tuple[Weight, ...]:
    """Mean and scale of the spectrograms it was trained on, which are no parameters."""
    return (Weight("mean", (inputs,), Role.TOWER, buffer=True), Weight("scale", (inputs,), Role.TOWER, buffer=True))


def _dilations(c: Config) -> list[int]:
    """How many convolutions each kind of residual block has."""
    return [len(entry) for entry in c.list("resblock_dilation_sizes", of=list) or []]
