"""VibeVoice's tokenizers (arXiv:2508.19205): ConvNeXt stages (arXiv:2201.03545) over audio, between strided convolutions."""

from __future__ import annotations

from itertools import pairwise

from specverify import num
from specverify.architectures.blocks.audio import convolution, repeated, transposed_convolution
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.seanet import ratios_of
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight


def acoustic_tokenizer(c: Config, prefix: str) -> Part:
    """Encoder and decoder of continuous latents under `prefix`."""
    weights = (*_encoder(c, "encoder."), *_decoder(c, "decoder."))
    return Part("codec", "tower", Modality.AUDIO, weights, prefix=prefix)


def tokenizer_encoder(c: Config, prefix: str, name: str) -> Part:
    """The encoder alone."""
    return Part(name, "tower", Modality.AUDIO, _encoder(c, ""), prefix=prefix)


def _encoder(c: Config, prefix: str) -> tuple[Weight, ...]:
    kernel, ratios = c.int("kernel_size"), ratios_of(c, "downsampling_ratios")
    widths, depths = _widths(c, len(ratios)), _depths(c, len(ratios))
    weights = (*convolution("stem.conv.conv", c.int("channels"), widths[0], kernel), *_stage(c, "stem.", widths[0], depths[0]))
    for index, (ratio, (inputs, outputs), depth) in enumerate(zip(ratios, pairwise(widths), depths[1:], strict=True)):
        weights += convolution(f"conv_layers.{index}.conv.conv", inputs, outputs, ratio * 2)
        weights += _stage(c, f"conv_layers.{index}.", outputs, depth)
    return prefixed(prefix, (*weights, *convolution("head.conv", widths[-1], c.int("hidden_size"), kernel)))


def _decoder(c: Config, prefix: str) -> tuple[Weight, ...]:
    kernel, ratios = c.int("kernel_size"), ratios_of(c, "downsampling_ratios")[::-1]
    widths, depths = _widths(c, len(ratios))[::-1], _depths(c, len(ratios))[::-1]
    weights = (*convolution("stem.conv.conv", c.int("hidden_size"), widths[0], kernel), *_stage(c, "stem.", widths[0], depths[0]))
    for index, (ratio, (inputs, outputs), depth) in enumerate(zip(ratios, pairwise(widths), depths[1:], strict=True)):
        weights += transposed_convolution(f"conv_layers.{index}.convtr.convtr", inputs, outputs, ratio * 2)
        weights += _stage(c, f"conv_layers.{index}.", outputs, depth)
    return prefixed(prefix, (*weights, *convolution("head.conv", widths[-1], c.int("channels"), kernel)))


def _widths(c: Config, steps: int) -> list[Num]:
    """Channels before and after each step, which doubles them."""
    widths = [c.int("num_filters")]
    for _ in range(steps):
        widths.append(widths[-1] * 2)
    return widths


def _depths(c: Config, steps: int) -> tuple[Num, ...]:
    """Layers of each stage, of which there is one more than steps."""
    depths = c.counts("depths")
    return depths if len(depths) == steps + 1 else (num.unknown(f"`depths` has {len(depths):,} entries for {steps} steps"),) * (steps + 1)


def _stage(c: Config, prefix: str, width: Num, depth: Num) -> tuple[Weight, ...]:
    """Layers of one filter a channel and a feed-forward, a learned scale on what each adds."""
    inner = width * c.int("ffn_expansion")
    layer = (
        Weight("gamma", (width,), Role.TOWER),
        Weight("ffn_gamma", (width,), Role.TOWER),
        *norm("norm", width),
        *norm("ffn_norm", width),
        *linear("ffn.linear1", width, inner, Role.TOWER, bias=True),
        *linear("ffn.linear2", inner, width, Role.TOWER, bias=True),
        *convolution("mixer.conv", Num(1), width, c.int("kernel_size")),
    )
    return repeated(depth, lambda index: prefixed(f"{prefix}stage.{index}.", layer))
