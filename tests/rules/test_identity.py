"""Rules about what the model says it is, beyond their examples."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.outcome import Severity
from tests.rules.assessed import LLAMA, found, reason

SIZES = {key: value for key, value in LLAMA.items() if key not in ("architectures", "model_type")}
CUSTOM = {**SIZES, "architectures": ["ExampleForCausalLM"], "model_type": "example"}
OWN_CODE = {"AutoConfig": "configuration_example.ExampleConfig", "AutoModelForCausalLM": "modeling_example.ExampleForCausalLM"}


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "llama"},
        {"architectures": ["ExampleForCausalLM"]},
        {"auto_map": OWN_CODE},
        {"_class_name": "UNet2DConditionModel"},
    ],
)
def test_one_way_to_the_class_is_enough(config: dict[str, Any]) -> None:
    assert not found({**SIZES, **config}, "IDN001")


def test_no_way_to_the_class_is_an_error_with_what_is_stated() -> None:
    (finding,) = found({**SIZES, "model_type": "example"}, "IDN001")
    assert finding.severity is Severity.ERROR
    assert finding.evidence[0].pointer == "/model_type"


def test_an_adapter_and_what_is_no_language_model_need_none() -> None:
    assert not found(SIZES, "IDN001", "adapter_config.json")
    assert not found({"architecture": "resnet50", "num_classes": 1000}, "IDN001")


@pytest.mark.parametrize(
    ("architecture", "model_type"),
    [
        ("GPT2LMHeadModel", "gpt2"),
        ("Llama4ForCausalLM", "llama4_text"),
        ("Qwen3_5MoeForCausalLM", "qwen3_5_moe_text"),
        ("BlenderbotForConditionalGeneration", "blenderbot"),
    ],
)
def test_types_that_share_a_class_or_are_half_of_one(architecture: str, model_type: str) -> None:
    assert not found({**SIZES, "architectures": [architecture], "model_type": model_type}, "IDN002")


@pytest.mark.parametrize(
    ("architecture", "model_type"),
    [
        ("LlamaForCausalLM", "qwen2"),
        ("Qwen2ForCausalLM", "qwen2_moe"),
        ("Gemma2ForCausalLM", "gemma"),
        ("Qwen3_5MoeForConditionalGeneration", "qwen3_5_moe_text"),
    ],
)
def test_two_classes(architecture: str, model_type: str) -> None:
    (finding,) = found({**SIZES, "architectures": [architecture], "model_type": model_type}, "IDN002")
    assert {e.pointer for e in finding.evidence} == {"/architectures", "/model_type"}


@pytest.mark.parametrize("changed", [{"model_type": "kimi_k9"}, {"architectures": ["YiForCausalLM"]}, {"architectures": []}])
def test_a_class_or_type_that_is_not_known_is_no_mismatch(changed: dict[str, Any]) -> None:
    assert reason({**LLAMA, **changed}, "IDN002")


def test_own_code_is_a_warning_where_it_is_needed_and_info_where_it_is_not() -> None:
    (needed,) = found({**CUSTOM, "auto_map": OWN_CODE}, "IDN003")
    (spare,) = found({**LLAMA, "auto_map": OWN_CODE}, "IDN003")
    assert (needed.severity, spare.severity) == (Severity.WARNING, Severity.INFO)
    assert "example" in needed.message


def test_code_that_is_not_there_is_an_error_where_nothing_else_loads_it() -> None:
    paths = ("model.safetensors", "configuration_example.py")
    (finding,) = found({**CUSTOM, "auto_map": OWN_CODE}, "IDN004", *paths)
    (milder,) = found({**LLAMA, "auto_map": OWN_CODE}, "IDN004", *paths)
    assert (finding.severity, milder.severity) == (Severity.ERROR, Severity.WARNING)
    assert finding.message == "`auto_map` names modeling_example.py, which is not there."
    assert finding.evidence[0].pointer == "/auto_map/AutoModelForCausalLM"


def test_code_of_another_repository_and_code_that_is_there() -> None:
    elsewhere = {"AutoConfig": "org/name--configuration_example.ExampleConfig", "AutoTokenizer": ["org/name--t.Slow", None]}
    assert not found({**CUSTOM, "auto_map": elsewhere}, "IDN004", "model.safetensors")
    assert not found({**CUSTOM, "auto_map": OWN_CODE}, "IDN004", "w.bin", "configuration_example.py", "modeling_example.py")


def test_a_folder_without_weights_is_no_whole_model() -> None:
    assert "no weights" in str(reason({**CUSTOM, "auto_map": OWN_CODE}, "IDN004"))


@pytest.mark.parametrize("entries", [7, 9])
def test_a_known_class_takes_as_many_layer_types_as_layers(entries: int) -> None:
    config = {**LLAMA, "architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "layer_types": ["full_attention"] * entries}
    (finding,) = found(config, "IDN005")
    assert {e.value for e in finding.evidence} == {8, entries}


def test_a_class_read_by_the_common_table_may_list_more() -> None:
    config = {**LLAMA, "architectures": ["Step3p5ForCausalLM"], "model_type": "step3p5"}
    assert not found({**config, "layer_types": ["full_attention"] * 9}, "IDN005")
    assert found({**config, "layer_types": ["full_attention"] * 7}, "IDN005")


@pytest.mark.parametrize("kind", ["attention", "mamba", "linear_attention"])
def test_older_names_of_layer_kinds_are_renamed(kind: str) -> None:
    config = {**LLAMA, "architectures": ["Step3p5ForCausalLM"], "model_type": "step3p5", "layer_types": [kind] * 8}
    assert not found(config, "IDN006")
    assert found({**config, "layer_types": [*[kind] * 7, "full"]}, "IDN006")


@pytest.mark.parametrize(("entries", "severity"), [(61, None), (62, None), (60, "error"), (63, "warning")])
def test_a_list_by_layer_may_go_on_for_next_token_prediction(entries: int, severity: str | None) -> None:
    config = {**CUSTOM, "num_hidden_layers": 61, "num_nextn_predict_layers": 1, "compress_ratios": [4] * entries}
    assert [finding.severity for finding in found(config, "IDN007")] == ([severity] if severity else [])


def test_an_empty_list_by_layer_means_the_class_default() -> None:
    assert not found({**CUSTOM, "no_rope_layers": []}, "IDN007")


def test_marian_builds_what_the_common_spelling_says() -> None:
    sides = {f"{side}_{what}": 8 for side in ("encoder", "decoder") for what in ("layers", "attention_heads", "ffn_dim")}
    config = {"architectures": ["MarianMTModel"], "model_type": "marian", "is_encoder_decoder": True, "d_model": 512, "vocab_size": 58101}
    assert not found({**config, **sides, "num_hidden_layers": 8}, "IDN008")
    assert not found({**config, **sides, "num_hidden_layers": 8, "decoder_layers": 2}, "IDN008")
    (finding,) = found({**config, **sides, "num_hidden_layers": 6}, "IDN008")
    assert "transformers uses 6" in finding.message


@pytest.mark.parametrize(
    ("first", "second"), [("num_hidden_layers", "num_layers"), ("hidden_size", "embed_dim"), ("vocab_size", "padded_vocab_size")]
)
def test_spellings_that_may_mean_two_things_in_an_unknown_class(first: str, second: str) -> None:
    assert not found({**CUSTOM, first: 64, second: 32}, "IDN008")


def test_two_dtypes() -> None:
    assert found({**LLAMA, "dtype": "float16", "torch_dtype": "bfloat16"}, "IDN008")
    assert not found({**LLAMA, "dtype": "bfloat16", "torch_dtype": "bfloat16"}, "IDN008")


@pytest.mark.parametrize(
    ("root", "text", "fires"),
    [
        ({"vocab_size": 32000}, {"vocab_size": 32064}, True),
        ({"tie_word_embeddings": True}, {"tie_word_embeddings": False}, True),
        ({"eos_token_id": 1}, {"eos_token_id": 2}, True),
        ({"eos_token_id": [1, 106]}, {"eos_token_id": 1}, False),
        ({"vocab_size": None}, {"vocab_size": 32064}, False),
        ({}, {"tie_word_embeddings": True}, False),
    ],
)
def test_a_root_and_its_text_config(root: dict[str, Any], text: dict[str, Any], fires: bool) -> None:
    config = {"architectures": ["LlavaForConditionalGeneration"], "model_type": "llava", **root, "text_config": {**LLAMA, **text}}
    findings = found(config, "IDN009")
    assert bool(findings) is fires
    if fires:
        assert [e.pointer for e in findings[0].evidence] == [f"/{next(iter(root))}", f"/text_config/{next(iter(root))}"]


@pytest.mark.parametrize(
    ("absent", "said"),
    [
        (["vocab_size"], "The config leaves vocab_size 32,000 to the class."),
        (["vocab_size", "hidden_size"], "The config leaves hidden_size 4,096 and vocab_size 32,000 to the class."),
        (["num_hidden_layers"], "The config leaves num_hidden_layers 32 to the class."),
        (["intermediate_size"], ""),
        ([], ""),
        (["vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads"], ""),
    ],
)
def test_sizes_that_the_class_fills_in(absent: list[str], said: str) -> None:
    config = {key: value for key, value in LLAMA.items() if key not in absent}
    assert [finding.message for finding in found(config, "IDN010")] == ([said] if said else [])
