"""A few mutated cards on every run of the tests; `make soak` runs ten thousand of them, timed."""

from __future__ import annotations

import re
import signal
from random import Random

import pytest

from tests.soak.__main__ import MOST_SECONDS, Hung, interrupt, keep, result, soak, summarized
from tests.soak.cases import case, run
from tests.soak.fragments import drawn_from, fragment, patterns
from tests.soak.mutators import MARKS, MUTATORS

FEW = 60


@pytest.mark.parametrize("first", range(0, FEW, 20))
def test_nothing_is_raised_on_mutated_cards(first: int) -> None:
    for seed in range(first, first + 20):
        run(case(seed))


def test_a_case_is_the_same_each_time_and_no_other() -> None:
    assert [case(seed) for seed in range(20)] == [case(seed) for seed in range(20)]
    assert len({case(seed).card for seed in range(50)}) > 45


def test_every_mutator_is_used() -> None:
    used = {name for seed in range(250) for name in case(seed).made_by}
    assert {mutate.__name__ for mutate in MUTATORS} <= used


def test_fragments_come_from_the_patterns_of_every_reader() -> None:
    assert len(patterns()) > 100
    assert any("context" in pattern.pattern for pattern in patterns())
    rng = Random(1)
    drawn = "\n".join(fragment(rng) for _ in range(2000))
    hits = sum(pattern.search(drawn) is not None for pattern in patterns())
    assert hits > 0.8 * len(patterns())


def test_a_case_that_raises_is_a_failure_with_its_seed_and_card(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setattr("specverify.card.card.recipes", lambda document: 1 / 0)
    failed = result(case(3))
    assert failed.failure is not None
    assert "ZeroDivisionError" in failed.failure
    assert keep(3).read_bytes() == case(3).card
    assert summarized([failed], 0.0) == 1


def test_a_slow_case_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.soak.__main__.MOST_SECONDS", 0.0)
    assert MOST_SECONDS == 1.0
    slow = result(case(3)).failure
    assert slow is not None
    assert re.match(r"took \d", slow)


def test_processes_share_the_cases() -> None:
    results = soak(5, 6, 2)
    assert [one.seed for one in results] == [5, 6, 7, 8, 9, 10]
    assert all(one.failure is None and one.peak > 2**20 for one in results)


def test_no_pattern_takes_a_power_of_the_length_of_a_row_of_marks() -> None:
    """What a pattern matches or begins to, then 300 marks: two parts of it that share a mark would take hours."""
    rng = Random(3)
    signal.signal(signal.SIGPROF, interrupt)
    for pattern in patterns():
        found = drawn_from(pattern, rng)[:80]
        for start in (found, found[: rng.randint(0, len(found))]):
            for mark in MARKS:
                signal.setitimer(signal.ITIMER_PROF, 2)
                try:
                    for _ in pattern.finditer(f"{start}{(mark * 300)[:300]}!"):
                        pass
                except Hung:
                    pytest.fail(f"{pattern.pattern[:200]} on {start!r} and then {mark!r}")
                finally:
                    signal.setitimer(signal.ITIMER_PROF, 0)
