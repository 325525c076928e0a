"""Task, library, language, keys and leftovers of a card: where they contradict the model, and where nothing may be said."""

from __future__ import annotations

import time
from typing import Any

import pytest

from specverify.outcome import Severity, Skipped
from tests.rules.assessed import LLAMA, found_in_card, report, said_of_card

BERT: dict[str, Any] = {
    "model_type": "bert",
    "architectures": ["BertModel"],
    "vocab_size": 1000,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
}


@pytest.mark.parametrize(
    ("tag", "meant"),
    [
        ("conversational", "text-generation"),
        ("Text-Generation", "text-generation"),
        ("text_classification", "text-classification"),
        ("chat", None),
    ],
)
def test_an_unknown_task_and_what_it_means(tag: str, meant: str | None) -> None:
    (finding,) = found_in_card(f"pipeline_tag: {tag}", "MET010")
    assert (f"`{meant}` is." in finding.message) is (meant is not None)


@pytest.mark.parametrize(
    ("tag", "config"),
    [
        ("text-generation", {**BERT, "architectures": ["BertForMaskedLM"]}),
        ("text-generation", BERT),
        ("text-generation", {**LLAMA, "architectures": ["LlamaForSequenceClassification"]}),
        ("summarization", {**BERT, "architectures": ["BertForTokenClassification"]}),
        ("fill-mask", LLAMA),
        ("image-text-to-text", LLAMA),
    ],
)
def test_tasks_that_the_class_cannot_do(tag: str, config: dict[str, Any]) -> None:
    (finding,) = found_in_card(f"license: mit\npipeline_tag: {tag}", "MET011", config=config)
    assert finding.severity is Severity.WARNING
    assert (finding.evidence[0].line, finding.evidence[1].pointer) == (3, "/architectures/0")


@pytest.mark.parametrize(
    ("tag", "config"),
    [
        ("text-generation", LLAMA),
        ("text-ranking", LLAMA),
        ("feature-extraction", LLAMA),
        ("text-classification", {**LLAMA, "architectures": ["LlamaForSequenceClassification"]}),
        ("sentence-similarity", BERT),
        ("text-generation", {**BERT, "architectures": ["BertForMaskedLM"], "is_decoder": True}),
        ("text-generation", {**BERT, "architectures": ["ExampleForMaskedLM"], "auto_map": {"AutoModel": "modeling.ExampleForMaskedLM"}}),
        ("image-text-to-text", {**LLAMA, "vision_config": {"hidden_size": 64}}),
        ("image-text-to-text", {**LLAMA, "mm_vision_tower": "example/tower"}),
        ("text-generation", {key: value for key, value in LLAMA.items() if key != "architectures"}),
        ("text-generation", {**BERT, "architectures": ["BertForMaskedLM", "BertLMHeadModel"]}),
    ],
)
def test_tasks_that_the_class_may_do(tag: str, config: dict[str, Any]) -> None:
    assert not found_in_card(f"license: mit\npipeline_tag: {tag}", "MET011", config=config)


def test_a_processor_of_images_beside_the_config_is_a_part_that_sees() -> None:
    assert not found_in_card("pipeline_tag: image-text-to-text", "MET011", "preprocessor_config.json")


@pytest.mark.parametrize(
    ("library", "meant"), [("Transformers", "transformers"), ("sentence_transformers", "sentence-transformers"), ("difusers", "diffusers")]
)
def test_a_misspelt_library(library: str, meant: str) -> None:
    (finding,) = found_in_card(f"library_name: {library}", "MET012")
    assert f"`{meant}` is." in finding.message


@pytest.mark.parametrize("library", ["transformers", "mlx", "gguf", "onnx", "vllm", "trl", "unsloth", "[a, b]"])
def test_libraries_known_or_of_somebody_else(library: str) -> None:
    assert not found_in_card(f"library_name: {library}", "MET012")


