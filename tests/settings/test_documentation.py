"""docs/settings.md: its examples are settings, and no setting is left out of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from specverify.data import schema
from specverify.outcome import Severity
from tests.settings.reading import settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml specverify\.toml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def names(form: dict[str, Any]) -> Iterator[str]:
    """Every key that a form has, at any depth."""
    for key, inner in form.get("properties", {}).items():
        yield key
        yield from names(inner)
    for name in ("items", "additionalProperties"):
        if isinstance(form.get(name), dict):
            yield from names(form[name])
    for one in form.get("anyOf", ()):
        yield from names(one)


@pytest.mark.parametrize("name", sorted(set(names(schema("settings")))))
def test_every_setting_is_documented(name: str) -> None:
    stated = any(re.search(rf"^\[*{name}\b|^(?:\[\[?)?[\w.]*{name}[\].]|[{{,] {name} =", block, re.MULTILINE) for block in BLOCKS)
    assert stated or f"`{name}`" in TEXT, f"{PAGE.name} says nothing of {name}"


def test_the_example_of_targets_is_what_the_page_says() -> None:
    stated = settings(BLOCKS[0])
    target = stated.target()
    assert (target.gpu, target.gpus, target.context, target.engine_version) == ("lab-card-96gb", 8, 131_072, "0.19.0")
    edge = stated.target("edge")
    assert (edge.gpu, edge.context, edge.concurrency) == ("l4-24gb", 8192, 1)


def test_the_example_of_decisions_is_what_the_page_says() -> None:
    stated = settings(BLOCKS[1])
    assert (stated.require, stated.baseline) == (("B", "E3"), "specverify-baseline.json")
    decided = stated.decisions.policy(date(2027, 1, 31))
    (ignore,) = decided.ignores
    assert (ignore.is_of("example-lab/any"), ignore.is_of("other/any"), ignore.expired) == (True, False, False)
    assert stated.decisions.policy(date(2027, 2, 1)).ignores[0].expired
    assert decided.severities == {"ATT": Severity.ERROR, "license-id-unknown": Severity.INFO}
    assert decided.licenses is not None
    assert decided.licenses.has("House-License")


def test_the_errors_shown_are_those_given() -> None:
    shown = re.findall(r"^ {4}(specverify\.toml:\d+: .*)$", TEXT, re.MULTILINE)
    assert len(shown) == 2
    with pytest.raises(Exception, match="is no setting") as caught:
        settings("\n" * 5 + "[target]\ngpus = 'eight'\ntp = 1\n")
    assert str(caught.value).split("\n") == shown
