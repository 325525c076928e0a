"""LFM2-VL and LFM3-VL: LiquidAI's text models behind a tower, squares of whose patches are projected as one."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.lfm import tied
from specverify.architectures.llava import with_images
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Role, Weight


@family("lfm2_vl", source="transformers Lfm2VlForConditionalGeneration; https://huggingface.co/LiquidAI/LFM2-VL-1.6B")
def lfm2_vl(c: Config) -> Model:
    """LFM2-VL: SigLIP 2, and a norm over each square of patches unless `projector_use_layernorm` is off; the root says what is tied."""
    return with_images(c, over_squares, tied=tied(c), nested=True)


@family("lfm3_vl", source="transformers Lfm3VlForConditionalGeneration; https://huggingface.co/LiquidAI/LFM3-VL-2B")
def lfm3_vl(c: Config) -> Model:
    """LFM3-VL: a tower of LFM's own layers, and a norm over each of its patches; the root says what is tied."""
    return with_images(c, over_patches, tied=tied(c), nested=True)


def over_squares(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """Squares of `downsample_factor` patches, normed whole."""
    side = c.int("downsample_factor")
    square = inputs * side * side
    return (*(norm("layer_norm", square, bias=True) if c.flag("projector_use_layernorm") else ()), *matrices(c, square, outputs))


def over_patches(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """Squares of the tower's `spatial_merge_size` patches, normed one by one."""
    side = c.sub("vision_config").int("spatial_merge_size")
    return (*norm("layer_norm", inputs, bias=True), *matrices(c, inputs * side * side, outputs))


def matrices(c: Config, square: Num, outputs: Num) -> tuple[Weight, ...]:
    """Two matrices around `projector_hidden_size`."""
    width, bias = c.int("projector_hidden_size"), c.flag("projector_bias")
    return (
        *linear("linear_1", square, width, Role.PROJECTOR, bias=bias),
        *linear("linear_2", width, outputs, Role.PROJECTOR, bias=bias),
    )
