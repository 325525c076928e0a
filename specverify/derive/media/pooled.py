"""Pictures pooled to a number of tokens that their size does not change, or changes little."""

from __future__ import annotations

from specverify import num
from specverify.derive.media.counting import Counter, fixed, uncounted
from specverify.derive.media.resizing import pooled_patches
from specverify.derive.media.sources import Sources


def pooled(sources: Sources) -> Counter:
    """A number of its own for every picture: the projector pools the patches to it."""
    for kind, key in (("config", "mm_tokens_per_image"), ("config", "vision_soft_tokens_per_image"), ("processor", "image_seq_length")):
        if sources.find(kind, key) is not None:
            return fixed(sources.count(kind, key), "every picture pooled to one number of tokens")
    return uncounted("neither the config nor the processor states how many tokens a picture is pooled to")


def with_crops(sources: Sources) -> Counter:
    """The same, and once more for each crop where a call asks for pan and scan (Gemma 3, arXiv:2503.19786).

    What the file says of pan and scan does not count: Gemma3Processor passes its own switch with every call.
    """
    each = pooled(sources)
    if each.most.value is None:
        return each
    crops = num.const(4, "crops of Gemma3Processor")
    return each._replace(most=each.most * (1 + crops), how=f"{each.how}; pan and scan, which a call may ask for, only in the most")


def up_to(sources: Sources) -> Counter:
    """As many as a budget allows, by the picture's shape (Gemma 4)."""
    by = "Gemma4ImageProcessor"
    patch, pool, most = (
        sources.count("image", key, default=(value, by))
        for key, value in (("patch_size", 16), ("pooling_kernel_size", 3), ("max_soft_tokens", 280))
    )
    side = (patch * pool).named("pixels along a token", "px")
    return Counter(
        lambda picture: num.call("pooled_patches", pooled_patches, *picture.sides(), side, most),
        num.const(1, "a token"),
        most,
        "every picture resized to a number of tokens or just below",
    )


def by_processor(sources: Sources) -> Counter:
    """A number that the processor has for every picture (DeepSeek-VL, arXiv:2403.05525)."""
    return fixed(sources.count("processor", "num_image_tokens", default=(576, "DeepseekVLProcessor")), "every picture resized to one size")
