"""Idefics 2 and 3 and SmolVLM: SigLIP without its pooling head, a connector, and a text model of any family."""

from __future__ import annotations

from specverify.architectures.blocks.feed_forward import glu_weights
from specverify.architectures.blocks.tensors import linear
from specverify.architectures.composite import projector, root_of, text_of, with_text
from specverify.architectures.gemma import siglip
from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.architectures.resampler import idefics2_resampler
from specverify.spec import Part, Role

CONNECTOR = "connector."
PROJECTION = "modality_projection."


@family("idefics3", "smolvlm", source="transformers Idefics3ForConditionalGeneration; https://arxiv.org/abs/2408.12637")
def idefics3(c: Config) -> Model:
    """Idefics3 and SmolVLM: squares of `scale_factor` patches a side become one, and one matrix takes them into the text."""
    text, vision, side = text_of(c), c.sub("vision_config"), c.int("scale_factor")
    merging = linear(f"{PROJECTION}proj", vision.int("hidden_size") * side * side, text.int("hidden_size"), Role.PROJECTOR)
    return behind(c, vision, projector(root_of(c) + CONNECTOR, merging))


@family("idefics2", source="transformers Idefics2ForConditionalGeneration; https://arxiv.org/abs/2405.02246")
def idefics2(c: Config) -> Model:
    """Idefics2: a gated feed-forward as wide as the text's takes the patches into it, and a resampler reads them as a few latents."""
    text, vision, connector = text_of(c), c.sub("vision_config"), root_of(c) + CONNECTOR
    hidden = text.int("hidden_size")
    widening = glu_weights(vision.int("hidden_size"), text.int("intermediate_size"), Role.PROJECTOR, prefix=PROJECTION, outputs=hidden)
    resampler = idefics2_resampler(c.sub("perceiver_config"), hidden, f"{connector}perceiver_resampler.")
    return behind(c, vision, projector(connector, widening), resampler)


def behind(c: Config, vision: Config, *connector: Part) -> Model:
    """The text model behind the tower and its connector; the root says whether the head is tied."""
    tower = siglip(vision, f"{root_of(c)}vision_model.", pools=False)
    return with_text(c, f"{root_of(c)}text_model.", tower, *connector, tied=c.flag("tie_word_embeddings"), vision=vision)
