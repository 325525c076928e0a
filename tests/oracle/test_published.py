"""Published configs of the corpus whose class transformers builds, tensor by tensor. SPECVERIFY_ORACLE=all takes every one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from specverify.architectures.registry import index
from tests.oracle.reference import build, classes, is_known
from tests.oracle.test_manifest import ALL, differences

pytestmark = pytest.mark.oracle

SAMPLE = 8
"""One in so many where not all are asked for."""
MEANT: dict[str, str] = {
    "microsoft__Florence-2-base": "the config of the repo's own code, with widths in `dim_embed`: transformers reads none of it",
    "microsoft__VibeVoice-1.5B": "the config of the original code, of which transformers builds its own defaults",
}
"""Folders whose difference from transformers is meant, and why."""


def published() -> Iterator[Any]:
    """Each config.json at the root of a folder that names a class of a type that is known to both."""
    corpus = os.environ.get("SPECVERIFY_CORPUS")
    found = sorted((Path(corpus) / "hub").glob("*/config.json")) if corpus else ()
    paths = [path for path in found if _is_buildable(path)]
    for path in paths if ALL else paths[::SAMPLE]:
        yield pytest.param(path, id=path.parent.name)


def _is_buildable(path: Path) -> bool:
    try:
        config = json.loads(path.read_bytes())
    except ValueError:
        return False
    named = config.get("architectures") if isinstance(config, dict) else None
    model_type = config.get("model_type") if isinstance(config, dict) else None
    if not isinstance(model_type, str) or model_type not in index() or not is_known(model_type):
        return False
    return isinstance(named, list) and bool(named) and named[0] in classes(model_type)


@pytest.mark.parametrize("path", published())
def test_published_config_has_the_tensors_of_its_class(path: Path) -> None:
    config = json.loads(path.read_bytes())
    config.pop("quantization_config", None)
    try:
        built = build(config)
    except Exception as error:  # noqa: BLE001 - transformers refuses what it will
        pytest.skip(f"transformers does not build it: {type(error).__name__}: {str(error)[:150]}")
    wrong = [line for line in differences(config, built) if not line.endswith("is not JSON")]
    if path.parent.name in MEANT:
        assert wrong, "no longer a difference"
        pytest.skip(MEANT[path.parent.name])
    assert not wrong, "\n".join(wrong[:20])
