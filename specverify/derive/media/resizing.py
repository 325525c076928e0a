"""How processors fit a picture: to a budget of pixels, to a longest edge, or to a grid of tiles. Plain integers in and out.

Read from the processors of transformers 5.23.0 that each docstring names.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

MOST_TILES = 1024
"""A processor that asks for more is not followed: arrangements of tiles are tried one by one."""

LONGEST_EDGE = 4096
"""Idefics3ImageProcessor enlarges no picture beyond it."""


def patches_within(height: int, width: int, side: int, least_pixels: int, most_pixels: int, frames: int = 1) -> int:
    """Squares of `side` pixels in a picture that is resized to whole ones of them, within a budget of pixels.

    Qwen2VLImageProcessor; with `frames`, which share the budget, Glm4vImageProcessor and Qwen3VLVideoProcessor.
    """
    rows, columns = round(height / side), round(width / side)
    pixels = frames * rows * columns * side * side
    if pixels > most_pixels:
        shrink = math.sqrt(frames * height * width / most_pixels)
        rows, columns = (max(1, math.floor(length / shrink / side)) for length in (height, width))
    elif pixels < least_pixels:
        grow = math.sqrt(least_pixels / (frames * height * width))
        rows, columns = (math.ceil(length * grow / side) for length in (height, width))
    return rows * columns


def rows_with_breaks(height: int, width: int, side: int, longest: int) -> int:
    """Squares of `side` pixels, and one token that ends each row, in a picture shrunk to a longest edge (PixtralProcessor)."""
    ratio = max(height / longest, width / longest)
    if ratio > 1:
        height, width = math.floor(height / ratio), math.floor(width / ratio)
    rows, columns = ((length - 1) // side + 1 for length in (height, width))
    return rows * (columns + 1)


def patches_of_sides(height: int, width: int, patch: int, merge: int, most_patches: int, most_along: int) -> int:
    """Squares of `merge` x `merge` patches that cover a picture, which is shrunk where its patches or a side of them are too many.

    Kimi_K25ImageProcessor. A picture is never enlarged.
    """
    patches = max(1, height // patch) * max(1, width // patch)
    scale = min(1.0, math.sqrt(most_patches / patches), most_along * patch / height, most_along * patch / width)
    rows, columns = (-(-min(max(1, int(length * scale)), most_along * patch) // (merge * patch)) for length in (height, width))
    return rows * columns


def pooled_patches(height: int, width: int, side: int, most: int) -> int:
    """Squares of `side` pixels in a picture that is resized, larger or smaller, to `most` of them or just below (Gemma4ImageProcessor)."""
    scale = math.sqrt(most * side * side / (height * width))
    rows, columns = (math.floor(scale * length / side) for length in (height, width))
    if rows == 0:
        rows, columns = 1, min(width // height, most)
    elif columns == 0:
        rows, columns = min(height // width, most), 1
    return max(1, rows) * max(1, columns)


def tiled_to_edge(height: int, width: int, longest: int, tile: int, each: int) -> int:
    """Tokens of a picture enlarged or shrunk to a longest edge and cut into tiles, marks and breaks among them (Idefics3Processor).

    A tile has `each` tokens and 2 marks, a row of them a break, the whole 3 marks; the two breaks before the whole are one token.
    """
    height, width = _to_edge(height, width, longest, even=True)
    if max(height, width) > LONGEST_EDGE:
        height, width = _to_edge(height, width, LONGEST_EDGE, even=False)
    rows, columns = -(-height // tile), -(-width // tile)
    whole = each + 3
    return whole if rows == columns == 1 else whole + rows * (columns * (each + 2) + 1)


def masked_tiles(height: int, width: int, tile: int, patch: int, most: int) -> int:
    """Tokens of a picture's own tiles, its padding left out: every second patch each way, and a break a row (Phi4MultimodalImageProcessor).

    `tile` is an even number of `patch`; pictures of more than `most` tiles go to the grid nearest in shape.
    """
    columns, rows = -(-width // tile), -(-height // tile)
    if columns * rows > most:
        columns, rows = _closest_grid(height, width, tile, 1, most)
    across, down = columns * tile / width, rows * tile / height
    kept = [columns * tile // patch, rows * tile // patch]
    if across < down:
        kept[1] -= (rows * tile - int(height * across)) // patch
    else:
        kept[0] -= (columns * tile - int(width * down)) // patch
    across_pairs, down_pairs = (-(-length // 2) for length in kept)
    return down_pairs * (across_pairs + 1)


def closest_grid(height: int, width: int, tile: int, fewest: int, most: int) -> int:
    """Tiles of the grid whose shape is nearest to the picture's (GotOcr2ImageProcessor; InternVL's own `dynamic_preprocess`).

    Of two as near, the larger, unless it has twice the picture's area or more.
    """
    columns, rows = _closest_grid(height, width, tile, fewest, most)
    return columns * rows


def _closest_grid(height: int, width: int, tile: int, fewest: int, most: int) -> tuple[int, int]:
    """Columns and rows."""
    best, best_apart = (1, 1), math.inf
    for columns, rows in sorted(_grids(fewest, most), key=lambda grid: grid[0] * grid[1]):
        apart = abs(width / height - columns / rows)
        if apart < best_apart or (apart == best_apart and height * width > 0.5 * tile * tile * columns * rows):
            best, best_apart = (columns, rows), apart
    return best


def roomiest_grid(height: int, width: int, tile: int, most: int) -> int:
    """Tiles of the grid that holds the picture with the least upscaling, or shrinks it least (Llama4ImageProcessor, MllamaImageProcessor).

    Of several, the one with fewest tiles.
    """
    scales = {grid: min(tile * grid[0] / width, tile * grid[1] / height) for grid in _grids(1, most)}
    enough = [scale for scale in scales.values() if scale >= 1]
    chosen = min(enough) if enough else max(scales.values())
    return min(columns * rows for (columns, rows), scale in scales.items() if scale == chosen)


def unpadded_grid(height: int, width: int, tile: int, patches: int, resolutions: Iterable[tuple[int, int]]) -> int:
    """Patches of the best of the stated resolutions without its padding, and one token for each row (LlavaNextProcessor).

    `patches` are those along a side of a tile; `resolutions` are (height, width) in pixels.
    """
    rows, columns = (length // tile * patches for length in _best_resolution(height, width, resolutions))
    if width / height > columns / rows:
        rows -= 2 * ((rows - int(round(height * (columns / width), 7))) // 2)
    else:
        columns -= 2 * ((columns - int(round(width * (rows / height), 7))) // 2)
    return rows * columns + rows


def _grids(fewest: int, most: int) -> Iterator[tuple[int, int]]:
    """Columns and rows of every grid of so many tiles."""
    for columns in range(1, most + 1):
        for rows in range(-(-fewest // columns), most // columns + 1):
            yield columns, rows


def _to_edge(height: int, width: int, longest: int, *, even: bool) -> tuple[int, int]:
    """Height and width scaled to a longest edge, the shorter one made even or not."""
    ratio = width / height
    if width >= height:
        shorter = int(longest / ratio)
        return max(1, shorter + shorter % 2 * even), longest
    shorter = int(longest * ratio)
    return longest, max(1, shorter + shorter % 2 * even)


def _best_resolution(height: int, width: int, resolutions: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """The resolution that keeps most of the picture and wastes least."""

    def kept_and_wasted(resolution: tuple[int, int]) -> tuple[int, int]:
        scale = min(resolution[1] / width, resolution[0] / height)
        kept = min(int(width * scale) * int(height * scale), width * height)
        return kept, kept - resolution[0] * resolution[1]

    return max(resolutions, key=kept_and_wasted)
