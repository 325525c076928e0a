"""The files that published processors state their sizes in, cut to the keys that count, for the tests of what media cost."""

from __future__ import annotations

from typing import Any

QWEN2_VL = {"processor_class": "Qwen2VLProcessor", "patch_size": 14, "merge_size": 2, "min_pixels": 3136, "max_pixels": 12_845_056}
QWEN3_VL = {"processor_class": "Qwen3VLProcessor", "patch_size": 16, "size": {"shortest_edge": 65_536, "longest_edge": 16_777_216}}
GLM4V = {"processor_class": "Glm4vProcessor", "size": {"shortest_edge": 12_544, "longest_edge": 9_633_792}}
KIMI = {"processor_class": "Kimi_K25Processor", "patch_size": 14, "merge_size": 2, "max_patches": 16_384, "size": {"max_height": 512}}
PIXTRAL = {"processor_class": "PixtralProcessor", "patch_size": 16, "size": {"longest_edge": 1024}}
MISTRAL3 = {"processor_class": "PixtralProcessor", "patch_size": 14, "spatial_merge_size": 2, "size": {"longest_edge": 1540}}
LLAVA: dict[str, Any] = {
    "processor_class": "LlavaProcessor",
    "patch_size": 14,
    "num_additional_image_tokens": 1,
    "vision_feature_select_strategy": "default",
    "crop_size": {"height": 336, "width": 336},
}
PINPOINTS = [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]]
LLAVA_NEXT = {**LLAVA, "processor_class": "LlavaNextProcessor", "image_grid_pinpoints": PINPOINTS}
INTERNVL = {"processor_class": "InternVLProcessor", "image_seq_length": 256, "size": {"height": 448}, "min_patches": 1, "max_patches": 12}
LLAMA4 = {"processor_class": "Llama4Processor", "size": {"height": 336}, "max_patches": 16, "pixel_shuffle_ratio": 0.5}
MLLAMA = {"processor_class": "MllamaProcessor", "size": {"height": 560}, "max_image_tiles": 4}
IDEFICS3 = {
    "processor_class": "Idefics3Processor",
    "image_seq_len": 64,
    "max_image_size": {"longest_edge": 512},
    "size": {"longest_edge": 2048},
}
PHI4 = {"processor_class": "Phi4MultimodalProcessor", "size": {"height": 448, "width": 448}, "patch_size": 14, "dynamic_hd": 36}
GEMMA3 = {"processor_class": "Gemma3Processor", "image_seq_length": 256}
GEMMA4 = {"processor_class": "Gemma4Processor", "max_soft_tokens": 280, "patch_size": 16, "pooling_kernel_size": 3}
DEEPSEEK = {"processor_class": "DeepseekVLProcessor", "num_image_tokens": 576}
PALIGEMMA = {"processor_class": "PaliGemmaProcessor", "image_seq_length": 256}
PICTURES: dict[str, dict[str, Any]] = {
    name: value for name, value in dict(globals()).items() if isinstance(value, dict) and "processor_class" in value
}
"""All of these by name."""
TOWER = {"vision_config": {"patch_size": 14, "image_size": 336, "model_type": "clip_vision_model"}}
"""Of a config: the tower that the others take their patches from."""
