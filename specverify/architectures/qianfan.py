"""Qianfan-OCR: InternViT, squares of its patches laid side by side, before Qwen3, as InternVL is published."""

from __future__ import annotations

from specverify.architectures.blocks.vision import with_vision
from specverify.architectures.keys import Config
from specverify.architectures.llava import language_model
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.architectures.tower_internvit import ORIGINAL, internvit, squares
from specverify.spec import Modality, Part


@family("qianfan_ocr", source="transformers QianfanOCRForConditionalGeneration; https://huggingface.co/baidu/Qianfan-OCR")
def qianfan_ocr(c: Config) -> Model:
    """Qianfan-OCR: the root says whether the head is tied."""
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    model = language_model(text, tied=c.flag("tie_word_embeddings"))
    projector = squares(c, vision.int("hidden_size"), text.int("hidden_size"), ("0", "1", "3"))
    projection = Part("projector", "projector", Modality.VISION, projector, prefix="mlp1.")
    return with_vision(model, vision, internvit(vision, "vision_model.", ORIGINAL), projection)
