"""C-RADIO: one ViT taught by several, over images of any size and, where told so, frames packed into one patch."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.feed_forward import GATE_UP_DOWN
from specverify.architectures.blocks.tensors import linear
from specverify.architectures.blocks.vision import vision_tower
from specverify.architectures.keys import Config
from specverify.num import Num
from specverify.spec import Part, Role, Weight

SCALES = ("layer_scale1.lambda1", "layer_scale2.lambda1")


def radio(c: Config, prefix: str) -> Part:
    """RADIO (arXiv:2312.06709) without its input conditioner: learned positions of the largest image, tokens for classes and registers.

    transformers scales what each block adds, by ones: no checkpoint has those tensors, and the model in memory does.
    """
    hidden, patch, rows = c.int("hidden_size"), c.int("patch_size"), c.int("max_img_size") // c.int("patch_size")
    pixels, frames = c.int("num_channels") * patch * patch, c.optional("video_temporal_patch_size")
    patches = "model.patch_generator."
    outside = (
        *linear(patches + "embedder", pixels, hidden, Role.TOWER),
        *(linear(patches + "video_embedder", frames * pixels, hidden, Role.TOWER) if frames is not None else ()),
        Weight(patches + "pos_embed", (Num(1), rows * rows, hidden), Role.POSITION),
        Weight(patches + "cls_token.token", (c.int("num_cls_tokens") + c.int("num_registers", least=0), hidden), Role.TOWER),
        Weight("summary_idxs", (num.counted(len(c.list("summary_idxs", of=int) or ()), "summary_idxs"),), Role.TOWER, buffer=True),
    )
    gated, width = c.flag("use_swiglu_ffn"), num.floor((c.number("mlp_ratio") or num.unknown("`mlp_ratio` is null")) * hidden)
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix=prefix,
        layers="model.blocks.{layer}.",
        outside=outside,
        intermediate=num.ceil_div(width * 2 // 3, 8) * 8 if gated else width,
        attention="attn.",
        projections=("q", "k", "v", "proj"),
        fused="qkv",
        bias=c.flag("qkv_bias", True),
        output_bias=True,
        feed_forward=GATE_UP_DOWN if gated else ("fc1", "fc2"),
        norms=("norm1", "norm2"),
        more=tuple(Weight(name, (hidden,), Role.TOWER) for name in SCALES),
    )
