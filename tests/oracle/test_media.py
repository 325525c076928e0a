"""How pictures are fitted and sound is thinned, against the functions of transformers that do it, taken out of its sources.

They are taken out and not imported: the modules they stand in want torchvision, which nothing here needs.
"""

from __future__ import annotations

import ast
import math
import random
from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
import transformers

from specverify.derive.media import resizing
from specverify.derive.media.sound import halved_and_pooled, thirteen_a_hundred

pytestmark = pytest.mark.oracle

SOURCES = Path(transformers.__file__).parent
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
