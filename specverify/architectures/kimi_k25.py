"""Kimi K2.5: Kimi K2 with images and video."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import prefixed
from specverify.architectures.keys import Config
from specverify.architectures.llava import language_model
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.architectures.tower_moonvit import moonvit, patch_merger
from specverify.frozen import replace
from specverify.spec import Modality, Part


@family("kimi_k25", source="transformers Kimi_K25ForConditionalGeneration; https://huggingface.co/moonshotai/Kimi-K2.5")
def kimi_k25(c: Config) -> Model:
    """Kimi K2.5: DeepSeek-V3's decoder behind MoonViT; the root says whether the head is tied."""
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    model = language_model(text, tied=c.flag("tie_word_embeddings"))
    weights = patch_merger(vision, c.int("projection_hidden_size"), text.int("hidden_size"))
    projector = Part("projector", "projector", Modality.VISION, prefixed("mm_projector.", weights))
    parts = (*model.parts, moonvit(vision, "vision_tower."), projector)
    return replace(model, parts=parts, vision=vision, interface="encoder + projector")
