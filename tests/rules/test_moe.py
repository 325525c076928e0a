"""Mixtures of experts, beyond the rules' examples."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.outcome import Severity
from tests.rules.assessed import LLAMA, found, reason

Json = dict[str, Any]
MIXTRAL: Json = {**LLAMA, "architectures": ["MixtralForCausalLM"], "model_type": "mixtral", "num_local_experts": 8}
DEEPSEEK: Json = {
    **LLAMA,
    "architectures": ["DeepseekV3ForCausalLM"],
    "model_type": "deepseek_v3",
    "moe_intermediate_size": 64,
    "kv_lora_rank": 64,
    "q_lora_rank": None,
    "qk_nope_head_dim": 32,
    "qk_rope_head_dim": 16,
    "v_head_dim": 32,
    "first_k_dense_replace": 1,
    "n_routed_experts": 64,
    "n_shared_experts": 1,
    "num_experts_per_tok": 4,
    "n_group": 8,
    "topk_group": 4,
}
LONGCAT: Json = {**LLAMA, "model_type": "longcat_example", "architectures": ["ExampleForCausalLM"], "n_routed_experts": 8, "moe_topk": 12}


def test_experts_that_do_nothing_count() -> None:
    assert found(LONGCAT, "MOE001")
    assert not found({**LONGCAT, "zero_expert_num": 4}, "MOE001")


def test_an_expert_count_of_the_class_is_weaker_proof() -> None:
    stated = {key: value for key, value in MIXTRAL.items() if key != "num_local_experts"}
    (finding,) = found({**stated, "num_experts_per_tok": 9}, "MOE001")
    assert finding.severity is Severity.WARNING
    (finding,) = found({**MIXTRAL, "num_experts_per_tok": 9}, "MOE001")
    assert finding.severity is Severity.ERROR


def test_what_is_no_count_is_skipped() -> None:
    lists = {**LONGCAT, "moe_topk": [2, 2]}
    assert "no plain count" in (reason(lists, "MOE001") or "")
    assert reason(LLAMA, "MOE001") == "the config states no experts"


@pytest.mark.parametrize(
    ("change", "severity"),
    [
        ({}, None),
        ({"n_group": 1, "topk_group": 1, "n_routed_experts": 63}, None),
        ({"n_group": 1, "topk_group": 2}, None),
        ({"n_group": 7}, Severity.ERROR),
        ({"n_group": 0}, None),
        ({"topk_group": 9}, Severity.ERROR),
        ({"topk_group": 1, "num_experts_per_tok": 9}, Severity.WARNING),
        ({"n_group": 7, "topk_method": "greedy"}, None),
        ({"n_group": None, "topk_group": None}, None),
    ],
)
def test_groups(change: Json, severity: Severity | None) -> None:
    assert [finding.severity for finding in found({**DEEPSEEK, **change}, "MOE002")] == ([severity] if severity else [])


@pytest.mark.parametrize(("dense", "fires"), [(0, False), (7, False), (8, True), (9, True)])
def test_a_mixture_without_a_sparse_layer(dense: int, fires: bool) -> None:
    assert bool(found({**DEEPSEEK, "first_k_dense_replace": dense}, "MOE003")) is fires


def test_a_dense_model_may_keep_the_key() -> None:
    assert not found({**LLAMA, "first_k_dense_replace": 8, "n_routed_experts": None}, "MOE003")


@pytest.mark.parametrize(
    ("changes", "fires"),
    [
        ({"num_local_experts": 8}, True),
        ({"num_experts": 2}, True),
        ({"num_local_experts": 1}, False),
        ({"num_local_experts": 0}, False),
        ({"num_local_experts": None}, False),
        ({"num_local_experts": True}, False),
        ({"num_local_experts": 8, "auto_map": {"AutoModel": "modeling.Model"}}, False),
        ({"num_local_experts": 8, "model_type": "example", "architectures": ["ExampleForCausalLM"]}, False),
        ({"num_local_experts": 8, "model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "num_experts_per_tok": 2}, False),
    ],
)
def test_experts_that_the_class_does_not_build(changes: dict[str, Any], fires: bool) -> None:
    assert bool(found({**LLAMA, **changes}, "MOE004")) is fires
