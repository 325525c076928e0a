"""Where the shared data is, for tests that measure against it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def corpus() -> Path:
    """The folder SPECVERIFY_CORPUS names; the test is skipped where it names none."""
    named = os.environ.get("SPECVERIFY_CORPUS")
    if not named:
        pytest.skip("SPECVERIFY_CORPUS is not set: the corpus of real models is not on this machine")
    return Path(named)
