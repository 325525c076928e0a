"""Swin (arXiv:2103.14030): stages of windows over ever fewer and wider patches, with a bias table by distance in every layer."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import extended, linear, norm
from specverify.architectures.blocks.vision import of_tower, patch_convolution, towered
from specverify.architectures.encoders import MOST_DIFFERENT
from specverify.architectures.keys import Config
from specverify.architectures.model import layer_groups, layer_norms
from specverify.architectures.tower_vit import pair
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import LayerGroup, Mixer, Modality, Part, Role, Weight


def swin(c: Config, prefix: str) -> Part:
    """The bare model under `prefix`; Swin itself ends in a norm, Donut's does not. Every stage but the last halves the image's sides."""
    depths, width = _depths(c), c.int("embed_dim")
    heads = c.counts("num_heads")
    if len(heads) != len(depths):
        c.problem("length", "num_heads", f"`num_heads` has {len(heads)} entries for {len(depths)} stages", len(heads))
        heads = (num.unknown("`num_heads` does not tell"),) * len(depths)
    outside = [
        *patch_convolution("embeddings.patch_embeddings.projection", width, c.int("num_channels"), *pair(c, "patch_size")),
        *norm("embeddings.norm", width, bias=True),
    ]
    if c.flag("use_absolute_embeddings"):
        rows, columns = _grid(c)
        outside.append(Weight("embeddings.position_embeddings", (Num(1), rows * columns + 1, width), Role.POSITION))
    groups: list[LayerGroup] = []
    for stage, depth in enumerate(depths):
        dim = width * 2**stage
        groups += _stage(c, f"{prefix}encoder.layers.{stage}.blocks.{{layer}}.", depth, dim, heads[stage])
        if stage < len(depths) - 1:
            name = f"encoder.layers.{stage}.downsample"
            outside += (*linear(f"{name}.reduction", dim * 4, dim * 2, Role.TOWER), *norm(f"{name}.norm", dim * 4, bias=True))
    if c.model_type == "swin":
        outside += norm("layernorm", width * 2 ** (len(depths) - 1), bias=True)
    return Part("vision tower", "tower", Modality.VISION, of_tower(tuple(outside)), tuple(groups), prefix=prefix)


def swin_tokens(c: Config) -> Num:
    """Patches that are left of an image."""
    shorter = 2 ** (len(_depths(c)) - 1)
    rows, columns = _grid(c)
    return num.ceil_div(rows, shorter) * num.ceil_div(columns, shorter)


def _depths(c: Config) -> tuple[Num, ...]:
    stated = c.counts("depths")
    return stated if len(stated) < MOST_DIFFERENT else (num.unknown("that many stages are not plausible"),)


def _grid(c: Config) -> tuple[Num, Num]:
    (height, width), (rows, columns) = pair(c, "image_size"), pair(c, "patch_size")
    return height // rows, width // columns


def _stage(c: Config, prefix: str, depth: Num, dim: Num, heads: Num) -> tuple[LayerGroup, ...]:
    wide = num.floor(dim * (c.number("mlp_ratio") or num.unknown("`mlp_ratio` is not stated")))
    high, broad = pair(c, "window_size")
    seen = high * broad
    distances = (
        Weight("attention.self.relative_position_bias_table", ((high * 2 - 1) * (broad * 2 - 1), heads), Role.POSITION),
        Weight("attention.self.relative_position_index", (seen, seen), Role.POSITION, buffer=True, dtype="I64"),
    )

    def mixer(c: Config, kind: str) -> Mixer:
        own = mha(
            c,
            hidden=dim,
            heads=heads,
            dim=dim // heads,
            bias=c.flag("qkv_bias"),
            o_bias=True,
            names=("self.query", "self.key", "self.value", "output.dense"),
            prefix="attention.",
            causal=False,
            cached=False,
            rotary=False,
        )
        return towered(extended(own, *distances))

    groups = layer_groups(
        c,
        depth,
        mixer=mixer,
        feed_forward=lambda c, kind: towered(
            plain(c, hidden=dim, intermediate=wide, prefix="", names=("intermediate.dense", "output.dense"))
        ),
        norms=layer_norms("layernorm_before", "layernorm_after", bias=True, size=dim),
    )
    return tuple(replace(group, prefix=prefix) for group in groups)
