"""All figures together: which there are, in which unit, and what they were made to assume."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.figures import figures
from specverify.normalize.config import normalize_bytes
from specverify.target import Target
from tests.derive.served import DENSE, figure, published, served

ALWAYS = {
    "parameters": ("total", "activated", "activated_text_only", "activated_no_input_embedding", "activated_no_embeddings", "mtp"),
    "weights": ("bytes", "checkpoint_bytes", "bytes_per_gpu"),
    "cache": (
        "bytes_per_token", "fixed_bytes", "attention_bytes", "state_bytes", "cross_attention_bytes", "sequence_bytes", "layer_bytes",
        "total_bytes", "reserved_bytes", "sequence_bytes_per_gpu", "engine_bytes_per_token_per_gpu",
    ),
    "attention": ("score_matrix_bytes",),
    "prefill": ("flops",),
    "context": ("declared", "native", "effective.vllm", "effective.sglang", "effective.transformers", "effective.llamacpp"),
}  # fmt: skip
WITH_A_GPU = {
    "memory": ("total_bytes_per_gpu", "budget_bytes_per_gpu", "kv_pool_bytes_per_gpu"),
    "capacity": (
        "budget_bytes_per_gpu",
        "needed_bytes_per_gpu",
        "fits",
        "max_concurrency",
        "max_context",
        "smallest_tensor_parallel",
        "cheapest_set_gpus",
    ),
    "decode": ("floor_seconds",),
    "prefill": ("floor_seconds",),
}


def names(table: dict[str, tuple[str, ...]]) -> set[str]:
    return {f"{area}.{name}" for area, entries in table.items() for name in entries}


@pytest.mark.parametrize("model", ["llama-3.1-8b", "bert-base", "whisper-large-v3", "jamba-v0.1"])
def test_every_figure_is_there_for_every_kind_of_model(model: str) -> None:
    assert set(served(model)) == names(ALWAYS)
    assert set(served(model, gpu="h100-sxm-80gb")) == names(ALWAYS) | names(WITH_A_GPU)


def test_a_figure_carries_its_own_name() -> None:
    assert all(found.name == name for name, found in served("llama-3.1-8b", gpu="h100-sxm-80gb").items())


@pytest.mark.parametrize("model", ["llama-3.1-8b", "deepseek-v3", "gemma-3-4b", "qwen3-next-80b-a3b", "bert-base"])
def test_bytes_tokens_and_parameters_are_whole(model: str) -> None:
    for name, found in served(model).items():
        if found.unit in ("bytes", "tokens", "parameters") and found.value is not None:
            assert isinstance(found.value, int), name
            assert found.value >= 0, name


@pytest.mark.parametrize("model", ["deepseek-v3", "gemma-3-4b", "qwen3-next-80b-a3b", "whisper-large-v3", "gpt-oss-120b"])
def test_every_figure_has_a_working(model: str) -> None:
    for name, found in served(model, gpu="h200-sxm-141gb", gpus=8).items():
        assert found.number.formula(), name
        assert found.value is None or "unknown" not in found.number.worked(), name
        assert found.value is not None or found.number.reasons(), name


def test_what_is_no_language_model_has_no_figures() -> None:
    assert figures(normalize_bytes(b'{"_class_name": "AutoencoderKL"}'), Target(gpu="h100-sxm-80gb")) == {}


def test_a_dtype_nobody_states_is_assumed_aloud() -> None:
    bare = {key: value for key, value in DENSE.items() if key != "torch_dtype"}
    found = served(bare)
    assert found["weights.bytes"].value == figure("weights.bytes", DENSE)
    for name in ("weights.bytes", "cache.sequence_bytes"):
        assert (found[name].note or "").startswith("bfloat16 assumed: neither `dtype` nor `torch_dtype` is stated")
    assert served(DENSE)["weights.bytes"].note is None


def test_a_dtype_that_is_none_is_assumed_aloud() -> None:
    found = served({**DENSE, "torch_dtype": "bfloat17"})
    assert "dtype 'bfloat17' is not one weights are kept in" in (found["weights.bytes"].note or "")


PACKED = {
    "quant_method": "compressed-tensors",
    "config_groups": {"g": {"targets": ["Linear"], "weights": {"num_bits": 8, "strategy": "channel"}}},
}


def test_the_cache_is_kept_in_what_was_asked_calibrated_or_the_models_own() -> None:
    calibrated = {**DENSE, "quantization_config": {**PACKED, "kv_cache_scheme": {"num_bits": 8, "type": "float"}}}
    assert figure("cache.bytes_per_token", DENSE) == 256
    assert figure("cache.bytes_per_token", calibrated) == 128
    assert figure("cache.bytes_per_token", calibrated, kv_dtype="bf16") == 256
    assert figure("cache.bytes_per_token", {**DENSE, "torch_dtype": "float32"}) == 512


def test_the_dtype_of_a_calibrated_cache_rests_on_the_line_that_says_so() -> None:
    calibrated = {**DENSE, "quantization_config": {**PACKED, "kv_cache_scheme": {"num_bits": 8, "type": "float"}}}
    facts = {fact.name: fact for fact in served(calibrated)["cache.bytes_per_token"].number.rests_on()}
    assert facts["kv_cache_dtype"].readings[0].where.pointer == "/quantization_config/kv_cache_scheme"


@pytest.mark.parametrize(("engine", "context"), [("ideal", 131_072), ("vllm", 4096), ("sglang", 131_072), ("transformers", 131_072)])
def test_the_context_is_the_engines_own_unless_asked(engine: str, context: int) -> None:
    found = served("phi-3-mini-128k", engine=engine)
    assert found["cache.layer_bytes"].value == context * 2 * 32 * 96 * 2
    assert figure("cache.layer_bytes", "phi-3-mini-128k", engine=engine, context=100) == 100 * 2 * 32 * 96 * 2


def test_more_sequences_cost_as_much_each() -> None:
    one, many = served("llama-3.1-8b", context=4096), served("llama-3.1-8b", context=4096, concurrency=8)
    assert many["cache.total_bytes"].value == 8 * (one["cache.total_bytes"].value or 0)
    assert many["cache.sequence_bytes"].value == one["cache.sequence_bytes"].value


def test_the_score_matrix_nobody_should_make() -> None:
    assert figure("attention.score_matrix_bytes", "llama-3.1-8b", context=131_072) == 34_359_738_368


def test_a_sequence_is_the_sum_of_its_parts() -> None:
    for model in ("whisper-large-v3", "jamba-v0.1", "deepseek-v3"):
        found = {name: f.value or 0 for name, f in served(model).items()}
        parts = found["cache.attention_bytes"] + found["cache.state_bytes"] + found["cache.cross_attention_bytes"]
        assert found["cache.sequence_bytes"] == parts


def test_encoder_tokens_default_to_what_the_encoder_takes() -> None:
    assert figure("cache.cross_attention_bytes", "whisper-large-v3") == 163_840 * 1500
    assert figure("cache.cross_attention_bytes", "t5-base") == 36_864 * 512
    assert figure("cache.cross_attention_bytes", "t5-base", encoder_context=100) == 36_864 * 100


def test_same_spec_same_figures() -> None:
    target: dict[str, Any] = {"gpu": "h100-sxm-80gb", "gpus": 2, "context": 1000}
    first = {name: (f.value, f.number.worked(), f.note) for name, f in figures(published("gemma-3-4b"), Target(**target)).items()}
    again = {name: (f.value, f.number.worked(), f.note) for name, f in figures(published("gemma-3-4b"), Target(**target)).items()}
    assert first == again


def test_hundreds_of_layers_that_all_differ_are_folded_like_any() -> None:
    layers = 600
    varied = {str(i): {"num_key_value_heads": 1 + i % 4, "intermediate_size": 16 + i} for i in range(layers)}
    config = {**DENSE, "num_hidden_layers": layers, "per_layer_config": varied}
    found = served(config, context=10)
    assert found["cache.bytes_per_token"].value == sum(2 * 8 * 2 * (1 + i % 4) for i in range(layers))
    assert found["parameters.total"].number.worked()
