"""generation_config.json, beyond the rules' examples."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.outcome import Finding
from tests.rules.assessed import LLAMA, found, report


def fired(code: str, **generation: Any) -> list[Finding]:
    return found(LLAMA, code, **{"generation_config.json": {"eos_token_id": 2, **generation}})


@pytest.mark.parametrize(
    ("penalty", "fires"), [(1.0, False), (1, False), (1.05, True), (0.9, True), (None, False), (True, False), ("1.1", False)]
)
def test_penalties(penalty: Any, fires: bool) -> None:
    assert bool(fired("GEN001", repetition_penalty=penalty)) is fires


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"do_sample": False, "temperature": 0.7}, "`temperature` is ignored"),
        ({"do_sample": False, "temperature": 0.7, "top_p": 0.9}, "`temperature` and `top_p` are ignored"),
        ({"do_sample": False, "temperature": 1.0, "top_p": 1.0}, ""),
        ({"do_sample": False, "temperature": None}, ""),
        ({"do_sample": False, "top_k": 50}, ""),
        ({"do_sample": True, "temperature": 0.7}, ""),
        ({"temperature": 0.7}, ""),
        ({"do_sample": False, "min_p": 0.05}, "`min_p` is ignored"),
    ],
)
def test_settings_of_sampling_that_is_off(settings: dict[str, Any], said: str) -> None:
    findings = fired("GEN002", **settings)
    assert [said in finding.message for finding in findings] == ([True] if said else [])


def test_without_the_file_nothing_is_said() -> None:
    codes = {outcome.code for outcome in report({"config.json": LLAMA}).findings}
    assert codes.isdisjoint(("GEN001", "GEN002"))
