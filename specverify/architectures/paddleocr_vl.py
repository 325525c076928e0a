"""PaddleOCR-VL: ERNIE 4.5 behind SigLIP's layers."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import with_vision
from specverify.architectures.ernie import ernie4_5
from specverify.architectures.gemma import siglip
from specverify.architectures.keys import Config
from specverify.architectures.llava import tied_unless_denied
from specverify.architectures.model import Model
from specverify.architectures.qwen_vl import text_of
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Modality, Part, Role


@family("paddleocr_vl", source="transformers PaddleOCRVLForConditionalGeneration; https://arxiv.org/abs/2510.14528")
def paddleocr_vl(c: Config) -> Model:
    """PaddleOCR-VL: the text model's keys are in `text_config` or, in published files, at the root.

    The checkpoint's pooling head and packed positions of the tower, which the class passes over, are not listed.
    """
    text, vision = text_of(c, "paddleocr_vl_text"), c.sub("vision_config")
    model = ernie4_5(text, tied=tied_unless_denied(c))
    tower = siglip(vision, "visual.vision_model.", pooled=False)
    return with_vision(model, vision, tower, projector(vision, text.int("hidden_size")))


def projector(c: Config, outputs: Num) -> Part:
    """A norm over each patch and two matrices over each square of `spatial_merge_size` patches."""
    hidden, side = c.int("hidden_size"), c.int("spatial_merge_size")
    square = hidden * side * side
    weights = (
        *norm("pre_norm", hidden, bias=True),
        *linear("linear_1", square, square, Role.PROJECTOR, bias=True),
        *linear("linear_2", square, outputs, Role.PROJECTOR, bias=True),
    )
    return Part("projector", "projector", Modality.VISION, weights, prefix="mlp_AR.")
