"""Tokens of a picture, by the mechanism of the processor class that a model names.

They are those that the processor puts into the prompt for a picture, breaks and separators among them where it counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from specverify import num
from specverify.derive.media.resizing import (
    MOST_TILES,
    closest_grid,
    patches_within,
    roomiest_grid,
    rows_with_breaks,
    unpadded_grid,
)
from specverify.derive.media.sources import LARGEST, NO_FILE, Sources
from specverify.num import Num

MOST_RESOLUTIONS = 1000


class Picture(NamedTuple):
    """A picture in pixels, by what it stands for."""

    what: str
    height: int
    width: int

    def sides(self) -> tuple[Num, Num]:
        """Height and width."""
        return num.const(self.height, "height", unit="px"), num.const(self.width, "width", unit="px")


class Counter(NamedTuple):
    """How a model counts pictures: `tokens` of one, the `least` and the `most` of any, and in words `how`.

    `crossed` tokens are kept by cross-attention, outside of the prompt.
    """

    tokens: Callable[[Picture], Num]
    least: Num
    most: Num
    how: str
    crossed: bool = False


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
        return _unknown(NO_FILE)
    return _unknown(f"how {name or kind or 'a processor that names no class'} turns a picture into tokens is not known to specverify")


def _pixels(sources: Sources) -> Counter:
    """Any size within a budget of pixels, in merged patches (Qwen2-VL, arXiv:2409.12191)."""
    by = "Qwen2VLImageProcessor"
    patch, merge = (sources.count("image", key, default=(value, by)) for key, value in (("patch_size", 14), ("merge_size", 2)))
    side = (patch * merge).named("pixels along a token", "px")
    fewest = budget(sources, "image", "min_pixels", "shortest_edge", (56 * 56, by))
    most = budget(sources, "image", "max_pixels", "longest_edge", (28 * 28 * 1280, by))
    return Counter(
        lambda picture: num.call("patches_within", patches_within, *picture.sides(), side, fewest, most),
        num.ceil_div(fewest, side * side),
        most // (side * side),
        "resized within a budget of pixels, and merged patches counted",
    )


def budget(sources: Sources, kind: str, key: str, edge: str, default: tuple[int, str]) -> Num:
    """A budget of pixels: under its own key, or under the edge of `size` that stands for it."""
    return sources.count(kind, key) if sources.find(kind, key) is not None else sources.count(kind, "size", edge, default=default)


def _rows(sources: Sources) -> Counter:
    """Any size up to a longest edge, in merged patches, each row ended by a token (Pixtral, arXiv:2410.07073)."""
    patch = sources.count("processor", "patch_size", default=(16, "PixtralProcessor"))
    merge = sources.count("processor", "spatial_merge_size", default=(1, "PixtralProcessor"))
    side = (patch * merge).named("pixels along a token", "px")
    longest = sources.count("image", "size", "longest_edge", default=(1024, "PixtralImageProcessor"))
    along = num.ceil_div(longest, side)
    return Counter(
        lambda picture: num.call("rows_with_breaks", rows_with_breaks, *picture.sides(), side, longest),
        num.const(2, "a token and its break"),
        along * (along + 1),
        "shrunk to a longest edge; merged patches and a break for each row counted",
    )


def _grid(sources: Sources) -> Counter:
    """One square of patches, with or without the tower's class token (LLaVA, arXiv:2304.08485)."""
    return _fixed(_patches(sources) + _beside_patches(sources), "every picture resized to one size")


