"""VQGAN (arXiv:2012.09841): convolutions that turn an image into entries of a codebook, and back."""

from __future__ import annotations

from collections.abc import Callable, Container
from itertools import pairwise

from specverify import num
from specverify.architectures.blocks.tensors import norm
from specverify.architectures.blocks.vision import patch_convolution
from specverify.architectures.encoders import MOST_DIFFERENT
from specverify.architectures.keys import Config
from specverify.architectures.model import depth_of
from specverify.frozen import Struct, frozen
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight

Weights = tuple[Weight, ...]
NormOf = Callable[[str, Num], Weights]
AttentionOf = Callable[[str, str, Num, NormOf], Weights]
"""Attention by its own name, that of a norm beside it, its channels and the kind of norm."""
ONE, THREE = Num(1), Num(3)


def conv(name: str, inputs: Num, outputs: Num, side: Num = THREE) -> Weights:
    """A square convolution with a bias."""
    return patch_convolution(name, outputs, inputs, side, side)


def group_norm(name: str, channels: Num) -> Weights:
    """A norm over groups of channels."""
    return norm(name, channels, bias=True)


def convolved(name: str, beside: str, channels: Num, normed: NormOf) -> Weights:
    """Attention whose projections are convolutions of one pixel, its norm inside."""
    projections = tuple(weight for part in ("q", "k", "v", "proj_out") for weight in conv(f"{name}.{part}", channels, channels, ONE))
    return (*normed(f"{name}.norm", channels), *projections)


@frozen
class Stack(Struct):
    """How a class builds its encoder or decoder: where levels and middle stand, their norms and attention.

    `attends` are the levels whose blocks are followed by attention, `middle_attends` whether the middle has it.
    """

    levels: str
    middle: str
    attends: Container[int]
    middle_attends: bool = True
    normed: NormOf = group_norm
    attention: AttentionOf = convolved

    def block(self, name: str, inputs: Num, outputs: Num) -> Weights:
        """A residual block; where it changes the channels, so does its shortcut."""
        shortcut = () if inputs.value == outputs.value else conv(f"{name}.nin_shortcut", inputs, outputs, ONE)
        return (
            *self.normed(f"{name}.norm1", inputs),
            *conv(f"{name}.conv1", inputs, outputs),
            *self.normed(f"{name}.norm2", outputs),
            *conv(f"{name}.conv2", outputs, outputs),
            *shortcut,
        )

    def level(self, place: int, index: int, inputs: Num, outputs: Num, blocks: int) -> Weights:
        """The blocks of level `index`, which stands at `place`."""
        prefix = f"{self.levels}{place}."
        weights: list[Weight] = []
        for block in range(blocks):
            weights += self.block(f"{prefix}block.{block}", outputs if block else inputs, outputs)
            if index in self.attends:
                weights += self.attention(f"{prefix}attn.{block}", f"{prefix}attn_norms.{block}", outputs, self.normed)
        return tuple(weights)

    def center(self, channels: Num) -> Weights:
        """Two blocks with attention between them."""
        attention = self.attention(f"{self.middle}attn_1", f"{self.middle}attn_norm", channels, self.normed) if self.middle_attends else ()
        blocks = (f"{self.middle}block_1", f"{self.middle}block_2")
        return (*(weight for name in blocks for weight in self.block(name, channels, channels)), *attention)


def widths(c: Config) -> tuple[Num, ...]:
    """The channels before the first level and behind each."""
    base = c.int("base_channels")
    return (base, *(base * factor for factor in c.counts("channel_multiplier")))


def last_level(c: Config) -> int:
    """The index of the level with the smallest side."""
    return len(widths(c)) - 2


def encoder(c: Config, stack: Stack) -> Weights:
    """From pixels to latents: each level but the last halves the side."""
    channels, blocks, latents = widths(c), depth_of(c.int("num_res_blocks")), c.int("latent_channels")
    weights = list(conv("conv_in", c.int("in_channels"), channels[0]))
    for index, (inputs, outputs) in enumerate(pairwise(channels)):
        weights += stack.level(index, index, inputs, outputs, blocks)
        if index != last_level(c):
            weights += conv(f"{stack.levels}{index}.downsample.conv", outputs, outputs)
    last = latents * 2 if c.flag("double_latent") else latents
    return (*weights, *stack.center(channels[-1]), *stack.normed("norm_out", channels[-1]), *conv("conv_out", channels[-1], last))


def decoder(c: Config, stack: Stack, place: Callable[[int], int]) -> Weights:
    """From latents to pixels, with a block more a level; level `index` stands at `place(index)`."""
    channels, blocks = widths(c), depth_of(c.int("num_res_blocks")) + 1
    weights = [*conv("conv_in", c.int("latent_channels"), channels[-1]), *stack.center(channels[-1])]
    inputs = channels[-1]
    for index in range(last_level(c), -1, -1):
        outputs = channels[index + 1]
        weights += stack.level(place(index), index, inputs, outputs, blocks)
        if index:
            weights += conv(f"{stack.levels}{place(index)}.upsample.conv", outputs, outputs)
        inputs = outputs
    return (*weights, *stack.normed("norm_out", inputs), *conv("conv_out", inputs, c.int("out_channels")))


def codebook(c: Config, size: str) -> Weights:
    """The codes, as many as the key `size` says."""
    return (Weight("quantize.embedding.weight", (c.int(size), c.int("embed_dim")), Role.TOWER),)


def to_codes_and_back(c: Config) -> Weights:
    """Between latents and codes."""
    latents, codes = c.int("latent_channels"), c.int("embed_dim")
    return (*conv("quant_conv", latents, codes, ONE), *conv("post_quant_conv", codes, latents, ONE))


def image_tokenizer(c: Config, prefix: str, weights: Callable[[], Weights]) -> Part:
    """The tokenizer under `prefix`; of unknown size where it has more levels and blocks than there are."""
    if (last_level(c) + 1) * (depth_of(c.int("num_res_blocks")) + 1) > MOST_DIFFERENT:
        unknown = num.unknown("so many levels and blocks are not plausible")
        return Part("image tokenizer", "tower", Modality.VISION, (Weight("{unknown}", (unknown,), Role.TOWER),), prefix=prefix)
    return Part("image tokenizer", "tower", Modality.VISION, weights(), prefix=prefix)
