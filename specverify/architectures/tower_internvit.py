"""InternViT (arXiv:2312.14238), and the squares of its patches that are laid side by side for a projector, under two sets of names."""

from __future__ import annotations

from typing import NamedTuple

from specverify import num
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import pair, patch_convolution, vision_tower
from specverify.architectures.keys import Config
from specverify.num import Num
from specverify.spec import Part, Role, Weight


class Names(NamedTuple):
    """What a checkpoint calls the parts of the tower."""

    class_token: str
    patches: str
    positions: str
    layers: str
    attention: str
    projections: tuple[str, str, str, str]
    fused: str | None
    norms: tuple[str, str]
    scales: tuple[str, str]


ORIGINAL = Names(
    "embeddings.class_embedding",
    "embeddings.patch_embedding",
    "embeddings.position_embedding",
    "encoder.layers.{layer}.",
    "attn.",
    ("q", "k", "v", "proj"),
    "qkv",
    ("norm1", "norm2"),
    ("ls1", "ls2"),
)
CONVERTED = Names(
    "embeddings.cls_token",
    "embeddings.patch_embeddings.projection",
    "embeddings.position_embeddings",
    "encoder.layer.{layer}.",
    "attention.",
    ("q_proj", "k_proj", "v_proj", "projection_layer"),
    None,
    ("layernorm_before", "layernorm_after"),
    ("lambda_1", "lambda_2"),
)


def internvit(c: Config, prefix: str, names: Names) -> Part:
    """A class token, learned positions, and a learned scale on what each block adds."""
    hidden = c.int("hidden_size")
    (height, width), (rows, columns) = pair(c, "patch_size"), pair(c, "image_size")
    outside = (
        Weight(names.class_token, (Num(1), Num(1), hidden), Role.TOWER),
        *patch_convolution(names.patches, hidden, c.int("num_channels"), height, width),
    )
    if c.flag("use_mask_token"):
        outside += (Weight("embeddings.mask_token", (Num(1), Num(1), hidden), Role.TOWER),)
    if c.flag("use_absolute_position_embeddings"):
        patches = (rows // height) * (columns // width)
        outside += (Weight(names.positions, (Num(1), patches + 1, hidden), Role.POSITION),)
    if not c.flag("use_mean_pooling"):
        outside += norm("layernorm", hidden, bias=True)
    more = tuple(Weight(name, (hidden,), Role.TOWER) for name in names.scales)
    if c.flag("use_qk_norm"):
        more += (*norm(f"{names.attention}q_norm", hidden), *norm(f"{names.attention}k_norm", hidden))
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix=prefix,
        layers=names.layers,
        outside=outside,
        attention=names.attention,
        projections=names.projections,
        fused=names.fused,
        bias=c.flag("attention_bias"),
        output_bias=True,
        norms=names.norms,
        norm_bias=c.text("norm_type") != "rms_norm",
        more=more,
    )


def squares(c: Config, inputs: Num, outputs: Num, names: tuple[str, str, str]) -> tuple[Weight, ...]:
    """A norm over as many patches as `downsample_ratio` makes one of, and two matrices."""
    ratio = c.number("downsample_ratio") or num.unknown("`downsample_ratio` is not stated")
    side = num.floor(1 / ratio)
    square = inputs * side * side
    return (
        *norm(names[0], square, bias=True),
        *linear(names[1], square, outputs, Role.PROJECTOR, bias=True),
        *linear(names[2], outputs, outputs, Role.PROJECTOR, bias=True),
    )
