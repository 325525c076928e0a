"""SigLIP 2 for images of any shape (NaFlex): patches come flat, and their number is what the positions are learned for."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.blocks.vision import vision_tower
from specverify.architectures.gemma import pooling_head
from specverify.architectures.keys import Config
from specverify.spec import Part, Role, Weight


def siglip2(c: Config, prefix: str) -> Part:
    """SigLIP 2 (arXiv:2502.14786): SigLIP's layers, with positions resized to the image and a head unless `vision_use_head` is false."""
    hidden, patch = c.int("hidden_size"), c.int("patch_size")
    outside = (
        *linear("embeddings.patch_embedding", c.int("num_channels") * patch * patch, hidden, Role.TOWER, bias=True),
        Weight("embeddings.position_embedding.weight", (c.int("num_patches"), hidden), Role.POSITION),
        *norm("post_layernorm", hidden, bias=True),
        *(prefixed("head.", pooling_head(c)) if c.flag("vision_use_head", True) else ()),
    )
    heads = c.int("num_attention_heads")
    return vision_tower(c, heads=heads, count=c.layers(), prefix=prefix, layers="encoder.layers.{layer}.", outside=outside)
