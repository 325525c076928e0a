"""Settings typed in a test."""

from __future__ import annotations

from specverify.settings.settings import Settings, settings_of
from specverify.settings.toml import parse


def settings(text: str, file: str = "specverify.toml") -> Settings:
    """The settings of a text."""
    return settings_of(parse(text.encode(), file))
