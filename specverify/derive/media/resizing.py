"""How processors fit a picture: to a budget of pixels, to a longest edge, or to a grid of tiles. Plain integers in and out.

Read from the processors of transformers 5.23.0 that each docstring names.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

MOST_TILES = 1024
"""A processor that asks for more is not followed: arrangements of tiles are tried one by one."""


def patches_within(height: int, width: int, side: int, least_pixels: int, most_pixels: int, frames: int = 1) -> int:
    """Squares of `side` pixels in a picture that is resized to whole ones of them, within a budget of pixels.

    Qwen2VLImageProcessor; with `frames`, which share the budget, Qwen3VLVideoProcessor.
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


def closest_grid(height: int, width: int, tile: int, fewest: int, most: int) -> int:
    """Tiles of the grid whose shape is nearest to the picture's (GotOcr2ImageProcessor; InternVL's own `dynamic_preprocess`).

    Of two as near, the larger, unless it has twice the picture's area or more.
    """
    best, best_apart = 1, math.inf
    for columns, rows in sorted(_grids(fewest, most), key=lambda grid: grid[0] * grid[1]):
        apart = abs(width / height - columns / rows)
        if apart < best_apart or (apart == best_apart and height * width > 0.5 * tile * tile * columns * rows):
            best, best_apart = columns * rows, apart
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


def _best_resolution(height: int, width: int, resolutions: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """The resolution that keeps most of the picture and wastes least."""

    def kept_and_wasted(resolution: tuple[int, int]) -> tuple[int, int]:
        scale = min(resolution[1] / width, resolution[0] / height)
        kept = min(int(width * scale) * int(height * scale), width * height)
        return kept, kept - resolution[0] * resolution[1]

    return max(resolutions, key=kept_and_wasted)
