"""Whether queries and keys rotate, and the position scheme a family names: never the one without the other."""

from __future__ import annotations

import pytest

from specverify.architectures.defaults import class_defaults
from specverify.architectures.registry import index
from specverify.spec import Attention, ModelSpec, Part
from tests.architectures.reading import read


def rotating(spec: ModelSpec) -> set[bool]:
    """Whether the attention layers of the text model rotate, over all of them."""
    stacks: list[Part] = [part for part in spec.parts if part.role in ("decoder", "encoder")]
    mixers = [mixer for part in stacks for group in part.layers for mixer in group.mixers]
    return {mixer.rotary for mixer in mixers if isinstance(mixer, Attention) and not mixer.cross}


@pytest.mark.parametrize("model_type", sorted(name for name in index() if class_defaults(name) is not None))
def test_rotary_layers_stand_where_the_scheme_says(model_type: str) -> None:
    spec = read(model_type)
    found = rotating(spec)
    assert not found or (True in found) == (spec.value("position_scheme") == "rope")
