"""DeepSeek-V4 against its transformers class and its published configs: kinds of layers, and rows kept for blocks of tokens."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.figures import figures
from specverify.derive.parameters import counts
from specverify.rules.context import every_layer_is_windowed
from specverify.target import Target
from tests.architectures.plans import (
    check_against_corpus,
    check_cache_against_corpus,
    check_published,
    decoder_of,
    reserved_of,
    spec_of,
    total_of,
)
from tests.architectures.reading import kept, under

V4: dict[str, Any] = {
    "model_type": "deepseek_v4",
    "architectures": ["DeepseekV4ForCausalLM"],
    "vocab_size": 70,
    "hidden_size": 16,
    "moe_intermediate_size": 12,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "head_dim": 8,
    "q_lora_rank": 6,
    "o_lora_rank": 4,
    "o_groups": 2,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "sliding_window": 8,
    "index_n_heads": 2,
    "index_head_dim": 4,
    "pad_token_id": 0,
    "compress_ratios": [0, 4, 128, 4, 0],
    "num_hash_layers": 1,
}


def test_layers_by_their_ratios() -> None:
    """The list reaches one layer further: that of next-token prediction."""
    layers = [under(spec_of(V4), f"layers.{index}.attn.") for index in range(4)]
    assert ["compressor.ape" in layer for layer in layers] == [False, True, True, True]
    assert ["indexer.wq_b.weight" in layer for layer in layers] == [False, True, False, True]
    assert [layer.get("compressor.ape") for layer in layers] == [None, (4, 16), (128, 8), (4, 16)]
    stated = {**V4, "layer_types": ["compressed_sparse_attention", *["sliding_attention"] * 3]}
    assert "indexer.wq_b.weight" in under(spec_of(stated), "layers.0.attn.")


@pytest.mark.parametrize("ratios", [[0, 4], [0, 4, 128, 5]])
def test_ratios_that_do_not_tell(ratios: list[int]) -> None:
    spec = spec_of({**V4, "compress_ratios": ratios})
    found = counts(spec)
    assert found is not None
    assert found.total.value is None
    assert [problem.pointer for problem in spec.problems] == ["/compress_ratios"]


def test_rates_of_their_own() -> None:
    rates = {"compressed_sparse_attention": 2, "heavily_compressed_attention": 16}
    layers = [under(spec_of({**V4, "compress_rates": rates}), f"layers.{index}.attn.") for index in range(4)]
    assert [layer.get("compressor.ape", (0,))[0] for layer in layers] == [0, 2, 16, 2]
    older = under(spec_of({**V4, "compress_rate_hca": 32}), "layers.2.attn.")
    assert older["compressor.ape"][0] == 32


def test_experts_chosen_by_token_or_by_a_router() -> None:
    first, second = (under(spec_of(V4), f"layers.{index}.ffn.") for index in (0, 1))
    assert first["gate.tid2eid"] == (70, 2)
    assert "gate.bias" not in first
    assert second["gate.bias"] == (4,)
    assert "gate.tid2eid" not in second


def test_a_layer() -> None:
    """Attention 16x6+6 + 6x32 + 16x8+8 + 4x16x(8/2) + 8x16 + 4, streams 2 x (24x64+24+3), experts 5 x 3 x 16 x 12, router 4x16."""
    attention = 16 * 6 + 6 + 6 * 32 + 16 * 8 + 8 + (2 * 4) * (32 // 2) + 8 * 16 + 4
    layer = attention + 2 * (24 * 64 + 24 + 3) + 5 * 3 * 16 * 12 + 4 * 16 + 2 * 16
    one = {**V4, "num_hidden_layers": 1, "compress_ratios": [0]}
    assert total_of(one) == layer + 2 * 70 * 16 + 16 + (4 * 64 + 4 + 1)


def test_what_a_sequence_keeps() -> None:
    """30 tokens: a window of 8 in four layers; 7 rows of 8 and 4 with 2 tokens pending and 4 to overlap, twice; 30 pending tokens."""
    window = 4 * 8 * 8
    sparse = (7 * 8 + 2 * 32 + 4 * 16) + (7 * 4 + 2 * 16 + 4 * 8)
    heavy = 30 * 16
    assert kept(spec_of(V4), 30)[0] == 2 * (window + 2 * sparse + heavy)
    assert kept(spec_of(V4), 3)[0] == 2 * (4 * 8 * 3 + 2 * (3 * 32 + 3 * 16) + 3 * 16)


def test_transformers_keeps_a_layer_that_only_slides_twice() -> None:
    """Measured with its DynamicCache: 7 keys and 7 values of 8; elsewhere 7 keys, and the rows as above."""
    sparse = (7 * 8 + 2 * 32 + 4 * 16) + (7 * 4 + 2 * 16 + 4 * 8)
    assert reserved_of(V4, 30) == 2 * (2 * 7 * 8 + 3 * 7 * 8 + 2 * sparse + 30 * 16)


def test_growth_and_what_does_not_grow() -> None:
    """Once windows are full, a token adds 12 / 4 elements to each of two layers and 8 / 128 to one."""
    found = figures(spec_of({**V4, "max_position_embeddings": 4096}), Target(context=4096, kv_dtype="bfloat16"))
    assert found["cache.bytes_per_token"].value == 2 * (2 * 12 / 4 + 8 / 128)
    blocks = 2 * (3 * 32 + 4 * 16 + 3 * 16 + 4 * 8) + 127 * 16
    assert found["cache.fixed_bytes"].value == 2 * (4 * 8 * 8 + blocks)


@pytest.mark.parametrize("engine", ["vllm", "sglang", "llamacpp"])
def test_no_engine_is_said_to_keep_rows_as_it_does_keys(engine: str) -> None:
    found = figures(spec_of(V4), Target(engine=engine, context=8))["cache.reserved_bytes"].number
    assert found.value is None
    assert "not modelled" in found.reasons()[0]


def test_one_key_for_all_heads() -> None:
    assert {group.mixers[0].num_key_value_heads.value for group in decoder_of(V4).layers} == {1}  # type: ignore[union-attr]


def test_experts_in_four_bits() -> None:
    """As DeepSeek publishes it: two values a byte and a scale of a byte for 32, the shared expert in eight bits like the rest."""
    table = {"quant_method": "fp8", "weight_block_size": [128, 128], "scale_fmt": "ue8m0"}
    wide = {**V4, "hidden_size": 64, "moe_intermediate_size": 64}
    eight = figures(spec_of({**wide, "quantization_config": table}), Target())["weights.bytes"].value
    four = figures(spec_of({**wide, "quantization_config": table, "expert_dtype": "fp4"}), Target())["weights.bytes"].value
    matrices, size = 4 * 4 * 3, 64 * 64
    assert (eight or 0) - (four or 0) == matrices * (size + 4) - matrices * (size // 2 + size // 32)


def test_rows_reach_behind_the_window() -> None:
    """Most layers see more than their window, so no rule may say that every layer is windowed."""
    spec = spec_of({**V4, "max_position_embeddings": 4096})
    assert list(every_layer_is_windowed(spec, figures(spec, Target())) or ()) == []


def test_corpus() -> None:
    check_against_corpus("deepseek_v4")
    check_cache_against_corpus("deepseek_v4")
    check_published("deepseek_v4")
