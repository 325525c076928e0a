"""What one sequence keeps: worked numbers of published models, and what windows, splits and unknowns do to them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specverify import num
from specverify.derive import cache
from specverify.num import Num
from specverify.spec import Rows
from tests.architectures.plans import SMALL, spec_of
from tests.derive.served import DENSE, GIB, MIB, figure, published, served

BF16 = num.const(2)


def attention(model_type: str, layers: int, kv_heads: int, dim: int, **more: Any) -> dict[str, Any]:
    """A config of published attention sizes; the rest does not matter to the cache."""
    sizes = {"num_hidden_layers": layers, "num_key_value_heads": kv_heads, "head_dim": dim, "num_attention_heads": 64, "hidden_size": 8192}
    return {"model_type": model_type, "vocab_size": 1000, "intermediate_size": 64, "torch_dtype": "bfloat16", **sizes, **more}


LATENT = {"q_lora_rank": None, "kv_lora_rank": 512, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128}
PER_TOKEN = {
    "Llama-3.1-405B": (attention("llama", 126, 8, 128), 516_096),
    "Qwen3-32B": (attention("qwen3", 64, 8, 128), 262_144),
    "Qwen3-235B-A22B": (attention("qwen3_moe", 94, 4, 128), 192_512),
    "DeepSeek-V2-Lite": (attention("deepseek_v2", 27, 16, 192, **LATENT), 31_104),
    "Command-R": (attention("cohere", 40, 64, 128), 1_310_720),
    "Falcon-7B": (
        {"model_type": "falcon", "num_hidden_layers": 32, "num_attention_heads": 71, "hidden_size": 4544, "vocab_size": 65024,
         "multi_query": True, "torch_dtype": "bfloat16"},
        8_192,
    ),
}  # fmt: skip


@pytest.mark.parametrize("model", PER_TOKEN)
def test_growth_per_token_of_published_sizes(model: str) -> None:
    config, expected = PER_TOKEN[model]
    assert figure("cache.bytes_per_token", config) == expected


@pytest.mark.parametrize(
    ("model", "growing", "fixed"),
    [
        ("llama-2-7b", 524_288, 0),
        ("llama-3.1-70b", 327_680, 0),
        ("qwen2.5-7b-instruct", 57_344, 0),
        ("qwen3-8b", 147_456, 0),
        ("qwen3-30b-a3b", 98_304, 0),
        ("deepseek-v3", 70_272, 0),
        ("gpt-oss-120b", 36_864, 18 * 128 * 2048),
        ("gpt-oss-20b", 24_576, 3 * MIB),
        ("gemma-2-9b", 21 * 8192, 672 * MIB),
        ("mistral-7b-v0.1", 0, 512 * MIB),
        ("mistral-7b-v0.3", 131_072, 0),
        ("llama-4-scout", 49_152, 36 * 8192 * 4096),
        ("qwen3-next-80b-a3b", 24_576, 77_266_944),
        ("jamba-v0.1", 16_384, 16_056_320),
        ("t5-base", 36_864, 0),
        ("whisper-large-v3", 163_840, 0),
        ("bert-base", 0, 0),
    ],
)
def test_growth_and_fixed_part_of_published_models(model: str, growing: int, fixed: int) -> None:
    found = served(model)
    assert (found["cache.bytes_per_token"].value, found["cache.fixed_bytes"].value) == (growing, fixed)


@pytest.mark.parametrize(
    ("model", "context", "expected"),
    [
        ("gemma-2-9b", 8192, (1344 + 672) * MIB),
        ("llama-3.1-8b", 131_072, 16 * GIB),
        ("mistral-7b-v0.1", 131_072, 512 * MIB),
        ("llama-4-scout", 10_485_760, 480 * GIB + 36 * 8192 * 4096),
    ],
)
def test_a_whole_sequence(model: str, context: int, expected: int) -> None:
    assert figure("cache.sequence_bytes", model, context=context) == expected


def test_speech_keeps_more_of_the_encoder_than_of_itself() -> None:
    found = served("whisper-large-v3", context=448, encoder_context=1500)
    assert found["cache.attention_bytes"].value == 70 * MIB
    assert found["cache.cross_attention_bytes"].value == 245_760_000
    assert found["cache.sequence_bytes"].value == 70 * MIB + 245_760_000


def test_a_window_is_full_at_the_smaller_of_window_and_context() -> None:
    per_token = 131_072
    assert figure("cache.sequence_bytes", "mistral-7b-v0.1", context=4095) == 4095 * per_token
    assert figure("cache.sequence_bytes", "mistral-7b-v0.1", context=4096) == 4096 * per_token
    assert figure("cache.sequence_bytes", "mistral-7b-v0.1", context=4097) == 4096 * per_token


def test_one_layer_of_the_group_that_keeps_most() -> None:
    assert figure("cache.layer_bytes", "dense-80-layers", context=32_768) == 134_217_728
    assert figure("cache.sequence_bytes", "dense-80-layers", context=32_768) == 10 * GIB
    assert figure("cache.total_bytes", "dense-80-layers", context=131_072, concurrency=8) == 320 * GIB
    assert figure("cache.layer_bytes", "gpt-oss-120b", context=4096) == 4096 * 2048


def test_fewer_key_value_heads_than_gpus_are_replicated() -> None:
    one, split = served("qwen3-next-80b-a3b", context=4096), served("qwen3-next-80b-a3b", context=4096, gpus=8)
    keys_and_values, state = 24_576 * 4096, 77_266_944
    assert one["cache.sequence_bytes_per_gpu"].value == keys_and_values + state
    assert split["cache.sequence_bytes_per_gpu"].value == keys_and_values // 2 + state // 8
    assert split["cache.sequence_bytes"].value == keys_and_values + state


@pytest.mark.parametrize(("gpus", "per_token"), [(1, 327_680), (2, 163_840), (8, 40_960), (16, 40_960), (64, 40_960)])
def test_a_split_ends_at_one_head_a_gpu(gpus: int, per_token: int) -> None:
    assert figure("cache.sequence_bytes_per_gpu", "llama-3.1-70b", context=1000, gpus=gpus) == per_token * 1000


@pytest.mark.parametrize("gpus", [1, 2, 8, 16])
def test_a_latent_stands_whole_on_every_gpu(gpus: int) -> None:
    assert figure("cache.sequence_bytes_per_gpu", "deepseek-v3", context=163_840, gpus=gpus) == 70_272 * 163_840


def test_stages_keep_their_own_layers() -> None:
    latents = figure("cache.sequence_bytes_per_gpu", "deepseek-v3", context=1000, gpus=2, pipeline_parallel=2)
    assert latents == 31 * 576 * 2 * 1000  # 61 layers over 2 stages: the fuller has 31
    assert figure("cache.sequence_bytes_per_gpu", "llama-3.1-70b", context=1000, pipeline_parallel=4, tensor_parallel=8) == 20 * 512 * 1000


def test_replicas_of_the_model_do_not_split_a_sequence() -> None:
    assert figure("cache.sequence_bytes_per_gpu", "llama-3.1-8b", context=1000, data_parallel=4) == 131_072_000


@pytest.mark.parametrize(
    ("dtype", "expected"), [("auto", 70_272), ("fp8", 35_136), ("int8", 35_136), ("bf16", 70_272), ("float32", 140_544)]
)
def test_the_dtype_of_the_cache(dtype: str, expected: int) -> None:
    assert figure("cache.bytes_per_token", "deepseek-v3", kv_dtype=dtype) == expected


@pytest.mark.parametrize(("model", "own", "bf16"), [("jamba-v0.1", 16_056_320, 8_716_288), ("qwen3-next-80b-a3b", 77_266_944, 39_518_208)])
def test_recurrent_state_in_its_own_dtype_or_another(model: str, own: int, bf16: int) -> None:
    assert figure("cache.state_bytes", model) == own
    assert figure("cache.state_bytes", model, state_dtype="bf16") == bf16
    assert figure("cache.state_bytes", model, context=7) == own


def test_keys_and_values_of_different_width() -> None:
    heads, key, value = num.const(4), num.const(192), num.const(128)
    assert cache.keys_and_values(heads, key, value).value == 4 * (192 + 128)  # MiMo-V2-Flash: 2 x head_dim would be wrong
    assert cache.keys_and_values(heads, value, value).value == 2 * 4 * 128


def test_the_worked_line_names_layers_heads_and_bytes() -> None:
    number = served("deepseek-v3")["cache.bytes_per_token"].number
    assert number.worked() == "61 x (512 + 64) x 2 B"
    assert number.formula().startswith("num_hidden_layers x (kv_lora_rank + qk_rope_head_dim) x ")
    assert {"num_hidden_layers", "kv_lora_rank", "qk_rope_head_dim"} <= {fact.name for fact in number.rests_on()}


def test_dense_and_sparse_layers_with_equal_caches_are_one_entry() -> None:
    entries = cache.plan(published("deepseek-v3"))
    assert [entry.count.value for entry in entries] == [61]


def test_an_unknown_size_makes_the_cache_unknown_with_its_reason() -> None:
    found = served({**DENSE, "num_key_value_heads": "eight"})
    for name in ("cache.bytes_per_token", "cache.sequence_bytes", "cache.layer_bytes", "cache.total_bytes", "cache.sequence_bytes_per_gpu"):
        assert found[name].value is None
        assert "`num_key_value_heads` should be an integer" in found[name].number.reasons()


def test_an_encoder_keeps_nothing() -> None:
    assert cache.plan(published("bert-base")) == ()


def test_a_zero_layer_model_keeps_nothing() -> None:
    assert figure("cache.sequence_bytes", {**DENSE, "num_hidden_layers": 0}) == 0


@given(st.integers(1, 300), st.integers(1, 300))
@settings(max_examples=40, deadline=None)
def test_caches_only_grow_with_the_context(shorter: int, longer: int) -> None:
    spec = spec_of({"model_type": "gemma2", "sliding_window": 64, "head_dim": 8, **SMALL})
    low, high = sorted((shorter, longer))

    def kept(context: int) -> Num:
        return cache.attention_bytes(cache.plan(spec), num.const(context), BF16)

    assert 0 < (kept(low).value or 0) <= (kept(high).value or 0)


@given(st.integers(1, 12), st.integers(1, 8), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_costs_never_fall_as_models_and_batches_grow(layers: int, concurrency: int, kv_heads: int) -> None:
    names = ("cache.total_bytes", "cache.sequence_bytes", "weights.bytes", "parameters.total", "prefill.flops")

    def cost(**change: int) -> list[float]:
        sizes = {"num_hidden_layers": layers, "num_key_value_heads": kv_heads} | {k: v for k, v in change.items() if k != "concurrency"}
        found = served({**DENSE, **sizes}, context=64, concurrency=change.get("concurrency", concurrency))
        return [found[name].value or 0 for name in names]

    base = cost()
    for bigger in (cost(num_hidden_layers=layers + 1), cost(concurrency=concurrency + 1), cost(num_key_value_heads=kv_heads + 1)):
        assert all(after >= before for before, after in zip(base, bigger, strict=True))


@pytest.mark.parametrize(
    ("rows", "tokens", "kept"),
    [
        (Rows(num.const(10)), 30, 300),
        (Rows(num.const(10), num.const(8)), 30, 30),
        (Rows(num.const(10), num.const(8), pending=num.const(3)), 30, 48),
        (Rows(num.const(10), num.const(8), last=num.const(2)), 30, 46),
        (Rows(num.const(10), num.const(8), last=num.const(2)), 7, 0),
        (Rows(num.const(10), num.const(8), num.const(3), num.const(2)), 7, 21),
    ],
)
def test_rows_of_whole_blocks_and_what_is_kept_to_make_the_next(rows: Rows, tokens: int, kept: int) -> None:
    assert cache.row_elements(rows, num.const(tokens)).value == kept
