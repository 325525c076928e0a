"""Pictures cut into tiles of one size, with the whole beside them."""

from __future__ import annotations

from specverify import num
from specverify.derive.media.counting import Counter, Picture, fixed, uncounted
from specverify.derive.media.resizing import MOST_TILES, closest_grid, masked_tiles, roomiest_grid, tiled_to_edge
from specverify.derive.media.sources import Sources
from specverify.num import Num

TOO_MANY = f"more than {MOST_TILES:,} tiles are not followed"


def internvl(sources: Sources) -> Counter:
    """Tiles of the grid nearest in shape, and a thumbnail where there are several (InternVL 1.5, arXiv:2404.16821)."""
    by = "GotOcr2ImageProcessor"
    each = sources.count("processor", "image_seq_length", default=(256, "InternVLProcessor"))
    tile = sources.count("image", "size", "height", default=(384, by))
    fewest, most = (sources.count("image", key, default=(value, by)) for key, value in (("min_patches", 1), ("max_patches", 12)))
    return _thumbnailed(each, tile, fewest, most)


def own_internvl(sources: Sources) -> Counter:
    """The same by the keys of InternVL's own code, which stand in its config."""
    forced = sources.find("config", "force_image_size") is not None
    tile = sources.count("config", "force_image_size") if forced else sources.vision("image_size")
    along = (tile // sources.vision("patch_size")).named("patches along a tile")
    ratio = sources.ratio("config", "downsample_ratio")
    if not sources.is_on("config", "use_thumbnail", default=False):
        return uncounted("tiles without a thumbnail are not known to specverify")
    each = num.floor(along * along * ratio * ratio).named("tokens of a tile")
    fewest = sources.count("config", "min_dynamic_patch", default=(1, "InternVLChatConfig of the model's own code"))
    return _thumbnailed(each, tile, fewest, sources.count("config", "max_dynamic_patch"))


def _thumbnailed(each: Num, tile: Num, fewest: Num, most: Num) -> Counter:
    if not _few(most):
        return uncounted(TOO_MANY)

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


def llama4(sources: Sources) -> Counter:
    """Tiles with separators, and the whole where there are several (Llama 4)."""
    by = "Llama4ImageProcessor"
    tile = sources.count("image", "size", "height", default=(336, by))
    most = sources.count("image", "max_patches", default=(16, by))
    if sources.is_on("image", "resize_to_max_canvas", default=False):
        return uncounted("pictures that are resized to the largest canvas are not known to specverify")
    if not _few(most):
        return uncounted(TOO_MANY)
    along = (tile // sources.vision("patch_size")).named("patches along a tile")
    if sources.find("processor", "pixel_shuffle_ratio") is not None:
        shuffled = sources.ratio("processor", "pixel_shuffle_ratio")
    else:
        shuffled = sources.ratio("config", "vision_config", "pixel_shuffle_ratio", default=(0.5, "Llama4Processor"))
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


def mllama(sources: Sources) -> Counter:
    """Tiles that cross-attention sees, each with the tower's class token (Llama 3.2 Vision)."""
    tile = sources.count("image", "size", "height", default=(224, "MllamaImageProcessor"))
    most = sources.count("image", "max_image_tiles", default=(4, "MllamaImageProcessor"))
    if not _few(most):
        return uncounted(TOO_MANY)
    along = (tile // sources.vision("patch_size")).named("patches along a tile")
    each = (along * along + 1).named("tokens of a tile")
    return Counter(
        lambda picture: num.call("roomiest_grid", roomiest_grid, *picture.sides(), tile, most) * each,
        each,
        most * each,
        "tiles that cross-attention keeps keys and values of; transformers pads them to the most",
        crossed=True,
    )


def tiled_whole(sources: Sources) -> Counter:
    """Tiles of the picture at a longest edge, and the whole, each of one number of tokens (Idefics3, arXiv:2408.12637)."""
    by = "Idefics3ImageProcessor"
    each = sources.count("processor", "image_seq_len", default=(169, "Idefics3Processor"))
    whole = each + num.const(3, "marks around the whole")
    if not sources.is_on("image", "do_image_splitting", default=True):
        return fixed(whole, "every picture resized to one size, between marks")
    longest = sources.count("image", "size", "longest_edge", default=(4 * 364, by))
    tile = sources.count("image", "max_image_size", "longest_edge", default=(364, by))

    def tokens(height: Num, width: Num) -> Num:
        return num.call("tiled_to_edge", tiled_to_edge, height, width, longest, tile, each)

    return Counter(
        lambda picture: tokens(*picture.sides()),
        # A longest edge of one tile leaves one; else a line of pixels has the fewest, one row of tiles, and a square the most.
        tokens(num.const(1, "height", unit="px"), longest),
        tokens(longest, longest),
        "tiles of the picture at a longest edge, and the whole, with marks and breaks; two breaks taken as one token",
    )


def padded(sources: Sources) -> Counter:
    """Tiles that cover the picture, their padding left out, and the whole (Phi-4-Multimodal, arXiv:2503.01743)."""
    by = "Phi4MultimodalImageProcessor"
    tile = sources.count("image", "size", "height", default=(448, by))
    patch = sources.count("image", "patch_size", default=(14, by))
    most = sources.count("image", "dynamic_hd", default=(36, by))
    if not _few(most):
        return uncounted(TOO_MANY)
    if tile.value is None or patch.value is None or tile.value % (2 * patch.value):
        return uncounted("tiles that are not an even number of patches along a side are not known to specverify")
    whole = num.const(256, "tokens of the whole") + num.const(16, "its breaks") + num.const(1, "a mark")
    along = (tile // patch // 2).named("tokens along a tile")
    return Counter(
        lambda picture: whole + num.call("masked_tiles", masked_tiles, *picture.sides(), tile, patch, most),
        num.unknown("a picture long and thin enough leaves few tokens: the processor states no least"),
        # One column of tiles has the most rows, and so the most breaks.
        whole + most * along * (along + 1),
        "tiles that cover the picture without their padding, with a break a row, and the whole",
    )


def _few(tiles: Num) -> bool:
    return tiles.value is None or tiles.value <= MOST_TILES
