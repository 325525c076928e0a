"""BLIP's ViT, with queries, keys and values in one tensor; EVA-CLIP's in BLIP-2 (arXiv:2211.07636)."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.tensors import norm
from specverify.architectures.blocks.vision import patch_convolution, vision_tower
from specverify.architectures.keys import Config
from specverify.num import Num
from specverify.spec import Part, Role, Weight

ONE = Num(1)
CHANNELS = num.const(3, "red, green and blue")


def blip_tower(c: Config, prefix: str = "vision_model.", *, bias: bool = True) -> Part:
    """The tower: a class token, learned positions, a norm behind the layers; `bias` is on queries, keys and values."""
    hidden, patch, heads = c.int("hidden_size"), c.int("patch_size"), c.int("num_attention_heads")
    outside = (
        Weight("embeddings.class_embedding", (ONE, ONE, hidden), Role.TOWER),
        Weight("embeddings.position_embedding", (ONE, tokens(c), hidden), Role.POSITION),
        *patch_convolution("embeddings.patch_embedding", hidden, CHANNELS, patch, patch),
        *norm("post_layernorm", hidden, bias=True),
    )
    return vision_tower(
        c,
        heads=heads,
        count=c.layers(),
        prefix=prefix,
        layers="encoder.layers.{layer}.",
        outside=outside,
        projections=("", "", "", "projection"),
        fused="qkv",
        bias=bias,
        output_bias=True,
    )


def tokens(c: Config) -> Num:
    """Tokens of an image: its patches and the class token."""
    side = c.int("image_size") // c.int("patch_size")
    return side * side + 1
