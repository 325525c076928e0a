"""Pictures counted by their patches: within a budget of pixels, up to a longest edge, in one square, or at stated resolutions."""

from __future__ import annotations

from specverify import num
from specverify.derive.media.counting import Counter, fixed, uncounted
from specverify.derive.media.resizing import patches_of_sides, patches_within, rows_with_breaks, unpadded_grid
from specverify.derive.media.sources import LARGEST, Sources
from specverify.num import Num

MOST_RESOLUTIONS = 1000
CLASS_TOKENS = {"clip_vision_model": 1, "siglip_vision_model": 0}
"""Tokens of a tower beside its patches, by its type."""
GLM = "Glm4vImageProcessor"
KIMI = "Kimi_K25ImageProcessor"


def pixels(sources: Sources) -> Counter:
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


def frames(sources: Sources) -> Counter:
    """As `pixels`, where a picture counts for as many frames as are merged in time (GLM-4.1V, arXiv:2507.01006)."""
    patch, merge, together = (
        sources.count("image", key, default=(value, GLM))
        for key, value in (("patch_size", 14), ("merge_size", 2), ("temporal_patch_size", 2))
    )
    side = (patch * merge).named("pixels along a token", "px")
    fewest = sources.count("image", "size", "shortest_edge", default=(112 * 112, GLM))
    most = sources.count("image", "size", "longest_edge", default=(28 * 28 * 15_000, GLM))
    return Counter(
        lambda picture: num.call("patches_within", patches_within, *picture.sides(), side, fewest, most, together),
        num.ceil_div(fewest, together * side * side),
        most // (together * side * side),
        "resized within a budget of pixels that each frame of a picture takes from, and merged patches counted",
    )


def sides(sources: Sources) -> Counter:
    """Any size up to so many patches, in all and along a side (Kimi K2.5)."""
    patch, merge, most = (
        sources.count("image", key, default=(value, KIMI))
        for key, value in (("patch_size", 14), ("merge_size", 2), ("max_patches", 16_384))
    )
    along = sources.count("image", "size", "max_height", default=(512, KIMI))
    return Counter(
        lambda picture: num.call("patches_of_sides", patches_of_sides, *picture.sides(), patch, merge, most, along),
        num.const(1, "a token"),
        num.unknown("pictures are padded to whole merged patches after they are fitted to max_patches: the processor states no most"),
        "shrunk to so many patches, and merged patches counted",
    )


def budget(sources: Sources, kind: str, key: str, edge: str, default: tuple[int, str]) -> Num:
    """A budget of pixels: under its own key, or under the edge of `size` that stands for it."""
    return sources.count(kind, key) if sources.find(kind, key) is not None else sources.count(kind, "size", edge, default=default)


def rows(sources: Sources) -> Counter:
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


def grid(sources: Sources) -> Counter:
    """One square of patches, with or without the tower's class token (LLaVA, arXiv:2304.08485)."""
    return fixed(_patches(sources) + _beside_patches(sources), "every picture resized to one size")


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
        own = _class_tokens(sources.text("config", "vision_config", "model_type"))
    dropped = int(strategy is None or strategy.value == "default")
    return own - num.counted(dropped, "dropped by vision_feature_select_strategy", *(() if strategy is None else (num.of(strategy),)))


def _class_tokens(tower: str | None) -> Num:
    if tower not in CLASS_TOKENS:
        return num.unknown(f"whether {tower or 'a tower that names no type'} has a class token is not known to specverify")
    return num.const(CLASS_TOKENS[tower], f"class tokens of {tower}")


def resolutions(sources: Sources) -> Counter:
    """The picture as a whole, and in tiles at the best of the stated resolutions (LLaVA-NeXT)."""
    stated = sources.find("image", "image_grid_pinpoints")
    if stated is None or not _is_resolutions(stated.value):
        return uncounted("image_grid_pinpoints is not stated as a list of resolutions")
    resolutions: list[tuple[int, int]] = [(height, width) for height, width in stated.value]
    tile, patch = _tower_side(sources), _patch(sources)
    if tile.value is not None and min(map(min, resolutions)) < tile.value:
        return uncounted(f"image_grid_pinpoints has a resolution smaller than a tile of {tile.value:,} pixels")
    along = (tile // patch).named("patches along a tile")
    if along.value == 0:
        return uncounted("the patches of the tower are larger than its picture")
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


def patches_alone(sources: Sources) -> Counter:
    """A square of patches of a tower without a class token (PaliGemma, arXiv:2407.07726)."""
    if sources.find("processor", "image_seq_length") is not None:
        return fixed(sources.count("processor", "image_seq_length"), "every picture resized to one size")
    return fixed(_patches(sources), "every picture resized to one size")
