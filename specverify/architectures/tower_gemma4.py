"""Gemma 4's towers: a ViT that is a Gemma layer by layer, and a conformer; what goes into and out of their matrices may be clipped."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear
from specverify.architectures.blocks.vision import of_tower
from specverify.architectures.gemma import BOTH_SIDES
from specverify.architectures.keys import Config
from specverify.architectures.model import layer_groups
from specverify.architectures.tower_usm import GEMMA4, Sizes, both, conformer
from specverify.frozen import replace
from specverify.spec import FeedForward, Mixer, Modality, Part, Role, Weight

COLOURS = num.const(3, "colours")
BOUNDS = ("input_min", "input_max", "output_min", "output_max")
PROJECTIONS = ("q_proj.linear", "k_proj.linear", "v_proj.linear", "o_proj.linear")


def clipped(c: Config, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
    """The tensors of a tower, with the four bounds of each `linear` where `use_clipped_linears` is set."""
    ends = ".linear.weight"
    matrices = [weight.name.removesuffix(ends) for weight in weights if weight.name.endswith(ends)] if c.flag("use_clipped_linears") else []
    bounds = (Weight(f"{name}.{bound}", (), Role.TOWER, buffer=True) for name in matrices for bound in BOUNDS)
    return (*of_tower(weights), *bounds)


def vision_tower(c: Config, prefix: str) -> Part:
    """Patches of any number: a learned position for each axis, rotary ones in the layers, norms on both sides of both blocks."""
    hidden, patch = c.int("hidden_size"), c.int("patch_size")
    positions = (num.const(2, "axes"), c.int("position_embedding_size"), hidden)
    outside = (
        *linear("patch_embedder.input_proj", COLOURS * patch * patch, hidden, Role.TOWER),
        Weight("patch_embedder.position_embedding_table", positions, Role.POSITION),
    )
    if c.flag("standardize"):
        outside += tuple(Weight(name, (hidden,), Role.TOWER, buffer=True) for name in ("std_bias", "std_scale"))

    def mixer(c: Config, kind: str) -> Mixer:
        own = gqa(c, dim=c.int("head_dim"), qk_norm="per-head", names=PROJECTIONS, causal=False, cached=False)
        return replace(own, weights=clipped(c, own.weights))

    def feed_forward(c: Config, kind: str) -> FeedForward:
        own = glu(c, names=("gate_proj.linear", "up_proj.linear", "down_proj.linear"))
        return replace(own, weights=clipped(c, own.weights))

    groups = layer_groups(c, c.layers(), mixer=mixer, feed_forward=feed_forward, norms=BOTH_SIDES)
    return Part("vision tower", "tower", Modality.VISION, outside, groups, prefix=prefix, layer_prefix=prefix + "encoder.layers.{layer}.")


def audio_tower(c: Config, prefix: str) -> Part:
    """Gemma 4's: either convolution halves the frequencies, and what is left of them is a quarter of the first one's channels."""
    channels, side = both(c, "subsampling_conv_channels"), num.const(3, "kernel")
    sizes = Sizes(
        c.int("num_attention_heads"),
        c.layers(),
        c.int("conv_kernel_size"),
        channels,
        ((side, side), (side, side)),
        channels[0] // 4,
    )
    outputs = linear("output_proj", c.int("hidden_size"), c.int("output_proj_dims"), Role.TOWER, bias=True)
    return conformer(c, prefix, GEMMA4, sizes, marked=lambda weights: clipped(c, weights), more=outputs)
