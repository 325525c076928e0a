"""Plug-ins in this process, and none of them left behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from specverify import plugins
from specverify.architectures import registry
from specverify.rules import engine

HEAD = "from specverify.rules.engine import Found, Skip, rule, shown, stated\nfrom specverify.architectures.registry import family\n"


@pytest.fixture
def unplugged(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The rules and families there were are all there are after the test; installed plug-ins are those a test installs."""
    engine.rules()
    modules = set(sys.modules)
    monkeypatch.setattr(plugins, "_LOADED", {})
    yield
    engine.register_only({code: rule for code, rule in engine.registered().items() if rule.plugin is None})
    registry.register_only({kind: family for kind, family in registry.registered().items() if family.plugin is None})
    for name in set(sys.modules) - modules:
        if name.startswith("specverify_plugin_"):
            del sys.modules[name]


def rule_text(
    code: str = "HOUSE001", name: str = "it_is_seen", body: str = 'yield Found("Seen.", (), "Look away.")', given: str = "config"
) -> str:
    """The text of a rule."""
    return f'\n@rule("{code}", severity="warning", source="here")\ndef {name}({given}):\n    """It is there.\n    """\n    {body}\n'


def write_plugin(path: Path, *parts: str) -> Path:
    """A plug-in of these parts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + "".join(parts or (rule_text(),)), encoding="utf-8")
    return path
