"""GLM-4, GLM-4-0414 and GLM-4.5 against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from tests.architectures.plans import SMALL, check_against_corpus, decoder_of, spec_of, total_of, windows_of

GLM = {**SMALL, "model_type": "glm", "head_dim": 16}
GLM4 = {**GLM, "model_type": "glm4"}
GLM4_MOE = {**GLM, "model_type": "glm4_moe", "n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16}


@pytest.mark.parametrize(
    ("config", "architecture", "total"),
    [
        (GLM, "GlmForCausalLM", 50_016),
        ({**GLM, "head_dim": 8}, "GlmForCausalLM", 37_472),
        ({**GLM, "attention_bias": False}, "GlmForCausalLM", 49_504),
        ({**GLM, "tie_word_embeddings": True}, "GlmForCausalLM", 46_912),
        (GLM, "GlmForSequenceClassification", 46_976),
        (GLM4, "Glm4ForCausalLM", 50_272),
        ({**GLM4, "attention_bias": False}, "Glm4ForCausalLM", 49_760),
        (GLM4, "Glm4ForTokenClassification", 47_234),
        (GLM4, "Glm4Model", 47_168),
        (GLM4_MOE, "Glm4MoeForCausalLM", 59_104),
        ({**GLM4_MOE, "attention_bias": True}, "Glm4MoeForCausalLM", 59_616),
        ({**GLM4_MOE, "use_qk_norm": True}, "Glm4MoeForCausalLM", 59_232),
        ({**GLM4_MOE, "first_k_dense_replace": 0}, "Glm4MoeForCausalLM", 62_304),
        ({**GLM4_MOE, "first_k_dense_replace": 2}, "Glm4MoeForCausalLM", 55_904),
        ({**GLM4_MOE, "n_shared_experts": 2}, "Glm4MoeForCausalLM", 63_712),
        (GLM4_MOE, "Glm4MoeModel", 56_000),
    ],
)
def test_totals(config: dict[str, Any], architecture: str, total: int) -> None:
    """GlmForCausalLM, Glm4ForCausalLM, Glm4MoeForCausalLM: the bias is on q, k and v and never on o."""
    assert total_of({**config, "architectures": [architecture]}) == total
    assert windows_of(config) == [None] * 4


def test_next_token_prediction_is_counted_apart() -> None:
    """GLM-4.5 publishes the layer; transformers does not build it. Embedding and head in it are the model's own."""
    attention = 32 * 64 + 2 * 32 * 32 + 64 * 32
    sparse = 4 * 32 + 4 * 3 * 32 * 16 + 3 * 32 * 16
    layer = attention + sparse + 2 * 32 + 2 * 32 * 32 + 3 * 32
    for layers in (0, 1, 2):
        found = counts(spec_of({**GLM4_MOE, "num_nextn_predict_layers": layers}))
        assert found is not None
        assert (found.mtp.value, found.total.value) == (layers * layer, 59_104)


def test_the_balancing_bias_is_a_buffer() -> None:
    """Glm4MoeTopkRouter keeps `e_score_correction_bias` as a buffer: on the Hub a tensor, in no count."""
    sparse = decoder_of(GLM4_MOE).layers[-1]
    bias = next(weight for weight in sparse.weights() if weight.name == "mlp.gate.e_score_correction_bias")
    assert bias.buffer
    assert spec_of(GLM4_MOE).value("router_balancing") == "auxiliary-loss-free (correction bias)"


@pytest.mark.parametrize("config", [GLM, GLM4, GLM4_MOE])
def test_the_prototype_says_where_the_name_comes_from(config: dict[str, Any]) -> None:
    """A prefix LM by lineage, a causal decoder by class."""
    prototype = spec_of(config).fact("prototype")
    assert prototype.value == "decoder-only"
    note = prototype.readings[0].note or ""
    assert "causal" in note
    assert "arXiv:2103.10360" in note
    assert "transformers" in prototype.readings[0].where.file


def test_solar_open() -> None:
    """SolarOpenForCausalLM: mixtures alone, a bias on q, k and v alone."""
    mixture = {"moe_intermediate_size": 20, "n_routed_experts": 4, "n_shared_experts": 1, "num_experts_per_tok": 2}
    config = {**SMALL, **mixture, "model_type": "solar_open", "head_dim": 6}
    assert total_of(config) == 54_624
    assert total_of({**config, "attention_bias": True, "n_shared_experts": 2}) == 54_624 + 4 * (24 + 12 + 12 + 3 * 20 * 32)


def test_recipe() -> None:
    """Glm4 norms both sides of each block; Glm4Moe norms heads only if told to."""
    assert spec_of(GLM).value("norm_placement") == "pre"
    assert spec_of(GLM4).value("norm_placement") == "pre and post"
    assert spec_of(GLM4_MOE).value("qk_norm") == "none"
    assert spec_of({**GLM4_MOE, "use_qk_norm": True}).value("qk_norm") == "per-head"


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("glm", "glm4", "glm4_moe", "solar_open")
