"""Phi-1 to 2 and Phi-3.5-MoE: which biases, norms and experts each has."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from tests.architectures.plans import SMALL, check_against_corpus, check_published, total_of, windows_of
from tests.architectures.reading import kept, read, tensors, under

PHI = {**SMALL, "model_type": "phi"}
MOE = {**SMALL, "model_type": "phimoe", "num_local_experts": 3}


@pytest.mark.parametrize(
    ("config", "architecture", "expected"),
    [
        (PHI, "PhiForCausalLM", 31_905),
        ({**PHI, "qk_layernorm": True}, "PhiForCausalLM", 32_033),
        ({**PHI, "tie_word_embeddings": True}, "PhiForCausalLM", 28_801),
        (PHI, "PhiModel", 28_704),
        (PHI, "PhiForSequenceClassification", 28_768),
        (PHI, "PhiForTokenClassification", 28_770),
        (MOE, "PhimoeForCausalLM", 74_752),
        ({**MOE, "attention_bias": True, "lm_head_bias": True}, "PhiMoEForCausalLM", 75_233),
    ],
)
def test_totals(config: dict[str, Any], architecture: str, expected: int) -> None:
    assert total_of({**config, "architectures": [architecture]}) == expected


def test_phi_names() -> None:
    spec = read("phi", **SMALL, qk_layernorm=True)
    assert under(spec, "model.layers.1.") == {
        "self_attn.q_proj.weight": (32, 32),
        "self_attn.q_proj.bias": (32,),
        "self_attn.k_proj.weight": (16, 32),
        "self_attn.k_proj.bias": (16,),
        "self_attn.v_proj.weight": (16, 32),
        "self_attn.v_proj.bias": (16,),
        "self_attn.dense.weight": (32, 32),
        "self_attn.dense.bias": (32,),
        **{f"self_attn.{name}_layernorm.{part}": (8,) for name in "qk" for part in ("weight", "bias")},
        "mlp.fc1.weight": (48, 32),
        "mlp.fc1.bias": (48,),
        "mlp.fc2.weight": (32, 48),
        "mlp.fc2.bias": (32,),
        "input_layernorm.weight": (32,),
        "input_layernorm.bias": (32,),
    }
    assert tensors(spec)["model.final_layernorm.bias"] == (32,)
    assert tensors(spec)["lm_head.bias"] == (97,)


def test_phimoe_names() -> None:
    """The published layout, which transformers 5 joins and renames in memory."""
    shapes = under(read("phimoe", **MOE), "model.layers.1.block_sparse_moe.")
    assert shapes["gate.weight"] == (3, 32)
    assert (shapes["experts.2.w1.weight"], shapes["experts.2.w3.weight"], shapes["experts.2.w2.weight"]) == ((48, 32), (48, 32), (32, 48))
    assert len(shapes) == 1 + 3 * 3
    norms = {name for name in under(read("phimoe", **MOE), "model.layers.1.") if "norm" in name}
    assert norms == {f"{name}_layernorm.{part}" for name in ("input", "post_attention") for part in ("weight", "bias")}


def test_one_expert_in_use() -> None:
    found = counts(read("phimoe", **{**MOE, "num_experts_per_tok": 1}))
    assert found is not None
    assert found.activated.value == 74_752 - 4 * 2 * 3 * 32 * 48


def test_recipe_and_cache() -> None:
    phi, mixture = read("phi", **SMALL), read("phimoe", **MOE)
    assert (phi.value("parallel_blocks"), phi.value("norm"), phi.value("feed_forward")) == (True, "layer", "plain")
    assert (mixture.value("parallel_blocks"), mixture.value("norm"), mixture.value("router")) == (False, "layer", "sparsemixer")
    assert kept(phi, 10) == kept(mixture, 10) == (4 * 2 * 2 * 8 * 10 * 2, 0)
    assert windows_of({**MOE, "sliding_window": 8}) == [8] * 4


def test_corpus() -> None:
    check_against_corpus("phi", "phimoe")


def test_published() -> None:
    check_published("phi", "phimoe")
