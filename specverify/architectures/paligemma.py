"""PaliGemma: SigLIP and a matrix before Gemma, which reads image and prompt both ways; and pi-0, which acts on what it reads."""

from __future__ import annotations

from dataclasses import replace

from specverify.architectures.blocks.tensors import linear
from specverify.architectures.keys import Config
from specverify.architectures.llava import with_images
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Role, Weight


@family("paligemma", source="transformers PaliGemmaForConditionalGeneration; https://arxiv.org/abs/2407.07726")
def paligemma(c: Config) -> Model:
    """PaliGemma 1 and 2: the root says whether the head is tied; what comes before the answer is a prefix that sees itself both ways."""
    return replace(with_images(c, one_matrix, tied=c.flag("tie_word_embeddings")), mask="prefix")


def one_matrix(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """Into `projection_dim`, the root's, which is to be the width of the text model."""
    return linear("linear", inputs, c.int("projection_dim"), Role.PROJECTOR, bias=True)
