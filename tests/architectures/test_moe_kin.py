"""Mixtures on grouped attention against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from specverify.spec import Attention, Experts
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, decoder_of, spec_of, total_of, windows_of
from tests.architectures.reading import read, under

KIN = ("afmoe", "dots1", "exaone_moe", "hy_v3", "laguna", "mellum", "flint", "mimo_v2_flash")
TINY: dict[str, Any] = {
    **SMALL,
    "head_dim": 6,
    "moe_intermediate_size": 20,
    "num_experts_per_tok": 2,
}
EXPERTS = {"dots1": {"n_routed_experts": 4, "n_shared_experts": 1}, "mimo_v2_flash": {"n_routed_experts": 4}}


def tiny(model_type: str, **changes: Any) -> dict[str, Any]:
    """A small config of the type with four experts, two of them used."""
    return {**TINY, "model_type": model_type, **EXPERTS.get(model_type, {"num_experts": 4}), **changes}


@pytest.mark.parametrize(
    ("model_type", "architecture", "changes", "expected"),
    [
        ("afmoe", "AfmoeForCausalLM", {}, 58_652),
        ("afmoe", "AfmoeForCausalLM", {"num_dense_layers": 3, "num_shared_experts": 0}, 40_724),
        ("afmoe", "AfmoeForCausalLM", {"attention_bias": True}, 58_972),
        ("dots1", "Dots1ForCausalLM", {}, 54_672),
        ("dots1", "Dots1ForCausalLM", {"first_k_dense_replace": 2, "attention_bias": True}, 44_752),
        ("exaone_moe", "ExaoneMoeForCausalLM", {}, 49_552),
        ("exaone_moe", "ExaoneMoeForCausalLM", {"first_k_dense_replace": 3, "num_shared_experts": 2}, 41_232),
        ("hy_v3", "HYV3ForCausalLM", {}, 49_552),
        ("hy_v3", "HYV3ForCausalLM", {"mlp_bias": True, "num_shared_experts": 2}, 55_776),
        ("hy_v3", "HYV3ForCausalLM", {"num_shared_experts": 0}, 57_616),
        ("laguna", "LagunaForCausalLM", {}, 191_772),
        ("laguna", "LagunaForCausalLM", {"gating": "per-element"}, 194_332),
        ("laguna", "LagunaForCausalLM", {"num_attention_heads_per_layer": [4, 8, 8, 2]}, 194_268),
        (
            "laguna",
            "LagunaForCausalLM",
            {"shared_expert_intermediate_size": 12, "mlp_layer_types": ["sparse", "sparse", "sparse", "sparse"]},
            52_128,
        ),
        ("mellum", "MellumForCausalLM", {}, 46_992),
        ("mellum", "MellumForCausalLM", {"mlp_layer_types": ["dense", "sparse", "dense", "sparse"], "attention_bias": True}, 40_912),
        ("flint", "FlintForCausalLM", {}, 237_216),
        ("flint", "FlintForCausalLM", {"mlp_only_layers": [3], "shared_expert_intermediate_size": 12}, 47_264),
        ("mimo_v2_flash", "MiMoV2FlashForCausalLM", {}, 163_180),
        ("mimo_v2_flash", "MiMoV2FlashForCausalLM", {"v_head_dim": 10, "attention_bias": True}, 50_220),
    ],
)
def test_totals(model_type: str, architecture: str, changes: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total_of(tiny(model_type, architectures=[architecture], **changes)) == expected


def test_names_of_a_mixture() -> None:
    """Routers and balancing biases stand where the published checkpoints have them."""
    routers = {
        "afmoe": {"mlp.router.gate.weight", "mlp.expert_bias"},
        "exaone_moe": {"mlp.gate.weight", "mlp.e_score_correction_bias"},
        "hy_v3": {"mlp.router.gate.weight", "mlp.expert_bias"},
        "laguna": {"mlp.gate.weight", "mlp.experts.e_score_correction_bias"},
    }
    for model_type, names in routers.items():
        assert names <= under(spec_of(tiny(model_type)), "model.layers.3.").keys()


def test_what_is_trained_is_counted() -> None:
    """The balancing bias is a parameter in Trinity and Laguna, a buffer in the others."""
    stored = {}
    for model_type in ("afmoe", "laguna", "exaone_moe", "hy_v3", "dots1", "mimo_v2_flash"):
        groups = decoder_of(tiny(model_type)).layers
        weights = (weight for group in groups for weight in group.weights() if weight.name.endswith("bias") and weight.dtype == "F32")
        stored[model_type] = {weight.buffer for weight in weights}
    assert stored == {
        "afmoe": {False},
        "laguna": {False},
        **{name: {True} for name in ("exaone_moe", "hy_v3", "dots1", "mimo_v2_flash")},
    }


@pytest.mark.parametrize(
    ("model_type", "changes", "seen"),
    [
        ("afmoe", {"sliding_window": 8}, [8, 8, 8, None]),
        ("afmoe", {"sliding_window": 8, "global_attn_every_n_layers": 2}, [8, None, 8, None]),
        ("dots1", {"sliding_window": 8, "max_window_layers": 2}, [None, None, 8, 8]),
        ("exaone_moe", {"sliding_window": 8}, [8, 8, 8, None]),
        ("exaone_moe", {"sliding_window": None}, [None] * 4),
        ("laguna", {"layer_types": ["sliding_attention", "full_attention"] * 2, "sliding_window": 8}, [8, None, 8, None]),
        ("mellum", {"sliding_window": 8}, [None] * 4),
        ("flint", {"sliding_window": 8}, [None, None, 8, None]),
        ("mimo_v2_flash", {"sliding_window": 8}, [None, 8, 8, 8]),
        ("mimo_v2_flash", {"sliding_window_size": 8}, [None, 9, 9, 9]),
        ("hy_v3", {}, [None] * 4),
    ],
)
def test_windows(model_type: str, changes: dict[str, Any], seen: list[int | None]) -> None:
    assert windows_of(tiny(model_type, **changes)) == seen


def test_heads_listed_once_a_layer() -> None:
    """LagunaConfig: `num_attention_heads_per_layer`; layers of a kind and a number are one group."""
    groups = decoder_of(tiny("laguna", num_attention_heads_per_layer=[4, 8, 8, 2])).layers
    heads = {group.indices: mixer.num_attention_heads.value for group in groups if isinstance(mixer := group.mixers[0], Attention)}
    assert heads == {(0,): 4, (1, 2): 8, (3,): 2}


@pytest.mark.parametrize("stated", [[4, 8], "many", [4, 8, 0, -1], [True] * 4])
def test_heads_that_are_not_listed_are_not_known(stated: Any) -> None:
    found = counts(spec_of(tiny("laguna", num_attention_heads_per_layer=stated)))
    assert found is not None
    assert found.total.value is None


def test_sliding_layers_of_mimo() -> None:
    """MiMoV2FlashAttention: twice the KV heads, and a sink for every query head."""
    groups = {group.indices: group.mixers[0] for group in decoder_of(tiny("mimo_v2_flash", v_head_dim=10)).layers}
    full, sliding = groups[(0,)], groups[(1, 2, 3)]
    assert isinstance(full, Attention)
    assert isinstance(sliding, Attention)
    assert (full.num_key_value_heads.value, sliding.num_key_value_heads.value) == (2, 4)
    assert [w.shape[0].value for w in sliding.weights if w.name == "self_attn.attention_sink_bias"] == [4]
    assert not [w for w in full.weights if "sink" in w.name]


def test_shared_experts() -> None:
    """Flint's shared expert has no gate; Hunyuan 3 without any has one as wide as a dense block."""
    assert not [name for name in under(spec_of(tiny("flint")), "model.layers.3.mlp.shared_expert") if "gate." in name]
    widths = []
    for count in (0, 2):
        experts = mixture_of(tiny("hy_v3", num_shared_experts=count))
        assert experts.shared is not None
        widths.append(experts.shared.value)
    assert widths == [48, 40]


def mixture_of(config: dict[str, Any]) -> Experts:
    """The routed part of the last layers."""
    block = decoder_of(config).layers[-1].feed_forward
    assert block is not None
    assert block.experts is not None
    return block.experts


def test_recipe() -> None:
    names = ("router", "qk_norm", "norm_placement", "attention")
    assert [read("afmoe", **tiny("afmoe")).value(name) for name in names] == ["sigmoid", "per-head", "pre and post", "gqa"]
    assert [read("flint", **tiny("flint")).value(name) for name in names] == ["softmax", "per-head", "pre", "gqa"]


def test_positions() -> None:
    """Trinity's full layers have none, nor have K-EXAONE's beside layers that slide."""
    for model_type in ("afmoe", "exaone_moe"):
        rotated = {group.indices: group.mixers[0] for group in decoder_of(tiny(model_type, sliding_window=8)).layers}
        assert [i for i, mixer in rotated.items() if isinstance(mixer, Attention) and not mixer.rotary] == [(3,)]


def test_corpus() -> None:
    check_against_corpus(*KIN)


def test_cache_of_the_corpus() -> None:
    check_cache_against_corpus(*KIN)
