"""FastViTHD, the tower of FastVLM: stages of convolutions and, at the end, of attention, as timm builds them."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.tensors import norm
from specverify.architectures.blocks.vision import of_tower, patch_convolution
from specverify.architectures.keys import Config
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, LayerGroup, Modality, Part, Role, Weight

STAGES = {"fastvit_mci3": ((2, 96), (12, 192), (24, 384), (4, 768), (2, 1536))}
"""Depth and width of each stage of timm's variants, whose configs state none of it; the last two attend."""
ATTENDING = 3
HEAD_DIM = 32
ONE, THREE, SEVEN = Num(1), Num(3), Num(7)


def fastvit(c: Config, prefix: str) -> Part:
    """FastViT (arXiv:2303.14189) of five stages (FastViTHD, arXiv:2412.13303), its branches folded into one convolution each.

    Of unknown size for another variant, and unless `inference_mode` alone is given, which folds the branches.
    """
    folded = c.choice("model_args") == {"inference_mode": True}
    stages = STAGES.get(c.text("architecture") or "") if folded else None
    if stages is None:
        unstated = num.unknown("the tensors of this timm tower are not known to specverify")
        return Part("vision tower", "tower", Modality.VISION, (Weight("{unknown}", (unstated,), Role.TOWER),), prefix=prefix)
    first, last = (num.const(stages[index][1], f"width of stage {index}") for index in (0, len(stages) - 1))
    outside: tuple[Weight, ...] = (
        *folded_convolution("stem.0", first, THREE, THREE, THREE),
        *folded_convolution("stem.1", first, ONE, THREE, THREE),
        *folded_convolution("stem.2", first, first, ONE, ONE),
    )
    groups = []
    for index, (depth, width) in enumerate(stages):
        hidden, place, attends = num.const(width, f"width of stage {index}"), f"stages.{index}.", index >= ATTENDING
        if index:
            outside += folded_convolution(f"{place}downsample.proj.0", hidden, ONE, SEVEN, SEVEN)
            outside += folded_convolution(f"{place}downsample.proj.1", hidden, hidden, ONE, ONE)
        if attends:
            outside += folded_convolution(f"{place}pos_emb", hidden, ONE, SEVEN, SEVEN)
        blocks = num.const(depth, f"depth of stage {index}")
        groups.append(stage(c, blocks, hidden, f"{prefix}{place}blocks.{{layer}}.", attends=attends))
    outputs = last * 2
    squeezed = outputs // 16
    outside += (
        *patch_convolution("final_conv.se.fc1", squeezed, outputs, ONE, ONE),
        *patch_convolution("final_conv.se.fc2", outputs, squeezed, ONE, ONE),
        *folded_convolution("final_conv", outputs, ONE, THREE, THREE),
    )
    return Part("vision tower", "tower", Modality.VISION, outside, tuple(groups), prefix=prefix)


def stage(c: Config, depth: Num, hidden: Num, prefix: str, *, attends: bool) -> LayerGroup:
    """Blocks of one width: tokens are mixed by attention with a norm before it, or by a convolution."""
    scales = ("layer_scale_1", "layer_scale_2") if attends else ("layer_scale",)
    mixing = norm("norm", hidden, bias=True) if attends else folded_convolution("token_mixer", hidden, ONE, THREE, THREE)
    mixers = (attention(c, hidden),) if attends else ()
    more = tuple(Weight(f"{name}.gamma", (hidden, ONE, ONE), Role.TOWER) for name in scales)
    return LayerGroup(depth, tuple(range(int(depth.value or 0))), mixers, feed_forward(hidden), (*mixing, *more), prefix=prefix)


def attention(c: Config, hidden: Num) -> Attention:
    """Heads of a fixed width, with a bias behind them alone."""
    heads = hidden // HEAD_DIM
    own = gqa(
        c,
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        dim=Num(HEAD_DIM),
        o_bias=True,
        fused="qkv",
        names=("q", "k", "v", "proj"),
        prefix="token_mixer.",
        causal=False,
        cached=False,
        rotary=False,
    )
    return replace(own, weights=of_tower(own.weights))


def feed_forward(hidden: Num) -> FeedForward:
    """A convolution over 7 x 7 neighbours with a batch norm, and two matrices, four times as wide inside."""
    wide = hidden * 4
    statistics = (
        Weight("mlp.conv.bn.running_mean", (hidden,), Role.NORM, buffer=True),
        Weight("mlp.conv.bn.running_var", (hidden,), Role.NORM, buffer=True),
        Weight("mlp.conv.bn.num_batches_tracked", (), Role.NORM, buffer=True, dtype="I64"),
    )
    weights = (
        *patch_convolution("mlp.conv.conv", hidden, ONE, SEVEN, SEVEN, bias=False),
        *norm("mlp.conv.bn", hidden, bias=True),
        *statistics,
        *patch_convolution("mlp.fc1", wide, hidden, ONE, ONE),
        *patch_convolution("mlp.fc2", hidden, wide, ONE, ONE),
    )
    return FeedForward(weights, wide, gated=False, activation="gelu")


def folded_convolution(name: str, outputs: Num, *kernel: Num) -> tuple[Weight, ...]:
    """The one convolution that a block of several branches is folded into."""
    return patch_convolution(f"{name}.reparam_conv", outputs, *kernel)
