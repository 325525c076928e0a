"""The dialects of `quantization_config` on one shape; their bytes are checked in tests/derive/test_weights.py."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.facts import Source
from specverify.spec import ModelSpec, Quantization
from tests.architectures.plans import SMALL, spec_of


def spec(**raw: Any) -> ModelSpec:
    return spec_of({"model_type": "llama", **SMALL, **raw})


def table(**raw: Any) -> Quantization:
    found = spec(quantization_config=raw).quantization
    assert found is not None
    return found


@pytest.mark.parametrize("raw", [{}, {"quantization_config": None}, {"quantization_config": {}}])
def test_nothing_declared_is_nothing(raw: dict[str, Any]) -> None:
    assert spec(**raw).quantization is None


@pytest.mark.parametrize("value", ["fp8", 8, [1], True])
def test_a_table_that_is_no_object_is_a_problem(value: Any) -> None:
    found = spec(quantization_config=value)
    assert found.quantization is None
    assert [(p.kind, p.pointer) for p in found.problems] == [("type", "/quantization_config")]


@pytest.mark.parametrize(
    ("raw", "method", "source"),
    [
        ({"quant_method": "awq", "bits": 4, "group_size": 128}, "awq", Source.DECLARED),
        ({"quant_method": "compressed-tensors", "config_groups": {}}, "compressed-tensors", Source.DECLARED),
        ({"config_groups": {}}, "compressed-tensors", Source.DERIVED),
        ({"quant_algo": "FP8"}, "modelopt", Source.DERIVED),
        ({"load_in_4bit": True}, "bitsandbytes", Source.DERIVED),
        ({"load_in_8bit": True}, "bitsandbytes", Source.DERIVED),
    ],
)
def test_the_method_is_named_or_told_by_its_keys(raw: dict[str, Any], method: str, source: Source) -> None:
    found = table(**raw).method
    assert (found.value, found.readings[0].source) == (method, source)


def test_a_method_nobody_knows_leaves_the_schemes_empty_with_a_reason() -> None:
    found = table(quant_method="bitnet")
    assert (found.schemes, found.reason) == ((), "how quantization method 'bitnet' stores its weights is not known")


def test_a_table_without_method_or_tell_tale_keys() -> None:
    assert "None" in (table(foo=1).reason or "")
    assert table(foo=1).schemes == ()


@pytest.mark.parametrize("key", ["modules_to_not_convert", "ignored_layers", "ignore", "exclude_modules", "llm_int8_skip_modules"])
def test_every_name_of_the_ignore_list(key: str) -> None:
    assert table(quant_method="fp8", **{key: ["lm_head", 3, "x" * 301]}).ignored == ("lm_head",)


def test_an_ignore_list_that_is_none_ignores_nothing() -> None:
    assert table(quant_method="fp8", ignore="lm_head").ignored == ()


@pytest.mark.parametrize(
    ("block", "known"), [([128, 128], True), ([128], False), ([128, "128"], False), ([0, 128], False), ("128", False), ([True, 128], False)]
)
def test_a_block_is_two_whole_numbers(block: Any, known: bool) -> None:
    found = table(quant_method="fp8", weight_block_size=block)
    assert bool(found.schemes) is known
    if known:
        assert (found.schemes[0].across, found.schemes[0].along) != (None, None)
    else:
        assert found.reason == "what the fp8 table says of bits and groups is not understood"


def test_sizes_are_traced_to_their_line() -> None:
    found = table(quant_method="gptq", bits=4, group_size=128)
    bits, along = found.schemes[0].bits, found.schemes[0].along
    assert bits.fact is not None
    assert along is not None
    assert along.fact is not None
    assert bits.fact.readings[0].where.pointer == "/quantization_config/bits"
    assert along.fact.readings[0].where.pointer == "/quantization_config/group_size"
    assert bits.value == 4


@pytest.mark.parametrize("bits", ["4", 0, -4, True, 4.0, 2**40])
def test_bits_that_are_no_size_are_unknown(bits: Any) -> None:
    scheme = table(quant_method="gptq", bits=bits, group_size=128).schemes[0]
    assert scheme.bits.value is None
    assert scheme.bits.reasons() == ("`bits` should be a positive integer",)


@pytest.mark.parametrize(
    ("raw", "dtype"),
    [
        ({"kv_cache_scheme": {"num_bits": 8, "type": "float"}}, "fp8"),
        ({"kv_cache_scheme": {"num_bits": 8, "type": "int"}}, "int8"),
        ({"kv_cache_quant_algo": "FP8"}, "fp8"),
        ({"kv_cache_scheme": None}, None),
        ({"kv_cache_scheme": {"num_bits": 4}}, None),
    ],
)
def test_the_dtype_a_cache_was_calibrated_for(raw: dict[str, Any], dtype: str | None) -> None:
    found = table(quant_method="modelopt", quant_algo="FP8", **raw).kv_cache
    assert (found and found.value) == dtype


def test_groups_keep_their_targets_but_for_every_linear_layer() -> None:
    weights = {"num_bits": 8, "strategy": "channel"}
    found = table(config_groups={"a": {"targets": ["Linear"], "weights": weights}, "b": {"targets": ["re:.*mlp.*"], "weights": weights}})
    assert [scheme.targets for scheme in found.schemes] == [(), ("re:.*mlp.*",)]
    assert (found.head, found.router) == (True, True)


@pytest.mark.parametrize(
    "groups", [[], {"a": 1}, {"a": {"weights": None}}, {"a": {"weights": {"num_bits": 5}}}, {str(i): {} for i in range(1001)}]
)
def test_groups_that_make_no_sense_are_not_understood(groups: Any) -> None:
    assert table(quant_method="compressed-tensors", config_groups=groups).schemes == ()


def test_the_table_of_the_text_config_is_found() -> None:
    config = {"model_type": "gemma3", "text_config": {**SMALL, "quantization_config": {"quant_method": "fp8"}}}
    found = spec_of(config).quantization
    assert found is not None
    assert found.method.readings[0].where.pointer == "/text_config/quantization_config/quant_method"


def test_the_root_comes_before_the_text_config() -> None:
    inner = {**SMALL, "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 32}}
    found = spec_of({"model_type": "gemma3", "quantization_config": {"quant_method": "fp8"}, "text_config": inner}).quantization
    assert found is not None
    assert found.method.value == "fp8"
