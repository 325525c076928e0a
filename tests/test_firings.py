"""The table of what fires on real folders: every finding has a verdict, nearly all loud ones are true, and none is new."""

from __future__ import annotations

import pytest

from benchmarks.firings import LEAST, counts, faithful_folders, firings, judged, share, table, unjudged
from specverify.outcome import Severity
from specverify.rules.engine import rules
from tests.corpus import corpus

LOUD = {"folder": "a", "rule": "ATT001", "severity": "error", "place": "config.json#/head_dim", "faithful": True}


def test_every_row_is_judged_and_names_a_rule() -> None:
    rows = table()
    assert not unjudged(rows)
    assert {row["rule"] for row in rows} <= {rule.code for rule in rules()}
    assert rows == judged(rows, rows)


def test_what_is_loud_is_true() -> None:
    true, all_of_them = share(table())
    assert all_of_them >= 50
    assert true >= LEAST * all_of_them


def test_what_fires_is_what_the_table_holds() -> None:
    hub = corpus() / "hub"
    fired = judged((row for row, _ in firings(hub)), table())
    assert counts(fired) == counts(table())
    assert not unjudged(fired)


def test_folders_of_excerpts_are_not_faithful() -> None:
    folders = faithful_folders(corpus() / "hub")
    assert "moonshotai__Kimi-K2-Instruct" in folders
    assert "mistralai__Ministral-3-3B-Instruct-2512" not in folders


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        ([], None),
        ([LOUD | {"verdict": "true", "why": "so"}], "true"),
        ([LOUD | {"place": "config.json", "verdict": "true", "why": "so"}], None),
        ([LOUD | {"severity": "warning", "verdict": "true", "why": "so"}], None),
    ],
)
def test_a_verdict_holds_for_one_place_and_severity(known: list[dict[str, object]], verdict: str | None) -> None:
    (row,) = judged([LOUD, LOUD], known)
    assert row["verdict"] == verdict
    assert bool(unjudged([row])) is (verdict is None)


def test_a_verdict_without_a_reason_is_none() -> None:
    assert unjudged([LOUD | {"verdict": "true", "why": ""}])
    assert unjudged([LOUD | {"verdict": "maybe", "why": "so"}])


def test_the_share_is_of_loud_rows_on_faithful_folders() -> None:
    rows = [
        LOUD | {"verdict": "true"},
        LOUD | {"verdict": "debatable"},
        LOUD | {"verdict": "false", "severity": str(Severity.INFO)},
        LOUD | {"verdict": "false", "faithful": False},
    ]
    assert share(rows) == (1, 2)
