"""Weights on one GPU of a parallel set, counted by hand on small models."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.sharding import closes, is_replicated, owners, piece, shares, ways
from specverify.derive.weights import inventory, resident, weight_bytes
from specverify.spec import Role
from tests.architectures.plans import spec_of
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
    """97 rows of the table make 49 and 48: the fullest GPU counts, in whole rows."""
    expected = 2 * (2 * 49 * H + L * ((QO + KV + GLU) // 2 + NORM) + H)
    assert per_gpu(UNTIED, gpus=2) == expected


def test_keys_and_values_split_by_their_heads_and_no_further() -> None:
    """Two KV heads over four GPUs: each GPU holds one, so half of the keys' and values' weights."""
    expected = 2 * (2 * 25 * H + L * ((QO + GLU) // 4 + KV // 2 + NORM) + H)
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


def test_replicas_do_not_split() -> None:
    assert per_gpu(UNTIED, data_parallel=4) == per_gpu(UNTIED)


def test_no_gpu_holds_more_as_gpus_are_added_nor_less_than_its_share() -> None:
    for name in ("llama-3.1-8b", "mixtral-8x7b", "qwen3-next-80b-a3b", "gpt-oss-120b", "phi-3-mini-128k"):
        assert published(name).exactness == "exact"
        whole = per_gpu(name) or 0
        held = [per_gpu(name, gpus=gpus) or 0 for gpus in (1, 2, 4, 8)]
        assert held == sorted(held, reverse=True)
        assert all(one * gpus >= whole for one, gpus in zip(held, (1, 2, 4, 8), strict=True))


DIVISIBLE = {**UNTIED, "vocab_size": 96}
BIASED = {**DIVISIBLE, "model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"]}
MIXTURE = {**DIVISIBLE, "model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "num_local_experts": 8, "num_experts_per_tok": 2}
EIGHT_BIT = {"quant_method": "compressed-tensors", "ignore": ["lm_head"], "config_groups": {"g": {"targets": ["Linear"], "weights": {
    "num_bits": 8, "type": "float", "strategy": "channel"}}}}  # fmt: skip


@pytest.mark.parametrize("config", [DIVISIBLE, BIASED, MIXTURE, {**DIVISIBLE, "quantization_config": EIGHT_BIT}])
@pytest.mark.parametrize("gpus", [2, 4, 8])
def test_all_gpus_together_hold_the_whole_and_what_is_replicated_again(config: dict[str, Any], gpus: int) -> None:
    """TP x what one holds = total + what is replicated x (TP - 1) + keys and values beyond their heads."""
    spec = spec_of({**config, "num_attention_heads": 8, "head_dim": 8})
    stored = tuple(resident(inventory(spec, "bfloat16")))
    whole = {id(entry.weight): int(entry.total().value or 0) for entry in stored}
    held = {id(share.weight): int(share.total().value or 0) for share in shares(spec, stored, ways(gpus, 1), "bfloat16")}
    replicated = kept = 0
    for entry in stored:
        size, weight = whole[id(entry.weight)], entry.weight
        if is_replicated(weight):
            replicated += size
            assert held[id(weight)] == size
        elif weight.shard == "key-value":
            kept += size // 2 * max(2, gpus) - size
        elif entry.scheme is not None and closes(weight):
            replicated += int(entry.count.value or 0) * int(weight.shape[0].value or 0) * 2  # its scales, one an output channel
    assert gpus * sum(held.values()) == sum(whole.values()) + replicated * (gpus - 1) + kept


def test_a_bias_behind_a_sum_over_gpus_is_on_each_of_them() -> None:
    """The output projection reads its share of the heads; what it adds at the end it adds once, from a bias all have."""
    spec = spec_of({**DIVISIBLE, "attention_bias": True})
    pieces = {entry.weight.name: piece(entry, owners(spec).get(id(entry.weight)), ways(2, 1))[1] for entry in inventory(spec, "bfloat16")}
    shapes = {name: tuple(size.value for size in weight.shape) for name, weight in pieces.items()}
    assert (shapes["self_attn.q_proj.weight"], shapes["self_attn.q_proj.bias"]) == ((16, 32), (16,))
    assert (shapes["self_attn.o_proj.weight"], shapes["self_attn.o_proj.bias"]) == ((32, 16), (32,))
    assert (shapes["mlp.up_proj.weight"], shapes["mlp.down_proj.weight"]) == ((24, 32), (32, 24))


def test_heads_that_do_not_divide_are_cut_whole() -> None:
    """Six query heads over four GPUs: two on the fullest, not one and a half."""
    six = {**DIVISIBLE, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 8}
    spec = spec_of(six)
    held = {
        share.weight.name: share.each.value for share in shares(spec, inventory(spec, "bfloat16"), ways(4, 1), "bfloat16") if share.weight
    }
    assert held["self_attn.q_proj.weight"] == 2 * 8 * 32 * 2
    assert held["self_attn.o_proj.weight"] == 2 * 8 * 32 * 2


def test_an_expert_is_cut_where_gpus_are_more_than_expert_parallelism() -> None:
    routed = L * 8 * GLU * 2
    rest = (per_gpu(MIXTURE, gpus=8) or 0) - routed // 8
    assert per_gpu(MIXTURE, gpus=8, tensor_parallel=8, expert_parallel=4) == rest + routed // 8
    spec = spec_of(MIXTURE)
    entry = next(entry for entry in inventory(spec, "bfloat16") if entry.weight.role is Role.ROUTED_EXPERT)
    _, own = piece(entry, None, ways(8, 4))
    assert own.copies is not None
    assert (own.copies.value, own.shape[0].value) == (2, 24)


def test_groups_that_share_the_state_space_are_kept_where_they_are_fewer() -> None:
    """Mamba-2 with 8 groups: over 16 GPUs each still holds the B and C of one."""
    config = {
        "model_type": "mamba2", "architectures": ["Mamba2ForCausalLM"], "hidden_size": 64, "num_heads": 32, "head_dim": 4, "state_size": 16,
        "n_groups": 8, "conv_kernel": 4, "expand": 2, "num_hidden_layers": 1, "vocab_size": 64, "torch_dtype": "bfloat16",
    }  # fmt: skip
    spec = spec_of(config)
    rows = {}
    for gpus in (1, 8, 16):
        own = [piece(entry, owners(spec).get(id(entry.weight)), ways(gpus, 1))[1] for entry in inventory(spec, "bfloat16")]
        rows[gpus] = {weight.name.rpartition("mixer.")[2]: weight.shape[0].value for weight in own}
    inner, grouped = 128, 2 * 8 * 16
    assert rows[1]["in_proj.weight"] == 2 * inner + grouped + 32
    assert rows[8]["in_proj.weight"] == (2 * inner + grouped + 32) // 8
    assert rows[16]["in_proj.weight"] == (2 * inner + 32) // 16 + 2 * 16
    assert rows[16]["conv1d.weight"] == inner // 16 + 2 * 16
    assert rows[16]["A_log"] == 2


def test_a_convolution_over_patches_and_vectors_of_a_tower_are_kept_whole() -> None:
    spec = published("gemma-3-4b")
    tower = [entry for entry in inventory(spec, "bfloat16") if entry.part.role == "tower"]
    cut = {entry.weight.name: piece(entry, None, ways(4, 1))[1].shape != entry.weight.shape for entry in tower}
    assert not cut["embeddings.patch_embedding.weight"]
    assert not cut["mlp.fc2.bias"]
    assert all(cut[name] for name in ("mlp.fc1.bias", "mlp.fc2.weight", "self_attn.q_proj.weight"))


@pytest.mark.parametrize("name", ["llama-3.1-8b", "mixtral-8x7b", "phi-3-mini-128k", "gpt-oss-20b", "deepseek-v3", "qwen3-next-80b-a3b"])
def test_every_piece_is_at_most_the_whole_and_at_least_its_share(name: str) -> None:
    spec = published(name)
    stored = tuple(resident(inventory(spec, "bfloat16")))
    for entry, share in zip(stored, shares(spec, stored, ways(8, 1), "bfloat16"), strict=True):
        assert (share.total().value or 0) <= (entry.total().value or 0)
        assert (share.total().value or 0) * 8 >= (entry.total().value or 0)
    assert weight_bytes(stored).value == sum(share.total().value or 0 for share in shares(spec, stored, ways(1, 1), "bfloat16"))
