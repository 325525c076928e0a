"""What towers that hear and parts that speak are made of: convolutions over time, and equal layers."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.vision import of_tower, towered
from specverify.architectures.keys import Config
from specverify.architectures.model import NormsOf, layer_groups
from specverify.num import Num
from specverify.spec import Attention, FeedForward, LayerGroup, Role, Weight

POINT = num.const(1, "convolution kernel")
ONE = num.const(1, "channel")


def convolution(name: str, channels: Num, outputs: Num, *kernel: Num, bias: bool = True) -> tuple[Weight, ...]:
    """A convolution: `weight` [outputs, channels, *kernel] and `bias` [outputs]. One filter a channel has `ONE` of `channels`."""
    weight = Weight(f"{name}.weight", (outputs, channels, *kernel), Role.TOWER)
    return (weight, Weight(f"{name}.bias", (outputs,), Role.TOWER)) if bias else (weight,)


def stretching(name: str, channels: Num, outputs: Num, kernel: Num) -> tuple[Weight, ...]:
    """A transposed convolution: `weight` [channels, outputs, kernel] and `bias` [outputs]."""
    return Weight(f"{name}.weight", (channels, outputs, kernel), Role.TOWER), Weight(f"{name}.bias", (outputs,), Role.TOWER)


def batch_norm(name: str, channels: Num) -> tuple[Weight, ...]:
    """A batch normalization (arXiv:1502.03167): beside scale and shift, the statistics it keeps, which are no parameters."""
    kept = tuple(Weight(f"{name}.{which}", (channels,), Role.NORM, buffer=True) for which in ("running_mean", "running_var"))
    batches = Weight(f"{name}.num_batches_tracked", (), Role.NORM, buffer=True, dtype="I64")
    return Weight(f"{name}.weight", (channels,), Role.NORM), Weight(f"{name}.bias", (channels,), Role.NORM), *kept, batches


def stack(c: Config, count: Num, mixer: Attention, feed_forward: FeedForward, norms: NormsOf) -> tuple[LayerGroup, ...]:
    """Equal layers, their tensors a tower's."""
    own, block = towered(mixer), towered(feed_forward)
    return layer_groups(
        c, count, mixer=lambda c, kind: own, feed_forward=lambda c, kind: block, norms=lambda c, kind: of_tower(norms(c, kind))
    )
