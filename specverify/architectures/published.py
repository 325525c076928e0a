"""Checkpoints that call the same tensors something else."""

from __future__ import annotations

import re

from specverify.frozen import replace
from specverify.spec import LayerGroup, Part, Weight

Names = tuple[tuple[str, str], ...]
"""What stands in the place of what, regular expressions one after the other."""


def republished(part: Part, names: Names, in_layers: Names) -> Part:
    """The part under other names: `names` for whole ones and for where the layers stand, `in_layers` for those inside of a layer."""

    def group(own: LayerGroup) -> LayerGroup:
        block = own.feed_forward
        return replace(
            own,
            mixers=tuple(replace(mixer, weights=_renamed(mixer.weights, in_layers)) for mixer in own.mixers),
            feed_forward=None if block is None else replace(block, weights=_renamed(block.weights, in_layers)),
            norms=_renamed(own.norms, in_layers),
        )

    whole = tuple(replace(weight, name=part.prefix + weight.name) for weight in part.weights)
    return replace(
        part,
        prefix="",
        weights=_renamed(whole, names),
        layers=tuple(map(group, part.layers)),
        layer_prefix=_translated(part.layer_prefix, names),
    )


def _renamed(weights: tuple[Weight, ...], names: Names) -> tuple[Weight, ...]:
    return tuple(
        replace(
            weight,
            name=_translated(weight.name, names),
            tied_to=None if weight.tied_to is None else _translated(weight.tied_to, names),
        )
        for weight in weights
    )


def _translated(name: str, names: Names) -> str:
    for own, published in names:
        name = re.sub(own, published, name)
    return name
