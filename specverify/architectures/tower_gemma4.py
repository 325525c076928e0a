"""Gemma 4's towers: a ViT that is a Gemma layer by layer, and a conformer for audio; the inputs of their matrices may be clipped."""

from __future__ import annotations

from dataclasses import replace

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, plain_weights
from specverify.architectures.blocks.recurrent import depthwise_conv
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import of_tower
from specverify.architectures.gemma import BOTH_SIDES
from specverify.architectures.keys import Config
from specverify.architectures.model import layer_groups, layer_norms
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Mixer, Modality, Part, Role, Weight

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
    """A conformer (arXiv:2005.08100) behind two convolutions that halve time and frequency: a feed-forward on either side of
    attention over chunks and a convolution over time.
    """
    hidden = c.int("hidden_size")
    outside = (
        *subsampling(c),
        *linear("output_proj", hidden, c.int("output_proj_dims"), Role.TOWER, bias=True),
    )
    groups = layer_groups(
        c,
        c.layers(),
        mixer=lambda c, kind: audio_attention(c),
        feed_forward=lambda c, kind: either_side(c),
        norms=layer_norms("norm_pre_attn", "norm_post_attn", "norm_out"),
    )
    return Part("audio tower", "tower", Modality.AUDIO, outside, groups, prefix=prefix, layer_prefix=prefix + "layers.{layer}.")


def subsampling(c: Config) -> tuple[Weight, ...]:
    """Two convolutions with a norm, and the projection of what is left of the frequencies, a quarter of the first one's channels."""
    first, last = (*c.counts("subsampling_conv_channels"), *(num.unknown("`subsampling_conv_channels` should have two entries"),) * 2)[:2]
    name, side = "subsample_conv_projection.", num.const(3, "kernel")
    return (
        Weight(f"{name}layer0.conv.weight", (first, Num(1), side, side), Role.TOWER),
        *norm(f"{name}layer0.norm", first),
        Weight(f"{name}layer1.conv.weight", (last, first, side, side), Role.TOWER),
        *norm(f"{name}layer1.norm", last),
        *linear(f"{name}input_proj_linear", first // 4 * last, c.int("hidden_size"), Role.TOWER),
    )


def audio_attention(c: Config) -> Attention:
    """Attention over a chunk and what stands left and right of it, by relative position, every width of a head scaled."""
    hidden, heads = c.int("hidden_size"), c.int("num_attention_heads")
    dim = hidden // heads
    own = gqa(
        c,
        heads=heads,
        kv_heads=heads,
        dim=dim,
        names=(*PROJECTIONS[:3], "post.linear"),
        causal=False,
        cached=False,
        rotary=False,
    )
    relative = linear("self_attn.relative_k_proj", hidden, heads * dim, Role.TOWER)
    scale = Weight("self_attn.per_dim_scale", (dim,), Role.TOWER)
    return replace(own, weights=clipped(c, (*own.weights, *relative, scale)))


def either_side(c: Config) -> FeedForward:
    """The two feed-forwards, four times as wide as the tower, and the convolution before the last one."""
    hidden = c.int("hidden_size")
    names = ("ffw_layer_1.linear", "ffw_layer_2.linear")
    weights: tuple[Weight, ...] = ()
    for block in ("feed_forward1.", "feed_forward2."):
        weights += plain_weights(hidden, hidden * 4, prefix=block, names=names)
        weights += (*norm(block + "pre_layer_norm", hidden), *norm(block + "post_layer_norm", hidden))
    weights += (
        *linear("lconv1d.linear_start.linear", hidden, hidden * 2, Role.TOWER),
        *linear("lconv1d.linear_end.linear", hidden, hidden, Role.TOWER),
        *depthwise_conv("lconv1d.depthwise_conv1d", hidden, c.int("conv_kernel_size"), bias=False),
        *norm("lconv1d.pre_layer_norm", hidden),
        *norm("lconv1d.conv_norm", hidden),
    )
    return FeedForward(clipped(c, weights), hidden * 4, gated=False, activation=c.text("hidden_act"))
