"""DaViT (arXiv:2204.03645): stages of blocks that attend within a window of the image and then among the channels."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import activation, plain_weights
from specverify.architectures.blocks.tensors import norm
from specverify.architectures.blocks.vision import of_tower, patch_convolution, towered
from specverify.architectures.encoders import MOST_DIFFERENT
from specverify.architectures.keys import Config
from specverify.architectures.model import layer_groups
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, LayerGroup, Modality, Part, Weight

ONE, THREE = Num(1), Num(3)
SPATIAL, CHANNEL = "spatial_block.", "channel_block."


def davit(c: Config, prefix: str) -> Part:
    """The tower under `prefix`: every stage has a width of its own and opens with a convolution and a norm."""
    widths, depths = stage_widths(c), _depths(c)
    heads, groups, kernels = (_each(c, key) for key in ("num_heads", "num_groups", "patch_size"))
    outside: list[Weight] = []
    layers: list[LayerGroup] = []
    inputs = c.int("in_channels")
    early = c.list("patch_prenorm", of=bool) or []
    for stage, width in enumerate(widths):
        outside += patch_convolution(f"convs.{stage}.conv", width, inputs, kernels[stage], kernels[stage])
        outside += norm(f"convs.{stage}.norm", inputs if early[stage : stage + 1] == [True] else width, bias=True)
        layers += _stage(c, f"{prefix}blocks.{stage}.{{layer}}.", depths[stage], width, heads[stage], groups[stage])
        inputs = width
    return Part("vision tower", "tower", Modality.VISION, of_tower(tuple(outside)), tuple(layers), prefix=prefix)


def stage_widths(c: Config) -> tuple[Num, ...]:
    """The width of every stage; Microsoft's own code calls them `dim_embed`."""
    return _each(c, "dim_embed" if "dim_embed" in c.raw else "embed_dim")


def _depths(c: Config) -> tuple[Num, ...]:
    stated = c.counts("depths")
    return stated if len(stated) < MOST_DIFFERENT else (num.unknown("that many stages are not plausible"),)


def _each(c: Config, key: str) -> tuple[Num, ...]:
    """What a list says of every stage."""
    stated, stages = c.counts(key), len(_depths(c))
    if len(stated) == stages:
        return stated
    c.problem("length", key, f"`{key}` has {len(stated)} entries for {stages} stages", len(stated))
    return (num.unknown(f"`{key}` does not tell"),) * stages


def _stage(c: Config, prefix: str, depth: Num, width: Num, heads: Num, groups: Num) -> tuple[LayerGroup, ...]:
    ratio = c.number("mlp_ratio") or num.unknown("`mlp_ratio` is not stated")
    wide = num.floor(width * ratio)

    def around(block: str) -> tuple[Weight, ...]:
        """A depthwise convolution and a norm before attention, and before the feed-forward."""
        return tuple(
            weight
            for index in (1, 2)
            for weight in (
                *patch_convolution(f"{block}conv{index}", width, ONE, THREE, THREE),
                *norm(f"{block}norm{index}", width, bias=True),
            )
        )

    def forward(c: Config, kind: str) -> FeedForward:
        own = (plain_weights(width, wide, prefix=f"{block}ffn.", names=("fc1", "fc2"), bias=True) for block in (SPATIAL, CHANNEL))
        return towered(FeedForward(tuple(weight for block in own for weight in block), wide, gated=False, activation=activation(c)))

    found = layer_groups(
        c,
        depth,
        mixer=lambda c, kind: (
            _attention(c, width, heads, f"{SPATIAL}window_attn."),
            _attention(c, width, groups, f"{CHANNEL}channel_attn."),
        ),
        feed_forward=forward,
        norms=lambda c, kind: of_tower((*around(SPATIAL), *around(CHANNEL))),
    )
    return tuple(replace(group, prefix=prefix) for group in found)


def _attention(c: Config, width: Num, heads: Num, prefix: str) -> Attention:
    own = mha(
        c,
        hidden=width,
        heads=heads,
        dim=width // heads,
        bias=c.flag("qkv_bias"),
        o_bias=True,
        fused="qkv",
        names=("", "", "", "proj"),
        prefix=prefix,
        causal=False,
        cached=False,
        rotary=False,
    )
    return towered(own)
