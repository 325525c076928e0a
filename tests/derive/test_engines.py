"""What named engines set aside for one sequence, against figures worked out from their sources."""

from __future__ import annotations

from typing import Any

import pytest

from specverify import num
from specverify.derive import cache
from tests.architectures.plans import spec_of
from tests.derive.served import DENSE, GIB, figure, published, served

GEMMA_3_27B: dict[str, Any] = {
    "model_type": "gemma3_text",
    "architectures": ["Gemma3ForCausalLM"],
    "hidden_size": 5376,
    "num_hidden_layers": 62,
    "num_attention_heads": 32,
    "num_key_value_heads": 16,
    "head_dim": 128,
    "intermediate_size": 21504,
    "vocab_size": 262208,
    "sliding_window": 1024,
    "max_position_embeddings": 131072,
    "torch_dtype": "bfloat16",
}
QWEN_3_NEXT: dict[str, Any] = {"model_type": "qwen3_next", "architectures": ["Qwen3NextForCausalLM"], "torch_dtype": "bfloat16"}
LAYER = 2 * 16 * 128 * 2  # bytes of one token in one layer of it


def reserved(model: str | dict[str, Any], engine: str, **target: Any) -> int | float | None:
    return figure("cache.reserved_bytes", model, engine=engine, **target)


def test_ideal_needs_what_the_windows_leave() -> None:
    assert reserved(GEMMA_3_27B, "ideal", context=131_072) == 11_173_625_856 == LAYER * (10 * 131_072 + 52 * 1024)


def test_vllm_groups_pads_and_keeps_what_is_in_flight() -> None:
    """52 sliding and 10 full layers: groups of 10, so 60 sliding slots of 1,089 + 1 blocks of 16."""
    assert reserved(GEMMA_3_27B, "vllm", context=131_072) == 19_301_662_720 == LAYER * 16 * (60 * 1089 + 10 * 8192)


def test_a_window_of_vllm_counts_the_token_at_hand() -> None:
    """1,024 tokens before it and 16,384 in flight are 1,088 blocks; one token more would start another."""
    config = {**GEMMA_3_27B, "sliding_window": 1025}
    assert reserved(config, "vllm", context=131_072) == LAYER * 16 * (60 * (1088 + 1) + 10 * 8192)


def test_without_windows_it_would_be_62_gib() -> None:
    unwindowed = {**GEMMA_3_27B, "layer_types": ["full_attention"] * 62}
    assert reserved(unwindowed, "vllm", context=131_072) == 66_571_993_088 == 62 * GIB


def test_vllm_pads_to_the_most_where_that_wastes_less() -> None:
    """13 and 12 layers (gpt-oss-20b with a draft layer): fewer than half as many again, so both kinds take 13."""
    kinds = ["sliding_attention", "full_attention"] * 12 + ["full_attention"]
    config = {**GEMMA_3_27B, "num_hidden_layers": 25, "layer_types": kinds}
    assert reserved(config, "vllm", context=16_384) == LAYER * 16 * 13 * (1024 + (1024 + 1))


def test_gpt_oss_reserves_far_more_than_its_windows() -> None:
    assert reserved("gpt-oss-120b", "vllm", context=131_072) == 2048 * 16 * (18 * 8192 + 18 * 1033)
    assert reserved("gpt-oss-120b", "ideal", context=131_072) == 36_864 * 131_072 + 18 * 128 * 2048


def test_vllm_hands_out_whole_blocks() -> None:
    assert reserved("llama-3.1-8b", "vllm", context=1) == 16 * 131_072
    assert reserved("llama-3.1-8b", "vllm", context=16) == 16 * 131_072
    assert reserved("llama-3.1-8b", "vllm", context=17) == 32 * 131_072


def test_vllm_pages_latents_by_64() -> None:
    assert reserved("deepseek-v3", "vllm", context=1) == 64 * 70_272
    assert reserved("deepseek-v3", "vllm", context=65) == 128 * 70_272


def test_vllm_rounds_the_encoder_up_too() -> None:
    found = reserved("whisper-large-v3", "vllm", context=448, encoder_context=1500)
    assert found == 163_840 * (448 + 1504)


