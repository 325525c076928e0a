"""Vocabulary and token ids, beyond the rules' examples."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.outcome import Severity
from tests.rules.assessed import LLAMA, found, reason, report

Json = dict[str, Any]
OWN_CODE = {"AutoModelForCausalLM": "modeling_example.ExampleForCausalLM"}
CUSTOM: Json = {**LLAMA, "model_type": "example", "architectures": ["ExampleForCausalLM"], "auto_map": OWN_CODE}


def added(*tokens: tuple[int, str]) -> Json:
    return {"tokenizer_config.json": {"added_tokens_decoder": {str(key): {"content": content} for key, content in tokens}}}


@pytest.mark.parametrize(
    ("ids", "severity"),
    [
        ({"pad_token_id": 31999, "eos_token_id": [2, 31999]}, None),
        ({"pad_token_id": 32000}, Severity.ERROR),
        ({"decoder_start_token_id": 32000}, Severity.ERROR),
        ({"pad_token_id": 32000, "auto_map": OWN_CODE}, Severity.WARNING),
        ({"bos_token_id": 32000}, Severity.WARNING),
        ({"eos_token_id": [2, 32000]}, Severity.WARNING),
        ({"image_token_index": 32000}, Severity.WARNING),
        ({"image_token_index": -200}, None),
        ({"image_token_id": 32000, "additional_vocab_size": 2}, None),
        ({"pad_token_id": -1}, Severity.INFO),
        ({"eos_token_id": None, "pad_token_id": True, "bos_token_id": "1"}, None),
    ],
)
def test_ids_against_the_vocabulary(ids: Json, severity: Severity | None) -> None:
    assert [finding.severity for finding in found({**LLAMA, **ids}, "VOC001")] == ([severity] if severity else [])


def test_the_ids_of_a_multimodal_root_are_held_against_the_text_vocabulary() -> None:
    text = {key: value for key, value in LLAMA.items() if key != "architectures"}
    root = {"model_type": "llava", "architectures": ["LlavaForConditionalGeneration"], "text_config": text}
    (finding,) = found({**root, "image_token_index": 32000}, "VOC001")
    assert finding.severity is Severity.WARNING
    assert [evidence.pointer for evidence in finding.evidence] == ["/image_token_index", "/text_config/vocab_size"]
    assert not found({**root, "image_token_index": 31999}, "VOC001")
    (finding,) = found({**root, "pad_token_id": 32000}, "VOC001")
    assert finding.severity is Severity.WARNING, "a padding id of the root is no row of the text model's embedding"


def test_the_largest_id_counts_and_not_the_number_of_tokens() -> None:
    assert not found(LLAMA, "VOC002", **added((0, "<unk>"), (31999, "[PAD]")))
    (finding,) = found(LLAMA, "VOC002", **added((0, "<unk>"), (32005, "[PAD]")))
    assert finding.severity is Severity.ERROR
    assert "32,005" in finding.message
    assert "31,999" in finding.message
    assert finding.evidence[0].file == "tokenizer_config.json"


def test_the_image_token_of_a_shared_tokenizer_is_only_noted() -> None:
    (finding,) = found(LLAMA, "VOC002", **added((32000, "<image_soft_token>")))
    assert finding.severity is Severity.INFO
    (finding,) = found(LLAMA, "VOC002", **added((32000, "<image_soft_token>"), (32001, "[PAD]")))
    assert finding.severity is Severity.ERROR


def test_classes_that_may_have_more_rows_prove_nothing() -> None:
    assert not found(CUSTOM, "VOC002", **added((32000, "[PAD]")))
    assert not found({**LLAMA, "additional_vocab_size": 8}, "VOC002", **added((32000, "[PAD]")))


@pytest.mark.parametrize(
    ("own", "generation", "severity"),
    [
        (2, 2, None),
        (2, [2, 3], None),
        ([2, 3], [3, 2], None),
        (2, None, None),
        (None, 2, None),
        (2, 3, Severity.WARNING),
        ([2, 3], 3, Severity.INFO),
    ],
)
def test_end_tokens(own: Any, generation: Any, severity: Severity | None) -> None:
    files = {"generation_config.json": {"eos_token_id": generation}}
    assert [finding.severity for finding in found({**LLAMA, "eos_token_id": own}, "VOC003", **files)] == ([severity] if severity else [])


def test_without_a_generation_config_nothing_is_said() -> None:
    for code in ("VOC003", "VOC004"):
        assert "generation_config.json" in (reason({**LLAMA, "eos_token_id": None}, code) or "")


def test_an_absent_end_token_is_not_a_null_one() -> None:
    assert found({**LLAMA, "eos_token_id": None}, "VOC004", **{"generation_config.json": {}})
    assert not found(LLAMA, "VOC004", **{"generation_config.json": {}})


CLASSIFIER: dict[str, Any] = {**LLAMA, "architectures": ["LlamaForSequenceClassification"]}


@pytest.mark.parametrize(
    ("changes", "fires"),
    [
        ({}, True),
        ({"pad_token_id": None}, True),
        ({"pad_token_id": 0}, False),
        ({"architectures": ["LlamaForCausalLM"]}, False),
        ({"architectures": "LlamaForSequenceClassification"}, False),
        ({"model_type": "gemma", "architectures": ["GemmaForSequenceClassification"]}, False),
        ({"model_type": "gemma", "architectures": ["GemmaForSequenceClassification"], "pad_token_id": None}, True),
        ({"auto_map": {"AutoModel": "modeling.Model"}}, False),
    ],
)
def test_classifiers_that_find_their_last_token_by_padding(changes: dict[str, Any], fires: bool) -> None:
    assert bool(found({**CLASSIFIER, **changes}, "VOC005")) is fires


def test_an_encoder_finds_nothing_by_padding() -> None:
    bert = {"architectures": ["BertForSequenceClassification"], "model_type": "bert", "hidden_size": 64, "num_hidden_layers": 2}
    assert not found({**bert, "num_attention_heads": 4, "intermediate_size": 128, "pad_token_id": None}, "VOC005")


@pytest.mark.parametrize(
    ("name", "paths", "tokenizer", "fires"),
    [
        ("a/A-1B-Instruct", ["model.safetensors"], {}, True),
        ("a/A-chat-hf", ["model.safetensors"], {}, True),
        ("a/chatty-1B", ["model.safetensors"], {}, False),
        ("a/A-1B", ["model.safetensors"], {}, False),
        ("a/A-1B-Instruct", [], {}, False),
        ("a/A-1B-Instruct", ["model.safetensors", "chat_template.jinja"], {}, False),
        ("a/A-1B-Instruct", ["model.safetensors", "tekken.json"], {}, False),
        ("a/A-1B-Instruct", ["model.safetensors"], {"chat_template": "{{ messages }}"}, False),
    ],
)
def test_models_that_chat_have_a_template(name: str, paths: list[str], tokenizer: dict[str, Any], fires: bool) -> None:
    made = report({"config.json": LLAMA, "tokenizer_config.json": tokenizer}, *paths, origin={"name": name})
    assert any(finding.code == "VOC006" for finding in made.findings) is fires


def test_a_padding_token_of_the_text_config_counts() -> None:
    nested = {"model_type": "gemma3", "architectures": ["Gemma3ForSequenceClassification"]}
    text = {key: value for key, value in LLAMA.items() if key not in ("architectures", "model_type")}
    assert found({**nested, "text_config": {**text, "model_type": "gemma3_text", "pad_token_id": None}}, "VOC005")
    assert not found({**nested, "text_config": {**text, "model_type": "gemma3_text", "pad_token_id": 0}}, "VOC005")
    assert not found({**nested, "pad_token_id": 0, "text_config": {**text, "model_type": "gemma3_text", "pad_token_id": None}}, "VOC005")
