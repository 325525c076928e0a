"""Card rules on real cases: what the card says, what the config comes to, and when nothing may be said."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.facts import Source
from specverify.outcome import Finding, Passed, Severity, Skipped
from tests.rules.assessed import LLAMA, report

FRONT = "---\nlicense: mit\n---\n# Example\n\n"
QWEN: dict[str, Any] = {
    "architectures": ["Qwen2ForCausalLM"],
    "model_type": "qwen2",
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "vocab_size": 152064,
    "max_position_embeddings": 32768,
    "rope_theta": 1000000.0,
    "tie_word_embeddings": False,
    "sliding_window": 131072,
    "use_sliding_window": False,
    "max_window_layers": 28,
}
QWEN_CARD = """- Number of Parameters: 7.61B
- Number of Paramaters (Non-Embedding): 6.53B
- Number of Layers: 28
- Number of Attention Heads (GQA): 28 for Q and 4 for KV
- Context Length: Full 131,072 tokens and generation 8192 tokens
"""
YARN = """
```json
{
  ...,
  "rope_scaling": {"factor": 4.0, "original_max_position_embeddings": 32768, "type": "yarn"}
}
```
"""
DEEPSEEK: dict[str, Any] = {
    "architectures": ["DeepseekV3ForCausalLM"],
    "model_type": "deepseek_v3",
    "first_k_dense_replace": 3,
    "hidden_size": 7168,
    "intermediate_size": 18432,
    "kv_lora_rank": 512,
    "max_position_embeddings": 163840,
    "moe_intermediate_size": 2048,
    "n_group": 8,
    "n_routed_experts": 256,
    "n_shared_experts": 1,
    "norm_topk_prob": True,
    "num_attention_heads": 128,
    "num_experts_per_tok": 8,
    "num_hidden_layers": 61,
    "num_key_value_heads": 128,
    "num_nextn_predict_layers": 1,
    "q_lora_rank": 1536,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "routed_scaling_factor": 2.5,
    "tie_word_embeddings": False,
    "topk_group": 4,
    "v_head_dim": 128,
    "vocab_size": 129280,
}


def outcomes(config: dict[str, Any], card: str | bytes | None) -> dict[str, list[Finding | Passed | Skipped]]:
    files: dict[str, Any] = {"config.json": config}
    if card is not None:
        files["README.md"] = card
    found: dict[str, list[Any]] = {}
    for outcome in report(files).outcomes:
        if outcome.code.startswith("CRD"):
            found.setdefault(outcome.code, []).append(outcome)
    return found


def findings(config: dict[str, Any], card: str | bytes) -> list[Finding]:
    return [outcome for group in outcomes(config, card).values() for outcome in group if isinstance(outcome, Finding)]


def test_qwen_s_longer_context_is_opt_in_where_the_card_has_the_recipe() -> None:
    (finding,) = findings(QWEN, FRONT + QWEN_CARD + YARN)
    assert finding.code == "CRD001"
    assert finding.severity is Severity.INFO
    assert "131,072" in finding.message
    assert "32,768" in finding.message
    claim, recipe, config = finding.evidence
    assert (claim.source, claim.file, claim.line) == (Source.CLAIMED, "README.md", 10)
    assert claim.quote is not None
    assert claim.quote.startswith("- Context Length")
    assert recipe.line == 15
    assert (config.pointer, config.value) == ("/max_position_embeddings", 32768)


def test_without_the_recipe_it_is_a_warning() -> None:
    (finding,) = findings(QWEN, FRONT + QWEN_CARD)
    assert (finding.code, finding.severity) == ("CRD001", Severity.WARNING)


def test_llama_2_s_first_revision_said_2048() -> None:
    card = FRONT + "||Training Data|Params|Content Length|\n|---|---|---|---|\n|Example|*public data*|7B|4k|\n"
    (finding,) = findings({**LLAMA, "max_position_embeddings": 2048, "tie_word_embeddings": False}, card.replace("7B", "-"))
    assert finding.code == "CRD001"
    assert "4k" in finding.message


def test_a_card_below_the_config_is_information() -> None:
    (finding,) = findings({**QWEN, "max_position_embeddings": 131072}, FRONT + "- Context Length: 32K\n")
    assert (finding.code, finding.severity) == ("CRD011", Severity.INFO)


def test_a_scaled_config_gives_what_the_card_claims() -> None:
    scaling = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}
    config = {**QWEN, "max_position_embeddings": 131072, "rope_scaling": scaling}
    assert not findings(config, FRONT + "- Context Length: 128K\n")


@pytest.mark.parametrize("said", ["671B", "671 billion", "685B"])
def test_deepseek_s_total_with_or_without_its_prediction_layer(said: str) -> None:
    assert not findings(DEEPSEEK, FRONT + f"- Total Parameters: {said}\n")


@pytest.mark.parametrize("said", ["37B", "36.7B", "37.6B"])
def test_the_conventions_of_activated(said: str) -> None:
    assert not findings(DEEPSEEK, FRONT + f"- Activated Parameters: {said}\n")


def test_activated_by_no_convention() -> None:
    (finding,) = findings(DEEPSEEK, FRONT + "- Activated Parameters: 21B\n")
    assert (finding.code, finding.severity) == ("CRD003", Severity.WARNING)


def test_a_latent_cache_has_no_kv_heads_to_compare() -> None:
    (skipped,) = outcomes(DEEPSEEK, FRONT + "- Number of Attention Heads: 128 for Q and 1 for KV\n")["CRD006"]
    assert isinstance(skipped, Skipped)


def test_layers_may_count_the_prediction_layer() -> None:
    assert not findings(DEEPSEEK, FRONT + "- Number of Layers: 62\n")


def test_numbers_of_siblings_are_not_compared() -> None:
    card = FRONT + "| Model | Params | Context Length |\n|---|---|---|\n| Example-70B | 70B | 1M |\n| Example-13B | 13B | 1M |\n"
    assert not findings(QWEN, card)


def test_one_right_claim_of_several_is_enough() -> None:
    assert not findings(QWEN, FRONT + "It has 7B parameters.\n\n- Number of Parameters: 7.61B\n\nAlso known as a 32B parameter class.\n")


def test_a_size_left_to_the_class_proves_nothing() -> None:
    config = {key: value for key, value in QWEN.items() if key not in ("num_hidden_layers", "max_position_embeddings")}
    found = outcomes(config, FRONT + "- Number of Parameters: 70B\n- Number of Layers: 80\n- Context Length: 1M\n")
    assert all(isinstance(found[code][0], Skipped) for code in ("CRD001", "CRD002", "CRD004"))


def test_without_a_card_every_rule_is_skipped_with_the_reason() -> None:
    for group in outcomes(QWEN, None).values():
        (skipped,) = group
        assert isinstance(skipped, Skipped)
        assert skipped.reason.startswith("README.md: ")


def test_a_card_that_is_no_text_is_a_finding_and_the_run_goes_on() -> None:
    found = findings(QWEN, b"---\nlicense: mit\n---\nA \xff\xfe\x00 model.\n")
    assert [(finding.code, finding.severity, finding.evidence[0].line) for finding in found] == [("CRD007", Severity.INFO, 4)]


def test_front_matter_that_is_no_yaml_leaves_the_licence_unknown() -> None:
    found = outcomes(QWEN, "---\nlicense: [mit\n---\n")
    (finding,) = found["CRD007"]
    assert isinstance(finding, Finding)
    assert finding.severity is Severity.WARNING
    assert isinstance(found["CRD009"][0], Skipped)


@pytest.mark.parametrize(
    ("front", "line"),
    [("tags: [a]", 1), ("tags: [a]\nlicense:", 3), ("license: other", 2), ("license:\n- other", 2)],
)
def test_a_licence_that_says_nothing(front: str, line: int) -> None:
    (finding,) = findings(QWEN, f"---\n{front}\n---\nA model.\n")
    assert (finding.code, finding.evidence[0].line) == ("CRD009", line)
