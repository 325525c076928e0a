"""The image encoder of Segment Anything (arXiv:2304.02643): a ViT over windows with a few global layers, and a neck of convolutions."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import extended, norm, prefixed
from specverify.architectures.blocks.vision import of_tower, patch_convolution, towered
from specverify.architectures.keys import Config
from specverify.architectures.model import every, layer_groups, layer_norms
from specverify.frozen import Struct, frozen
from specverify.num import Num
from specverify.spec import Mixer, Modality, Part, Role, Weight

WINDOW, GLOBAL = "window", "global"
ONE, THREE = Num(1), Num(3)


PLAIN_NECK = ("conv1", "layer_norm1", "conv2", "layer_norm2")


@frozen
class Names(Struct):
    """What a checkpoint calls the modules."""

    patches: str = "patch_embed.projection"
    layers: str = "layers.{layer}."
    norms: tuple[str, str] = ("layer_norm1", "layer_norm2")
    neck: tuple[str, str, str, str] = ("neck.conv1", "neck.layer_norm1", "neck.conv2", "neck.layer_norm2")


TRANSFORMERS = Names()
ORIGINAL = Names("patch_embed.proj", "blocks.{layer}.", ("norm1", "norm2"), ("neck.0", "neck.1", "neck.2", "neck.3"))
"""As Meta published it."""


def sam(c: Config, prefix: str, names: Names = TRANSFORMERS, *, more: tuple[Weight, ...] = ()) -> Part:
    """The encoder under `prefix`: learned positions of every patch, in each layer learned ones between rows and between columns.

    `more` are tensors behind the neck.
    """
    hidden, patch, heads, side = c.int("hidden_size"), c.int("patch_size"), c.int("num_attention_heads"), grid(c)
    positions = (Weight("pos_embed", (ONE, side, side, hidden), Role.POSITION),) if c.flag("use_abs_pos") else ()
    patches = patch_convolution(names.patches, hidden, c.int("num_channels"), patch, patch)
    reach, relative = {WINDOW: c.int("window_size"), GLOBAL: side}, c.flag("use_rel_pos")

    def mixer(c: Config, kind: str) -> Mixer:
        own = mha(
            c,
            dim=hidden // heads,
            bias=c.flag("qkv_bias"),
            o_bias=True,
            fused="qkv",
            names=("", "", "", "proj"),
            prefix="attn.",
            causal=False,
            cached=False,
            rotary=False,
        )
        if not (relative and kind):
            return towered(own)
        between = (reach[kind] * 2 - 1, hidden // heads)
        return towered(extended(own, *(Weight(f"attn.rel_pos_{axis}", between, Role.POSITION) for axis in "hw")))

    stated = c.list("global_attn_indexes", of=int) or []
    groups = layer_groups(
        c,
        c.layers(),
        mixer=mixer,
        feed_forward=lambda c, kind: towered(plain(c, intermediate=c.int("mlp_dim"), names=("lin1", "lin2"))),
        mixer_kinds=every(c, c.layers(), lambda index: index in stated, names=(WINDOW, GLOBAL)),
        norms=layer_norms(*names.norms, bias=True),
    )
    outside = (*positions, *patches, *neck(c, names.neck), *more)
    return Part("SAM encoder", "tower", Modality.VISION, of_tower(outside), groups, prefix=prefix, layer_prefix=prefix + names.layers)


def grid(c: Config) -> Num:
    """Patches a side."""
    return c.int("image_size") // c.int("patch_size")


def neck(c: Config, names: tuple[str, str, str, str] = PLAIN_NECK, prefix: str = "") -> tuple[Weight, ...]:
    """Two convolutions to `output_channels`, each with a norm over the channels."""
    outputs = c.int("output_channels")
    first, first_norm, second, second_norm = names
    return prefixed(
        prefix,
        (
            *patch_convolution(first, outputs, c.int("hidden_size"), ONE, ONE, bias=False),
            *norm(first_norm, outputs, bias=True),
            *patch_convolution(second, outputs, outputs, THREE, THREE, bias=False),
            *norm(second_norm, outputs, bias=True),
        ),
    )


def halving(names: tuple[str, str], *channels: Num) -> tuple[Weight, ...]:
    """Two convolutions that halve the side each and change the channels from the first count to the last."""
    first, second, third = channels
    return (
        *patch_convolution(names[0], second, first, THREE, THREE, bias=False),
        *patch_convolution(names[1], third, second, THREE, THREE, bias=False),
    )
