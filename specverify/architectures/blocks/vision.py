"""Vision towers: a patch embedding and plain transformer layers that every patch sees whole."""

from __future__ import annotations

from dataclasses import replace

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.keys import Config
from specverify.architectures.model import layer_groups, layer_norms
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Modality, Part, Role, Weight


def of_tower(weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
    """The same tensors counted as a tower's; norms and positions stay what they are."""
    kept = (Role.NORM, Role.POSITION)
    return tuple(replace(weight, role=weight.role if weight.role in kept else Role.TOWER, shard=None) for weight in weights)


def patch_convolution(name: str, hidden: Num, *kernel: Num) -> tuple[Weight, ...]:
    """A convolution over patches: `weight` [hidden, *kernel], the kernel with its input channels first, and `bias`."""
    return (Weight(f"{name}.weight", (hidden, *kernel), Role.TOWER), Weight(f"{name}.bias", (hidden,), Role.TOWER))


def vision_tower(
    c: Config,
    *,
    heads: Num,
    count: Num,
    prefix: str,
    layers: str,
    outside: tuple[Weight, ...],
    attention: str = "self_attn.",
    projections: tuple[str, str, str, str] = ("q_proj", "k_proj", "v_proj", "out_proj"),
    fused: str | None = None,
    feed_forward: tuple[str, str] = ("fc1", "fc2"),
    norms: tuple[str, str] = ("layer_norm1", "layer_norm2"),
) -> Part:
    """A ViT (arXiv:2010.11929) with biases throughout. `outside` are the tensors before and after the layers."""
    hidden = c.int("hidden_size")

    def mixer(c: Config, kind: str) -> Mixer:
        own = gqa(
            c,
            heads=heads,
            kv_heads=heads,
            dim=hidden // heads,
            bias=True,
            o_bias=True,
            fused=fused,
            names=projections,
            prefix=attention,
            causal=False,
            cached=False,
        )
        return replace(own, weights=of_tower(own.weights))

    def two_matrices(c: Config, kind: str) -> FeedForward:
        own = plain(c, names=feed_forward)
        return replace(own, weights=of_tower(own.weights))

    groups = layer_groups(c, count, mixer=mixer, feed_forward=two_matrices, norms=layer_norms(*norms, bias=True))
    return Part("vision tower", "tower", Modality.VISION, of_tower(outside), groups, prefix=prefix, layer_prefix=prefix + layers)
