"""The engine: inputs by name, and what becomes of a rule that lacks one, cannot tell, or crashes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from specverify.facts import Fact, Reading, Source, Where
from specverify.outcome import Broken, Confidence, Evidence, Finding, Passed, Severity, Skipped
from specverify.rules.engine import LONGEST_VALUE, Found, Rule, Skip, brief, declared, rule, rules, run, selected, shown

EVIDENCE = (Evidence(Source.DECLARED, "config.json", "/a", value=1),)


def looked_at(check: Any, *inputs: str) -> Rule:
    return Rule("TST001", "test", Severity.WARNING, Confidence.HIGH, "a test", "0.1", inputs, check)


def outcomes(check: Any, *inputs: str, given: Mapping[str, Any] | None = None, missing: Mapping[str, str] | None = None) -> list[Any]:
    return list(run([looked_at(check, *inputs)], given or {}, missing or {}))


def test_a_rule_that_finds_nothing_passed() -> None:
    assert outcomes(lambda: None) == outcomes(lambda: ()) == [Passed("TST001", "test")]


def test_a_finding_has_the_severity_of_its_rule_unless_it_says_otherwise() -> None:
    given, own = outcomes(lambda: [Found("A.", EVIDENCE, "Do."), Found("B.", EVIDENCE, None, "info", "low")])
    assert given == Finding("TST001", "test", Severity.WARNING, Confidence.HIGH, "A.", EVIDENCE, "Do.")
    assert (own.severity, own.confidence) == (Severity.INFO, Confidence.LOW)


def test_an_input_that_was_not_had_skips_the_rule_with_the_reason() -> None:
    found = outcomes(lambda tensors: None, "tensors", missing={"tensors": "no tensor headers were read"})
    assert found == [Skipped("TST001", "test", "no tensor headers were read")]


def test_an_empty_input_is_an_input() -> None:
    assert outcomes(lambda files: None, "files", given={"files": ()}) == [Passed("TST001", "test")]


def test_a_rule_that_cannot_tell_is_skipped_and_never_passed() -> None:
    def unsure() -> Iterable[Found]:
        raise Skip("the class is not known")

    assert outcomes(unsure) == [Skipped("TST001", "test", "the class is not known")]


def test_a_rule_that_skips_after_a_finding_says_nothing_half() -> None:
    def half() -> Iterable[Found]:
        yield Found("A.", EVIDENCE)
        raise Skip("the rest is not known")

    assert outcomes(half) == [Skipped("TST001", "test", "the rest is not known")]


def test_a_crash_is_broken_and_the_run_goes_on() -> None:
    def crash() -> None:
        raise KeyError("x")

    broken, passed = run([looked_at(crash), looked_at(lambda: None)], {}, {})
    assert broken == Broken("TST001", "test", "KeyError: 'x'")
    assert isinstance(passed, Passed)


def test_a_code_is_taken_once() -> None:
    taken = rules()[0]
    with pytest.raises(ValueError, match=f"{taken.code} of <lambda> is taken by {taken.name}"):
        rule(taken.code, severity="info", source="a test")(lambda: None)


def test_rules_are_selected_by_area_code_or_name_and_ignored_after_that() -> None:
    every = rules()
    codes = [r.code for r in selected(every, ["att", "DOC001"], ["ATT002", "odd-rotary-size"])]
    assert codes == ["ATT001", "ATT003", "ATT005", "ATT006", "ATT007", "DOC001"]
    assert selected(every, preview=True) == every
    assert selected(every, ["NONE"]) == ()


def test_a_summary_is_the_first_paragraph_on_one_line() -> None:
    def check() -> None:
        """One
        line.

        ## Why
        More.
        """

    assert looked_at(check).summary == "One line."


def test_evidence_shows_each_place_once() -> None:
    first = Reading(8, Source.DECLARED, Where("config.json", "/a"))
    other = Reading(9, Source.CLAIMED, Where("README.md", line=3))
    fact, same = Fact("a", (first, other)), Fact("b", (first,))
    assert [(e.file, e.value) for e in shown(fact, same, None)] == [("config.json", 8), ("README.md", 9)]
    assert declared(fact) is first
    assert declared(Fact("c", (other,))) is None


@pytest.mark.parametrize("value", ["x" * 10**6, list(range(10**6)), {str(n): n for n in range(200)}, ["y" * 10**5]])
def test_a_long_value_is_cut_in_a_message(value: Any) -> None:
    assert len(brief(value)) <= LONGEST_VALUE + 3
    assert brief("32") == '"32"'
    assert brief(True) == "true"
