"""The two kinds of tensor nearly everything is made of."""

from __future__ import annotations

from typing import TypeVar

from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Latent, Recurrent, Role, Weight

Block = TypeVar("Block", Attention, Latent, Recurrent, FeedForward)


def linear(name: str, inputs: Num, outputs: Num, role: Role, *, bias: bool = False) -> tuple[Weight, ...]:
    """A linear layer: `weight` [outputs, inputs] and, with `bias`, `bias` [outputs]."""
    weight = Weight(f"{name}.weight", (outputs, inputs), role)
    return (weight, Weight(f"{name}.bias", (outputs,), role)) if bias else (weight,)


def norm(name: str, size: Num, *, bias: bool = False) -> tuple[Weight, ...]:
    """A normalization: `weight` [size] and, for a LayerNorm with `bias`, `bias` [size]."""
    weight = Weight(f"{name}.weight", (size,), Role.NORM)
    return (weight, Weight(f"{name}.bias", (size,), Role.NORM)) if bias else (weight,)


def prefixed(prefix: str, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
    """The same tensors under a module."""
    return tuple(replace(weight, name=prefix + weight.name) for weight in weights)


def as_role(role: Role, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
    """The same tensors counted as one role: a tower is a tower whatever it is made of."""
    return tuple(replace(weight, role=role) for weight in weights)


def sharded(how: str, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
    """The same tensors with what tensor parallelism does to them (`Weight.shard`)."""
    return tuple(replace(weight, shard=how) for weight in weights)


def extended(block: Block, *weights: Weight) -> Block:
    """The block with further tensors."""
    return replace(block, weights=(*block.weights, *weights))
