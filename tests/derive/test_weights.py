"""Bytes of published weights: bits per weight of each format, and which tensors a format leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.weights import inventory, resident, weight_bytes
from specverify.spec import Role
from tests.architectures.plans import spec_of
from tests.derive.served import DENSE, figure, served

WIDTH = 4096
WIDE: dict[str, Any] = {
    **DENSE,
    "hidden_size": WIDTH,
    "intermediate_size": WIDTH,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
    "vocab_size": 1000,
    "num_hidden_layers": 1,
}
"""Every linear layer of it is 4,096 x 4,096."""


def stored(config: dict[str, Any], **table: Any) -> dict[str, float | None]:
    """Bytes of one copy of each tensor, by name."""
    spec = spec_of({**config, "quantization_config": table} if table else config)
    return {entry.weight.name: entry.bytes_each.value for entry in inventory(spec, "bfloat16")}


def bits(**table: Any) -> float:
    """Bits a weight of one 4,096 x 4,096 linear layer."""
    found = stored(WIDE, **table)["mlp.down_proj.weight"]
    assert found is not None
    return found * 8 / WIDTH**2


FOUR_BIT = {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}


def packed(**weights: Any) -> dict[str, Any]:
    """A compressed-tensors table of one group."""
    return {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights}}}


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"quant_method": "awq", "bits": 4, "group_size": 128}, 4 + (16 + 4) / 128),
        ({"quant_method": "awq", "w_bit": 4, "q_group_size": 32}, 4.625),
        ({"quant_method": "gptq", "bits": 4, "group_size": 128}, 4 + (16 + 4) / 128 + 32 / WIDTH),
        ({"quant_method": "gptq", "bits": 4, "group_size": -1}, 4 + (16 + 4) / WIDTH + 32 / WIDTH),
        ({"quant_method": "gptq", "bits": 8, "group_size": 128}, 8 + (16 + 8) / 128 + 32 / WIDTH),
        ({"quant_method": "mxfp4"}, 4.25),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, 4.5 + 32 / WIDTH**2),
        ({"quant_method": "modelopt", "quant_algo": "FP8"}, 8 + 32 / WIDTH**2),
        ({"quant_method": "fp8"}, 8 + 32 / WIDTH**2),
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, 8 + 32 / 16384),
        ({"quant_method": "fbgemm_fp8"}, 8 + 32 / WIDTH),
        ({"quant_method": "bitsandbytes", **FOUR_BIT}, 4.5),
        ({"quant_method": "bitsandbytes", **FOUR_BIT, "bnb_4bit_use_double_quant": True}, 4 + 8 / 64 + 32 / 16384),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, 8 + 32 / WIDTH),
        (packed(num_bits=4, type="int", symmetric=True, strategy="group", group_size=128), 4.125),
        (packed(num_bits=4, type="int", symmetric=False, strategy="group", group_size=128), 4.15625),
        (packed(num_bits=8, type="float", strategy="channel"), 8 + 16 / WIDTH),
        (packed(num_bits=8, type="float", strategy="tensor"), 8 + 32 / WIDTH**2),
        (packed(num_bits=8, type="float", strategy="block", block_structure=[128, 128]), 8 + 32 / 16384),
        (packed(num_bits=4, type="float", strategy="tensor_group", group_size=16), 4.5 + 32 / WIDTH**2),
        (packed(num_bits=4, type="float", strategy="group", group_size=32), 4.25),
    ],
)
def test_bits_per_weight(table: dict[str, Any], expected: float) -> None:
    assert bits(**table) == pytest.approx(expected, abs=1e-9)


def test_a_plain_weight_is_two_bytes() -> None:
    assert stored(WIDE)["mlp.down_proj.weight"] == WIDTH**2 * 2


def test_blocks_that_do_not_divide_are_whole() -> None:
    """DeepSeek-V3's latent projection is 576 x 7,168: 5 x 56 blocks, not 4.5 x 56."""
    config = {**WIDE, "intermediate_size": 576}
    found = stored(config, quant_method="fp8", weight_block_size=[128, 128])
    assert found["mlp.up_proj.weight"] == 576 * WIDTH + 5 * 32 * 4
    assert found["mlp.down_proj.weight"] == 576 * WIDTH + 32 * 5 * 4


@pytest.mark.parametrize(
    ("model", "checkpoint"),
    [
        ("deepseek-v3", 688_574_778_944 + 59 * 256 * 4),  # beside the shards' bf16 and fp8: 59 correction biases kept in F32
        ("gpt-oss-20b", 13_761_264_768),
        ("gpt-oss-120b", 65_248_815_744),
        ("llama-3.1-8b", 16_060_522_496),
        ("bert-base", 219_028_596),
    ],
)
def test_published_checkpoints(model: str, checkpoint: int) -> None:
    assert figure("weights.checkpoint_bytes", model) == checkpoint


def test_next_token_prediction_is_stored_and_not_served() -> None:
    """The module is 11,610,067,968 parameters in fp8 blocks with copies of embedding and head in bf16."""
    found = served("deepseek-v3")
    served_bytes, stored_bytes = found["weights.bytes"].value, found["weights.checkpoint_bytes"].value
    assert (served_bytes, stored_bytes) == (673_150_611_808, 688_574_839_360)
    assert figure("weights.bytes", "llama-3.1-8b") == figure("weights.checkpoint_bytes", "llama-3.1-8b")


