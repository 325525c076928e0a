"""How pictures are fitted and sound is thinned, against the functions of transformers that do it, taken out of its sources.

They are taken out and not imported: the modules they stand in want torchvision, which nothing here needs.
"""

from __future__ import annotations

import ast
import math
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
import transformers

from specverify.derive.media import resizing
from specverify.derive.media.counting import Picture
from specverify.derive.media.images import counter
from specverify.derive.media.sound import halved_and_pooled, minute, quartered, thirteen_a_hundred
from specverify.derive.media.sources import Sources
from specverify.spec import ModelSpec
from tests.derive.media import processors

pytestmark = pytest.mark.oracle

SOURCES = Path(transformers.__file__).parent
NOTHING = ModelSpec("", "none", {})
DRAWN = random.Random(5)
SIZES = [
    (1024, 1024),
    (1754, 1240),
    (720, 1280),
    (56, 28),
    (3000, 200),
    *((DRAWN.randint(30, 4000), DRAWN.randint(30, 4000)) for _ in range(300)),
]


class Size(NamedTuple):
    """A size as the processors cache by it: hashable."""

    height: int
    width: int


def taken(path: str, *names: str, **given: Any) -> SimpleNamespace:
    """Functions and methods of a source file by name, with what they need of the file's imports."""
    tree = ast.parse((SOURCES / path).read_text(encoding="utf-8"))
    wanted = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in names]
    for function in wanted:
        arguments = function.args
        for argument in (*arguments.args, *arguments.kwonlyargs):
            argument.annotation = None
        function.returns = None
    space: dict[str, Any] = {"math": math, "np": np, "torch": torch, "defaultdict": defaultdict, "lru_cache": lru_cache, **given}
    exec(compile(ast.Module([*wanted], []), path, "exec"), space)  # noqa: S102
    return SimpleNamespace(**{name: space[name] for name in names})


@pytest.mark.parametrize(
    ("side", "least", "most"), [(28, 3136, 12_845_056), (28, 3136, 1_003_520), (32, 65_536, 16_777_216), (32, 4096, 1_310_720)]
)
def test_a_budget_of_pixels(side: int, least: int, most: int) -> None:
    theirs = taken("models/qwen2_vl/image_processing_qwen2_vl.py", "smart_resize").smart_resize
    for height, width in SIZES:
        rows, columns = theirs(height, width, side, least, most)
        assert resizing.patches_within(height, width, side, least, most) == rows * columns // side**2, (height, width)


@pytest.mark.parametrize("frames", [4, 120, 768])
def test_a_budget_of_pixels_for_all_frames(frames: int) -> None:
    theirs = taken("models/qwen3_vl/video_processing_qwen3_vl.py", "smart_resize").smart_resize
    for height, width in SIZES:
        if min(height, width) < 32:
            continue
        for least, most in ((4096, 25_165_824), (131_072, 786_432)):
            rows, columns = theirs(frames, height, width, 2, 32, least, most)
            assert resizing.patches_within(height, width, 32, least, most, frames) == rows * columns // 32**2, (height, width)


