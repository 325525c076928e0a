"""InternVL as transformers has it: InternViT, squares of its patches laid side by side, before any text model."""

from __future__ import annotations

from specverify.architectures.keys import Config
from specverify.architectures.llava import with_images
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.architectures.tower_internvit import squares
from specverify.num import Num
from specverify.spec import Weight


@family("internvl", source="transformers InternVLForConditionalGeneration; https://arxiv.org/abs/2504.10479")
def internvl(c: Config) -> Model:
    """InternVL 2.5 to 3.5: the root says whether the head is tied."""
    return with_images(c, projector, tied=c.flag("tie_word_embeddings"))


def projector(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """A norm and two matrices over squares of patches."""
    return squares(c, inputs, outputs, ("layer_norm", "linear_1", "linear_2"))
