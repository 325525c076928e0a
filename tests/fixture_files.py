"""The fixtures: published models as folders, each with where its facts come from and what must come out."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures by name, at a target given as `Target`'s arguments."""

    target: Mapping[str, Any]
    figures: Mapping[str, int | float]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a fixture must give: facts of the spec, figures (`also` at other targets), and every finding there is."""

    spec: Mapping[str, Any]
    main: Figures
    also: tuple[Figures, ...]
    findings: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Fixture:
    """One folder of fixtures/; `source` is its source.toml, `expected` its expected.json."""

    name: str
    path: Path
    source: Mapping[str, Any]
    expected: Expected


def fixtures() -> tuple[Fixture, ...]:
    """Every fixture, by name."""
    return tuple(fixture(path.name) for path in sorted(FIXTURES.iterdir()) if path.is_dir())


def fixture(name: str) -> Fixture:
    """The fixture of that folder name."""
    path = FIXTURES / name
    expected = json.loads((path / "expected.json").read_text(encoding="utf-8"))
    target = expected["target"]
    return Fixture(
        name,
        path,
        tomllib.loads((path / "source.toml").read_text(encoding="utf-8")),
        Expected(
            expected["spec"],
            Figures(target, expected["figures"]),
            tuple(Figures(target | other["target"], other["figures"]) for other in expected["also"]),
            tuple(expected["findings"]),
        ),
    )
