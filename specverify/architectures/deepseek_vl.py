"""DeepSeek-VL: SigLIP, in the larger model beside SAM for more detail, before Llama."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import as_role, linear
from specverify.architectures.composite import projector, root_of, text_of, with_text
from specverify.architectures.gemma import siglip
from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.architectures.tower_sam import halving, neck, sam
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Part, Role, Weight

ALIGNER, HIGH = "aligner.", "high_res_vision_"


@family("deepseek_vl", source="transformers DeepseekVLForConditionalGeneration; https://arxiv.org/abs/2403.05525")
def deepseek_vl(c: Config) -> Model:
    """DeepSeek-VL 1.3B: two matrices between tower and text; the root says whether the head is tied."""
    hidden = text_of(c).int("hidden_size")
    first = linear("linear1", c.sub("vision_config").int("hidden_size"), hidden, Role.PROJECTOR, bias=True)
    return behind(c, (*first, *linear("linear2", hidden, hidden, Role.PROJECTOR, bias=True)))


@family("deepseek_vl_hybrid", source="transformers DeepseekVLHybridForConditionalGeneration; https://arxiv.org/abs/2403.05525")
def deepseek_vl_hybrid(c: Config) -> Model:
    """DeepSeek-VL 7B: half the width of the text from SigLIP, half from SAM.

    SAM's first global layer has a neck of its own, which is added by a learned factor.
    """
    hidden, detail = text_of(c).int("hidden_size"), c.sub("high_res_vision_config")
    channels, root = detail.int("output_channels"), root_of(c)
    aligner = (
        *linear("vision_proj", c.sub("vision_config").int("hidden_size"), hidden // 2, Role.PROJECTOR, bias=True),
        *linear("high_res_vision_proj", channels * 4, hidden // 2, Role.PROJECTOR, bias=True),
        *linear("proj", hidden, hidden, Role.PROJECTOR, bias=True),
    )
    beside = (
        Weight("alpha", (Num(1),), Role.PROJECTOR),
        *as_role(Role.PROJECTOR, neck(detail, prefix="neck.")),
        *as_role(Role.PROJECTOR, halving(("proj.conv1", "proj.conv2"), channels, channels * 2, channels * 4)),
    )
    encoder = sam(detail, f"{root}{HIGH}model.vision_encoder.")
    return behind(c, aligner, encoder, replace(projector(root + HIGH, beside), name="detail"))


def behind(c: Config, aligner: tuple[Weight, ...], *others: Part) -> Model:
    """The text model behind SigLIP, the `aligner` between them, and the `others`."""
    vision, root = c.sub("vision_config"), root_of(c)
    parts = (siglip(vision, f"{root}vision_model."), projector(root + ALIGNER, aligner), *others)
    return with_text(c, f"{root}language_model.", *parts, tied=c.flag("tie_word_embeddings"), vision=vision)
