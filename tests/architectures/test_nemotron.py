"""Nemotron-4 and Nemotron-H against their transformers classes, and next-token prediction against vLLM's."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from specverify.derive.parameters import counts
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, hub_configs, reserved_of, spec_of, total_of

NEMOTRON: dict[str, Any] = {**SMALL, "model_type": "nemotron"}
NEMOTRON_H: dict[str, Any] = {
    "vocab_size": 97,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "model_type": "nemotron_h",
    "head_dim": 6,
    "ssm_state_size": 10,
    "mamba_num_heads": 3,
    "mamba_head_dim": 8,
    "n_groups": 1,
    "n_routed_experts": 4,
    "moe_intermediate_size": 20,
    "moe_shared_expert_intermediate_size": 28,
    "hybrid_override_pattern": "M*-EM",
}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("NemotronForCausalLM", {}, 31_360),
        ("NemotronForCausalLM", {"attention_bias": True}, 31_744),
        ("NemotronForCausalLM", {"mlp_bias": True}, 31_680),
        ("NemotronForCausalLM", {"head_dim": 10}, 34_432),
        ("NemotronForCausalLM", {"num_key_value_heads": 1}, 29_312),
        ("NemotronForCausalLM", {"tie_word_embeddings": True}, 28_256),
        ("NemotronModel", {}, 28_256),
        ("NemotronForSequenceClassification", {}, 28_320),
        ("NemotronForTokenClassification", {}, 28_322),
        ("NemotronForQuestionAnswering", {}, 28_322),
    ],
)
def test_nemotron(architecture: str, changes: dict[str, Any], total: int) -> None:
    """NemotronForCausalLM: two matrices a feed-forward, LayerNorms with bias."""
    assert total_of({**NEMOTRON, **changes, "architectures": [architecture]}) == total


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("NemotronHForCausalLM", {}, 25_402),
        ("NemotronHForCausalLM", {"hybrid_override_pattern": "MMM"}, 16_215),
        ("NemotronHForCausalLM", {"hybrid_override_pattern": "*-"}, 11_680),
        ("NemotronHForCausalLM", {"hybrid_override_pattern": "EE"}, 20_384),
        ("NemotronHForCausalLM", {"moe_latent_size": 12}, 22_970),
        ("NemotronHForCausalLM", {"mlp_bias": True}, 25_542),
        ("NemotronHForCausalLM", {"moe_latent_size": 12, "mlp_bias": True}, 23_154),
        ("NemotronHForCausalLM", {"use_bias": True}, 25_608),
        ("NemotronHForCausalLM", {"use_conv_bias": False}, 25_314),
        ("NemotronHForCausalLM", {"conv_kernel": 3}, 25_314),
        ("NemotronHForCausalLM", {"mamba_num_heads": 4}, 27_104),
        ("NemotronHForCausalLM", {"n_groups": 3}, 28_362),
        ("NemotronHForCausalLM", {"tie_word_embeddings": True}, 25_402),
        ("NemotronHForCausalLM", {"attention_bias": True}, 25_402),
        ("NemotronHModel", {}, 22_298),
    ],
)
def test_nemotron_h(architecture: str, changes: dict[str, Any], total: int) -> None:
    """NemotronHForCausalLM: one mixer a layer by its letter, latent experts, no tied head and no attention bias."""
    assert total_of({**NEMOTRON_H, **changes, "architectures": [architecture]}) == total


def test_without_key_value_heads_there_is_no_model() -> None:
    """NemotronConfig has no default for them, and its class cannot be built."""
    found = counts(spec_of({key: value for key, value in NEMOTRON.items() if key != "num_key_value_heads"}))
    assert found is not None
    assert found.total.value is None


def test_layers_are_listed_or_spelled() -> None:
    """NemotronHConfig: letters, names and older names say the same; the count of layers does not matter."""
    listed = {key: value for key, value in NEMOTRON_H.items() if key != "hybrid_override_pattern"}
    kinds = ["mamba", "attention", "mlp", "moe", "mamba"]
    assert total_of({**listed, "layers_block_type": kinds}) == total_of({**NEMOTRON_H, "num_hidden_layers": 9})
    assert spec_of(NEMOTRON_H).value("num_hidden_layers") == 5


@pytest.mark.parametrize("pattern", ["MX", 7, "M" * 20_000])
def test_a_pattern_that_is_none_leaves_the_layers_unknown(pattern: Any) -> None:
    """Nemotron-H: letters that are no layers, no text, or more layers than there can be."""
    spec = spec_of({**NEMOTRON_H, "hybrid_override_pattern": pattern})
    assert "/hybrid_override_pattern" in [problem.pointer for problem in spec.problems]
    found = counts(spec)
    assert found is not None
    assert found.total.value is None


def test_what_a_sequence_keeps() -> None:
    """One layer of keys and values (2 x 2 x 6 a token), two states of 3 x 8 x 10 in float32 and kernels of 44 channels."""
    assert reserved_of(NEMOTRON_H, 16) == 2 * 2 * 6 * 16 * 2 + 2 * (3 * 8 * 10 * 4 + (24 + 20) * 4 * 2)
    assert reserved_of({**NEMOTRON_H, "mamba_ssm_cache_dtype": "bfloat16"}, 16) == 2 * 2 * 6 * 16 * 2 + 2 * (240 * 2 + 44 * 4 * 2)


def test_activated() -> None:
    """A mixture of 4 experts, 2 used: two matrices of 20 x 12 each are left out per expert, the projections around them are not."""
    found = counts(spec_of({**NEMOTRON_H, "moe_latent_size": 12}))
    assert found is not None
    assert (found.total - found.activated).value == 2 * 2 * 20 * 12


def test_next_token_prediction() -> None:
    """Attention and a mixture, with two norms and a projection of 64 to 32 before and one norm behind."""
    config = {**NEMOTRON_H, "num_nextn_predict_layers": 1}
    names = [name for name, _, _ in manifest(spec_of(config)) if name.startswith("mtp.")]
    for name in ("0.eh_proj", "0.enorm", "0.norm", "0.mixer.q_proj", "1.mixer.gate", "1.final_layernorm"):
        assert f"mtp.layers.{name}.weight" in names
    found = counts(spec_of(config))
    assert found is not None
    layers = counts(spec_of({**NEMOTRON_H, "hybrid_override_pattern": "M*-EM*E"}))
    assert layers is not None
    assert found.mtp.value == (layers.total - found.total).value + 64 * 32 + 3 * 32  # type: ignore[operator]
    assert total_of({**config, "mtp_hybrid_override_pattern": "**"}) == found.total.value


def test_recipe() -> None:
    """Nemotron-H: no positions, mostly no attention, a squared ReLU."""
    spec = spec_of(NEMOTRON_H)
    names = ("position_scheme", "attention", "feed_forward", "router")
    assert [spec.value(name) for name in names] == ["none", "mixed", "plain", "sigmoid"]
    assert spec_of(NEMOTRON).value("norm") == "layer"


def test_published() -> None:
    """Every published config; NVIDIA writes `Infinity`, which is no JSON, and that is all that is wrong."""
    known = {
        "nvidia__NVIDIA-Nemotron-3-Nano-30B-A3B-BF16": 31_577_937_344,
        "nvidia__NVIDIA-Nemotron-3-Super-120B-A12B-FP8": 120_668_687_360,
        "nvidia__NVIDIA-Nemotron-3-Ultra-550B-A55B-FP8": 549_308_968_960,
        "nvidia__Nemotron-H-56B-Base-8K": 56_324_350_464,
    }
    found = {}
    for name, config in hub_configs("nemotron_h"):
        spec = spec_of(config)
        assert {problem.kind for problem in spec.problems} <= {"constant"}
        totals = counts(spec)
        assert totals is not None
        found[name] = totals.total.value
    assert known.items() <= found.items()


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("nemotron", "nemotron_h")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("nemotron", "nemotron_h")
