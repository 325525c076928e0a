"""The expected tensor manifest: expansion, stacked copies, and what is refused."""

from __future__ import annotations

import pytest

from specverify import num
from specverify.derive.manifest import manifest, unlistable
from specverify.num import Num
from specverify.spec import FeedForward, LayerGroup, Modality, ModelSpec, Part, Role, Weight


def spec(*weights: Weight, layers: Num, indices: tuple[int, ...], exactness: str = "exact") -> ModelSpec:
    block = FeedForward(weights, num.const(8))
    group = LayerGroup(layers, indices, (), block)
    table = Weight("embed.weight", (num.const(10), num.const(4)), Role.EMBEDDING)
    head = Weight("head.weight", table.shape, Role.HEAD, tied_to="embed.weight")
    part = Part("decoder", "decoder", Modality.TEXT, (table, head), (group,), layer_prefix="layers.{layer}.")
    return ModelSpec("test", exactness, {}, (part,))


def up(name: str = "up.weight", copies: Num | None = None) -> Weight:
    return Weight(name, (num.const(8), num.const(4)), Role.ROUTED_EXPERT, copies=copies)


def listed(model: ModelSpec) -> list[tuple[str, tuple[int, ...]]]:
    return [(name, shape) for name, shape, _ in manifest(model)]


def test_layers_are_written_out_at_their_own_places() -> None:
    assert listed(spec(up(), layers=num.const(2), indices=(1, 3)))[2:] == [("layers.1.up.weight", (8, 4)), ("layers.3.up.weight", (8, 4))]


def test_experts_with_a_name_each_are_written_out() -> None:
    found = listed(spec(up("experts.{expert}.up.weight", num.const(2)), layers=num.const(1), indices=(0,)))
    assert found[2:] == [("layers.0.experts.0.up.weight", (8, 4)), ("layers.0.experts.1.up.weight", (8, 4))]


def test_experts_without_a_name_each_are_one_tensor() -> None:
    assert listed(spec(up(copies=num.const(6)), layers=num.const(1), indices=(0,)))[2:] == [("layers.0.up.weight", (6, 8, 4))]


def test_a_tied_tensor_is_listed_as_tied() -> None:
    model = spec(up(), layers=num.const(1), indices=(0,))
    assert {name: weight.tied_to for name, _, weight in manifest(model)}["head.weight"] == "embed.weight"


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (spec(up(), layers=num.const(1), indices=(0,), exactness="generic"), "not known to specverify"),
        (spec(up(), layers=num.unknown("depth is not stated"), indices=()), "depth is not stated"),
        (spec(up("{expert}.up", num.const(10**9)), layers=num.const(1), indices=(0,)), "more than 2,000,000 tensors"),
        (spec(up(copies=num.unknown("experts are not stated")), layers=num.const(1), indices=(0,)), "experts are not stated"),
    ],
)
def test_what_cannot_be_listed_says_why(model: ModelSpec, reason: str) -> None:
    assert reason in str(unlistable(model))
    with pytest.raises(ValueError, match=reason):
        next(manifest(model))
