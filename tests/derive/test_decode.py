"""Bytes of the cache that a decode step reads, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.derive.served import DENSE, figure

READ = "decode.cache_bytes_read"
SHARING: dict[str, Any] = {
    **DENSE,
    "model_type": "gemma3n_text",
    "head_dim": 8,
    "layer_types": ["full_attention"] * 4,
    "hidden_size_per_layer_input": 4,
    "vocab_size_per_layer_input": 50,
}


def test_keys_and_values_of_every_token() -> None:
    assert figure(READ, DENSE, context=100) == 100 * 256
    assert figure(READ, DENSE, context=100, concurrency=7) == 7 * 100 * 256
    assert figure(READ, DENSE, context=100, kv_dtype="fp8") == 100 * 128


def test_a_window_is_read_and_no_more() -> None:
    windowed = {**DENSE, "model_type": "mistral", "architectures": ["MistralForCausalLM"], "sliding_window": 10}
    assert [figure(READ, windowed, context=n) for n in (9, 10, 100)] == [9 * 256, 10 * 256, 10 * 256]


def test_of_a_chunk_half_is_read_on_average() -> None:
    """Llama-4-Scout: 36 of 48 layers see chunks of 8,192, from 1 to 8,192 tokens of them."""
    assert figure(READ, "llama-4-scout", context=100_000) == 4096 * (12 * 100_000 + 36 * 4096)


def test_layers_that_keep_nothing_read_what_others_keep() -> None:
    """The last two of four layers have no keys and values of their own."""
    apart, shared = ({**SHARING, "num_kv_shared_layers": n} for n in (0, 2))
    assert figure("cache.sequence_bytes", shared, context=50) == (figure("cache.sequence_bytes", apart, context=50) or 0) / 2
    assert figure(READ, shared, context=50) == figure(READ, apart, context=50) == 50 * 256


def test_latents_are_read_once_for_keys_and_values() -> None:
    assert figure(READ, "deepseek-v3", context=1000) == 70_272 * 1000


def test_every_gpu_reads_latents_whole_and_its_own_heads() -> None:
    assert figure(READ, "deepseek-v3", context=1000, gpus=8) == 70_272 * 1000
    read = {ways: figure(READ, "llama-3.1-8b", context=1000, gpus=ways) or 0 for ways in (1, 8, 16)}
    assert read[8] * 8 == read[1]
    assert read[16] == read[8]


def test_gpus_that_share_a_sequence_read_their_part() -> None:
    assert figure(READ, "deepseek-v3", context=1000, gpus=8, decode_context_parallel=8) == 70_272 * 1000 // 8


@pytest.mark.parametrize("context", [1000, 2048, 5000])
def test_sparse_attention_reads_what_the_indexer_picks_and_all_of_its_keys(context: int) -> None:
    picked = min(context, 2048)
    assert figure(READ, "deepseek-v3.2", context=context) == 61 * 2 * (576 * picked + 128 * context)


def test_states_are_read_and_written_whatever_the_context() -> None:
    """Mamba-2.8B in float32: 64 layers of 5,120 x 16, and of a convolution of four columns three are kept and one written."""
    assert figure(READ, "mamba-2.8b", context=10) == figure(READ, "mamba-2.8b", context=10_000) == 64 * 5120 * (2 * 16 + 4) * 4


def test_a_step_reads_the_keys_and_values_of_the_encoder_s_output() -> None:
    """Whisper: 32 layers of 20 heads of 64, 1,500 tokens of sound."""
    assert figure(READ, "whisper-large-v3", context=100) == 245_760_000 + 100 * 32 * 2 * 1280 * 2


def test_keys_that_an_indexer_picks_by_the_block_are_not_counted_and_its_own_are() -> None:
    """MiniMax-M3: one full layer of two KV heads of 8, and two that read all keys of 6 of an indexer to pick from the others."""
    published = {"sparse_attention_freq": [0, 1, 1], "sparse_num_index_heads": 1, "sparse_index_dim": 6}
    config = {
        **DENSE,
        "model_type": "minimax_m3_vl_text",
        "architectures": ["MiniMaxM3VLForCausalLM"],
        "num_hidden_layers": 3,
        "head_dim": 8,
        "num_local_experts": 4,
        "sparse_attention_config": published,
    }
    assert figure(READ, config, context=50) == 50 * 2 * (2 * 2 * 8 + 2 * 6)


def test_learned_tokens_before_a_sequence_are_read_with_it() -> None:
    """CPM-Ant: three layers of four heads of 6, and a prompt of five tokens."""
    sizes = {"dim_ff": 40, "num_hidden_layers": 3, "num_attention_heads": 4, "dim_head": 6, "prompt_length": 5}
    config = {"model_type": "cpmant", "architectures": ["CpmAntForCausalLM"], "torch_dtype": "bfloat16", "hidden_size": 32, **sizes}
    assert figure(READ, config, context=50) == (50 + 5) * 3 * 2 * 4 * 6 * 2


def test_a_cache_of_two_dtypes_is_unknown() -> None:
    assert figure(READ, DENSE, context=10, kv_dtype="q8_0/q4_0") is None