@pytest.mark.parametrize("library", ["peft", "transformers.js", "llama-cpp-python", "sentence-transformers"])
def test_a_library_without_its_file(library: str) -> None:
    assert found_in_card(f"library_name: {library}", "MET013", "model.safetensors")
    files = ("model.safetensors", "adapter_config.json", "onnx/model.onnx", "model-Q4_K_M.gguf", "modules.json")
    assert not found_in_card(f"library_name: {library}", "MET013", *files)
    (skipped,) = said_of_card(f"library_name: {library}", "MET013")
    assert isinstance(skipped, Skipped)


@pytest.mark.parametrize(
    ("language", "meant"),
    [("english", "`en`"), ("EN", "`en`"), ("jp", "`ja`"), ("xx", None), ("'en,'", None), ("python", None), ("true", None)],
)
def test_a_language_that_is_no_code(language: str, meant: str | None) -> None:
    (finding,) = found_in_card(f"language:\n- de\n- {language}", "MET014")
    assert finding.evidence[0].line == 4
    assert ("(`" in finding.message) is (meant is not None)
    assert (meant or "") in finding.message


@pytest.mark.parametrize("language", ["en", "[en, de, eng, zh-CN, pt_BR, zh-Hant-TW, code, multilingual, no, iw, sh]", "", "[]"])
def test_codes_are_silent(language: str) -> None:
    assert not found_in_card(f"language: {language}", "MET014")


def test_what_is_left_out_is_one_finding() -> None:
    (finding,) = found_in_card("license: mit", "MET015", "model.safetensors")
    assert all(f"`{key}`" in finding.message for key in ("pipeline_tag", "library_name", "language"))


@pytest.mark.parametrize(
    "front", ["license: mit\nlanguage: en\nlibrary_name: transformers", "license: mit\npipeline_tag: text-generation\nlanguage: en"]
)
def test_one_key_left_out_is_none(front: str) -> None:
    assert not found_in_card(front, "MET015", "model.safetensors")


def test_a_card_alone_is_not_asked_for_more() -> None:
    assert not found_in_card("license: mit", "MET015")


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("# Model Card for Model ID", [4]),
        ("- **Developed by:** [More Information Needed]\n- **Language:** [More Information Needed]", [4, 5]),
        ("## Intended uses\n\nMore information needed", [6]),
        ("{{ model_summary | default('', true) }}", [4]),
        ("## Training\n\n*TODO*", [6]),
    ],
)
def test_places_unfilled(body: str, lines: list[int]) -> None:
    (finding,) = found_in_card("license: mit", "MET016", body=body)
    assert [evidence.line for evidence in finding.evidence] == lines


@pytest.mark.parametrize(
    "body",
    [
        "# Model Card for Example",
        "## TODO\n\n- A smaller model",
        "```\n{{ bos_token | default('') }}\nTODO\n```",
        "The template is `{{ messages }}`.",
        "<!-- [More Information Needed] -->\nA model.",
        "If more information is needed, write to us.",
        "To-do lists are what it is for.",
    ],
)
def test_what_only_looks_unfilled(body: str) -> None:
    found = found_in_card("license: mit", "MET016", body=body)
    assert not found, found[0].message


def test_a_section_that_stands_in_a_file_beside_the_card() -> None:
    body = "## Bias\n\n[More Information Needed]"
    assert found_in_card("license: mit", "MET016", body=body)
    assert not found_in_card("license: mit", "MET016", body=body, files={"bias.md": "It favours the frequent."})
    assert found_in_card("license: mit", "MET016", body=body, files={"privacy.md": "No personal data."})


def test_many_places_are_counted_and_some_shown() -> None:
    (finding,) = found_in_card("license: mit", "MET016", body="\n\n".join(["[More Information Needed]"] * 30))
    assert "30 places" in finding.message
    assert "22 more" in finding.message
    assert len(finding.evidence) == 8


@pytest.mark.parametrize(
    ("key", "meant", "severity"),
    [
        ("-license", "license", "warning"),
        ("License", "license", "warning"),
        ("licence", "license", "warning"),
        ("base model", "base_model", "warning"),
        ("base-model", "base_model", "warning"),
        ("pipeline-tag", "pipeline_tag", "info"),
        ("languages", "language", "info"),
        ("model_index", "model-index", "info"),
    ],
)
def test_a_misspelt_key(key: str, meant: str, severity: str) -> None:
    (finding,) = found_in_card(f"tags: [a]\n{key}: mit", "MET017")
    assert f"`{meant}`" in finding.message
    assert (finding.severity, finding.evidence[0].line) == (severity, 3)


