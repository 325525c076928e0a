"""Each fixture through the public API: its figures, the facts of its spec, and exactly the findings it lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from specverify import Report, Target, verify
from specverify.outcome import Broken, Evidence
from tests.fixture_files import Fixture, fixture, fixtures

GIB = 2**30
ALL = fixtures()
WIDELY_SERVED = ("llama", "qwen", "mistral", "mixtral", "gemma", "deepseek", "glm", "gpt-oss")


def report(case: Fixture, **target: Any) -> Report:
    return verify(str(case.path), offline=True, target=Target(**target), preview=True)


def values(found: Report, names: Iterable[str]) -> dict[str, Any]:
    """The figures of these names; a figure that is missing altogether is told apart from an unknown one."""
    return {name: found.figures[name].value if name in found.figures else "no such figure" for name in names}


def place(evidence: Evidence) -> tuple[str, str | int | None]:
    """The file and the JSON pointer in it, or the line where the file is no JSON."""
    return evidence.file, evidence.line if evidence.pointer is None else evidence.pointer


def listed(case: Fixture) -> list[tuple[Any, ...]]:
    return sorted((f["code"], f["severity"], f.get("file", "config.json"), f.get("pointer", f.get("line"))) for f in case.expected.findings)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_the_figures_are_those_of_the_sources(case: Fixture) -> None:
    want = case.expected.main
    assert values(report(case, **want.target), want.figures) == want.figures


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_the_figures_hold_at_other_targets(case: Fixture) -> None:
    got = [values(report(case, **other.target), other.figures) for other in case.expected.also]
    assert got == [other.figures for other in case.expected.also]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_the_spec_says_how_the_model_is_made(case: Fixture) -> None:
    spec = report(case, **case.expected.main.target).spec
    assert spec is not None
    facts = {name: spec.exactness if name == "exactness" else spec.value(name) for name in case.expected.spec}
    assert facts == case.expected.spec


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_the_findings_are_exactly_those_listed(case: Fixture) -> None:
    found = report(case, **case.expected.main.target)
    assert not [outcome for outcome in found.outcomes if isinstance(outcome, Broken)]
    assert sorted((f.code, str(f.severity), *place(f.evidence[0])) for f in found.findings) == listed(case)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_listed_finding_has_its_reason_and_a_source_its_day(case: Fixture) -> None:
    assert all(f["reason"].strip() for f in case.expected.findings)
    assert case.source["name"]
    assert case.source["date"].isoformat() == "2026-11-25"
    assert case.source["sources"]
    assert case.source["notes"]


@pytest.mark.parametrize("case", [case for case in ALL if case.name.startswith(WIDELY_SERVED)], ids=lambda case: case.name)
def test_nothing_worse_than_info_is_said_of_a_widely_served_model(case: Fixture) -> None:
    """Findings not listed fail above; one that is listed must be a defect that its publisher or an engine documents."""
    worse = [f for f in case.expected.findings if f["severity"] != "info"]
    assert all(f.get("documented", "").startswith("https://") for f in worse)


@pytest.mark.parametrize(
    ("context", "concurrency", "name", "want"),
    [
        (32_768, 1, "cache.layer_bytes", 134_217_728),
        (32_768, 1, "cache.sequence_bytes", 10 * GIB),
        (131_072, 1, "cache.sequence_bytes", 40 * GIB),
        (131_072, 8, "cache.total_bytes", 320 * GIB),
        (131_072, 1, "attention.score_matrix_bytes", 34_359_738_368),
    ],
)
def test_eighty_layers_of_eight_groups_worked_by_hand(context: int, concurrency: int, name: str, want: int) -> None:
    found = report(fixture("dense-80-layers"), context=context, concurrency=concurrency)
    assert found.figures[name].value == want


def test_there_are_enough_fixtures_and_each_has_a_card() -> None:
    assert len(ALL) >= 42
    assert all((case.path / "README.md").read_text(encoding="utf-8").startswith("---\nlicense: ") for case in ALL)
