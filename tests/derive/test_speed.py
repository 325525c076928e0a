"""Floors of time at what the hardware does at most, and what is reached of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specverify.derive.gpus import find
from specverify.derive.speed import peak
from tests.derive.served import DENSE, figure, served

H100, H200, A100 = "h100-sxm-80gb", "h200-sxm-141gb", "a100-sxm-80gb"
MIXTURE: dict[str, Any] = {
    **DENSE,
    "model_type": "mixtral",
    "architectures": ["MixtralForCausalLM"],
    "num_local_experts": 8,
    "num_experts_per_tok": 2,
}
WINDOWED: dict[str, Any] = {**DENSE, "model_type": "mistral", "architectures": ["MistralForCausalLM"], "sliding_window": 16}
CHUNKED: dict[str, Any] = {
    **DENSE,
    "model_type": "llama4_text",
    "architectures": ["Llama4ForCausalLM"],
    "head_dim": 8,
    "intermediate_size_mlp": 48,
    "num_local_experts": 4,
    "attention_chunk_size": 16,
}
RECURRENT: dict[str, Any] = {
    "model_type": "mamba",
    "architectures": ["MambaForCausalLM"],
    "torch_dtype": "bfloat16",
    "hidden_size": 32,
    "num_hidden_layers": 4,
    "vocab_size": 97,
}
SMALL_MODELS = (DENSE, MIXTURE, WINDOWED, CHUNKED, RECURRENT)
MODELS = (*SMALL_MODELS, "deepseek-v3.2", "gemma-3-27b", "qwen3-next-80b-a3b", "whisper-large-v3", "t5-base")
FLOORS = (
    *("decode.floor_seconds", "decode.weight_bytes_read", "decode.cache_bytes_read", "decode.flops"),
    *("prefill.floor_seconds", "prefill.flops"),
)


def test_the_published_example_of_one_stream() -> None:
    """Llama-3.1-8B on an H100 at 4,096 tokens: 15.01 GB of weights and 0.54 GB of cache, 215 tokens a second."""
    found = served("llama-3.1-8b", gpu=H100, context=4096)
    assert found["decode.floor_seconds"].value == pytest.approx((15_009_849_344 + 8192 + 536_870_912) / 3350e9)
    assert found["decode.tokens_per_second_ceiling"].value == pytest.approx(215, abs=1)
    assert found["decode.memory_bound"].value is True


def test_from_the_ridge_batch_on_arithmetic_binds() -> None:
    """H100: 989 TFLOPS over 3.35 TB/s make 295 FLOPs a byte, and two bytes a weight ask two FLOPs a token."""
    assert figure("gpu.ridge_flops_per_byte", "llama-3.1-8b", gpu=H100) == pytest.approx(295, abs=1)
    ridge = figure("decode.ridge_batch", "llama-3.1-8b", gpu=H100)
    assert ridge == 296
    for batch, binds in ((290, True), (310, False)):
        found = served("llama-3.1-8b", gpu=H100, context=1, concurrency=batch)
        assert found["decode.memory_bound"].value is binds
        slower = "memory" if binds else "compute"
        assert found["decode.floor_seconds"].value == found[f"decode.{slower}_floor_seconds"].value


def test_a_mixture_needs_a_larger_batch_by_experts_over_those_chosen() -> None:
    """Mixtral-8x7B: weights of 46.6 billion are read, 12.7 billion multiplied; its head and attention are all active."""
    ridge = figure("decode.ridge_batch", "mixtral-8x7b", gpu=H100) or 0
    assert ridge == pytest.approx(295.2 * 46.57 / 12.75, rel=0.01)


def test_intensity_of_a_dense_model_is_its_batch() -> None:
    for batch in (1, 16, 128):
        assert figure("decode.arithmetic_intensity", "llama-3.1-8b", context=1, concurrency=batch) == pytest.approx(batch, rel=0.01)


def test_what_is_reached_lies_above_the_floor_and_holds_a_measurement() -> None:
    """gpt-fast: Llama-2-7B in bfloat16 on an A100, 104.9 tokens a second after some 100 tokens."""
    found = served("llama-2-7b", gpu=A100, context=100)
    reached = ("floor_seconds", "achievable_seconds_low", "achievable_seconds_high")
    floor, low, high = (found[f"decode.{name}"].value or 0 for name in reached)
    assert floor < low < 1 / 104.9 < high * 1.01


def test_where_arithmetic_binds_a_share_of_its_rate_is_reached() -> None:
    found = served("llama-3.1-8b", gpu=H100, context=4096)
    floor = found["prefill.floor_seconds"].value or 0
    assert found["prefill.achievable_seconds_high"].value == pytest.approx(floor / 0.56)
    assert "dense rate" in (found["prefill.achievable_seconds_low"].note or "")
    assert "bandwidth" in (served("llama-3.1-8b", gpu=H100, context=1)["prefill.achievable_seconds_low"].note or "")


def test_prefill_runs_at_the_rate_the_weights_allow() -> None:
    plain = served("llama-3.1-8b", gpu=H100, context=4096)
    assert plain["prefill.floor_seconds"].value == pytest.approx(61_574_775_570_432 / 989e12)
    eight_bit = served("deepseek-v3", gpu=H100, gpus=8, context=16_384)
    assert eight_bit["prefill.floor_seconds"].value == pytest.approx((eight_bit["prefill.flops"].value or 0) / (8 * 1979e12))


def test_attention_over_a_cache_of_eight_bits_may_run_at_its_rate() -> None:
    plain, eight = (served("llama-3.1-8b", gpu=H100, context=4096, kv_dtype=dtype) for dtype in ("auto", "fp8"))
    assert eight["prefill.floor_seconds"].value == pytest.approx((plain["prefill.floor_seconds"].value or 0) * 989 / 1979)
    assert eight["decode.compute_floor_seconds"].value == pytest.approx((plain["decode.compute_floor_seconds"].value or 0) * 989 / 1979)
    assert eight["gpu.ridge_flops_per_byte"].value == plain["gpu.ridge_flops_per_byte"].value


def test_a_short_prompt_waits_for_the_weights() -> None:
    found = served("llama-3.1-8b", gpu=H100, context=1)
    assert found["prefill.floor_seconds"].value == pytest.approx((15_009_849_344 + 8192) / 3350e9)


@pytest.mark.parametrize("context", [1, 4096])
def test_stages_may_work_on_parts_of_a_prompt_at_once(context: int) -> None:
    alone, staged = (figure("prefill.floor_seconds", "llama-3.1-8b", gpu=H100, pipeline_parallel=n, context=context) or 0 for n in (1, 2))
    assert staged == pytest.approx(alone / 2)


def test_eight_bits_without_units_for_fp8() -> None:
    a100 = find(A100)
    assert [peak(a100, kind).value for kind in ("bf16", "fp8", "int8")] == [312e12, 312e12, 624e12]
    assert peak(find(H100), "int8").value == 1979e12


def test_a_replica_serves_its_share_of_the_batch() -> None:
    """Two replicas of eight sequences together take a step as one of four does: a floor may not be beaten."""
    target: dict[str, Any] = {"gpu": H200, "context": 1000}
    split, alone = served("mixtral-8x7b", gpus=2, data_parallel=2, concurrency=8, **target), served("mixtral-8x7b", concurrency=4, **target)
    assert split["decode.floor_seconds"].value == alone["decode.floor_seconds"].value
    assert split["decode.tokens_per_second_ceiling"].value == 2 * (alone["decode.tokens_per_second_ceiling"].value or 0)


def test_stages_work_on_their_share_and_a_token_passes_all() -> None:
    """Two stages of eight sequences read the weights of one GPU in turn, for four at a time."""
    staged = served("llama-3.1-8b", gpu=H100, gpus=2, pipeline_parallel=2, concurrency=8, context=1000)
    alone = served("llama-3.1-8b", gpu=H100, concurrency=4, context=1000)
    assert staged["decode.floor_seconds"].value == pytest.approx(alone["decode.floor_seconds"].value)
    assert staged["decode.tokens_per_second_ceiling"].value == pytest.approx(2 * (alone["decode.tokens_per_second_ceiling"].value or 0))


def test_a_planned_format_is_what_a_step_reads_and_what_it_is_computed_in() -> None:
    """Llama-3.1-8B: 6.98 billion weights of linear layers in one byte instead of two, with scales, and the head as it was."""
    plain, planned = (served("llama-3.1-8b", gpu=H100, context=4096, quantize=form) for form in (None, "fp8"))
    less = (plain["decode.weight_bytes_read"].value or 0) - (planned["decode.weight_bytes_read"].value or 0)
    assert less == pytest.approx(6_979_321_856, rel=0.001)
    assert "planned: fp8" in (planned["decode.floor_seconds"].note or "")
    assert planned["prefill.floor_seconds"].value == pytest.approx((plain["prefill.floor_seconds"].value or 0) * 989 / 1979)


def test_drafts_may_all_be_accepted() -> None:
    plain, drafted = (served("deepseek-v3", gpu=H200, gpus=8, context=1000, draft_tokens=n) for n in (0, 1))
    assert drafted["decode.tokens_per_second_ceiling"].value == 2 * (plain["decode.tokens_per_second_ceiling"].value or 0)
    assert "accepted" in (drafted["decode.tokens_per_second_ceiling"].note or "")


def test_an_encoder_has_a_prompt_and_no_step() -> None:
    found = served("bert-base", gpu=H100, context=512)
    assert found["prefill.floor_seconds"].value == pytest.approx((found["prefill.flops"].value or 0) / 989e12)
    assert "generates nothing" in found["decode.floor_seconds"].number.reasons()[0]


def test_the_prompt_of_an_encoder_decoder_is_as_long_as_its_encoder_reads() -> None:
    short, long = (figure("prefill.floor_seconds", "t5-base", gpu=H100, context=1, encoder_context=n) or 0 for n in (4000, 8000))
    assert long > 2 * short


@pytest.mark.parametrize(
    "model", ["llama-3.1-8b", "deepseek-v3.2", "gemma-3-27b", "jamba-v0.1", "gpt-oss-120b", "whisper-large-v3", "bert-base"]
)
def test_figures_of_speed_rest_on_the_config_and_on_cells_of_the_catalogue(model: str) -> None:
    found = served(model, gpu=H100, gpus=4, concurrency=8, context=400)
    timed = {name: figure for name, figure in found.items() if figure.unit in ("s", "tokens/s") and figure.value is not None}
    assert len(timed) >= 3
    for timing in timed.values():
        places = {reading.where.file for fact in timing.number.rests_on() for reading in fact.readings}
        assert {"config.json", "specverify/derive/gpus.json"} <= places


@given(
    st.sampled_from(MODELS),
    st.integers(1, 3000),
    st.integers(0, 3000),
    st.integers(1, 300),
    st.integers(0, 300),
    st.sampled_from([("fp8", "bfloat16"), ("bfloat16", "float32"), ("fp8", "float32"), ("bfloat16", "bfloat16")]),
)
@settings(max_examples=40, deadline=None)
def test_floors_never_fall_when_context_batch_or_bytes_rise(
    model: str | dict[str, Any], context: int, longer: int, batch: int, more: int, dtypes: tuple[str, str]
) -> None:
    less = served(model, gpu=A100, context=context, concurrency=batch, kv_dtype=dtypes[0])
    rise = served(model, gpu=A100, context=context + longer, concurrency=batch + more, kv_dtype=dtypes[1])
    for name in FLOORS:
        assert (less[name].value or 0) <= (rise[name].value or 0) * (1 + 1e-12), name


@given(st.sampled_from(SMALL_MODELS), st.integers(1, 12), st.integers(1, 12), st.integers(1, 500))
@settings(max_examples=40, deadline=None)
def test_floors_never_fall_when_layers_rise(model: dict[str, Any], layers: int, more: int, context: int) -> None:
    few, many = (
        served({**model, "num_hidden_layers": count}, gpu=A100, context=context, concurrency=3) for count in (layers, layers + more)
    )
    for name in FLOORS:
        assert (few[name].value or 0) < (many[name].value or 0), name


@given(st.sampled_from([DENSE, MIXTURE, WINDOWED]), st.integers(1, 500), st.integers(1, 64))
@settings(max_examples=25, deadline=None)
def test_floors_never_fall_when_weights_take_more_bytes(model: dict[str, Any], context: int, batch: int) -> None:
    target: dict[str, Any] = {"gpu": A100, "context": context, "concurrency": batch}
    half, full = (served({**model, "torch_dtype": dtype}, **target) for dtype in ("bfloat16", "float32"))
    four = served({**model, "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 16}}, **target)
    for name in FLOORS:
        assert (four[name].value or 0) <= (half[name].value or 0) <= (full[name].value or 0), name