@pytest.mark.parametrize(("state_dtype", "block"), [("auto", 544), ("float32", 1056)])
def test_vllm_makes_the_block_hold_a_state(state_dtype: str, block: int) -> None:
    """Qwen3-Next: 1,097,728 B a delta layer in bfloat16 over 2,048 B a token; one group of 12 attention layers, three of 12 delta ones."""
    found = reserved("qwen3-next-80b-a3b", "vllm", context=262_144, state_dtype=state_dtype)
    assert found == (-(-262_144 // block) + 2 * 3) * 12 * block * 2048
    before = reserved("qwen3-next-80b-a3b", "vllm@0.12.0", context=262_144, state_dtype=state_dtype)
    assert before == (-(-262_144 // block) + 3) * 12 * block * 2048


def test_vllm_keeps_a_state_in_the_dtype_the_config_asks_for() -> None:
    config = {**QWEN_3_NEXT, "mamba_ssm_dtype": "float32"}
    assert reserved(QWEN_3_NEXT, "vllm", context=4096) != reserved(config, "vllm", context=4096)
    assert reserved(config, "vllm", context=4096) == reserved(QWEN_3_NEXT, "vllm", context=4096, state_dtype="float32")


def test_vllm_pads_state_layers_to_whole_groups() -> None:
    """Jamba: 4 attention layers, 28 Mamba ones in seven groups; 311,296 B of state over 4,096 B a token are 76 tokens, 80 in blocks."""
    assert reserved("jamba-v0.1", "vllm", context=131_072) == (-(-131_072 // 80) + 2 * 7) * 4 * 80 * 4096


def test_vllm_with_nothing_but_states_holds_them_alone() -> None:
    found = served("mamba-2.8b", engine="vllm@0.12.0", context=4096)
    assert found["cache.reserved_bytes"].value == figure("cache.state_bytes", "mamba-2.8b", state_dtype="float32")


def test_vllm_with_windows_beside_states_is_unknown() -> None:
    config = {"model_type": "recurrent_gemma", "torch_dtype": "bfloat16", "num_hidden_layers": 6}
    assert "beside recurrent states" in served(config, engine="vllm", context=4096)["cache.reserved_bytes"].number.reasons()[0]


def test_vllm_pages_layers_of_one_window_together_whatever_their_size() -> None:
    """Four layers of two KV heads of eight, one of them with one: 2 x 8 x 2 B a head."""
    config = {**DENSE, "per_layer_config": {"1": {"num_key_value_heads": 1}}}
    assert reserved(config, "vllm", context=17) == 32 * (3 * 64 + 32)


def test_vllm_makes_the_blocks_of_smaller_pages_longer() -> None:
    """Half as many KV heads in the full layers: their blocks hold 32 tokens where the sliding ones' hold 16."""
    kinds = ["sliding_attention", "full_attention"]
    config: dict[str, Any] = {
        **GEMMA_3_27B,
        "num_hidden_layers": 2,
        "layer_types": kinds,
        "per_layer_config": {"1": {"num_key_value_heads": 8}},
    }
    assert reserved(config, "vllm", context=131_072) == LAYER * 16 * (1089 + 131_072 // 32)
    config["per_layer_config"] = {"1": {"num_key_value_heads": 12}}
    assert "no multiple of the other" in served(config, engine="vllm")["cache.reserved_bytes"].number.reasons()[0]


@pytest.mark.parametrize(
    ("model", "target", "logged"),
    [
        ("llama-3.1-8b", {"context": 8192}, 131_072),
        ("deepseek-v3", {"context": 8192, "gpus": 8}, 70_272),
        ("deepseek-v3", {"context": 8192, "gpus": 8, "decode_context_parallel": 8}, 70_272 / 8),
        ("deepseek-v3.2", {"context": 8192, "gpus": 8}, 78_324),
        ("deepseek-v3.2", {"context": 8192, "gpus": 8, "kv_dtype": "fp8"}, 48_068),
        ("deepseek-v3.2", {"context": 8192, "gpus": 8, "kv_dtype": "nvfp4"}, 29_524),
        (GEMMA_3_27B, {"context": 8192, "engine": "vllm@0.19.0"}, 70 * LAYER),
        (GEMMA_3_27B, {"context": 8192, "engine": "vllm@0.8.5"}, 62 * LAYER),
        ("gpt-oss-120b", {"context": 8192, "engine": "vllm@0.19.0"}, 36 * 2048),
        ("qwen3-next-80b-a3b", {"context": 8192, "gpus": 2, "engine": "vllm@0.10.2"}, 4 * 12 * 1024),
        ("whisper-large-v3", {"context": 448, "engine": "vllm@0.19.0"}, 64 * 5120),
        ("deepseek-v3.2", {"engine": "sglang", "kv_dtype": "fp8", "gpus": 8}, 48_068),
        ("gemma-2-9b", {"engine": "sglang"}, 344_064),
        ("gpt-oss-20b", {"engine": "sglang"}, 12 * 2048 + 0.8 * 12 * 2048),
        ("llama-3.1-8b", {"engine": "llamacpp", "kv_dtype": "q8_0", "context": 4096}, 131_072 * 34 / 64),
        ("llama-3.1-8b", {"engine": "ik_llama", "kv_dtype": "q8_0/f16", "context": 4096}, 65_536 * 34 / 64 + 65_536),
        ("deepseek-v3", {"engine": "ik_llama", "mla": "expanded", "context": 4096}, 4_997_120),
        ("kimi-k2", {"engine": "ik_llama", "mla": "transposed", "context": 4096}, 132_736),
        ("deepseek-v3.2", {"engine": "ik_llama", "context": 4096}, 70_272),
        (GEMMA_3_27B, {"engine": "ik_llama", "context": 4096}, 62 * LAYER),
    ],
)
def test_the_bytes_a_token_that_a_log_implies(model: Any, target: dict[str, Any], logged: float) -> None:
    assert figure("cache.engine_bytes_per_token_per_gpu", model, **{"engine": "vllm", **target}) == logged


def test_a_log_of_newer_releases_divides_by_concurrency() -> None:
    """Qwen3-Next at 262,144 tokens: 482 attention blocks of 544 and two states for each of three groups."""
    found = figure("cache.engine_bytes_per_token_per_gpu", "qwen3-next-80b-a3b", engine="vllm", context=262_144)
    assert found == (482 + 6) * 12 * 544 * 2048 / 262_144


def test_drafting_lengthens_convolutions_and_adds_the_drafting_layers() -> None:
    """GLM-4.5-Air keeps 46 layers, and one more where its next-token-prediction layer drafts."""
    air: dict[str, Any] = {"engine": "vllm", "context": 4096}
    assert reserved("glm-4.5-air", **air) == 46 * 4096 * 4096
    assert figure("cache.sequence_bytes_per_gpu", "glm-4.5-air", draft_tokens=1, **air) == 47 * 4096 * 4096
    states: dict[str, Any] = {"engine": "vllm", "context": 262_144, "state_dtype": "float32"}
    drafted = figure("cache.sequence_bytes_per_gpu", "qwen3-next-80b-a3b", draft_tokens=3, **states)
    assert drafted == (-(-262_144 // 1072) + 3 * 4) * 12 * 1072 * 2048


def test_transformers_keeps_one_token_less_than_the_window() -> None:
    assert reserved(GEMMA_3_27B, "transformers", context=131_072) == LAYER * (10 * 131_072 + 52 * 1023)
    assert reserved(GEMMA_3_27B, "transformers", context=500) == LAYER * 62 * 500


def test_transformers_keeps_the_whole_kernel() -> None:
    """Jamba: 28 layers of 8,192 channels, a kernel of 4, where the mathematics needs 3 columns."""
    states = reserved("jamba-v0.1", "transformers", context=1000)
    assert states == 16_384 * 1000 + 28 * 8192 * (4 * 2 + 16 * 4)
    assert reserved("jamba-v0.1", "ideal", context=1000) == 16_384 * 1000 + 28 * 8192 * (3 * 2 + 16 * 4)


def test_transformers_keeps_every_query_head_of_falcons_new_decoder() -> None:
    """Falcon-40B: 60 layers, 128 query heads over 8 KV heads of 64; each KV head is copied to its 16 queries before it is cached."""
    falcon: dict[str, Any] = {
        "model_type": "falcon",
        "architectures": ["FalconForCausalLM"],
        "hidden_size": 8192,
        "num_hidden_layers": 60,
        "num_attention_heads": 128,
        "num_kv_heads": 8,
        "new_decoder_architecture": True,
        "vocab_size": 65024,
        "torch_dtype": "bfloat16",
    }
    assert reserved(falcon, "ideal", context=2048) == 60 * 2 * 8 * 64 * 2 * 2048
    assert reserved(falcon, "transformers", context=2048) == 60 * 2 * 128 * 64 * 2 * 2048
    old = {**falcon, "new_decoder_architecture": False}
    assert reserved(old, "transformers", context=2048) == 60 * 2 * 1 * 64 * 2 * 2048


def test_llamacpp_pads_its_cells_to_256() -> None:
    assert reserved("llama-3.1-8b", "llamacpp", context=1000) == 1024 * 131_072
    assert reserved("llama-3.1-8b", "llamacpp", context=1024) == 1024 * 131_072


@pytest.mark.parametrize(
    ("model", "layer", "full", "sliding", "cells"), [("gpt-oss-120b", 2048, 18, 18, 768), (GEMMA_3_27B, LAYER, 10, 52, 1536)]
)
def test_llamacpp_windows_hold_a_micro_batch_more(model: Any, layer: int, full: int, sliding: int, cells: int) -> None:
    assert reserved(model, "llamacpp", context=131_072) == layer * (full * 131_072 + sliding * cells)


def test_llamacpp_keeps_recurrent_state_in_float32() -> None:
    found = reserved("jamba-v0.1", "llamacpp", context=256)
    assert found == 16_384 * 256 + 28 * 8192 * (3 + 16) * 4


def test_sglang_without_windows_takes_a_slot_a_token() -> None:
    assert reserved("llama-3.1-8b", "sglang", context=1001) == 131_072 * 1001
    assert reserved("mistral-7b-v0.1", "sglang", context=4096) == 131_072 * 4096


def test_sglang_with_a_pool_for_windows_shares_it_by_tokens() -> None:
    assert reserved("gpt-oss-20b", "sglang", context=4096) == -(-(12 * 2048 * 10 + 8 * 12 * 2048) * 4096 // 10)
    assert reserved("llama-4-scout", "sglang", context=4096) == -(-(12 * 4096 * 10 + 8 * 36 * 4096) * 4096 // 10)
    compressed = {"model_type": "deepseek_v4", "architectures": ["DeepseekV4ForCausalLM"], "torch_dtype": "bfloat16"}
    assert "compressed rows" in served(compressed, engine="sglang", context=4096)["cache.reserved_bytes"].number.reasons()[0]


def test_every_engine_reserves_at_least_what_is_needed_but_for_transformers_windows() -> None:
    for engine in ("vllm", "sglang", "llamacpp"):
        for model in ("llama-3.1-8b", "deepseek-v3", "qwen3-30b-a3b"):
            asked, needed = reserved(model, engine, context=777), reserved(model, "ideal", context=777)
            assert asked is not None
            assert needed is not None
            assert asked >= needed


def test_the_rate_a_log_implies_is_what_is_reserved_over_the_context() -> None:
    found = served("gpt-oss-120b", engine="vllm", context=131_072)
    assert found["cache.engine_bytes_per_token_per_gpu"].value == 5_441_126_400 / 131_072


def test_engines_split_like_the_plan() -> None:
    assert figure("cache.sequence_bytes_per_gpu", "llama-3.1-8b", engine="vllm", context=100, gpus=8) == 112 * 131_072 // 8
    assert figure("cache.reserved_bytes", "llama-3.1-8b", engine="vllm", context=100, gpus=8) == 112 * 131_072


def test_the_plan_of_a_chunked_model_says_so() -> None:
    assert {entry.cap_kind for entry in cache.plan(published("llama-4-scout"))} == {"chunked", None}
    windowed = cache.plan(spec_of(GEMMA_3_27B))
    assert {entry.cap_kind for entry in windowed} == {"sliding", None}
    assert cache.kept_tokens(num.const(10), None).value == 10
