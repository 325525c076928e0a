"""Base models and relations against the config and the files, and what may not be said of them."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.outcome import Severity, Skipped
from tests.rules.assessed import LLAMA, found_in_card, said_of_card

BASE = "license: mit\nbase_model: example/base\nbase_model_relation: "


@pytest.mark.parametrize(
    ("base", "line", "meant"),
    [
        ("https://huggingface.co/example/base/tree/main", 2, "example/base"),
        ("https://example.org/base", 2, None),
        ("/root/models/base", 2, None),
        ("Example base 7B", 2, None),
        ("[example/base, a/b/c]", 2, None),
        ("{name: example/base}", 2, None),
    ],
)
def test_a_base_that_is_no_repository(base: str, line: int, meant: str | None) -> None:
    (finding,) = found_in_card(f"base_model: {base}", "MET020")
    assert finding.evidence[0].line == line
    assert (meant or "as `org/name`") in (finding.fix or "")


@pytest.mark.parametrize("base", ["example/base", "gpt2", "[example/base, example/Other-2.5_b]", "", "''"])
def test_ids_are_silent(base: str) -> None:
    assert not found_in_card(f"base_model: {base}", "MET020")


def test_many_wrong_bases_are_reported_in_part() -> None:
    assert len(found_in_card("base_model: [" + ", ".join(["a b"] * 150) + "]", "MET020")) == 8


@pytest.mark.parametrize(
    ("relation", "meant"), [("fine-tuned", "finetune"), ("Quantized", "quantized"), ("lora", "adapter"), ("based on", None)]
)
def test_an_unknown_relation_and_what_it_means(relation: str, meant: str | None) -> None:
    (finding,) = found_in_card(BASE + relation, "MET021")
    assert (f"`{meant}` is." in finding.message) is (meant is not None)


@pytest.mark.parametrize("relation", ["adapter", "finetune", "merge", "quantized"])
def test_the_four_relations_are_silent(relation: str) -> None:
    assert not found_in_card(BASE + relation, "MET021")


@pytest.mark.parametrize(("relation", "says"), [("quantized", 1), ("adapter", 1), ("merge", 0), ("finetune", 0)])
def test_several_bases_by_relation(relation: str, says: int) -> None:
    assert len(found_in_card(f"base_model: [a/b, c/d]\nbase_model_relation: {relation}", "MET022")) == says


def test_an_adapter_with_the_files_of_a_model() -> None:
    assert found_in_card(BASE + "adapter", "MET023", "model-00001-of-00002.safetensors")
    assert found_in_card(BASE + "adapter", "MET023", "pytorch_model.bin")


@pytest.mark.parametrize(
    "paths", [("adapter_model.safetensors", "adapter_config.json", "model.safetensors"), ("model_lora.safetensors",), ()]
)
def test_an_adapter_with_an_adapter_s_files_or_unknown_ones(paths: tuple[str, ...]) -> None:
    assert not found_in_card(BASE + "adapter", "MET023", *paths)


FLOATS = {"model.embed_tokens.weight": ("BF16", [32000, 512]), "model.norm.weight": ("F32", [512])}


def test_a_quantized_copy_of_floats() -> None:
    (finding,) = found_in_card(BASE + "quantized", "MET024", tensors=FLOATS)
    assert "BF16 and F32" in finding.message
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("paths", "config", "dtype"),
    [
        (("model-Q4_K_M.gguf",), {}, "BF16"),
        (("model.mlpackage/Data/weights/weight.bin",), {}, "BF16"),
        ((), {"quantization": {"bits": 4, "group_size": 64}}, "BF16"),
        ((), {"quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 128}}, "BF16"),
        ((), {}, "I32"),
        ((), {}, "F8_E4M3"),
    ],
)
def test_copies_quantized_somewhere(paths: tuple[str, ...], config: dict[str, Any], dtype: str) -> None:
    tensors = {**FLOATS, "model.layers.0.mlp.up_proj.weight": (dtype, [1376, 512])}
    assert not found_in_card(BASE + "quantized", "MET024", *paths, config={**LLAMA, **config}, tensors=tensors)


def test_without_tensors_nothing_is_said_of_them() -> None:
    (skipped,) = said_of_card(BASE + "quantized", "MET024")
    assert isinstance(skipped, Skipped)


@pytest.mark.parametrize(("method", "says"), [("gptq", 1), ("AWQ", 1), ("fp8", 0), ("mxfp4", 0), ("bitsandbytes", 0)])
def test_fine_tuned_and_quantized_by_method(method: str, says: int) -> None:
    config = {**LLAMA, "quantization_config": {"quant_method": method, "bits": 4, "group_size": 128}}
    assert len(found_in_card(BASE + "finetune", "MET025", config=config)) == says


def test_itself_in_any_case_of_letters() -> None:
    name = {"name": "Example/Model"}
    assert len(found_in_card("base_model: [example/model, a/b]\nnew_version: Example/Model", "MET026", origin=name)) == 2
    assert not found_in_card("base_model: model", "MET026", origin={"name": "model"})


def test_a_newer_version_is_worth_knowing() -> None:
    (finding,) = found_in_card("new_version: example/model-2", "MET027")
    assert finding.severity is Severity.INFO
    assert not found_in_card("new_version:", "MET027")
