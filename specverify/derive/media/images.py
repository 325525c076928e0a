"""Tokens of a picture, by the mechanism of the processor class that a model names.

They are those that the processor puts into the prompt for a picture, breaks and separators among them where it counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from specverify.derive.media import patches, pooled, tiles
from specverify.derive.media.counting import Counter, uncounted
from specverify.derive.media.sources import NO_FILE, Sources


def counter(sources: Sources) -> Counter:
    """How the pictures of this model are counted; its numbers are unknown, with the reason, where that cannot be told."""
    name = sources.text("processor", "processor_class")
    mechanism = MECHANISMS.get(name or "")
    if mechanism is not None:
        return mechanism(sources)
    kind = (sources.text("image", "image_processor_type") or "").removesuffix("Fast").removesuffix("Pil")
    if kind in BY_IMAGE_PROCESSOR:
        return BY_IMAGE_PROCESSOR[kind](sources)
    if name is None:
        for stated, left_out, by_keys in BY_KEYS:
            if sources.find("config", stated) is not None and sources.find("config", left_out) is None:
                return by_keys(sources)
    if not sources.any_processor():
        return uncounted(NO_FILE)
    return uncounted(f"how {name or kind or 'a processor that names no class'} turns a picture into tokens is not known to specverify")


MECHANISMS: Mapping[str, Callable[[Sources], Counter]] = {
    **dict.fromkeys(
        ("Qwen2VLProcessor", "Qwen2_5_VLProcessor", "Qwen3VLProcessor", "Qwen2_5OmniProcessor", "Qwen3OmniMoeProcessor"), patches.pixels
    ),
    **dict.fromkeys(("Glm4vProcessor", "Glm46VProcessor"), patches.frames),
    "Kimi_K25Processor": patches.sides,
    "PixtralProcessor": patches.rows,
    "LlavaProcessor": patches.grid,
    "LlavaNextProcessor": patches.resolutions,
    "PaliGemmaProcessor": patches.patches_alone,
    "InternVLProcessor": tiles.internvl,
    "Llama4Processor": tiles.llama4,
    "MllamaProcessor": tiles.mllama,
    **dict.fromkeys(("Idefics3Processor", "SmolVLMProcessor"), tiles.tiled_whole),
    "Phi4MultimodalProcessor": tiles.padded,
    "Gemma3Processor": pooled.with_crops,
    "Gemma3nProcessor": pooled.pooled,
    **dict.fromkeys(("Gemma4Processor", "Gemma4UnifiedProcessor"), pooled.up_to),
    **dict.fromkeys(("DeepseekVLProcessor", "DeepseekVLHybridProcessor"), pooled.by_processor),
}
"""Processor classes whose code puts the tokens of a picture into the prompt, by how they count them."""
BY_IMAGE_PROCESSOR: Mapping[str, Callable[[Sources], Counter]] = {
    "Qwen2VLImageProcessor": patches.pixels,
    **dict.fromkeys(("Glm4vImageProcessor", "Glm46VImageProcessor"), patches.frames),
    "Kimi_K25ImageProcessor": patches.sides,
    "PixtralImageProcessor": patches.rows,
    "LlavaNextImageProcessor": patches.resolutions,
    "Llama4ImageProcessor": tiles.llama4,
    "MllamaImageProcessor": tiles.mllama,
    **dict.fromkeys(("Idefics3ImageProcessor", "SmolVLMImageProcessor"), tiles.tiled_whole),
    "Phi4MultimodalImageProcessor": tiles.padded,
    "Gemma3ImageProcessor": pooled.with_crops,
    **dict.fromkeys(("Gemma4ImageProcessor", "Gemma4UnifiedImageProcessor"), pooled.up_to),
}
"""Image processors that only one way of counting goes with, for files that name no processor class."""
BY_KEYS: tuple[tuple[str, str, Callable[[Sources], Counter]], ...] = (
    ("mm_tokens_per_image", "image_grid_pinpoints", pooled.with_crops),
    ("max_dynamic_patch", "image_grid_pinpoints", tiles.own_internvl),
    ("vision_feature_select_strategy", "image_grid_pinpoints", patches.grid),
)
"""Keys of a config that tell how pictures are counted, where no processor class does: one stated, one left out."""