@pytest.mark.parametrize(("side", "longest"), [(16, 1024), (28, 1540)])
def test_a_longest_edge(side: int, longest: int) -> None:
    theirs = taken(
        "models/pixtral/image_processing_pixtral.py",
        "_num_image_tokens",
        "get_resize_output_image_size",
        get_image_size=lambda size, _: size,
    ).get_resize_output_image_size
    for height, width in SIZES:
        rows, columns = (length // side for length in theirs((height, width), longest, side))
        assert resizing.rows_with_breaks(height, width, side, longest) == rows * (columns + 1), (height, width)


@pytest.mark.parametrize(("fewest", "most"), [(1, 12), (1, 6), (2, 40)])
def test_the_grid_nearest_in_shape(fewest: int, most: int) -> None:
    theirs = taken("models/got_ocr2/image_processing_got_ocr2.py", "get_all_supported_aspect_ratios", "get_optimal_tiled_canvas")
    for size in SIZES:
        columns, rows = theirs.get_optimal_tiled_canvas(size, (448, 448), fewest, most)
        assert resizing.closest_grid(*size, 448, fewest, most) == columns * rows, size


def test_the_roomiest_grid() -> None:
    theirs = taken("models/llama4/image_processing_llama4.py", "get_factors", "find_supported_resolutions", "get_best_fit")
    possible = torch.tensor(theirs.find_supported_resolutions(16, Size(336, 336)))
    for size in SIZES:
        height, width = (int(length) // 336 for length in theirs.get_best_fit(size, possible))
        assert resizing.roomiest_grid(*size, 336, 16) == height * width, size


def test_the_roomiest_grid_of_few_tiles() -> None:
    theirs = taken("models/mllama/image_processing_mllama.py", "get_all_supported_aspect_ratios", "get_optimal_tiled_canvas")
    for size in SIZES:
        height, width = (int(length) // 560 for length in theirs.get_optimal_tiled_canvas(*size, 4, 560))
        assert resizing.roomiest_grid(*size, 560, 4) == height * width, size


def test_the_best_resolution_without_its_padding() -> None:
    pinpoints = [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]]
    select = taken("image_processing_utils.py", "select_best_resolution").select_best_resolution
    theirs = taken(
        "models/llava_next/processing_llava_next.py", "_get_number_of_features", "_get_unpadded_features", select_best_resolution=select
    )
    processor = SimpleNamespace(
        image_processor=SimpleNamespace(image_grid_pinpoints=pinpoints), patch_size=14, num_additional_image_tokens=1
    )
    processor._get_unpadded_features = lambda *sizes: theirs._get_unpadded_features(processor, *sizes)
    for size in SIZES:
        with_whole = theirs._get_number_of_features(processor, *size, 336, 336)
        ours = resizing.unpadded_grid(*size, 336, 24, [(height, width) for height, width in pinpoints])
        assert ours + 24 * 24 + 1 == with_whole, size


def test_frames_that_are_thinned() -> None:
    pooled = taken("models/qwen2_5_omni/processing_qwen2_5_omni.py", "_get_feat_extract_output_lengths")._get_feat_extract_output_lengths
    windows = taken(
        "models/qwen3_omni_moe/processing_qwen3_omni_moe.py", "_get_feat_extract_output_lengths"
    )._get_feat_extract_output_lengths
    for frames in (1, 2, 7, 99, 100, 101, 3000, 6000, 6001):
        assert halved_and_pooled(frames) == pooled(frames)
        assert thirteen_a_hundred(frames) == windows(frames)
    tokens = taken("models/gemma4/processing_gemma4.py", "_compute_audio_num_tokens")._compute_audio_num_tokens
    extractor = SimpleNamespace(frame_length=320, hop_length=160)
    for samples in (0, 100, 16_000, 77_777, 480_000):
        theirs = tokens(SimpleNamespace(feature_extractor=extractor, audio_seq_length=750), np.zeros(samples), 16_000)
        assert min(quartered(samples, 320, 160), 750) == theirs


def test_a_minute_whose_frames_are_merged() -> None:
    path = "models/granite_speech/feature_extraction_granite_speech.py"
    granite = SimpleNamespace(melspec_kwargs={"hop_length": 160}, projector_window_size=15, projector_downsample_rate=5)
    theirs = taken(path, "_get_num_audio_features")._get_num_audio_features(granite, [60 * 16_000])
    assert heard("granite_speech_encoder", vars(granite)) == theirs[0]
    path = "models/phi4_multimodal/feature_extraction_phi4_multimodal.py"
    phi = SimpleNamespace(audio_compression_rate=8, audio_downsample_rate=1)
    frames = torch.tensor([(60 * 16_000 - 400) // 160 + 1])
    theirs = taken(path, "_compute_audio_embed_size")._compute_audio_embed_size(phi, frames)
    assert heard("phi4_multimodal_audio", vars(phi)) == int(theirs[0])


def heard(encoder: str, processor: dict[str, Any]) -> int | float | None:
    """Ours of a minute."""
    files = {"config.json": {"audio_config": {"model_type": encoder}}, "preprocessor_config.json": processor}
    return minute(Sources(NOTHING, files)).tokens.value


def test_the_tokens_of_tiles_without_their_padding() -> None:
    path = "models/phi4_multimodal/image_processing_phi4_multimodal.py"
    space = taken(
        path, "find_closest_aspect_ratio", "dynamic_preprocess", "_preprocess", tvF=Resized, BatchFeature=lambda data, tensor_type: data
    )
    processor = SimpleNamespace(
        rescale_and_normalize=lambda image, *_: image,
        resize=lambda image, size, **_: image[..., : size.height, : size.width],
        pad_to_max_num_crops=lambda images, _: images,
        pad_mask_to_max_num_crops=lambda masks, _: masks,
    )
    for name in ("find_closest_aspect_ratio", "dynamic_preprocess"):
        setattr(processor, name, partial(getattr(space, name), processor))
    for height, width in SIZES[:60]:
        if max(height, width) / min(height, width) > 20:
            continue
        image = torch.zeros(3, 1, 1, dtype=torch.int8).expand(3, height, width)
        rules = (False, None, None, None, None, 14, 36, None)
        found = space._preprocess(processor, [image], True, Size(448, 448), None, *rules)
        assert ours(processors.PHI4, height, width) == found["num_img_tokens"][0], (height, width)


class Resized:
    """What Phi-4's processor asks of torchvision, for pictures of which only the size counts."""

    @staticmethod
    def resize(image: Any, size: list[int]) -> Any:
        """A picture of that height and width."""
        return image[:, :1, :1].expand(3, *size)

    @staticmethod
    def pad(image: Any, padding: list[int], fill: list[int]) -> Any:
        """A picture that is larger by the padding of its left, top, right and bottom."""
        del fill
        return image[:, :1, :1].expand(3, image.shape[1] + padding[1] + padding[3], image.shape[2] + padding[0] + padding[2])


def ours(processor: dict[str, Any], height: int, width: int) -> int | float | None:
    """Tokens of a picture of that size."""
    files = {"preprocessor_config.json": processor, "config.json": processors.TOWER}
    return counter(Sources(NOTHING, files)).tokens(Picture("", height, width)).value


def asked(processing: str, path: str | None, *needed: str, given: Mapping[str, Any] | None = None, **attributes: Any) -> Callable[..., int]:
    """What a processor of these attributes says of a picture, by `_get_num_multimodal_tokens`; `needed` of its image processor."""
    state = SimpleNamespace(**attributes, _merge_kwargs=lambda **_: defaultdict(dict))
    state.image_processor = SimpleNamespace(**attributes)
    found = dict(given or {})
    if path is not None:
        space = taken(path, *needed, **found, MAX_IMAGE_SIZE=4096)
        found |= vars(space)
        if "get_number_of_image_patches" in needed:
            state.image_processor.get_number_of_image_patches = partial(space.get_number_of_image_patches, state.image_processor)
    tokens = taken(processing, "_get_num_multimodal_tokens", MultiModalData=dict, SizeDict=Size, **found)._get_num_multimodal_tokens
    return lambda height, width: int(tokens(state, image_sizes=[(height, width)])["num_image_tokens"][0])


PATCHES = "get_number_of_image_patches"
ASKED: dict[str, Callable[[], Callable[..., int]]] = {
    "QWEN2_VL": lambda: asked(
        "models/qwen2_vl/processing_qwen2_vl.py",
        "models/qwen2_vl/image_processing_qwen2_vl.py",
        *(PATCHES, "smart_resize"),
        patch_size=14,
        merge_size=2,
        size={"shortest_edge": 3136, "longest_edge": 12_845_056},
    ),
    "QWEN3_VL": lambda: asked(
        "models/qwen3_vl/processing_qwen3_vl.py",
        "models/qwen2_vl/image_processing_qwen2_vl.py",
        *(PATCHES, "smart_resize"),
        patch_size=16,
        merge_size=2,
        size=processors.QWEN3_VL["size"],
    ),
    "GLM4V": lambda: asked(
        "models/glm4v/processing_glm4v.py",
        "models/glm4v/image_processing_glm4v.py",
        *(PATCHES, "smart_resize"),
        patch_size=14,
        merge_size=2,
        temporal_patch_size=2,
        size=processors.GLM4V["size"],
    ),
    "KIMI": lambda: asked(
        "models/kimi_k25/processing_kimi_k25.py",
        "models/kimi_k25/image_processing_kimi_k25.py",
        *(PATCHES, "navit_resize"),
        patch_size=14,
        merge_size=2,
        max_patches=16_384,
        size=processors.KIMI["size"],
    ),
    "PIXTRAL": lambda: asked(
        "models/pixtral/processing_pixtral.py",
        "models/pixtral/image_processing_pixtral.py",
        *("_num_image_tokens", "get_resize_output_image_size"),
        given={"get_image_size": lambda image, *_: image.shape[:2]},
        patch_size=16,
        spatial_merge_size=1,
        size={"longest_edge": 1024},
    ),
    "LLAVA": lambda: asked("models/llava/processing_llava.py", None, **processors.LLAVA),
    "INTERNVL": lambda: asked(
        "models/internvl/processing_internvl.py",
        "models/got_ocr2/image_processing_got_ocr2.py",
        *(PATCHES, "get_all_supported_aspect_ratios", "get_optimal_tiled_canvas"),
        image_seq_length=256,
        min_patches=1,
        max_patches=12,
        crop_to_patches=True,
        size=Size(448, 448),
    ),
    "IDEFICS3": lambda: asked(
        "models/idefics3/processing_idefics3.py",
        "models/idefics3/image_processing_idefics3.py",
        *(PATCHES, "_resize_output_size_rescale_to_max_len", "_resize_output_size_scale_below_upper_bound"),
        image_seq_len=64,
        do_image_splitting=True,
        max_image_size={"longest_edge": 512},
        size={"longest_edge": 2048},
        tokenizer=lambda *_, **__: {"input_ids": [0]},
    ),
    "GEMMA3": lambda: asked("models/gemma3/processing_gemma3.py", None, image_seq_length=256),
    "GEMMA4": lambda: asked(
        "models/gemma4/processing_gemma4.py",
        "models/gemma4/image_processing_gemma4.py",
        "get_aspect_ratio_preserving_size",
        patch_size=16,
        pooling_kernel_size=3,
        max_soft_tokens=280,
    ),
    "PALIGEMMA": lambda: asked("models/paligemma/processing_paligemma.py", None, image_seq_length=256),
}
"""Processors that say themselves how many tokens a picture is, as built from tests/derive/media/processors.py."""


@pytest.mark.parametrize("name", ASKED)
def test_a_picture_comes_to_what_its_processor_says(name: str) -> None:
    theirs = ASKED[name]()
    for height, width in SIZES:
        if min(height, width) >= 32:
            assert ours(processors.PICTURES[name], height, width) == theirs(height, width), (height, width)


def test_llama_4_writes_as_many_tokens() -> None:
    prompt = taken("models/llama4/processing_llama4.py", "_prompt_split_image")._prompt_split_image
    grid = taken("models/llama4/image_processing_llama4.py", "get_factors", "find_supported_resolutions", "get_best_fit")
    possible = torch.tensor(grid.find_supported_resolutions(16, Size(336, 336)))
    for height, width in SIZES:
        tiles = [int(length) // 336 for length in grid.get_best_fit((height, width), possible)]
        assert ours(processors.LLAMA4, height, width) == prompt(None, tiles, 144).count("<|"), (height, width)
