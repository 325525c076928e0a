"""Rules about head counts and head sizes, beyond their examples."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.outcome import Severity
from tests.rules.assessed import LLAMA, found

GEOMETRY = ("ATT001", "ATT002", "ATT003", "ATT004", "ATT005")
MLA = {"kv_lora_rank": 512, "q_lora_rank": None, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128}
DEEPSEEK = {**LLAMA, "architectures": ["DeepseekV2ForCausalLM"], "model_type": "deepseek_v2", **MLA}


def codes(config: dict[str, Any]) -> list[str]:
    return [code for code in GEOMETRY if found(config, code)]


def without(config: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key not in keys}


@pytest.mark.parametrize(("hidden", "heads", "dim"), [(5120, 64, 128), (2880, 64, 64), (4608, 32, 128), (100, 8, 16)])
def test_an_explicit_head_size_need_not_make_up_the_hidden_size(hidden: int, heads: int, dim: int) -> None:
    assert codes({**LLAMA, "hidden_size": hidden, "num_attention_heads": heads, "num_key_value_heads": 8, "head_dim": dim}) == []


@pytest.mark.parametrize("head_dim", [{}, {"head_dim": None}])
def test_a_quotient_that_leaves_a_rest_is_shown_with_both_numbers(head_dim: dict[str, Any]) -> None:
    (finding,) = found({**LLAMA, "hidden_size": 516, **head_dim}, "ATT001")
    assert finding.severity is Severity.ERROR
    assert {(e.pointer, e.value) for e in finding.evidence} == {("/hidden_size", 516), ("/num_attention_heads", 8)}


def test_a_count_the_config_does_not_state_makes_it_a_warning() -> None:
    qwen2 = {**without(LLAMA, "num_key_value_heads"), "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2"}
    (finding,) = found(qwen2, "ATT002")
    assert finding.severity is Severity.WARNING
    assert "32 key-value heads for 8" in finding.message


def test_a_class_that_is_not_known_gets_a_warning() -> None:
    custom = {**LLAMA, "architectures": ["ExampleForCausalLM"], "model_type": "example", "num_key_value_heads": 3}
    (finding,) = found(custom, "ATT003")
    assert finding.severity is Severity.WARNING


def test_too_many_key_value_heads_are_one_finding() -> None:
    assert codes({**LLAMA, "num_key_value_heads": 9}) == ["ATT002"]


@pytest.mark.parametrize("kv_heads", [3, 7, 128])
def test_key_value_heads_mean_nothing_under_mla(kv_heads: int) -> None:
    assert codes({**DEEPSEEK, "num_key_value_heads": kv_heads}) == []


def test_the_rotary_part_of_mla_has_to_be_even() -> None:
    (finding,) = found({**DEEPSEEK, "qk_rope_head_dim": 63}, "ATT004")
    assert finding.evidence[0].pointer == "/qk_rope_head_dim"


@pytest.mark.parametrize(
    "changed", [{"head_dim": 3}, {"head_dim": 63, "partial_rotary_factor": 0.5}, {"head_dim": 65, "model_type": "bert"}]
)
def test_odd_sizes_that_are_fine(changed: dict[str, Any]) -> None:
    assert codes({**LLAMA, **changed}) == []


@pytest.mark.parametrize("key", ["num_kv_heads", "n_head_kv"])
def test_falcon_ignores_one_of_flag_and_count(key: str) -> None:
    falcon = {**without(LLAMA, "num_key_value_heads"), "architectures": ["FalconForCausalLM"], "model_type": "falcon"}
    assert codes({**falcon, "multi_query": True, "new_decoder_architecture": False, key: 8}) == []


@pytest.mark.parametrize("flag", [False, None, "true", 1])
def test_only_true_is_the_flag(flag: Any) -> None:
    assert not found({**LLAMA, "multi_query": flag}, "ATT005")


MIMO = {**LLAMA, "model_type": "mimo_v2_flash", "architectures": ["MiMoV2FlashForCausalLM"], "num_hidden_layers": 2, "head_dim": 16}
MIMO |= {"n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32, "sliding_window": 128, "num_key_value_heads": 2}


@pytest.mark.parametrize(
    ("kinds", "width", "vary", "narrow"),
    [
        (["full_attention", "full_attention"], 16, False, False),
        (["full_attention", "sliding_attention"], 16, True, False),
        (["full_attention", "full_attention"], 8, False, True),
        (["sliding_attention", "full_attention"], 8, True, True),
    ],
)
def test_layers_that_differ_in_heads_and_heads_that_differ_in_parts(kinds: list[str], width: int, vary: bool, narrow: bool) -> None:
    config = {**MIMO, "layer_types": kinds, "v_head_dim": width}
    assert [finding.message for finding in found(config, "ATT006")] == (["Layers have 2 or 4 key-value heads."] if vary else [])
    assert [finding.message for finding in found(config, "ATT007")] == ([f"Keys are 16 wide and values {width}."] if narrow else [])


def test_odd_heads_up_to_the_smallest_pass() -> None:
    """transformers lets them pass for test models: 3 does, and 5 no more."""
    assert not found({**LLAMA, "hidden_size": 24, "head_dim": 3}, "ATT004")
    assert found({**LLAMA, "hidden_size": 40, "head_dim": 5}, "ATT004")


@pytest.mark.parametrize(("heads", "fires"), [(1, False), (2, True), (8, True), (True, False)])
def test_multi_query_beside_a_head_count(heads: int, fires: bool) -> None:
    config = {**LLAMA, "model_type": "gpt_bigcode", "architectures": ["GPTBigCodeForCausalLM"], "multi_query": True}
    assert bool(found({**config, "num_key_value_heads": heads}, "ATT005")) is fires
