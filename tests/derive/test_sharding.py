"""Weights on one GPU of a parallel set, counted by hand on small models."""

from __future__ import annotations

from typing import Any

import pytest

from tests.derive.served import DENSE, figure, published, served

V, H, F, L = 97, 32, 48, 4
UNTIED = {**DENSE, "tie_word_embeddings": False}
QO, KV, GLU, NORM = 2 * H * H, 2 * H * 16, 3 * H * F, 2 * H


def per_gpu(model: str | dict[str, Any], **target: Any) -> int | float | None:
    return figure("weights.bytes_per_gpu", model, **target)


@pytest.mark.parametrize("model", ["llama-3.1-8b", "deepseek-v3", "gemma-3-4b", "gpt-oss-20b", "t5-base", "jamba-v0.1"])
def test_one_gpu_holds_everything(model: str) -> None:
    assert per_gpu(model) == figure("weights.bytes", model)


def test_matrices_split_and_norms_do_not() -> None:
    expected = 2 * (-(-V * H // 2) + -(-V * H // 2) + L * ((QO + KV + GLU) // 2 + NORM) + H)
    assert per_gpu(UNTIED, gpus=2) == expected


def test_keys_and_values_split_by_their_heads_and_no_further() -> None:
    """Two KV heads over four GPUs: each GPU holds one, so half of the keys' and values' weights."""
    expected = 2 * (-(-V * H // 4) * 2 + L * ((QO + GLU) // 4 + KV // 2 + NORM) + H)
    assert per_gpu(UNTIED, gpus=4) == expected


def test_a_tensor_of_queries_keys_and_values_splits_in_two_ways() -> None:
    """Phi-3 keeps q, k and v in one tensor: its queries split four ways, its keys and values by two heads."""
    phi = {**UNTIED, "model_type": "phi3", "architectures": ["Phi3ForCausalLM"], "pad_token_id": 0}
    split, dense = per_gpu(phi, gpus=4), per_gpu(UNTIED, gpus=4)
    assert split == dense


def test_experts_go_by_expert_parallelism() -> None:
    mixtral = {**UNTIED, "model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "num_local_experts": 8, "num_experts_per_tok": 2}
    routed, router = L * 8 * GLU * 2, L * 8 * H * 2
    shared = 2 * (L * (QO + KV + NORM) + H + 2 * V * H)
    assert per_gpu(mixtral) == routed + router + shared
    both_tensor = per_gpu(mixtral, gpus=2)
    by_expert = per_gpu(mixtral, gpus=2, tensor_parallel=2, expert_parallel=2)
    assert both_tensor == by_expert
    replicas = per_gpu(mixtral, gpus=4, tensor_parallel=1, data_parallel=4, expert_parallel=4)
    assert replicas == routed // 4 + router + shared


def test_latent_projections_down_stand_on_every_gpu() -> None:
    """DeepSeek-V3 in plain bf16: what each GPU holds of attention beside the split part."""
    whole, split = served("deepseek-v3"), served("deepseek-v3", gpus=8)
    replicated = split["weights.bytes_per_gpu"].value or 0
    assert replicated > (whole["weights.bytes"].value or 0) / 8
    down = 61 * (7168 * 1536 + 7168 * 576)  # fp8 bytes of the two down-projections, held whole by all eight
    assert replicated > (whole["weights.bytes"].value or 0) / 8 + down * 7 / 8


def test_stages_share_the_layers_and_not_the_table() -> None:
    layer = 2 * (QO + KV + GLU + NORM)
    assert per_gpu(UNTIED, pipeline_parallel=2) == L // 2 * layer + 2 * (2 * V * H + H)
    assert per_gpu(UNTIED, pipeline_parallel=4) == L // 4 * layer + 2 * (2 * V * H + H)


def test_stages_count_together_with_tensor_parallelism() -> None:
    expected = 2 * (2 * -(-V * H // 2) + L // 2 * ((QO + KV + GLU) // 2 + NORM) + H)
    assert per_gpu(UNTIED, tensor_parallel=2, pipeline_parallel=2) == expected


def test_replicas_do_not_split() -> None:
    assert per_gpu(UNTIED, data_parallel=4) == per_gpu(UNTIED)


def test_no_gpu_holds_more_as_gpus_are_added_nor_less_than_its_share() -> None:
    for name in ("llama-3.1-8b", "mixtral-8x7b", "qwen3-next-80b-a3b", "gpt-oss-120b", "phi-3-mini-128k"):
        assert published(name).exactness == "exact"
        whole = per_gpu(name) or 0
        held = [per_gpu(name, gpus=gpus) or 0 for gpus in (1, 2, 4, 8)]
        assert held == sorted(held, reverse=True)
        assert all(one * gpus >= whole for one, gpus in zip(held, (1, 2, 4, 8), strict=True))
