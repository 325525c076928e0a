"""Verdicts on claims: under which convention they agree, how far they are off, and when nothing may be said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from specverify.facts import Source
from specverify.outcome import Agreement, Report, Verdict
from specverify.spec_form import spec_from_dict, spec_to_dict
from tests.rules.assessed import LLAMA, report
from tests.rules.test_card import DEEPSEEK, QWEN, YARN

FRONT = "---\nlicense: mit\n---\n# Example\n\n"
YARN_CONFIG = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}


def judged(config: dict[str, Any], card: str, **more: Any) -> Report:
    return report({"config.json": config, "README.md": FRONT + card}, **more)


def verdict(config: dict[str, Any], card: str, kind: str, **more: Any) -> Verdict:
    (one,) = [claim for claim in judged(config, card, **more).claims if claim.kind == kind]
    return one


@pytest.mark.parametrize(
    ("said", "convention"),
    [
        ("671B", "parameters.total"),
        ("683B", "parameters.total with next-token-prediction layers"),
        ("684.5B", "parameters.total with next-token-prediction layers and their copies of embedding and head"),
    ],
)
def test_a_total_agrees_under_the_convention_that_gives_it(said: str, convention: str) -> None:
    found = verdict(DEEPSEEK, f"- Total Parameters: {said}\n", "total_params")
    assert found.agreement is Agreement.AGREES
    best = next(compared for compared in found.compared if compared.matches)
    assert found.reason == f"{best.name} is {best.value:,}"
    assert convention in [compared.name for compared in found.compared if compared.matches]


@pytest.mark.parametrize(
    ("said", "convention"),
    [("37.6B", "activated"), ("36.6B", "activated_no_input_embedding"), ("35.7B", "activated_no_embeddings")],
)
def test_the_three_conventions_of_activated(said: str, convention: str) -> None:
    found = verdict(DEEPSEEK, f"- Activated Parameters: {said}\n", "active_params")
    assert found.agreement is Agreement.AGREES
    assert f"parameters.{convention}" in [compared.name for compared in found.compared if compared.matches]


def test_a_disagreement_says_how_far_and_what_is_stronger() -> None:
    found = verdict(QWEN, "- Number of Parameters: 15B\n", "total_params")
    assert found.agreement is Agreement.DISAGREES
    assert found.reason.startswith("97 % more than parameters.total, 7,615,616,512; the config is what is loaded")
    assert found.stated.line == 6
    assert found.columns == (25, 28)
    assert {evidence.pointer for compared in found.compared for evidence in compared.evidence} >= {"/hidden_size", "/vocab_size"}
    assert all(evidence.line for compared in found.compared for evidence in compared.evidence)


def test_a_length_is_held_against_what_engines_compute_and_the_length_before_scaling() -> None:
    scaled = {**QWEN, "max_position_embeddings": 131072, "rope_scaling": YARN_CONFIG}
    for said, name in (("131,072", "context.effective.vllm"), ("32,768", "context.native")):
        found = verdict(scaled, f"- Context Length: {said}\n", "context_length")
        assert (found.agreement, found.reason.split(" ")[0]) == (Agreement.AGREES, name)


def test_a_length_that_the_card_s_own_override_gives_is_opt_in() -> None:
    claims = [c for c in judged(QWEN, "- Context Length: Full 131,072 tokens\n" + YARN).claims if c.emitter == "label"]
    (found,) = [c for c in claims if c.kind == "context_length"]
    assert found.agreement is Agreement.OPT_IN
    assert found.compared[0].name == "the override the card documents"
    assert found.compared[0].value == 131072
    assert found.compared[0].evidence[0].line == 11


def test_without_an_override_it_disagrees_and_below_is_remarked() -> None:
    assert verdict(QWEN, "- Context Length: 128K\n", "context_length").agreement is Agreement.DISAGREES
    below = verdict(QWEN, "- Context Length: 8K\n", "context_length")
    assert (below.agreement, below.remark) == (Agreement.DISAGREES, "below")


def test_positions_without_an_end_allow_more_than_the_config_states() -> None:
    bloom = {"architectures": ["BloomForCausalLM"], "model_type": "bloom", "hidden_size": 64, "n_layer": 2, "n_head": 4, "seq_length": 2048}
    found = verdict({**bloom, "vocab_size": 1000}, "- Context Length: 8K\n", "context_length")
    assert (found.agreement, found.remark) == (Agreement.DISAGREES, "unbounded")


def test_what_is_about_another_model_is_not_compared() -> None:
    card = "| Model | Params | Context Length |\n|---|---|---|\n| Example-70B | 70B | 1M |\n| Example-13B | 13B | 1M |\n"
    assert {claim.agreement for claim in judged(QWEN, card).claims} == {Agreement.UNVERIFIABLE}


def test_what_the_config_leaves_to_a_default_is_unverifiable() -> None:
    config = {key: value for key, value in QWEN.items() if key != "num_hidden_layers"}
    found = verdict(config, "- Number of Parameters: 70B\n", "total_params")
    assert (found.agreement, found.compared) == (Agreement.UNVERIFIABLE, ())
    assert "num_hidden_layers" in found.reason


def test_headers_prove_a_total_that_the_config_cannot() -> None:
    config = {"model_type": "nobody_knows", "architectures": ["NobodyKnowsForCausalLM"]}
    tensors = {"a.weight": ("BF16", [1000, 7000]), "b.weight": ("BF16", [500_000])}
    right = verdict(config, "- Number of Parameters: 7.5M\n", "total_params", tensors=tensors)
    assert (right.agreement, right.compared[0].value) == (Agreement.AGREES, 7_500_000)
    wrong = verdict(config, "- Number of Parameters: 15M\n", "total_params", tensors=tensors)
    assert wrong.agreement is Agreement.DISAGREES
    assert "the tensor headers is what is loaded" in wrong.reason
    packed = verdict(config, "- Number of Parameters: 15M\n", "total_params", tensors={**tensors, "c.weight": ("I32", [8])})
    assert packed.agreement is Agreement.UNVERIFIABLE


def test_a_latent_cache_has_no_heads_to_compare() -> None:
    found = verdict(DEEPSEEK, "- Number of Attention Heads: 128 for Q and 1 for KV\n", "num_kv_heads")
    assert found.agreement is Agreement.UNVERIFIABLE


def test_a_claim_becomes_a_reading_and_never_the_value() -> None:
    made = judged(LLAMA, "- Number of Layers: 32\n")
    assert made.spec is not None
    fact = made.spec.fact("num_hidden_layers")
    assert (fact.value, fact.disputed) == (8, True)
    claimed = fact.readings[-1]
    assert (claimed.source, claimed.value, str(claimed.where)) == (Source.CLAIMED, 32, "README.md:6")
    form = spec_to_dict(made.spec)
    assert "plan_facts" not in form
    assert spec_from_dict(json.loads(json.dumps(form))).fact("num_hidden_layers") == fact


def test_one_that_agrees_disputes_nothing() -> None:
    made = judged(LLAMA, "- Number of Layers: 8\n")
    assert made.spec is not None
    assert not made.spec.fact("num_hidden_layers").disputed
