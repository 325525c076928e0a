"""Vision towers: a patch embedding and plain transformer layers that every patch sees whole."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, plain
from specverify.architectures.blocks.tensors import Block
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, layer_groups, layer_norms
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Modality, Part, Role, Weight


def with_vision(model: Model, vision: Config, *parts: Part) -> Model:
    """A text model behind a vision tower and what projects into it."""
    return replace(model, parts=(*model.parts, *parts), vision=vision, interface="encoder + projector")


def of_tower(weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
    """The same tensors counted as a tower's; norms and positions stay what they are."""
    kept = (Role.NORM, Role.POSITION)
    return tuple(replace(weight, role=weight.role if weight.role in kept else Role.TOWER, shard=None) for weight in weights)


def pair(c: Config, key: str) -> tuple[Num, Num]:
    """Two sizes, mostly height and width: a list of both, or one number for both."""
    if isinstance(c.choice(key), list):
        sides = c.counts(key)
        return (sides[0], sides[1]) if len(sides) == 2 else (num.unknown(f"`{key}` is no pair"),) * 2
    return c.int(key), c.int(key)


def towered(block: Block) -> Block:
    """A block whose tensors are a tower's."""
    return replace(block, weights=of_tower(block.weights))


def patch_convolution(name: str, hidden: Num, *kernel: Num, bias: bool = True) -> tuple[Weight, ...]:
    """A convolution over patches: `weight` [hidden, *kernel], the kernel with its input channels first, and `bias`."""
    weight = Weight(f"{name}.weight", (hidden, *kernel), Role.TOWER)
    return (weight, Weight(f"{name}.bias", (hidden,), Role.TOWER)) if bias else (weight,)


def vision_tower(
    c: Config,
    *,
    heads: Num,
    count: Num,
    prefix: str,
    layers: str,
    outside: tuple[Weight, ...],
    hidden: Num | None = None,
    kv_heads: Num | None = None,
    dim: Num | None = None,
    intermediate: Num | None = None,
    attention: str = "self_attn.",
    projections: tuple[str, str, str, str] = ("q_proj", "k_proj", "v_proj", "out_proj"),
    fused: str | None = None,
    bias: bool = True,
    output_bias: bool | None = None,
    feed_forward: tuple[str, ...] = ("fc1", "fc2"),
    feed_forward_prefix: str = "mlp.",
    feed_forward_bias: bool = True,
    norms: tuple[str, str] = ("layer_norm1", "layer_norm2"),
    norm_bias: bool = True,
    more: tuple[Weight, ...] = (),
    rotary: bool = True,
) -> Part:
    """A ViT (arXiv:2010.11929). `outside` are the tensors before and after the layers, `more` those of each layer beside its blocks.

    `bias` is on the four projections of attention, unless `output_bias` says otherwise of the last. Three names for the
    `feed_forward` make it a gated one.
    """
    width = hidden or c.int("hidden_size")

    def mixer(c: Config, kind: str) -> Mixer:
        own = gqa(
            c,
            hidden=width,
            heads=heads,
            kv_heads=kv_heads or heads,
            dim=dim or width // heads,
            bias=bias,
            o_bias=bias if output_bias is None else output_bias,
            fused=fused,
            names=projections,
            prefix=attention,
            causal=False,
            cached=False,
            rotary=rotary,
        )
        return towered(own)

    def block(c: Config, kind: str) -> FeedForward:
        if len(feed_forward) == 3:
            gate, up, down = feed_forward
            names = (gate, up, down)
            own = glu(c, hidden=width, intermediate=intermediate, prefix=feed_forward_prefix, names=names, bias=feed_forward_bias)
        else:
            first, last = feed_forward
            own = plain(c, hidden=width, intermediate=intermediate, prefix=feed_forward_prefix, names=(first, last), bias=feed_forward_bias)
        return towered(own)

    own_norms = layer_norms(*norms, bias=norm_bias, size=width)
    groups = layer_groups(c, count, mixer=mixer, feed_forward=block, norms=lambda c, kind: (*own_norms(c, kind), *of_tower(more)))
    return Part("vision tower", "tower", Modality.VISION, of_tower(outside), groups, prefix=prefix, layer_prefix=prefix + layers)
