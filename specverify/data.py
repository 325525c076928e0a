"""Package data, read through one helper."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parent


def load_json(relative_path: str) -> Any:
    """The parsed JSON file at `relative_path` inside the package, e.g. `derive/gpus.json`."""
    return json.loads((_ROOT / relative_path).read_bytes())
