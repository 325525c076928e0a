"""Package data, read through one helper."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parent


def load_bytes(relative_path: str) -> bytes:
    """The file at `relative_path` inside the package."""
    return (_PACKAGE / relative_path).read_bytes()


def load_json(relative_path: str) -> Any:
    """The parsed JSON file at `relative_path` inside the package, e.g. `derive/gpus.json`."""
    return json.loads(load_bytes(relative_path))


@cache
def hub_enumerations() -> Mapping[str, Any]:
    """What the Hub lets a card's metadata say: `licenses`, `pipeline_tags` (each with its modality), `libraries`, `relations`
    of a base model and `languages` (ISO 639-1, each with its English name), with the `provenance` of each list.

    Written by scripts/refresh_hub_enumerations.py.
    """
    enumerations: Mapping[str, Any] = load_json("rules/hub_enumerations.json")
    return enumerations


def schema(name: str) -> Any:
    """The JSON Schema `name` (`spec`, `report`, ...): inside the package of a wheel, at the root of a checkout.

    Raises FileNotFoundError for a name there is no schema of.
    """
    file = f"{name}.schema.json"
    shipped = _PACKAGE / "schemas" / file
    return json.loads((shipped if shipped.exists() else _PACKAGE.parent / "schemas" / file).read_bytes())
