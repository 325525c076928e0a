"""Verify what a model's card, config, class defaults and tensor headers say against each other, and derive what it costs.

The names here are imported when they are first used, so that `import specverify` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specverify.errors import SpecverifyError
    from specverify.normalize import normalize
    from specverify.outcome import Report
    from specverify.pipeline import verify, verify_many
    from specverify.target import Target

__all__ = ["Report", "SpecverifyError", "Target", "normalize", "verify", "verify_many"]
__version__ = "0.1.0"

_HOMES = {
    "Report": "specverify.outcome",
    "SpecverifyError": "specverify.errors",
    "Target": "specverify.target",
    "normalize": "specverify.normalize",
    "verify": "specverify.pipeline",
    "verify_many": "specverify.pipeline",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'specverify' has no attribute {name!r}")
    return getattr(import_module(home), name)
