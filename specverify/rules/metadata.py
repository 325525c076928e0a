"""What a card's front matter says of task, library and language: known words, and true of the config and the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from specverify.card.card import Card
from specverify.card.document import lines_of
from specverify.card.metadata import bare, entries, nearest
from specverify.data import hub_enumerations
from specverify.pattern import Pattern
from specverify.rules.engine import Found, Skip, at_key, at_line, brief, is_whole, listed, metadata_of, rule, stated
from specverify.spec import Modality, ModelSpec

MODEL_CARDS = "https://huggingface.co/docs/hub/model-cards"
TASKS = "https://huggingface.co/docs/hub/models-tasks"
RETIRED = {"conversational": "text-generation", "text2text-generation": "text-generation"}
"""Tags that the Hub once had, and where their models went."""
GENERATING = (
    "text-generation",
    "text2text-generation",
    "conversational",
    "summarization",
    "translation",
    "image-text-to-text",
    "any-to-any",
)
NOT_GENERATING = {
    "ForSequenceClassification": "scores for a text",
    "ForTokenClassification": "a label for each token",
    "ForQuestionAnswering": "a span of its input",
    "ForMultipleChoice": "a choice",
    "ForMaskedLM": "words for masked places",
    "ForNextSentencePrediction": "a label for two texts",
    "ForImageClassification": "a label for an image",
    "ForObjectDetection": "boxes in an image",
    "ForSemanticSegmentation": "a label for each pixel",
    "ForAudioClassification": "a label for a sound",
}
"""How names of classes end whose head writes no text, and what it gives instead."""
WRITING = ("ForCausalLM", "LMHeadModel")
SEEING = ("image-text-to-text", "visual-question-answering", "image-to-text", "video-text-to-text", "document-question-answering")
SIGHT = ("visi", "visual", "image", "img", "video", "mm_", "pixel", "vit", "clip", "perceiver", "projector", "tower")
"""What the keys of a config hold that has any part for images."""
PROCESSORS = ("preprocessor_config.json", "processor_config.json")
NEEDED = {
    "peft": ("adapter_config.json", "no adapter can be loaded"),
    "transformers.js": (".onnx", "it loads ONNX files alone"),
    "llama-cpp-python": (".gguf", "it loads GGUF files alone"),
    "sentence-transformers": ("modules.json", "it guesses mean pooling without one, whatever the model was trained for"),
}
"""Libraries that load a model by one file: how its name ends, and what is so without one."""
SPECIAL_LANGUAGES = ("code", "multilingual")
RETIRED_LANGUAGES = ("bh", "in", "iw", "ji", "jw", "mo", "sh")
"""Two-letter codes that ISO 639 withdrew or made collections of, still in use for what they stood for."""
COUNTRIES = {"jp": "ja", "cn": "zh", "kr": "ko", "cz": "cs", "dk": "da", "gr": "el", "ua": "uk", "vn": "vi"}
"""Codes of countries taken for those of languages; no language has them."""
SUBCARDS = ("bias", "explainability", "privacy", "safety")
KEYS = (
    *("license", "license_name", "license_link", "language", "pipeline_tag", "library_name", "base_model", "base_model_relation"),
    *("new_version", "datasets", "model-index"),
)
"""Keys that tools decide by."""
SLIPS = {"licence": "license", "licenses": "license", "languages": "language", "basemodels": "base_model", "dataset": "datasets"}
LONGEST_KEY = 40
GRAVE = ("license", "base_model", "base_model_relation")
MOST_LINES = 8
_LANGUAGE = Pattern(r"([a-z]{2,3})(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_MORE_NEEDED = Pattern(r"\[\s?more information needed\s?\]|^[^\w\n]*more information needed[^\w\n]*$", 2)
_TEMPLATE = Pattern(r"\{\{ ?\w{1,60} ?\| ?default\(|\{\{ ?card_data ?\}\}")
_UNTITLED = Pattern(r"\W*model card for model id\W*", 2)
_TO_DO = Pattern(r"\W*(?:todo|tbd|fixme)\W*", 2)


@rule("MET010", severity="info", source=TASKS)
def pipeline_tag_unknown(card: Card) -> Iterator[Found]:
    """`pipeline_tag` is no task of the Hub.

    ## Why
    Search, widgets and inference services go by the task. `conversational` and `text2text-generation` were tasks once; a model
    that still has them, or a misspelt one, is found under none.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    pipeline_tag: conversational
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    pipeline_tag: text-generation
    ---
    A model.
    ```

    ## Fix
    State one of the Hub's tasks.
    """
    tags = hub_enumerations()["pipeline_tags"]
    tag = metadata_of(card).get("pipeline_tag")
    if tag is None:
        raise Skip("the card states no task")
    if isinstance(tag, str) and tag in tags:
        return
    close = (RETIRED.get(tag) or nearest(tag, tags)) if isinstance(tag, str) else None
    was = "no task of the Hub any more" if isinstance(tag, str) and tag in RETIRED else "no task of the Hub"
    yield Found(
        f"`pipeline_tag` {brief(tag)} is {was}{f'; `{close}` is' if close else ''}.",
        (at_key(card, "pipeline_tag"),),
        f"State `pipeline_tag: {close}`." if close else "State one of the Hub's tasks.",
    )


@rule("MET011", severity="warning", source=TASKS)
def pipeline_tag_contradicts_class(card: Card, config: Mapping[str, Any], spec: ModelSpec, files: Sequence[str]) -> Iterator[Found]:
    """`pipeline_tag` is a task that the class in `architectures` cannot do.

    ## Why
    A service started by the tag fails or, worse, answers: a class without a language head loaded as a causal model gets one
    of random weights. Rerankers, reward models and encoders are often published under `text-generation`.

    ```json bad
    {"model_type": "bert", "architectures": ["BertForSequenceClassification"], "vocab_size": 1000, "hidden_size": 64,
     "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 512,
     "type_vocab_size": 2, "hidden_act": "gelu"}
    ```
    ```markdown bad README.md
    ---
    license: mit
    pipeline_tag: text-generation
    ---
    A model.
    ```

    ```json good
    {"model_type": "bert", "architectures": ["BertForSequenceClassification"], "vocab_size": 1000, "hidden_size": 64,
     "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 512,
     "type_vocab_size": 2, "hidden_act": "gelu"}
    ```
    ```markdown good README.md
    ---
    license: mit
    pipeline_tag: text-classification
    ---
    A model.
    ```

    ## Fix
    State the task of the class, or look for the class that does the task.
    """
    tag = metadata_of(card).get("pipeline_tag")
    classes = config.get("architectures")
    if not isinstance(tag, str):
        raise Skip("the card states no task")
    if not isinstance(classes, list) or len(classes) != 1 or not isinstance(classes[0], str):
        raise Skip("the config names no one class")
    if config.get("auto_map"):
        raise Skip("the class is the repository's own")
    why = _cannot(tag, classes[0], config, spec, files)
    if why is not None:
        yield Found(
            f"`pipeline_tag` is `{tag}`, and `{classes[0]}` {why}.",
            (at_key(card, "pipeline_tag"), stated("/architectures/0", classes[0])),
            "State the task of the class, or look for the class that does the task.",
        )


@rule("MET012", severity="info", source="https://huggingface.co/docs/hub/models-libraries")
def library_name_misspelt(card: Card) -> Iterator[Found]:
    """`library_name` is a library's name, misspelt.

    ## Why
    The Hub counts downloads, shows a snippet and filters by this key, letter for letter.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    library_name: Transformer
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    library_name: transformers
    ---
    A model.
    ```

    ## Fix
    State the key as the Hub's list has it.
    """
    libraries = hub_enumerations()["libraries"]
    library = metadata_of(card).get("library_name")
    if not isinstance(library, str):
        raise Skip("the card states no library")
    close = None if library in libraries else nearest(library, libraries)
    if close is not None:
        yield Found(
            f"`library_name` {brief(library)} is no library of the Hub; `{close}` is.",
            (at_key(card, "library_name"),),
            f"State `library_name: {close}`.",
        )


@rule("MET013", severity="warning", source="https://huggingface.co/docs/hub/models-libraries")
def library_without_its_file(card: Card, files: Sequence[str], origin: Mapping[str, Any]) -> Iterator[Found]:
    """The library that the card names needs a file which the model does not have.

    ## Why
    Loading with that library fails. With sentence-transformers it does not: without `modules.json` it guesses how to pool, and
    the vectors are not those the model was trained to give. sentence-camembert-large is such a one
    (huggingface/sentence-transformers issue 2779).

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    language: en
    library_name: peft
    ---
    A model.
    ```
    ```text bad files
    model.safetensors
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    language: en
    library_name: peft
    ---
    A model.
    ```
    ```text good files
    adapter_model.safetensors
    adapter_config.json
    ```

    ## Fix
    Name the library that the files are for, or add what is missing.
    """
    library = metadata_of(card).get("library_name")
    if not isinstance(library, str) or library not in NEEDED:
        raise Skip("the card names no library that is known to need a certain file")
    if not is_whole(origin, files):
        raise Skip("not all files of the model are known")
    ending, otherwise = NEEDED[library]
    if not any(path.endswith(ending) for path in files):
        what = f"`{ending}` file" if ending.startswith(".") else f"`{ending}`"
        yield Found(
            f"`library_name` is `{library}`, and the model has no {what}: {otherwise}.",
            (at_key(card, "library_name"),),
            "Name the library that the files are for, or add what is missing.",
        )


@rule("MET014", severity="info", source="https://www.iso.org/iso-639-language-code")
def language_code_invalid(card: Card) -> Iterator[Found]:
    """A language of the card is no code of ISO 639.

    ## Why
    Filters by language find codes alone: `english` is found by nobody, and `jp` is a country.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    language: [english, jp]
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    language: [en, ja, code]
    ---
    A model.
    ```

    ## Fix
    State two-letter codes, three-letter ones for languages without; `code` for programs and `multilingual` for many.
    """
    names = hub_enumerations()["languages"]
    wrong: list[tuple[str, str]] = []
    values = metadata_of(card)
    for path, value in entries(values, "language"):
        if isinstance(value, str) and (value in SPECIAL_LANGUAGES or _is_language(value, names)):
            continue
        meant = _language(value, names) if isinstance(value, str) else None
        wrong.append((path, brief(value) + (f" (`{meant}`)" if meant else "")))
    if wrong:
        said = ", ".join(text for _, text in wrong[:MOST_LINES])
        yield Found(
            f"No language code of ISO 639: {said}.",
            tuple(at_key(card, path) for path, _ in wrong[:MOST_LINES]),
            "State two-letter codes, three-letter ones for languages without.",
        )


@rule("MET015", severity="info", confidence="medium", source=MODEL_CARDS)
def metadata_incomplete(
    card: Card, spec: ModelSpec, files: Sequence[str], origin: Mapping[str, Any], about: Mapping[str, Any]
) -> Iterator[Found]:
    """The card's metadata leaves out most of task, library and language.

    ## Why
    Since August 2024 the Hub takes no library for granted, and a model without task and language is found by no filter. One
    key alone is often left out and seldom missed; this speaks up where two or three are.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    A model.
    ```
    ```text bad files
    model.safetensors
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    pipeline_tag: text-generation
    library_name: transformers
    ---
    A model.
    ```
    ```text good files
    model.safetensors
    ```

    ## Fix
    State `pipeline_tag`, `library_name` and, for a model of text, `language`.
    """
    values = metadata_of(card)
    if not is_whole(origin, files):
        raise Skip("not all files of the model are known")
    missing = [key for key in ("pipeline_tag", "library_name") if not values.get(key) and not about.get(key)]
    if spec.value("vocab_size") is not None and not values.get("language"):
        missing.append("language")
    if len(missing) > 1:
        yield Found(
            f"The card's metadata does not state {listed(missing)}.",
            (at_line(card, 1),),
            "State them; the Hub and its tools filter and load by these keys.",
        )


@rule(
    "MET016",
    severity="info",
    source="https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/templates/modelcard_template.md",
)
def template_left_over(card: Card, siblings: Mapping[str, str]) -> Iterator[Found]:
    """The card has places, of its template or its author's own, that nobody filled in.

    ## Why
    `[More Information Needed]` under "Bias, Risks, and Limitations" is no statement about limitations: what the heading
    promises was never written. A section that stands in a file beside the card (`bias.md`, `safety.md`) is not counted.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    # A model

    ## Out-of-Scope Use

    [More Information Needed]
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    # A model

    ## Out-of-Scope Use

    Advice on health.
    ```

    ## Fix
    Ask the publisher for what is missing, or answer it by your own tests before adoption.
    """
    document = card.document
    lower = document.text.lower()
    if not any(mark in lower for mark in ("more information needed", "{{", "model id", "todo", "tbd", "fixme")):
        return
    beside = [name for name in SUBCARDS if f"{name}.md" in siblings]
    left = []
    for run in document.runs:
        if any(name in heading.lower() for heading in run.section[-2:] for name in beside):
            continue
        for start, end in lines_of(document, run):
            line = document.text[start : min(end, start + 300)].strip()
            if _MORE_NEEDED.search(line) or _TEMPLATE.search(line) or (_UNTITLED if run.kind == "heading" else _TO_DO).fullmatch(line):
                left.append(document.line_at(start + len(document.text[start:end]) - len(document.text[start:end].lstrip())))
    if left:
        lines = sorted(set(left))
        more = f" and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
        places = "a place" if len(lines) == 1 else f"{len(lines)} places"
        yield Found(
            f"The card leaves {places} unfilled: line {', '.join(str(n) for n in lines[:MOST_LINES])}{more}.",
            tuple(at_line(card, line) for line in lines[:MOST_LINES]),
            "Ask the publisher for what is missing, or find it out before adoption.",
        )


@rule("MET017", severity="warning", source=MODEL_CARDS)
def metadata_key_misspelt(card: Card) -> Iterator[Found]:
    """A key of the front matter is one that tools decide by, misspelt.

    ## Why
    The Hub ignores keys it does not know without a word: `base model` with a blank names no base, and a `-license` no licence.
    blip-image-captioning-base writes `languages`, and so has no language on the Hub.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    base model: example/base
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    base_model: example/base
    ---
    A model.
    ```

    ## Fix
    Write the key as the Hub's documentation has it.
    """
    values = metadata_of(card)
    known = {bare(key): key for key in KEYS} | SLIPS
    for key in values:
        meant = known.get(bare(key)) if len(key) <= LONGEST_KEY else None
        if meant is not None and meant not in values:
            known.pop(bare(key))
            yield Found(
                f"The key {brief(key)} of the front matter is ignored; `{meant}` is meant.",
                (at_key(card, key),),
                f"Write `{meant}:`.",
                severity=None if meant in GRAVE else "info",
            )


@rule("MET018", severity="warning", source="https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/repocard_data.py")
def model_index_malformed(card: Card) -> Iterator[Found]:
    """`model-index` lacks something that every reader of it needs.

    ## Why
    huggingface_hub refuses to load such a card at all unless it is told to ignore errors, and leaderboards skip the results.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    model-index:
    - name: example
      results:
      - task:
          type: text-generation
        dataset:
          type: own_questions
        metrics:
        - type: accuracy
          value: 41.2
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    model-index:
    - name: example
      results:
      - task:
          type: text-generation
        dataset:
          name: Own questions
          type: own_questions
        metrics:
        - type: accuracy
          value: 41.2
    ---
    A model.
    ```

    ## Fix
    Complete the entry (`name`; of each result `task.type`, `dataset.type`, `dataset.name`, and `metrics` with `type` and
    `value`), or move the results to `.eval_results/`.
    """
    index = metadata_of(card).get("model-index")
    if not index:
        raise Skip("the card has no model-index")
    wrong = next(_lacking(index), None)
    if wrong is not None:
        path, lack = wrong
        yield Found(
            f"`{path}` of the front matter {lack}: huggingface_hub cannot read the card.",
            (at_key(card, path),),
            "Complete the entry, or move the results to `.eval_results/`.",
        )


def _cannot(tag: str, name: str, config: Mapping[str, Any], spec: ModelSpec, files: Sequence[str]) -> str | None:
    """Why a class cannot do a task, as the rest of a sentence; None where it may."""
    if tag in GENERATING and not config.get("is_decoder"):
        gives = next((gives for ending, gives in NOT_GENERATING.items() if name.endswith(ending)), None)
        if gives is not None:
            return f"gives {gives} and writes no text"
        if name.endswith("Model") and not name.endswith(WRITING) and spec.value("prototype") == "encoder-only":
            return "is an encoder alone and writes no text"
    if tag == "fill-mask" and name.endswith(WRITING):
        return "writes on from the left and fills in no masks"
    if tag in SEEING and name.endswith((*WRITING, "ForMaskedLM", "ForSequenceClassification")):
        sees = any(part.modality is Modality.VISION for part in spec.parts) or any(path in files for path in PROCESSORS)
        if not sees and not any(mark in key.lower() for key in config for mark in SIGHT):
            return "has no part that sees, by its config"
    return None


def _is_language(value: str, names: Mapping[str, str]) -> bool:
    """Whether a code is one of ISO 639-1, or has the form of ISO 639-3; with a script or region behind it or without."""
    found = _LANGUAGE.fullmatch(value)
    return found is not None and (len(found.group(1)) == 3 or found.group(1) in names or found.group(1) in RETIRED_LANGUAGES)


def _language(value: str, names: Mapping[str, str]) -> str | None:
    """The code that a name, a country or a code in capitals stands for."""
    plain = value.strip().lower()[:40]
    if _is_language(plain, names) or plain in SPECIAL_LANGUAGES:
        return plain
    return COUNTRIES.get(plain) or next((code for code, name in names.items() if name.lower() == plain), None)


def _lacking(index: Any) -> Iterator[tuple[str, str]]:
    """What a model-index lacks, with the path of where; what huggingface_hub's reader needs, in its order."""
    if not isinstance(index, list):
        yield "model-index", "is no list"
        return
    for i, model in enumerate(index):
        at = f"model-index.{i}"
        yield from _without(at, model, "name", "results")
        results = model.get("results") if isinstance(model, Mapping) else None
        if not isinstance(results, list):
            yield f"{at}.results", "is no list"
            return
        for j, result in enumerate(results):
            at = f"model-index.{i}.results.{j}"
            yield from _without(at, result, "task", "dataset", "metrics")
            yield from _without(f"{at}.task", result["task"], "type")
            yield from _without(f"{at}.dataset", result["dataset"], "type", "name")
            metrics = result["metrics"]
            if not isinstance(metrics, list):
                yield f"{at}.metrics", "is no list"
                return
            for k, metric in enumerate(metrics):
                yield from _without(f"{at}.metrics.{k}", metric, "type", "value")


def _without(at: str, entry: Any, *keys: str) -> Iterator[tuple[str, str]]:
    if not isinstance(entry, Mapping):
        yield at, "states no `key: value` pairs"
        return
    missing = [key for key in keys if key not in entry]
    if missing:
        yield at, f"has no {listed(missing)}"
