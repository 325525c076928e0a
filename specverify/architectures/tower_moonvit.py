"""MoonViT (arXiv:2504.07491) as in Kimi K2.5: patches of images and of frames, positions learned for a grid of them."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import patch_convolution, vision_tower
from specverify.architectures.keys import Config
from specverify.num import Num
from specverify.spec import Part, Role, Weight


def moonvit(c: Config, prefix: str) -> Part:
    """The tower; published configs put `vt_` before its sizes and `init_` before the grid's. Positions in time are computed."""
    hidden, patch = c.int("hidden_size", also=("vt_hidden_size",)), c.int("patch_size")
    grid = (c.int(f"pos_emb_{side}", also=(f"init_pos_emb_{side}",)) for side in ("height", "width"))
    outside = (
        *patch_convolution("patch_embed.proj", hidden, num.const(3, "colours"), patch, patch),
        Weight("patch_embed.pos_emb.weight", (*grid, hidden), Role.POSITION),
        *norm("encoder.final_layernorm", hidden, bias=True),
    )
    return vision_tower(
        c,
        heads=c.int("num_attention_heads", also=("vt_num_attention_heads",)),
        count=c.int("num_hidden_layers", also=("vt_num_hidden_layers",)),
        prefix=prefix,
        layers="encoder.blocks.{layer}.",
        outside=outside,
        hidden=hidden,
        intermediate=c.int("intermediate_size", also=("vt_intermediate_size",)),
        attention="",
        projections=("wq", "wk", "wv", "wo"),
        fused="wqkv",
        feed_forward=("fc0", "fc1"),
        norms=("norm0", "norm1"),
    )


def patch_merger(c: Config, normed: Num, outputs: Num) -> tuple[Weight, ...]:
    """A norm over each patch and two matrices over each `merge_kernel_size` of them."""
    joined = num.product((c.int("hidden_size", also=("vt_hidden_size",)), *c.counts("merge_kernel_size")))
    return (
        *norm("pre_norm", normed, bias=True),
        *linear("proj.0", joined, joined, Role.PROJECTOR, bias=True),
        *linear("proj.2", joined, outputs, Role.PROJECTOR, bias=True),
    )
