"""Latent attention in the models of other labs, against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from specverify.spec import Latent
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, decoder_of, spec_of, total_of
from tests.architectures.reading import kept, under

DENSE: dict[str, Any] = {
    **SMALL,
    "num_key_value_heads": 4,
    "kv_lora_rank": 6,
    "q_lora_rank": 10,
    "qk_nope_head_dim": 6,
    "qk_rope_head_dim": 4,
    "v_head_dim": 8,
}
MIXED: dict[str, Any] = {
    **DENSE,
    "moe_intermediate_size": 20,
    "n_routed_experts": 4,
    "n_shared_experts": 1,
    "num_experts_per_tok": 2,
    "n_group": 1,
    "topk_group": 1,
}
INDEXED: dict[str, Any] = {**MIXED, "index_n_heads": 2, "index_head_dim": 8, "pad_token_id": 0}
PAIRED: dict[str, Any] = {
    **{key: value for key, value in MIXED.items() if key not in ("num_hidden_layers", "intermediate_size", "moe_intermediate_size")},
    "num_layers": 3,
    "ffn_hidden_size": 48,
    "expert_ffn_hidden_size": 20,
}
TINY = {
    **dict.fromkeys(("youtu", "minicpm3"), DENSE),
    **dict.fromkeys(("mistral4", "axk1"), MIXED),
    **dict.fromkeys(("axk2", "hy_v4"), INDEXED),
    "longcat_flash": PAIRED,
}


def tiny(model_type: str, **changes: Any) -> dict[str, Any]:
    """A small config of the type."""
    return {**TINY[model_type], "model_type": model_type, **changes}


@pytest.mark.parametrize(
    ("model_type", "architecture", "changes", "expected"),
    [
        ("youtu", "YoutuForCausalLM", {}, 31_488),
        ("youtu", "YoutuForCausalLM", {"q_lora_rank": None, "attention_bias": True}, 33_856),
        ("minicpm3", "MiniCPM3ForCausalLM", {}, 31_488),
        ("minicpm3", "MiniCPM3ForCausalLM", {"mlp_bias": True, "v_head_dim": None}, 32_000),
        ("mistral4", "Mistral4ForCausalLM", {}, 55_072),
        ("mistral4", "Mistral4ForCausalLM", {"first_k_dense_replace": 2}, 44_832),
        ("axk1", "AXK1ForCausalLM", {}, 50_048),
        ("axk1", "AXK1ForCausalLM", {"first_k_dense_replace": 3}, 39_744),
        ("axk2", "AXK2ForCausalLM", {"gated_norm_rank": 3}, 57_440),
        ("axk2", "AXK2ForCausalLM", {"mlp_layer_types": ["sparse", "dense", "dense", "sparse"], "attention_bias": True}, 57_328),
        ("hy_v4", "HYV4ForCausalLM", {}, 63_845),
        ("hy_v4", "HYV4ForCausalLM", {"hc_mult": 3, "indexer_types": ["full", "shared", "shared", "full"]}, 60_020),
        ("longcat_flash", "LongcatFlashForCausalLM", {"zero_expert_num": 0}, 72_192),
        ("longcat_flash", "LongcatFlashForCausalLM", {"zero_expert_num": 0, "attention_bias": True, "router_bias": True}, 72_516),
    ],
)
def test_totals(model_type: str, architecture: str, changes: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total_of(tiny(model_type, architectures=[architecture], **changes)) == expected


def test_names_of_the_published_checkpoints() -> None:
    axk2, hy_v4 = (under(spec_of(tiny(model_type)), "model.layers.3.") for model_type in ("axk2", "hy_v4"))
    assert under(spec_of(tiny("axk1")), "model.layers.1.")["post_mlp_layernorm.weight"] == (32,)
    assert axk2["self_attn.q_b_proj.weight"] == (4 * (6 + 4 + 8), 20)
    assert {"input_layernorm.W_down.weight", "post_attention_layernorm.norm.weight"} <= axk2.keys()
    assert "post_attention_layernorm.weight" in under(spec_of(tiny("axk2")), "model.layers.0.")
    assert hy_v4["self_attn.learnable_sink_param"] == (4,)
    assert hy_v4["hc_attn_layer.hc_pre.hc_fn"] == (8, 128)


def test_what_a_sequence_keeps() -> None:
    """A latent and a rotary key a token in every layer; an indexer's keys too, but for layers that have none."""
    assert kept(spec_of(tiny("youtu")), 10)[0] == 4 * (6 + 4) * 10 * 2
    assert kept(spec_of(tiny("axk2")), 10)[0] == 4 * (6 + 4 + 8) * 10 * 2
    assert kept(spec_of(tiny("hy_v4", indexer_types=["full", "shared", "shared", "full"])), 10)[0] == (4 * (6 + 4) + 2 * 8) * 10 * 2
    assert kept(spec_of(tiny("longcat_flash")), 10)[0] == 2 * 3 * (6 + 4) * 10 * 2


def test_a_layer_of_longcat_is_two() -> None:
    (group,) = decoder_of(tiny("longcat_flash", zero_expert_num=0)).layers
    assert [type(mixer) for mixer in group.mixers] == [Latent, Latent]
    assert {"self_attn.1.o_proj.weight", "mlps.0.up_proj.weight", "input_layernorm.1.weight"} <= {weight.name for weight in group.weights()}


def test_experts_that_compute_nothing() -> None:
    """Neither what is stored nor what a token touches is known with them; both are without."""
    unknown, known = (counts(spec_of(tiny("longcat_flash", zero_expert_num=count))) for count in (2, 0))
    assert unknown is not None
    assert known is not None
    assert (unknown.total.value, unknown.activated.value) == (None, None)
    assert "zero-compute experts" in "; ".join(unknown.total.reasons())
    assert (known.total - known.activated).value == 3 * 2 * 3 * 20 * 32


def test_recipe() -> None:
    assert [spec_of(tiny(model_type)).value("router") for model_type in ("mistral4", "axk1", "youtu")] == ["softmax", "sigmoid", "none"]
    assert spec_of(tiny("minicpm3")).value("attention") == "mla"


def test_corpus() -> None:
    check_against_corpus("youtu", "minicpm3", "mistral4", "axk1", "axk2", "hy_v4")


def test_cache_of_the_corpus() -> None:
    check_cache_against_corpus("youtu", "minicpm3", "mistral4", "axk1", "axk2", "hy_v4")
