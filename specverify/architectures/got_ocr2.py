"""GOT-OCR 2.0: SAM's encoder before Qwen2."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import as_role, linear
from specverify.architectures.composite import projector
from specverify.architectures.keys import Config
from specverify.architectures.llava import PROJECTOR, language_model
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.architectures.tower_sam import halving, sam
from specverify.frozen import replace
from specverify.spec import Role


@family("got_ocr2", "pp_chart2table", source="transformers GotOcr2ForConditionalGeneration; https://arxiv.org/abs/2409.01704")
def got_ocr2(c: Config) -> Model:
    """GOT-OCR 2.0: two convolutions and a matrix between SAM and the text; the root says whether the head is tied."""
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    hidden, channels = text.int("hidden_size"), vision.int("output_channels")
    weights = (
        *as_role(Role.PROJECTOR, halving(("conv_upsampler1", "conv_upsampler2"), channels, channels * 2, hidden)),
        *linear("multimodal_projector", hidden, hidden, Role.PROJECTOR, bias=True),
    )
    model = language_model(text, tied=c.flag("tie_word_embeddings"))
    parts = (*model.parts, sam(vision, "vision_tower."), projector(PROJECTOR, weights))
    return replace(model, parts=parts, vision=vision, interface="encoder + projector")
