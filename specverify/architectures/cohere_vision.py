"""Aya Vision and Command A Vision: SigLIP, squares of its patches laid side by side, a gated matrix, before Cohere 2."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.llava import with_images
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Role, Weight


@family("aya_vision", source="transformers AyaVisionForConditionalGeneration; https://arxiv.org/abs/2505.08751")
def aya_vision(c: Config) -> Model:
    """Aya Vision: a norm over each square; the root says whether the head is tied."""
    return with_images(c, normed_squares, tied=c.flag("tie_word_embeddings"))


@family("cohere2_vision", source="transformers Cohere2VisionForConditionalGeneration; Cohere, Command A Vision")
def cohere2_vision(c: Config) -> Model:
    """Command A Vision: Aya Vision without the norm, published as transformers 5 holds it."""
    return with_images(c, gated_squares, tied=c.flag("tie_word_embeddings"), nested=True)


def normed_squares(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """As wide inside as the text model, unless `alignment_intermediate_size` says otherwise."""
    width = c.optional("alignment_intermediate_size") or outputs
    return (*norm("layernorm", square(c, inputs), bias=True), *gated(square(c, inputs), width, outputs))


def gated_squares(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """As wide inside as `alignment_intermediate_size`."""
    return gated(square(c, inputs), c.int("alignment_intermediate_size"), outputs)


def square(c: Config, inputs: Num) -> Num:
    """The width of `downsample_factor` by `downsample_factor` patches."""
    side = c.int("downsample_factor")
    return inputs * side * side


def gated(inputs: Num, width: Num, outputs: Num) -> tuple[Weight, ...]:
    """A matrix whose one half gates the other, and one into the text."""
    return (
        *linear("linear_1", inputs, width, Role.PROJECTOR, bias=True),
        *linear("linear_2", width // 2, outputs, Role.PROJECTOR, bias=True),
    )