def test_a_misspelt_key_beside_the_right_one_is_harmless() -> None:
    assert not found_in_card("license: mit\nLicense: MIT", "MET017")


@pytest.mark.parametrize("key", ["license_details", "model_type", "tags", "model_creator", "base", "widget", "x" * 500])
def test_other_keys_are_somebody_s_own(key: str) -> None:
    assert not found_in_card(f"license: mit\n{key}: a", "MET017")


RESULT = "  - task: {type: text-generation}\n    dataset: {name: GSM8K, type: gsm8k}\n    metrics:\n    - {type: acc, value: 41.2}"
INDEX = f"model-index:\n- name: example\n  results:\n{RESULT}"


@pytest.mark.parametrize(
    ("front", "lack"),
    [
        ("model-index: example", "no list"),
        (INDEX.replace("name: example\n  ", ""), "no `name`"),
        ("model-index:\n- name: example", "no `results`"),
        ("model-index:\n- name: example\n  results:", "no list"),
        ("model-index:\n- example", "no `key: value` pairs"),
        (INDEX.replace("task: {type: text-generation}", "task: {name: generation}"), "no `type`"),
        (INDEX.replace("name: GSM8K, ", ""), "no `name`"),
        (INDEX.replace("type: acc, ", ""), "no `type`"),
        (INDEX.replace("\n    metrics:\n    - {type: acc, value: 41.2}", ""), "no `metrics`"),
        (INDEX.replace("\n    - {type: acc, value: 41.2}", " 41.2"), "no list"),
    ],
)
def test_a_model_index_that_no_reader_reads(front: str, lack: str) -> None:
    from huggingface_hub import ModelCard

    (finding,) = found_in_card(front, "MET018")
    assert lack in finding.message
    assert finding.evidence[0].line is not None
    with pytest.raises(ValueError, match="model_index"):
        ModelCard(f"---\n{front}\n---\nA model.\n")


@pytest.mark.parametrize("front", [INDEX, "model-index: []", "model-index:", INDEX.replace("value: 41.2", "value: null")])
def test_a_model_index_that_readers_read(front: str) -> None:
    from huggingface_hub import ModelCard

    assert not found_in_card(front, "MET018")
    ModelCard(f"---\n{front}\n---\nA model.\n")


@pytest.mark.parametrize(
    "front",
    [
        "{}",
        "license: {a: b}\nlanguage: {a: b}\nbase_model: 7\nlibrary_name: {a: 1}\npipeline_tag: [x]\nnew_version: 3",
        "license: [[mit]]\nlanguage: [[en]]\nbase_model: [[a]]\nmodel-index: [[1]]\nlicense_link: [LICENSE]",
        "license_name: [x]\nbase_model_relation: [a]",
        "license: .nan\nlanguage: .inf\nbase_model: true\nmodel-index: 7\ngated: x\nextra_gated_prompt: [1]",
        "? [a]\n: b",
    ],
)
def test_metadata_of_any_shape_breaks_no_rule(front: str) -> None:
    """The helper asserts that no rule crashed."""
    report({"config.json": LLAMA, "README.md": f"---\n{front}\n---\nA model.\n"}, "model.safetensors")


def test_hostile_metadata_is_quick() -> None:
    words = ", ".join(f"apache2{i:04}" for i in range(10_000))
    front = f"license: [{words}]\nlanguage: [{words}]\nbase_model: [{words}]\nlibrary_name: {'a' * 50_000}\npipeline_tag: {'text-' * 9_000}"
    body = "/badge/license-" + "a--" * 50_000 + "\n\n" + "{{ a " * 20_000 + "\n\n" + "*" * 100_000 + "todo"
    began = time.perf_counter()
    report({"config.json": LLAMA, "README.md": f"---\n{front}\n---\n{body}\n"}, "model.safetensors")
    assert time.perf_counter() - began < 3
