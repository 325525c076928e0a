"""`explain claim:KIND`, the line of counts and the JSON of claims: where each stands, what it was held against, the verdict."""

from __future__ import annotations

import pytest

from specverify.report.claims import counted
from specverify.report.explain import UnknownName, explain
from specverify.report.terminal import render
from specverify.report.validate import problems
from tests.rules.assessed import report
from tests.rules.test_card import QWEN, QWEN_CARD, YARN

FRONT = "---\nlicense: mit\n---\n# Example\n\n"
MADE = report({"config.json": QWEN, "README.md": FRONT + QWEN_CARD + "\nIt was tested at a context length of 4096 tokens.\n" + YARN})


def test_every_claim_of_a_kind_is_told_with_its_place_and_verdict() -> None:
    text = explain(MADE, "claim:context")
    assert text.startswith("context_length: ")
    assert "README.md:10:" in text
    assert "opt-in: true only with the override the card documents" in text
    assert "x context.effective.vllm: 32,768" in text
    assert '"max_position_embeddings": 32768' in text


def test_what_was_refused_is_told_with_the_reason() -> None:
    text = explain(MADE, "claim:context_length")
    assert "Looks like a claim and is none" in text
    assert "README.md:12  4096: the length of a training or evaluation run" in text


def test_a_kind_that_agrees_names_the_convention() -> None:
    text = explain(MADE, "claim:total_params")
    assert "agrees: parameters.total is 7,615,616,512" in text
    assert "= parameters.total: 7,615,616,512" in text


def test_a_kind_the_card_does_not_claim_is_unknown() -> None:
    with pytest.raises(UnknownName, match="claim of this card"):
        explain(MADE, "claim:num_experts")
    with pytest.raises(UnknownName):
        explain(MADE, "claim:")


def test_the_terminal_counts_claims_and_lists_them_when_asked() -> None:
    assert f"claims: {counted(MADE.claims)}" in render(MADE, width=120)
    assert "total_params 7.61B" in render(MADE, width=160, verbose=True)
    assert "total_params 7.61B" not in render(MADE, width=160)


def test_the_json_holds_every_claim_and_refusal_and_keeps_its_schema() -> None:
    form = MADE.to_dict()
    assert list(problems(MADE)) == []
    assert len(form["claims"]) == len(MADE.claims)
    claim = next(one for one in form["claims"] if one["kind"] == "total_params")
    assert (claim["verdict"], claim["line"], claim["columns"]) == ("agrees", 6, [25, 30])
    assert form["summary"]["claims"]["opt-in"] == 1
    assert form["refused"][0]["reason"]
