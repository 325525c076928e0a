"""MobileNetV5, the tower of Gemma 3n: stages of convolutions and, in the last two, of attention with one KV head, as timm builds them."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.tensors import norm
from specverify.architectures.blocks.vision import of_tower, patch_convolution
from specverify.architectures.keys import Config
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, LayerGroup, Modality, Part, Role, Weight

VARIANT = "mobilenetv5_300m_enc"
"""The one variant that timm has, whose config states none of its sizes."""
COLOURS = Num(3)
STEM, EDGE, EARLY, MIDDLE, LATE, OUTPUT = (num.const(width, "width in timm's variant") for width in (64, 128, 256, 640, 1280, 2048))


def mobilenetv5(c: Config, prefix: str) -> Part:
    """Four stages behind a stem; the last two are fused. Of unknown size for another variant of timm."""
    if c.text("architecture") != VARIANT or c.choice("model_args"):
        unstated = num.unknown("the tensors of this timm tower are not known to specverify")
        return Part("vision tower", "tower", Modality.VISION, (Weight("{unknown}", (unstated,), Role.TOWER),), prefix=prefix)
    fused = inverted(MIDDLE + LATE, OUTPUT, 2, scaled=False).weights
    outside = (
        *convolution("conv_stem.conv", STEM, COLOURS, 3, bias=True),
        *norm("conv_stem.bn", STEM),
        *(replace(weight, name=f"msfa.ffn.{weight.name}") for weight in fused),
        *norm("msfa.norm", OUTPUT),
    )
    groups = [
        group(prefix, 0, (0,), edge(STEM)),
        group(prefix, 0, (1, 2), edge(EDGE)),
        group(prefix, 1, (0,), inverted(EDGE, EARLY, 6, start=3, middle=5)),
        group(prefix, 1, (1, 3), inverted(EARLY, EARLY, 4, start=5)),
        group(prefix, 1, (2, 4), inverted(EARLY, EARLY, 4, start=3)),
        group(prefix, 2, (0,), inverted(EARLY, MIDDLE, 6, start=5, middle=5)),
        group(prefix, 2, tuple(range(1, 8)), inverted(MIDDLE, MIDDLE, 4, start=5)),
        group(prefix, 2, (8,), inverted(MIDDLE, MIDDLE, 1)),
        group(prefix, 2, tuple(range(9, 37, 2)), attention(c, MIDDLE, heads=12, dim=64, shrinks=True)),
        group(prefix, 2, tuple(range(10, 37, 2)), inverted(MIDDLE, MIDDLE, 2)),
        group(prefix, 3, (0,), inverted(MIDDLE, LATE, 6, start=5, middle=5)),
        group(prefix, 3, tuple(range(1, 39, 2)), attention(c, LATE, heads=16, dim=96, shrinks=False)),
        group(prefix, 3, tuple(range(2, 39, 2)), inverted(LATE, LATE, 2)),
    ]
    return Part("vision tower", "tower", Modality.VISION, outside, tuple(groups), prefix=prefix)


def group(prefix: str, stage: int, blocks: tuple[int, ...], block: Attention | FeedForward) -> LayerGroup:
    """Equal blocks of a stage."""
    count, place = num.const(len(blocks), f"blocks of stage {stage}"), f"{prefix}blocks.{stage}.{{layer}}."
    if isinstance(block, Attention):
        return LayerGroup(count, blocks, (block,), None, prefix=place)
    return LayerGroup(count, blocks, (), block, prefix=place)


def convolution(name: str, outputs: Num, inputs: Num, side: int, *, bias: bool = False) -> tuple[Weight, ...]:
    """A square convolution."""
    return patch_convolution(name, outputs, inputs, Num(side), Num(side), bias=bias)


def edge(inputs: Num) -> FeedForward:
    """A convolution to four times the width and one back to that of the stage."""
    wide = inputs * 4
    weights = (
        *convolution("conv_exp", wide, inputs, 3),
        *norm("bn1", wide),
        *convolution("conv_pwl", EDGE, wide, 1),
        *norm("bn2", EDGE),
    )
    return FeedForward(weights, wide, gated=False, activation="gelu")


def inverted(inputs: Num, outputs: Num, times: int, *, start: int = 0, middle: int = 0, scaled: bool = True) -> FeedForward:
    """A universal inverted bottleneck (MobileNetV4, arXiv:2404.10518), `times` as wide inside, with depthwise convolutions where given."""
    wide = inputs * times
    weights: tuple[Weight, ...] = ()
    if start:
        weights += normed("dw_start", inputs, Num(1), start)
    weights += normed("pw_exp", wide, inputs, 1)
    if middle:
        weights += normed("dw_mid", wide, Num(1), middle)
    weights += normed("pw_proj", outputs, wide, 1)
    if scaled:
        weights += (Weight("layer_scale.gamma", (outputs,), Role.TOWER),)
    return FeedForward(weights, wide, gated=False, activation="gelu")


def normed(name: str, outputs: Num, inputs: Num, side: int) -> tuple[Weight, ...]:
    """A convolution and its norm."""
    return (*convolution(f"{name}.conv", outputs, inputs, side), *norm(f"{name}.bn", outputs))


def attention(c: Config, hidden: Num, *, heads: int, dim: int, shrinks: bool) -> Attention:
    """Multi-query attention over all places; where the stage `shrinks` them, keys and values pass a convolution and a norm first."""
    own = gqa(
        c,
        hidden=hidden,
        heads=num.const(heads, "heads in timm's variant"),
        kv_heads=Num(1),
        dim=num.const(dim, "head width in timm's variant"),
        names=("query.proj", "key.proj", "value.proj", "output.proj"),
        prefix="attn.",
        causal=False,
        cached=False,
        rotary=False,
    )
    projections = tuple(replace(weight, shape=(*weight.shape, Num(1), Num(1))) for weight in own.weights)
    more = (*norm("norm", hidden), Weight("layer_scale.gamma", (hidden,), Role.TOWER))
    for name in ("attn.key", "attn.value") if shrinks else ():
        more += (*convolution(f"{name}.down_conv", hidden, Num(1), 3), *norm(f"{name}.norm", hidden))
    return replace(own, weights=of_tower((*projections, *more)))
