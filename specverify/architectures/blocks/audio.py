"""Convolutions over time, as audio encoders, codecs and vocoders are made of them."""

from __future__ import annotations

from collections.abc import Callable

from specverify import num
from specverify.architectures.blocks.tensors import norm
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Role, Weight

MOST_REPEATED = 256
"""More than any codec has codebooks or any vocoder layers; several such counts are multiplied with one another."""


def convolution(name: str, inputs: Num, outputs: Num, *kernel: Num | int, bias: bool = True, role: Role = Role.TOWER) -> tuple[Weight, ...]:
    """A convolution: `weight` [outputs, inputs, *kernel] and, with `bias`, `bias` [outputs]."""
    weight = Weight(f"{name}.weight", (outputs, inputs, *_sizes(kernel)), role, shard="replicated")
    return (weight, Weight(f"{name}.bias", (outputs,), role, shard="replicated")) if bias else (weight,)


def transposed_convolution(
    name: str, inputs: Num, outputs: Num, *kernel: Num | int, bias: bool = True, role: Role = Role.TOWER
) -> tuple[Weight, ...]:
    """The convolution that takes samples apart: `weight` [inputs, outputs, *kernel]."""
    weight, *rest = convolution(name, inputs, outputs, *kernel, bias=bias, role=role)
    return (replace(weight, shape=(inputs, outputs, *weight.shape[2:])), *rest)


def weight_normed(weights: tuple[Weight, ...], *, over: int = 0) -> tuple[Weight, ...]:
    """The same layers under weight normalization (arXiv:1602.07868): `weight_g`, a length for each index `over`, and `weight_v`."""
    found: list[Weight] = []
    for weight in weights:
        if not weight.name.endswith(".weight"):
            found.append(weight)
            continue
        length = tuple(size if place == over else Num(1) for place, size in enumerate(weight.shape))
        found += (replace(weight, name=f"{weight.name}_g", shape=length), replace(weight, name=f"{weight.name}_v"))
    return tuple(found)


def batch_norm(name: str, size: Num) -> tuple[Weight, ...]:
    """Batch normalization: `weight` and `bias`, and what was seen in training as buffers."""
    return (
        *norm(name, size, bias=True),
        Weight(f"{name}.running_mean", (size,), Role.NORM, buffer=True),
        Weight(f"{name}.running_var", (size,), Role.NORM, buffer=True),
        Weight(f"{name}.num_batches_tracked", (), Role.NORM, buffer=True),
    )


def repeated(count: Num, layer: Callable[[int], tuple[Weight, ...]]) -> tuple[Weight, ...]:
    """The tensors of `count` layers by their index; one of unknown size where that is not known, or not plausible."""
    if count.value is None or count.value > MOST_REPEATED:
        unknown = count if count.value is None else num.unknown(f"{count.value:,} of one layer are not plausible")
        return (Weight("{unknown}", (unknown,), Role.TOWER),)
    return tuple(weight for index in range(int(count.value)) for weight in layer(index))


def _sizes(kernel: tuple[Num | int, ...]) -> tuple[Num, ...]:
    return tuple(num.const(size, "kernel") if isinstance(size, int) else size for size in kernel)
