"""The life of a rule: preview rules run when asked for, deprecated ones say that they will go."""

from __future__ import annotations

import pytest

from specverify.cli.reading import warn_of_status
from specverify.fetch import fetch
from specverify.pipeline import assess
from specverify.rules import engine
from specverify.rules.engine import Rule, Status, rules, selected
from tests.fixture_files import FIXTURES

RULES = rules()
PREVIEWED = {rule.code for rule in RULES if rule.status is Status.PREVIEW}
LLAMA = fetch(str(FIXTURES / "llama-3.1-8b"), offline=True)


def with_status(status: Status) -> Rule:
    return RULES[0]._replace(status=status)


@pytest.mark.parametrize(("status", "preview", "runs"), [("preview", False, False), ("preview", True, True), ("stable", False, True)])
def test_who_runs(status: str, preview: bool, runs: bool) -> None:
    assert bool(selected([with_status(Status(status))], preview=preview)) is runs
    assert bool(selected([with_status(Status(status))], [RULES[0].code], preview=preview)) is runs


def test_a_deprecated_rule_runs() -> None:
    assert selected([with_status(Status.DEPRECATED)])


def test_a_report_has_preview_rules_only_where_they_were_asked_for() -> None:
    assert PREVIEWED
    assert PREVIEWED.isdisjoint(outcome.code for outcome in assess(LLAMA).outcomes)
    assert {outcome.code for outcome in assess(LLAMA, preview=True).outcomes} == {rule.code for rule in RULES}


@pytest.mark.parametrize(
    ("status", "select", "preview", "said"),
    [
        ("deprecated", "CODE", False, "is deprecated"),
        ("deprecated", "name", False, "is deprecated"),
        ("deprecated", "start", False, ""),
        ("preview", "CODE", False, "does not run without --preview"),
        ("preview", "CODE", True, ""),
        ("stable", "CODE", False, ""),
    ],
)
def test_what_is_said_of_a_selected_rule(
    status: str, select: str, preview: bool, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = with_status(Status(status))
    monkeypatch.setattr(engine, "rules", lambda: (rule,))
    chosen = {"CODE": rule.code.lower(), "name": rule.name, "start": rule.code[:3]}[select]
    warn_of_status([chosen], preview=preview)
    err = capsys.readouterr().err
    assert said in err if said else not err


def test_areas_are_modules() -> None:
    areas = {rule.code: rule.area for rule in RULES}
    assert (areas["ATT001"], areas["EVL018"], areas["GEN001"]) == ("attention", "evaluation", "generation")
