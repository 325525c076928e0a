"""The Universal Speech Model (arXiv:2303.01037) before Gemma 3n and 4: two convolutions that shorten time, and a conformer."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import activation, plain_weights
from specverify.architectures.blocks.recurrent import depthwise_conv
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import of_tower
from specverify.architectures.keys import Config
from specverify.architectures.model import layer_groups, layer_norms
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Modality, Part, Role, Weight

Marked = Callable[[tuple[Weight, ...]], tuple[Weight, ...]]
"""What a tower makes of the tensors of its blocks."""


class Names(NamedTuple):
    """What a checkpoint calls the parts of the tower; `wrapped` stands behind the name of each matrix of a block."""

    convolutions: tuple[str, str]
    layers: str
    feed_forwards: tuple[str, str]
    attention: str
    inner: str
    relative: str
    norms: tuple[str, str, str]
    wrapped: str = ""


GEMMA3N = Names(
    ("conv_0.", "conv_1."),
    "conformer.{layer}.",
    ("ffw_layer_start.", "ffw_layer_end."),
    "attention.",
    "attn.",
    "relative_position_embedding.pos_proj",
    ("attention.pre_attn_norm", "attention.post_norm", "norm"),
)
GEMMA4 = Names(
    ("layer0.", "layer1."),
    "layers.{layer}.",
    ("feed_forward1.", "feed_forward2."),
    "self_attn.",
    "",
    "relative_k_proj",
    ("norm_pre_attn", "norm_post_attn", "norm_out"),
    ".linear",
)


class Sizes(NamedTuple):
    """The sizes of a tower: `channels` and `kernels` of its two convolutions, and the `frequencies` they leave."""

    heads: Num
    layers: Num
    kernel: Num
    channels: tuple[Num, Num]
    kernels: tuple[tuple[Num, Num], tuple[Num, Num]]
    frequencies: Num


def conformer(c: Config, prefix: str, names: Names, sizes: Sizes, *, marked: Marked = of_tower, more: tuple[Weight, ...] = ()) -> Part:
    """A feed-forward on either side of attention over chunks and a convolution over time (arXiv:2005.08100); `more` stands after them."""
    groups = layer_groups(
        c,
        sizes.layers,
        mixer=lambda c, kind: attention(c, names, sizes.heads, marked),
        feed_forward=lambda c, kind: around(c, names, sizes.kernel, marked),
        norms=layer_norms(*names.norms),
    )
    outside = (*subsampling(c, names, sizes), *more)
    return Part("audio tower", "tower", Modality.AUDIO, outside, groups, prefix=prefix, layer_prefix=prefix + names.layers)


def subsampling(c: Config, names: Names, sizes: Sizes) -> tuple[Weight, ...]:
    """Two convolutions with a norm, and the projection of what is left of the frequencies."""
    weights: tuple[Weight, ...] = ()
    inputs = Num(1)
    for name, outputs, kernel in zip(names.convolutions, sizes.channels, sizes.kernels, strict=True):
        place = f"subsample_conv_projection.{name}"
        weights += (Weight(f"{place}conv.weight", (outputs, inputs, *kernel), Role.TOWER), *norm(f"{place}norm", outputs))
        inputs = outputs
    projected = linear("subsample_conv_projection.input_proj_linear", sizes.frequencies * inputs, c.int("hidden_size"), Role.TOWER)
    return (*weights, *projected)


def attention(c: Config, names: Names, heads: Num, marked: Marked) -> Attention:
    """Attention over a chunk and what stands left and right of it, by relative position, every width of a head scaled."""
    hidden = c.int("hidden_size")
    dim = hidden // heads
    query, key, value = (f"{names.inner}{name}{names.wrapped}" for name in ("q_proj", "k_proj", "v_proj"))
    own = gqa(
        c,
        heads=heads,
        kv_heads=heads,
        dim=dim,
        names=(query, key, value, f"post{names.wrapped}"),
        prefix=names.attention,
        causal=False,
        cached=False,
        rotary=False,
    )
    place = names.attention + names.inner
    relative = linear(place + names.relative, hidden, heads * dim, Role.TOWER)
    scale = Weight(f"{place}per_dim_scale", (dim,), Role.TOWER)
    return replace(own, weights=marked((*own.weights, *relative, scale)))


def around(c: Config, names: Names, kernel: Num, marked: Marked) -> FeedForward:
    """The two feed-forwards, four times as wide as the tower, and the convolution before the last one."""
    hidden, wide = c.int("hidden_size"), c.int("hidden_size") * 4
    weights: tuple[Weight, ...] = ()
    for block in names.feed_forwards:
        weights += plain_weights(hidden, wide, prefix=block, names=(f"ffw_layer_1{names.wrapped}", f"ffw_layer_2{names.wrapped}"))
        weights += (*norm(block + "pre_layer_norm", hidden), *norm(block + "post_layer_norm", hidden))
    weights += (
        *linear(f"lconv1d.linear_start{names.wrapped}", hidden, hidden * 2, Role.TOWER),
        *linear(f"lconv1d.linear_end{names.wrapped}", hidden, hidden, Role.TOWER),
        *depthwise_conv("lconv1d.depthwise_conv1d", hidden, kernel, bias=False),
        *norm("lconv1d.pre_layer_norm", hidden),
        *norm("lconv1d.conv_norm", hidden),
    )
    return FeedForward(marked(weights), wide, gated=False, activation=activation(c))


def both(c: Config, key: str) -> tuple[Num, Num]:
    """The two sizes that a key lists."""
    return pair_of(c.counts(key), key)


def listed_pairs(c: Config, key: str) -> tuple[tuple[Num, Num], tuple[Num, Num]]:
    """Two pairs of sizes, of time and of frequencies, one for each convolution."""
    stated = c.list(key, of=list) or []
    if len(stated) != 2 or any(not isinstance(side, int) or isinstance(side, bool) or side < 1 for sides in stated for side in sides):
        c.problem("type", key, f"`{key}` should be two pairs of sizes", stated)
        return (pair_of((), key),) * 2
    told = num.of(c.fact(key))
    first, last = (pair_of(tuple(num.counted(side, key, told) for side in sides), key) for sides in stated)
    return first, last


def pair_of(found: tuple[Num, ...], key: str) -> tuple[Num, Num]:
    """Two numbers, or two unknown ones where there are not as many."""
    return (found[0], found[1]) if len(found) == 2 else (num.unknown(f"`{key}` should have two entries"),) * 2
