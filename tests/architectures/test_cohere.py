"""Command-R: one norm for both blocks, a norm for every head of R+, and the layers of Command A that see everything."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.spec import Attention
from tests.architectures.plans import SMALL, check_against_corpus, decoder_of, spec_of, total_of, windows_of
from tests.architectures.reading import kept, read, tensors, under

COHERE = {**SMALL, "model_type": "cohere"}
COHERE2 = {**SMALL, "model_type": "cohere2"}


@pytest.mark.parametrize(
    ("config", "architecture", "expected"),
    [
        (COHERE, "CohereForCausalLM", 33_984),
        ({**COHERE, "use_qk_norm": True}, "CohereForCausalLM", 34_176),
        ({**COHERE, "attention_bias": True}, "CohereForCausalLM", 34_368),
        ({**COHERE, "tie_word_embeddings": False}, "CohereForCausalLM", 37_088),
        (COHERE, "CohereModel", 33_984),
        (COHERE2, "Cohere2ForCausalLM", 33_984),
        ({**COHERE2, "head_dim": 16}, "Cohere2ForCausalLM", 46_272),
        ({**COHERE2, "attention_bias": True}, "Cohere2ForCausalLM", 34_368),
    ],
)
def test_totals(config: dict[str, Any], architecture: str, expected: int) -> None:
    assert total_of({**config, "architectures": [architecture]}) == expected


def test_names() -> None:
    spec = read("cohere", **SMALL, use_qk_norm=True)
    assert under(spec, "model.layers.1.") == {
        "self_attn.q_proj.weight": (32, 32),
        "self_attn.k_proj.weight": (16, 32),
        "self_attn.v_proj.weight": (16, 32),
        "self_attn.o_proj.weight": (32, 32),
        "self_attn.q_norm.weight": (4, 8),
        "self_attn.k_norm.weight": (2, 8),
        "mlp.gate_proj.weight": (48, 32),
        "mlp.up_proj.weight": (48, 32),
        "mlp.down_proj.weight": (32, 48),
        "input_layernorm.weight": (32,),
    }
    assert {name for name in tensors(spec) if ".layers." not in name} == {"model.embed_tokens.weight", "model.norm.weight"}


MIXTURE: dict[str, Any] = {**SMALL, "model_type": "cohere2_moe", "head_dim": 6, "num_experts": 4, "num_experts_per_tok": 2}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 86_720),
        ({"num_shared_experts": 3}, 142_016),
        ({"first_k_dense_replace": 1}, 72_768),
        (
            {
                "first_k_dense_replace": 2,
                "prefix_dense_intermediate_size": 28,
                "attention_bias": True,
                "tie_word_embeddings": False,
            },
            58_400,
        ),
    ],
)
def test_mixtures(changes: dict[str, Any], expected: int) -> None:
    """Cohere2MoeForCausalLM, built by transformers 5.23."""
    assert total_of({**MIXTURE, **changes}) == expected


def test_mixtures_slide_anew_behind_the_dense_layers() -> None:
    """Cohere2MoeConfig: the first layers by `prefix_dense_sliding_window_pattern`, the others counted from there."""
    changes = {"sliding_window": 8, "first_k_dense_replace": 2, "prefix_dense_sliding_window_pattern": 2, "sliding_window_pattern": 2}
    assert windows_of({**MIXTURE, **changes}) == [8, None, 8, None]
    norms = [spec_of({**MIXTURE, "rms_norm_eps": eps}).value("norm") for eps in (None, 1e-6)]
    assert norms == ["layer", "rms"]


def test_compass() -> None:
    """CohereCompassForCausalLM, and behind Qwen3-VL's tower; built by transformers 5.23."""
    text = {**SMALL, "model_type": "cohere_compass_text"}
    assert total_of({**text, "architectures": ["CohereCompassForCausalLM"]}) == 33_984
    assert total_of({**text, "attention_bias": True, "architectures": ["CohereCompassTextForSequenceClassification"]}) == 34_432
    vision = {
        "hidden_size": 16,
        "depth": 2,
        "num_heads": 2,
        "intermediate_size": 20,
        "out_hidden_size": 32,
        "patch_size": 2,
        "num_position_embeddings": 9,
        "deepstack_visual_indexes": [1],
    }
    images = {"architectures": ["CohereCompassForConditionalGeneration"], "text_config": text, "vision_config": vision}
    assert total_of({"model_type": "cohere_compass", **images}) == 53_928


def test_windows() -> None:
    """Cohere2Config: every fourth layer sees everything, unless `layer_types` or `sliding_window_pattern` say otherwise."""
    assert windows_of(COHERE) == [None] * 4
    assert windows_of(COHERE2) == [4096, 4096, 4096, None]
    assert windows_of({**COHERE2, "sliding_window": 8, "sliding_window_pattern": 2}) == [8, None, 8, None]


def test_layers_that_see_everything_have_no_positions() -> None:
    mixers = [group.mixers[0] for group in decoder_of(COHERE2).layers]
    assert [(mixer.window is not None, mixer.rotary) for mixer in mixers if isinstance(mixer, Attention)] == [(True, True), (False, False)]


def test_recipe_and_cache() -> None:
    spec = read("cohere", **SMALL)
    assert (spec.value("parallel_blocks"), spec.value("norm"), spec.value("qk_norm")) == (True, "layer", "none")
    assert read("cohere", **SMALL, use_qk_norm=True).value("qk_norm") == "per-head"
    second = read("cohere2", **SMALL)
    assert (second.value("parallel_blocks"), second.value("norm"), second.value("position_scheme")) == (True, "layer", "rope")
    assert kept(spec, 10) == (4 * 2 * 2 * 8 * 10 * 2, 0)
    assert kept(read("cohere2", **SMALL, sliding_window=4), 10) == ((3 * 4 + 10) * 2 * 2 * 8 * 2, 0)


def test_corpus() -> None:
    check_against_corpus("cohere", "cohere2", "cohere2_moe", "cohere_compass", "cohere_compass_text")
