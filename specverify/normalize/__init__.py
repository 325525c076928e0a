"""Bytes to ModelSpec: no judgement, nothing lost."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specverify.spec import ModelSpec


def normalize(config: dict[str, Any]) -> ModelSpec:
    """The spec of a config already parsed. Raises Unreadable for one that JSON cannot hold.

    A convenience: the pipeline goes from raw bytes, so that duplicate keys, pointers and lines survive.
    """
    import json

    from specverify.errors import Unreadable
    from specverify.normalize.config import normalize_bytes

    try:
        data = json.dumps(config).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise Unreadable(f"no JSON document: {error}", file="config.json") from None
    return normalize_bytes(data)


class _Callable(ModuleType):
    """This package, to be called like the function in it: an imported package hides the `specverify.normalize` of the public API."""

    def __call__(self, config: dict[str, Any]) -> ModelSpec:
        return normalize(config)


sys.modules[__name__].__class__ = _Callable
