"""Every family against the class it describes: names, shapes, ties, buffers and totals, for defaults and random configs."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from specverify.architectures.registry import index
from specverify.derive.manifest import manifest, unlistable
from specverify.derive.parameters import counts
from specverify.normalize.config import normalize_bytes
from tests.oracle.layout import in_memory, joined, pieces, shape_in_memory
from tests.oracle.mutations import completed, draw
from tests.oracle.reference import Built, build, class_config, classes, is_known

pytestmark = pytest.mark.oracle

ALL = os.environ.get("SPECVERIFY_ORACLE") == "all"
LANGUAGE_MUTATIONS, OTHER_MUTATIONS = (24, 10) if ALL else (4, 1)
TRIES = 200
TYPES = [model_type for model_type in index() if is_known(model_type)]


def cases() -> Iterator[Any]:
    for model_type in TYPES:
        for place, name in enumerate(classes(model_type)):
            if place == 0 or ALL:
                yield pytest.param(model_type, name, 0, id=f"{name}-{model_type}-default")
            for seed in range(1, 1 + (LANGUAGE_MUTATIONS if place == 0 else OTHER_MUTATIONS)):
                yield pytest.param(model_type, name, seed, id=f"{name}-{model_type}-{seed}")


def config_of(model_type: str, name: str, seed: int) -> tuple[dict[str, Any], Built]:
    """The first config of this seed that the class can be built from; seed 0 is the class default."""
    plain = {"model_type": model_type, "architectures": [name]}
    if seed == 0:
        plain = completed(plain)
        return plain, build(plain)
    defaults = class_config(model_type)
    random = Random(f"{model_type}/{name}/{seed}")
    failure: Exception | None = None
    for _ in range(TRIES):
        config = completed({**draw(defaults, random), **plain})
        try:
            return config, build(config)
        except Exception as error:  # noqa: BLE001 - a config drawn at random may be refused in any way
            failure = error
    pytest.fail(f"none of {TRIES} configs of seed {seed} can be built: {failure!r}")


@pytest.mark.parametrize(("model_type", "name", "seed"), cases())
def test_family_states_the_tensors_of_its_class(model_type: str, name: str, seed: int) -> None:
    config, built = config_of(model_type, name, seed)
    wrong = differences(config, built)
    # One line for each kind of difference: layers and experts repeat themselves.
    told = {re.sub(r"\.\d+\.", ".N.", line.partition(" [")[0].partition(" (")[0]): line for line in wrong}
    assert not wrong, "\n".join((json.dumps(config), *told.values()))


def differences(config: dict[str, Any], built: Built) -> list[str]:
    """Where the expected manifest and the model in memory differ."""
    spec = normalize_bytes(json.dumps(config).encode())
    spec = replace(spec, parts=tuple(part for part in spec.parts if part.role != "next-token-prediction"))
    reason = unlistable(spec)
    if reason is not None:
        return [f"refused: {reason}"]
    ours: dict[str, list[tuple[int, ...]]] = {}
    buffers: dict[str, list[tuple[int, ...]]] = {}
    tied: dict[str, str] = {}

    def known_as(name: str) -> str:
        return in_memory(config["model_type"], config["architectures"][0], name)

    for name, shape, weight in manifest(spec):
        if weight.tied_to is not None:
            tied[known_as(name)] = known_as(weight.tied_to)
            continue
        stored = buffers if weight.buffer else ours
        for piece, size in pieces(config["model_type"], name, shape):
            stored.setdefault(known_as(piece), []).append(shape_in_memory(config["model_type"], piece, size))
    wrong = [f"problem: {problem.pointer} {problem.message}" for problem in spec.problems]
    wrong += compared(ours, {built.same_as.get(name, name): name for name in ours}, joined(config["model_type"], built.unique()))
    wrong += compared(buffers, {name: name for name in buffers}, built.buffers)
    for name, other in tied.items():
        if name not in built.parameters or built.same_as[name] != built.same_as.get(other):
            wrong.append(f"tied here only: {name} to {other}")
    figures, total = counts(spec), sum(math.prod(shape) for shape in built.unique().values())
    if figures is None or figures.total.value != total:
        wrong.append(f"total: {None if figures is None else figures.total.value}, not {total}")
    return wrong


def compared(ours: dict[str, list[tuple[int, ...]]], named: dict[str, str], theirs: dict[str, tuple[int, ...]]) -> list[str]:
    wrong = [f"here only: {name} {ours[name]}" for first, name in named.items() if first not in theirs]
    wrong += [f"twice: {name}" for name in ours if name not in named.values()]
    for first, shape in theirs.items():
        if first not in named:
            wrong.append(f"there only: {first} {shape}")
        elif not agree(ours[named[first]], shape):
            wrong.append(f"shape: {first} {ours[named[first]][:3]}, not {shape}")
    return wrong


def agree(shapes: list[tuple[int, ...]], shape: tuple[int, ...]) -> bool:
    """Whether several published tensors come to the one in memory, or one does: a single expert is stacked there all the same."""
    return shape in (shapes[0], (1, *shapes[0])) if len(shapes) == 1 else sum(map(math.prod, shapes)) == math.prod(shape)