def _patches(sources: Sources) -> Num:
    """Patches of a picture of the tower's own size."""
    along = (_tower_side(sources) // _patch(sources)).named("patches along a side")
    return along * along


def _tower_side(sources: Sources) -> Num:
    stated = sources.find("image", "crop_size", "height")
    return sources.count("image", "crop_size", "height") if stated is not None else sources.vision("image_size")


def _patch(sources: Sources) -> Num:
    return sources.vision("patch_size") if sources.find("processor", "patch_size") is None else sources.count("processor", "patch_size")


def _beside_patches(sources: Sources) -> Num:
    """Tokens of the tower beside its patches that reach the text model: its class token, unless the config drops it."""
    strategy = sources.find("processor", "vision_feature_select_strategy") or sources.find("config", "vision_feature_select_strategy")
    if sources.find("processor", "num_additional_image_tokens") is not None:
        own = sources.count("processor", "num_additional_image_tokens")
    else:
        own = num.const(int(sources.text("config", "vision_config", "model_type") == "clip_vision_model"), "class tokens of the tower")
    dropped = int(strategy is None or strategy.value == "default")
    return own - num.counted(dropped, "dropped by vision_feature_select_strategy", *(() if strategy is None else (num.of(strategy),)))


def _resolutions(sources: Sources) -> Counter:
    """The picture as a whole, and in tiles at the best of the stated resolutions (LLaVA-NeXT)."""
    stated = sources.find("image", "image_grid_pinpoints")
    if stated is None or not _is_resolutions(stated.value):
        return _unknown("image_grid_pinpoints is not stated as a list of resolutions")
    resolutions: list[tuple[int, int]] = [(height, width) for height, width in stated.value]
    tile, patch = _tower_side(sources), _patch(sources)
    if tile.value is not None and min(map(min, resolutions)) < tile.value:
        return _unknown(f"image_grid_pinpoints has a resolution smaller than a tile of {tile.value:,} pixels")
    along = (tile // patch).named("patches along a tile")
    pinpoints = num.counted(len(resolutions), "image_grid_pinpoints", num.of(stated))
    whole = along * along + _beside_patches(sources)

    def fitted(height: int, width: int, tile: int, along: int, _: int) -> int:
        return unpadded_grid(height, width, tile, along, resolutions)

    def largest(tile: int, along: int, _: int) -> int:
        return max((height // tile * along) * (width // tile * along) + height // tile * along for height, width in resolutions)

    return Counter(
        lambda picture: whole + num.call("unpadded_grid", fitted, *picture.sides(), tile, along, pinpoints),
        num.unknown("a picture long and thin enough leaves few patches: the processor states no least"),
        whole + num.call("largest_grid", largest, tile, along, pinpoints),
        "the whole and the tiles of the best resolution without padding, with a token for each row",
    )


def _is_resolutions(value: object) -> bool:
    return isinstance(value, list) and 0 < len(value) <= MOST_RESOLUTIONS and all(map(_is_resolution, value))


def _is_resolution(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(type(side) is int and 0 < side <= LARGEST for side in pair)


def _internvl(sources: Sources) -> Counter:
    """Tiles of the grid nearest in shape, and a thumbnail where there are several (InternVL 1.5, arXiv:2404.16821)."""
    by = "GotOcr2ImageProcessor"
    each = sources.count("processor", "image_seq_length", default=(256, "InternVLProcessor"))
    tile = sources.count("image", "size", "height", default=(384, by))
    fewest, most = (sources.count("image", key, default=(value, by)) for key, value in (("min_patches", 1), ("max_patches", 12)))
    return _thumbnailed(each, tile, fewest, most)


def _own_internvl(sources: Sources) -> Counter:
    """The same by the keys of InternVL's own code, which stand in its config."""
    forced = sources.find("config", "force_image_size") is not None
    tile = sources.count("config", "force_image_size") if forced else sources.vision("image_size")
    along = (tile // sources.vision("patch_size")).named("patches along a tile")
    ratio = sources.find("config", "downsample_ratio")
    if ratio is None or not isinstance(ratio.value, int | float) or not 0 < ratio.value <= 1:
        return _unknown("downsample_ratio is no share of 1")
    thumbnail = sources.find("config", "use_thumbnail")
    if thumbnail is None or thumbnail.value is not True:
        return _unknown("tiles without a thumbnail are not known to specverify")
    each = num.floor(along * along * num.of(ratio) * num.of(ratio)).named("tokens of a tile")
    fewest = sources.count("config", "min_dynamic_patch", default=(1, "InternVLChatConfig of the model's own code"))
    return _thumbnailed(each, tile, fewest, sources.count("config", "max_dynamic_patch"))


def _thumbnailed(each: Num, tile: Num, fewest: Num, most: Num) -> Counter:
    if not _few(most):
        return _unknown(f"more than {MOST_TILES:,} tiles are not followed")

    def with_thumbnail(tiles: int) -> int:
        return tiles + 1 if tiles > 1 else tiles

    def tokens(picture: Picture) -> Num:
        tiles = num.call("closest_grid", closest_grid, *picture.sides(), tile, fewest, most)
        return each * num.call("with_thumbnail", with_thumbnail, tiles) + 2

    return Counter(
        tokens,
        each * num.call("with_thumbnail", with_thumbnail, fewest) + 2,
        each * num.call("with_thumbnail", with_thumbnail, most) + 2,
        "tiles, and a thumbnail where there are several, between two tokens",
    )


def _llama4(sources: Sources) -> Counter:
    """Tiles with separators, and the whole where there are several (Llama 4)."""
    by = "Llama4ImageProcessor"
    tile = sources.count("image", "size", "height", default=(336, by))
    most = sources.count("image", "max_patches", default=(16, by))
    canvas = sources.find("image", "resize_to_max_canvas")
    if canvas is not None and canvas.value is True:
        return _unknown("pictures that are resized to the largest canvas are not known to specverify")
    if not _few(most):
        return _unknown(f"more than {MOST_TILES:,} tiles are not followed")
    along = (tile // sources.vision("patch_size")).named("patches along a tile")
    ratio = sources.find("processor", "pixel_shuffle_ratio") or sources.find("config", "vision_config", "pixel_shuffle_ratio")
    shuffled = num.const(0.5, "pixel_shuffle_ratio of Llama4Processor") if ratio is None else num.of(ratio)
    each = num.floor(along * along * shuffled * shuffled).named("tokens of a tile")
    # Start, end and the mark of the whole; each tile has a separator behind it, in its row or at the row's end.
    whole = each + 3

    def of_tiles(tiles: Num) -> Num:
        return whole if tiles.value == 1 else whole + tiles * (each + 1)

    return Counter(
        lambda picture: of_tiles(num.call("roomiest_grid", roomiest_grid, *picture.sides(), tile, most)),
        whole,
        of_tiles(most),
        "tiles with a separator each, and the whole, between marks",
    )


def _mllama(sources: Sources) -> Counter:
    """Tiles that cross-attention sees, each with the tower's class token (Llama 3.2 Vision)."""
    tile = sources.count("image", "size", "height", default=(224, "MllamaImageProcessor"))
    most = sources.count("image", "max_image_tiles", default=(4, "MllamaImageProcessor"))
    if not _few(most):
        return _unknown(f"more than {MOST_TILES:,} tiles are not followed")
    along = (tile // sources.vision("patch_size")).named("patches along a tile")
    each = (along * along + 1).named("tokens of a tile")
    return Counter(
        lambda picture: num.call("roomiest_grid", roomiest_grid, *picture.sides(), tile, most) * each,
        each,
        most * each,
        "tiles that cross-attention keeps keys and values of; transformers pads them to the most",
        crossed=True,
    )


def _pooled(sources: Sources) -> Counter:
    """A number of its own for every picture: the projector pools the patches to it."""
    for kind, key in (("config", "mm_tokens_per_image"), ("config", "vision_soft_tokens_per_image"), ("processor", "image_seq_length")):
        if sources.find(kind, key) is not None:
            return _fixed(sources.count(kind, key), "every picture pooled to one number of tokens")
    return _unknown("neither the config nor the processor states how many tokens a picture is pooled to")


def _patches_alone(sources: Sources) -> Counter:
    """A square of patches of a tower without a class token (PaliGemma, arXiv:2407.07726)."""
    if sources.find("processor", "image_seq_length") is not None:
        return _pooled(sources)
    return _fixed(_patches(sources), "every picture resized to one size")


def _fixed(tokens: Num, how: str) -> Counter:
    return Counter(lambda picture: tokens, tokens, tokens, how)


def _unknown(reason: str) -> Counter:
    return _fixed(num.unknown(reason), "")


def _few(tiles: Num) -> bool:
    return tiles.value is None or tiles.value <= MOST_TILES


MECHANISMS: Mapping[str, Callable[[Sources], Counter]] = {
    **dict.fromkeys(
        ("Qwen2VLProcessor", "Qwen2_5_VLProcessor", "Qwen3VLProcessor", "Qwen2_5OmniProcessor", "Qwen3OmniMoeProcessor"), _pixels
    ),
    "PixtralProcessor": _rows,
    "LlavaProcessor": _grid,
    "LlavaNextProcessor": _resolutions,
    "InternVLProcessor": _internvl,
    "Llama4Processor": _llama4,
    "MllamaProcessor": _mllama,
    **dict.fromkeys(("Gemma3Processor", "Gemma3nProcessor"), _pooled),
    "PaliGemmaProcessor": _patches_alone,
}
"""Processor classes whose code puts the tokens of a picture into the prompt, by how they count them."""
BY_IMAGE_PROCESSOR: Mapping[str, Callable[[Sources], Counter]] = {
    "Qwen2VLImageProcessor": _pixels,
    "PixtralImageProcessor": _rows,
    "LlavaNextImageProcessor": _resolutions,
    "Llama4ImageProcessor": _llama4,
    "MllamaImageProcessor": _mllama,
    "Gemma3ImageProcessor": _pooled,
}
"""Image processors that only one way of counting goes with, for files that name no processor class."""
BY_KEYS: tuple[tuple[str, str, Callable[[Sources], Counter]], ...] = (
    ("mm_tokens_per_image", "image_grid_pinpoints", _pooled),
    ("vision_soft_tokens_per_image", "image_grid_pinpoints", _pooled),
    ("max_dynamic_patch", "image_grid_pinpoints", _own_internvl),
    ("vision_feature_select_strategy", "image_grid_pinpoints", _grid),
)
"""Keys of a config that tell how pictures are counted, where no processor class does: one stated, one left out."""
