"""Kimi Linear against KimiLinearForCausalLM."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import check_against_corpus, check_cache_against_corpus, reserved_of, spec_of, total_of, windows_of

KIMI_LINEAR: dict[str, Any] = {
    "vocab_size": 97,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 5,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "max_position_embeddings": 128,
    "kv_lora_rank": 20,
    "qk_nope_head_dim": 6,
    "qk_rope_head_dim": 4,
    "v_head_dim": 10,
    "model_type": "kimi_linear",
    "pad_token_id": 1,
    "num_experts": 4,
    "num_experts_per_token": 2,
    "moe_intermediate_size": 16,
    "linear_num_heads": 3,
    "linear_head_dim": 6,
}


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("KimiLinearForCausalLM", {}, 60_000),
        ("KimiLinearForCausalLM", {"q_lora_rank": 12}, 59_596),
        ("KimiLinearForCausalLM", {"num_shared_experts": 2}, 66_144),
        ("KimiLinearForCausalLM", {"first_k_dense_replace": 2}, 56_800),
        (
            "KimiLinearForCausalLM",
            {
                "linear_attn_config": {
                    "num_heads": 2,
                    "head_dim": 10,
                    "short_conv_kernel_size": 3,
                    "full_attn_layers": [2, 5],
                    "kda_layers": [1, 3, 4],
                }
            },
            63_284,
        ),
        ("KimiLinearForCausalLM", {"layer_types": ["full_attention"] * 5}, 65_540),
        ("KimiLinearForCausalLM", {"attention_bias": True}, 60_056),
        ("KimiLinearModel", {}, 56_896),
    ],
)
def test_kimi_linear(architecture: str, changes: dict[str, Any], total: int) -> None:
    """KimiLinearForCausalLM: delta attention sized by either spelling."""
    assert total_of({**KIMI_LINEAR, **changes, "architectures": [architecture]}) == total


def test_what_a_sequence_keeps() -> None:
    """One latent layer (20 + 4 a token); four states of 3 x 6 x 6 in float32 and kernels of 54 channels."""
    assert windows_of(KIMI_LINEAR) == ["kimi-delta"] * 4 + ["latent"]
    assert reserved_of(KIMI_LINEAR, 16) == (20 + 4) * 16 * 2 + 4 * (3 * 6 * 6 * 4 + 54 * 4 * 2)


def test_layers_are_counted_from_one() -> None:
    """`linear_attn_config` of the published model: `full_attn_layers` 2 and 5 are the second and the fifth."""
    nested = {"num_heads": 2, "head_dim": 10, "short_conv_kernel_size": 3, "full_attn_layers": [2, 5], "kda_layers": [1, 3, 4]}
    kinds = windows_of({**KIMI_LINEAR, "linear_attn_config": nested})
    assert kinds == ["kimi-delta", "latent", "kimi-delta", "kimi-delta", "latent"]


def test_recipe() -> None:
    """No positions anywhere, and a head of its own whatever the flag says."""
    spec = spec_of({**KIMI_LINEAR, "tie_word_embeddings": True})
    assert (spec.value("position_scheme"), spec.value("attention"), spec.value("tied_embeddings")) == ("none", "mixed", False)


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("kimi_linear")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("kimi_linear")
