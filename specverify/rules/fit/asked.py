"""The task a target names, and what the files of a model say it is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specverify.card.metadata import entries
from specverify.rules.engine import Skip
from specverify.spec import ModelSpec
from specverify.target import Target
from specverify.task import TASKS, Task

NO_TASK = "no task was named"
"""Why a rule of this area is skipped where the target says nothing of what the model is for."""


def asked(target: Target, *names: str) -> Task:
    """The task of the target, where it is one of `names` (none: any). Raises Skip where it is not."""
    if target.task is None:
        raise Skip(NO_TASK)
    if names and target.task not in names:
        raise Skip(f"the task is {target.task}")
    return TASKS[target.task]


def class_of(spec: ModelSpec) -> str:
    """The class the config names first. Raises Skip where it names none."""
    names = spec.value("architectures")
    if not isinstance(names, list) or not names or not isinstance(names[0], str):
        raise Skip("the config names no class")
    return names[0]


def prototype_of(spec: ModelSpec) -> str:
    """The prototype. Raises Skip where it is not known."""
    value = spec.value("prototype")
    if not isinstance(value, str):
        raise Skip(spec.fact("prototype").reason or "the prototype is not known")
    return value


def purposes(metadata: Mapping[str, Any], about: Mapping[str, Any], origin: Mapping[str, Any]) -> str:
    """Every word by which the repo says what it is for: its name, its pipeline tag and its tags, in lower case, one a line."""
    tags = [item for where in (metadata, about) for key in ("pipeline_tag", "tags") for _, item in entries(where, key)]
    return "\n".join([str(origin.get("name", "")), *(tag for tag in tags if isinstance(tag, str))]).lower()