def test_an_awq_model_keeps_embedding_head_and_norms_wide() -> None:
    """Llama-3-8B in AWQ is 5.7 GB, not the 4.0 that 4 bits would make."""
    shape = {"hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8}
    config = {**DENSE, **shape, "vocab_size": 128256, "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128}}
    linear = 32 * (2 * 4096**2 + 2 * 4096 * 1024 + 3 * 4096 * 14336)
    wide = 2 * 128256 * 4096 + 65 * 4096
    assert figure("weights.bytes", config) == linear * 4.15625 / 8 + wide * 2


PLAIN_HEAD = 1000 * WIDTH * 2


@pytest.mark.parametrize(
    ("table", "head"),
    [
        ({"quant_method": "awq", "bits": 4, "group_size": 128}, PLAIN_HEAD),
        ({"quant_method": "gptq", "bits": 8, "group_size": -1, "lm_head": True}, 1000 * (WIDTH + 3) + WIDTH * 4),
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, PLAIN_HEAD),
        (packed(num_bits=8, type="float", strategy="channel"), 1000 * (WIDTH + 2)),
        (packed(num_bits=8, type="float", strategy="channel") | {"ignore": ["lm_head"]}, PLAIN_HEAD),
    ],
)
def test_whether_a_format_quantizes_the_head(table: dict[str, Any], head: int) -> None:
    assert stored(WIDE, **table)["lm_head.weight"] == head


def test_embeddings_and_norms_stay_as_they_are() -> None:
    found = stored(WIDE, **packed(num_bits=8, type="float", strategy="channel"))
    assert found["model.embed_tokens.weight"] == PLAIN_HEAD
    assert found["input_layernorm.weight"] == WIDTH * 2


@pytest.mark.parametrize("pattern", ["model.layers.1.mlp", "layers.1.mlp.down_proj", "re:.*layers\\.1\\.mlp.*", "*layers.1.mlp*"])
def test_ignored_layers_are_plain_and_the_others_not(pattern: str) -> None:
    table = {"quant_method": "fp8", "modules_to_not_convert": [pattern]}
    spec = spec_of({**WIDE, "num_hidden_layers": 3, "quantization_config": table})
    found = [(e.count.value, e.bytes_each.value) for e in inventory(spec, "bfloat16") if e.weight.name == "mlp.down_proj.weight"]
    assert sorted(found) == [(1, WIDTH**2 * 2), (2, WIDTH**2 + 4)]


def test_groups_apply_to_the_modules_they_name() -> None:
    eight, four = {"num_bits": 8, "strategy": "channel"}, {"num_bits": 4, "strategy": "group", "group_size": 128}
    groups = {"a": {"targets": ["re:.*self_attn.*"], "weights": eight}, "b": {"targets": ["Linear"], "weights": four}}
    found = stored(WIDE, quant_method="compressed-tensors", config_groups=groups)
    assert found["self_attn.q_proj.weight"] == WIDTH * (WIDTH + 2)
    assert found["mlp.up_proj.weight"] == WIDTH**2 * 4.125 / 8


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({"quant_method": "aqlm"}, "how quantization method 'aqlm' stores its weights is not known"),
        (
            {"quant_method": "compressed-tensors", "config_groups": {}},
            "what the compressed-tensors table says of bits and groups is not understood",
        ),
        ({"quant_method": "awq", "bits": "four", "group_size": 128}, "`bits` should be a positive integer"),
        ({"quant_method": "awq", "bits": 4}, "/quantization_config states no `group_size`"),
        ({"quant_method": "fp8", "modules_to_not_convert": ["re:(a+)+b"]}, "a module pattern of the quantization table is not understood"),
    ],
)
def test_what_is_not_understood_is_unknown_with_its_reason(table: dict[str, Any], reason: str) -> None:
    number = served({**WIDE, "quantization_config": table})["weights.bytes"].number
    assert number.value is None
    assert reason in number.reasons()


def test_a_tied_head_is_stored_once() -> None:
    tied, untied = ({**DENSE, "tie_word_embeddings": tie} for tie in (True, False))
    difference = (figure("weights.bytes", untied) or 0) - (figure("weights.bytes", tied) or 0)
    assert difference == 97 * 32 * 2


def test_the_dtype_of_the_config_sets_the_bytes() -> None:
    half, single = figure("weights.bytes", DENSE), figure("weights.bytes", {**DENSE, "torch_dtype": "float32"})
    assert single == (half or 0) * 2


def test_experts_are_counted_by_copies() -> None:
    spec = spec_of({**DENSE, "model_type": "mixtral", "num_local_experts": 8, "num_experts_per_tok": 2})
    experts = [entry for entry in inventory(spec, "bfloat16") if entry.weight.role is Role.ROUTED_EXPERT]
    assert sum(int(entry.total().value or 0) for entry in experts) == 4 * 8 * 3 * 32 * 48 * 2
    assert weight_bytes(resident(experts)).value == weight_bytes(experts).value
