"""Which family reads which model type. The index is static, so only the one module at hand is imported."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple, TypeVar

from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.data import load_json

Build = Callable[[Config], Model]
Builder = TypeVar("Builder", bound=Build)
"""A family's own function, which may take more than the config."""


class Family(NamedTuple):
    """A family: the function that lays out the model, the types it reads, and the paper or class it was written from.

    `plugin` is the plug-in that brought it, if one did.
    """

    name: str
    build: Build
    types: tuple[str, ...]
    source: str
    doc: str
    plugin: str | None = None


_FAMILIES: dict[str, Family] = {}


def family(*types: str, source: str) -> Callable[[Builder], Builder]:
    """Register a family for its model types. `source`: the paper, class or repository it was written from."""

    def register(build: Builder) -> Builder:
        entry = Family(build.__name__, build, types, source, (build.__doc__ or "").strip())
        for model_type in types:
            taken = _FAMILIES.get(model_type)
            # A module whose import failed half-way may be imported again.
            if taken is not None and taken.build.__module__ != build.__module__:
                raise ValueError(f"model type {model_type} of family {entry.name} is read by family {taken.name}")
            _FAMILIES[model_type] = entry
        return build

    return register


@cache
def index() -> dict[str, str]:
    """Model type to the module of `specverify.architectures` that reads it (written by scripts/generate_index.py)."""
    types: dict[str, str] = load_json("architectures/index.json")
    return types


def registered() -> dict[str, Family]:
    """The families registered so far, by model type: what `register_only` goes back to."""
    return dict(_FAMILIES)


def register_only(entries: Mapping[str, Family]) -> None:
    """Have these families, by model type, and no others: a plug-in's are marked as such, or taken back."""
    kept = dict(entries)
    _FAMILIES.clear()
    _FAMILIES.update(kept)


def find(model_type: str | None) -> Family | None:
    """The family of a model type, of a plug-in too; None where only the generic table can read it."""
    if not model_type:
        return None
    if model_type not in _FAMILIES:
        module = index().get(model_type)
        if module is None:
            return None
        importlib.import_module(f"specverify.architectures.{module}")
    return _FAMILIES[model_type]
