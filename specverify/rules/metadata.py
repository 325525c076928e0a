"""The card's metadata, checked offline: ids against what the Hub knows, and statements against the files beside them."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from specverify.card.card import Card
from specverify.card.kinds import LICENSE
from specverify.card.license_text import license_of
from specverify.card.pattern import Pattern
from specverify.data import load_json
from specverify.facts import Source
from specverify.outcome import Evidence
from specverify.rules.engine import Found, Skip, rule, shown
from specverify.spec import ModelSpec

USE_AN_ID = "Use the Hub's id, or `other` with `license_name` and `license_link`."
ADD_IT = "Add the file, or link to where the terms stand."
SHOWN = "State the relation that the files show."
RELATION = "base_model_relation"
MOST_LINES = 8
PERMISSIVE = ("mit", "apache-2.0", "bsd", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "unlicense", "isc", "wtfpl", "cc-by-4.0")
SPECIFIC = (
    *PERMISSIVE,
    "gpl-3.0",
    "agpl-3.0",
    "cc-by-nc-4.0",
    "cc-by-nc-sa-4.0",
    "cc-by-sa-4.0",
    "llama2",
    "llama3",
    "llama3.1",
    "llama3.2",
    "gemma",
)
BINDING = (
    (Pattern(r"^meta-llama/(?:Llama|Meta-Llama|CodeLlama)-?[2-9]|^codellama/|\bllama-?[23](?:\b|[.-])", 2), "a Llama community licence"),
    (Pattern(r"^google/(?:code)?gemma-(?:[123][-.b]|[27]b)", 2), "the Gemma terms"),
    (Pattern(r"^CohereForAI/(?:c4ai|aya)|^CohereLabs/(?:c4ai|aya)", 2), "cc-by-nc-4.0"),
    (Pattern(r"^mistralai/(?:Mistral-Large|Codestral-22B|Ministral-8B)", 2), "the Mistral research licence"),
)
"""Base models by their id, and what their derivatives stay under."""
GENERATING = ("text-generation", "image-text-to-text", "text2text-generation", "any-to-any")
TASKS_OF_CLASSES = (
    ("ForSequenceClassification", ()),
    ("ForTokenClassification", ()),
    ("ForQuestionAnswering", ()),
    ("ForMaskedLM", ()),
    ("ForCausalLM", ("text-generation", "image-text-to-text", "any-to-any", "text2text-generation")),
)
"""What a class ends in, and the generating tasks it does."""
RETIRED_TAGS = frozenset(("conversational", "text2text-generation"))
"""Tasks that the Hub had and that older cards rightly name."""
KEYS = (
    "license",
    "license_name",
    "license_link",
    "language",
    "pipeline_tag",
    "library_name",
    "base_model",
    RELATION,
    "datasets",
    "tags",
    "metrics",
)
_REPO = Pattern(r"[\w.-]{1,96}/[\w.-]{1,96}")
_DATASET = Pattern(r"(?:[\w.-]{1,96}/)?[\w.-]{1,96}")
_LANGUAGE = Pattern(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,8}){0,2}|multilingual|code")
_LEFTOVER = Pattern(r"\[\s*more information needed\s*\]|\{\{[^{}\n]{0,80}\}\}|\bTODO\b:|\[your [a-z ]{2,30}\]", 2)
_PACKED = Pattern(r"\.gguf$|(?:gptq|awq|exl2|int4|int8|fp8|4bit|8bit|mlx|bnb|nvfp4|w4a16|w8a8)", 2)


@rule("MET001", severity="info", confidence="medium", source="https://huggingface.co/docs/hub/repositories-licenses")
def license_id_unknown(card: Card) -> Iterator[Found]:
    """The card's licence is no id that the Hub knows.

    ## Why
    The Hub filters and shows licences by its own ids. An unknown one reaches no filter, and automatic policies refuse or ignore it.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: apache2
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: apache-2.0
    ---
    A model.
    ```

    ## Fix
    Use the Hub's id, or `other` with `license_name` and `license_link`.
    """
    known = _known("licenses")
    for name in _texts(card, "license"):
        if name.lower() not in known:
            yield Found(f"The licence {name!r} is no id that the Hub knows{_near(name, known)}.", _line(card, "license"), USE_AN_ID)


@rule("MET002", severity="warning", source="https://huggingface.co/docs/hub/repositories-licenses")
def license_file_missing(card: Card, files: Sequence[str]) -> Iterator[Found]:
    """The card points to a licence file that the repo does not have.

    ## Why
    With `license: other` that file is the only statement of the terms; without it nobody knows what is allowed.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: other
    license_name: example-terms
    license_link: LICENSE
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: other
    license_name: example-terms
    license_link: LICENSE
    ---
    A model.
    ```
    ```text good files
    LICENSE
    ```

    ## Fix
    Add the file, or link to where the terms stand.
    """
    link = card.metadata.get("license_link")
    if not isinstance(link, str) or "/" in link.strip("./") or ":" in link:
        raise Skip("the card's metadata links to no licence file of the repo")
    name = link.strip().removeprefix("./")
    if name not in files:
        yield Found(f"The card's licence is said to stand in {name!r}, which the repo does not have.", _line(card, "license_link"), ADD_IT)


@rule("MET003", severity="warning", source="https://github.com/XiaomiMiMo/MiMo-V2-Flash/issues/2")
def license_contradicts_file(card: Card, siblings: Mapping[str, str]) -> Iterator[Found]:
    """The licence in the metadata is not the one in the licence file.

    ## Why
    Whoever relies on the metadata accepts other terms than those that come with the weights: MiMo-V2-Flash said MIT on the card and
    shipped Apache's text.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    A model.
    ```
    ```text bad LICENSE
    Apache License
    Version 2.0, January 2004
    http://www.apache.org/licenses/
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: apache-2.0
    ---
    A model.
    ```
    ```text good LICENSE
    Apache License
    Version 2.0, January 2004
    http://www.apache.org/licenses/
    ```

    ## Fix
    State the licence that the file is.
    """
    stated = [name.lower() for name in _texts(card, "license")]
    texts = {name: found for name, text in siblings.items() if name.startswith("LICENSE") and (found := license_of(text)) is not None}
    if not stated or not texts:
        raise Skip("the metadata states no licence, or no licence file was recognized")
    for name, found in texts.items():
        if "other" not in stated and found not in stated and not any(found.startswith(f"{family}-") for family in stated):
            evidence = (*_line(card, "license"), Evidence(Source.DECLARED, name, line=1, value=found))
            yield Found(
                f"The card's licence is {stated[0]}, and {name} is the text of {found}.", evidence, "State the licence that the file is."
            )


@rule("MET004", severity="warning", confidence="medium", source="https://github.com/bytedance/UNO/issues/70")
def license_drops_base_terms(card: Card) -> Iterator[Found]:
    """A derivative is under a permissive licence, and its base model's terms bind derivatives.

    ## Why
    Llama's and Gemma's terms go with every derivative, whatever its card says: naming rules, use policies and user thresholds are not
    lifted by `apache-2.0` on a fine-tune.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: apache-2.0
    base_model: meta-llama/Llama-2-7b-hf
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: llama2
    base_model: meta-llama/Llama-2-7b-hf
    ---
    A model.
    ```

    ## Fix
    Read the base model's licence; state it, and pass its terms on.
    """
    stated = [name.lower() for name in _texts(card, "license")]
    bases = _texts(card, "base_model")
    if not stated or not bases:
        raise Skip("the metadata states no licence, or no base model")
    for base in bases:
        terms = next((terms for pattern, terms in BINDING if pattern.search(base)), None)
        if terms is not None and all(name in PERMISSIVE for name in stated):
            evidence = (*_line(card, "license"), *_line(card, "base_model"))
            message = f"The card's licence is {stated[0]}, and its base model {base} is under {terms}, whose terms bind derivatives."
            yield Found(message, evidence, "Read the base model's licence; state it, and pass its terms on.")
            return


@rule("MET005", severity="info", source="https://huggingface.co/docs/hub/model-cards")
def pipeline_tag_unknown(card: Card) -> Iterator[Found]:
    """The card's `pipeline_tag` is no task that the Hub knows.

    ## Why
    The tag decides the widget, the filters and which servers offer the model.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    pipeline_tag: text-generator
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    pipeline_tag: text-generation
    ---
    A model.
    ```

    ## Fix
    Use one of the Hub's task ids.
    """
    known = _known("pipeline_tags") | RETIRED_TAGS
    for name in _texts(card, "pipeline_tag"):
        if name not in known:
            yield Found(
                f"The task {name!r} is none that the Hub knows{_near(name, known)}.",
                _line(card, "pipeline_tag"),
                "Use one of the Hub's task ids.",
            )


@rule("MET006", severity="warning", confidence="medium", source="https://huggingface.co/docs/hub/model-cards")
def pipeline_tag_contradicts_class(card: Card, spec: ModelSpec) -> Iterator[Found]:
    """The card's `pipeline_tag` is a task that the model's class cannot do.

    ## Why
    A classification or embedding head tagged `text-generation` starts in a chat server and fails at the first request; a reranker is
    no generator, whatever it was made from.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForSequenceClassification"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    pipeline_tag: text-generation
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForSequenceClassification"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    pipeline_tag: text-classification
    ---
    A model.
    ```

    ## Fix
    State the task of the class in `architectures`.
    """
    tags = _texts(card, "pipeline_tag")
    classes = [name for name in (spec.value("architectures") or []) if isinstance(name, str)]
    if not tags or not classes:
        raise Skip("the metadata states no task, or the config no class")
    for ending, tasks in TASKS_OF_CLASSES:
        if classes[0].endswith(ending) and tags[0] in GENERATING and tags[0] not in tasks:
            evidence = (*_line(card, "pipeline_tag"), *shown(spec.fact("architectures")))
            yield Found(
                f"The card's task is {tags[0]}, and {classes[0]} does none of that.",
                evidence,
                "State the task of the class in `architectures`.",
            )
            return


@rule("MET007", severity="info", confidence="medium", source="https://huggingface.co/docs/hub/model-cards")
def library_unknown(card: Card) -> Iterator[Found]:
    """The card's `library_name` is no library that the Hub knows.

    ## Why
    The Hub shows how to load a model by this key, and counts its downloads by it.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    library_name: transformer
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    library_name: transformers
    ---
    A model.
    ```

    ## Fix
    Use the library's key.
    """
    known = _known("libraries")
    for name in _texts(card, "library_name"):
        if name.lower() not in known:
            yield Found(
                f"The library {name!r} is none that the Hub knows{_near(name, known)}.",
                _line(card, "library_name"),
                "Use the library's key.",
            )


@rule("MET008", severity="info", source="https://huggingface.co/docs/hub/model-cards")
def reference_malformed(card: Card, origin: Mapping[str, str | None]) -> Iterator[Found]:
    """The card names a base model, dataset or newer version in a form the Hub cannot follow.

    ## Why
    The Hub builds the model tree from these ids; one that is a URL, a sentence or the model itself links to nothing.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    base_model: https://huggingface.co/someone/model
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    base_model: someone/model
    ---
    A model.
    ```

    ## Fix
    Write `org/name`.
    """
    for key in ("base_model", "datasets", "new_version"):
        for name in _texts(card, key):
            if not (_REPO if key != "datasets" else _DATASET).fullmatch(name):
                yield Found(f"`{key}` is {name[:80]!r}, which is no id of the form `org/name`.", _line(card, key), "Write `org/name`.")
                break


@rule("MET009", severity="warning", confidence="medium", source="https://huggingface.co/docs/hub/model-cards")
def relation_contradicts_config(card: Card, spec: ModelSpec, files: Sequence[str]) -> Iterator[Found]:
    """`base_model_relation` is not what the files are.

    ## Why
    The relation decides where the model stands in the base's tree and what a reviewer expects: a `quantized` copy has weights of fewer
    bits, an `adapter` has no layers of its own.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    base_model: someone/model
    base_model_relation: quantized
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    base_model: someone/model
    base_model_relation: finetune
    ---
    A model.
    ```

    ## Fix
    State the relation that the files show.
    """
    relation, bases = card.metadata.get("base_model_relation"), _texts(card, "base_model")
    if not isinstance(relation, str):
        raise Skip("the metadata states no relation to a base model")
    known = _known("base_model_relations")
    if relation not in known:
        yield Found(
            f"The relation {relation[:60]!r} is none that the Hub knows{_near(relation, known)}.",
            _line(card, RELATION),
            SHOWN,
            severity="info",
        )
    elif relation == "quantized" and spec.quantization is None and spec.exactness != "none" and not any(_packed(name) for name in files):
        evidence = (*_line(card, RELATION), *shown(spec.fact("dtype")))
        yield Found("The card says `quantized`, and neither the config nor a file is.", evidence, SHOWN)
    elif relation == "adapter" and "adapter_config.json" not in files:
        yield Found("The card says `adapter`, and the repo has no adapter_config.json.", _line(card, RELATION), SHOWN)
    elif len(bases) > 1 and relation != "merge":
        yield Found(
            f"The card names {len(bases)} base models and says `{relation}`; several are a `merge`.",
            _line(card, RELATION),
            SHOWN,
            severity="info",
        )


@rule("MET010", severity="info", source="https://huggingface.co/docs/hub/model-cards#specifying-a-new-version")
def superseded(card: Card) -> Iterator[Found]:
    """The card says that a newer version replaces this model.

    ## Why
    Adopting it starts with a known end: fixes go to the other repo.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    new_version: someone/model-v2
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    A model.
    ```

    ## Fix
    Review the newer version, or note why this one is wanted.
    """
    newer = card.metadata.get("new_version")
    if isinstance(newer, str) and newer.strip():
        yield Found(
            f"The card says that {newer.strip()[:100]} replaces this model.",
            _line(card, "new_version"),
            "Review the newer version, or note why this one is wanted.",
        )


@rule(
    "MET011",
    severity="info",
    source="https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/templates/modelcard_template.md",
)
def template_leftover(card: Card) -> Iterator[Found]:
    """The card still holds placeholders of a template.

    ## Why
    A section that says `[More Information Needed]` states nothing: licence, data or limits that seem to be there are not.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    ## Bias, Risks, and Limitations

    [More Information Needed]
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    ## Limitations

    It knows no dates after its data.
    ```

    ## Fix
    Fill the section or take it out.
    """
    found = list(_leftovers(card))
    if found:
        lines = tuple(
            Evidence(Source.CLAIMED, card.document.file, line=line, quote=card.document.quote(line)) for line in found[:MOST_LINES]
        )
        yield Found(
            f"{len(found)} line{'s' if len(found) > 1 else ''} of the card {'are' if len(found) > 1 else 'is'} a template's placeholder.",
            lines,
            "Fill the section or take it out.",
        )


@rule("MET012", severity="warning", source="https://huggingface.co/docs/hub/model-cards")
def metadata_key_misspelt(card: Card) -> Iterator[Found]:
    """A key of the metadata is misspelt, so the Hub does not read it.

    ## Why
    `-license:` or `base model:` are valid YAML and mean nothing: the licence that a person sees in the source is not there for any tool.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    base model: someone/model
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    base_model: someone/model
    ---
    A model.
    ```

    ## Fix
    Write the key as the Hub spells it.
    """
    for key in card.metadata:
        meant = _meant(key)
        if meant is not None and meant not in card.metadata:
            yield Found(
                f"The key {key[:60]!r} is read by nobody; `{meant}` may be meant.", _line(card, key), "Write the key as the Hub spells it."
            )


@rule("MET013", severity="info", source="https://huggingface.co/docs/hub/model-cards#specifying-a-language")
def language_malformed(card: Card) -> Iterator[Found]:
    """A language of the metadata is no language code.

    ## Why
    The Hub filters by ISO 639 codes; a name in words is found by nobody.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    language: English
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    language: en
    ---
    A model.
    ```

    ## Fix
    Use the two or three letters of ISO 639.
    """
    for name in _texts(card, "language"):
        if not _LANGUAGE.fullmatch(name):
            yield Found(
                f"The language {name[:60]!r} is no code of ISO 639.", _line(card, "language"), "Use the two or three letters of ISO 639."
            )
            return


@rule("MET014", severity="warning", confidence="medium", source="https://github.com/ImageBind/ImageBind/issues/5")
def license_contradicts_text(card: Card) -> Iterator[Found]:
    """The licence in the metadata is not the one the card's text states.

    ## Why
    A person reads the text and a tool the metadata: they go away with different terms.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    The model weights are released under the Apache 2.0 license.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: apache-2.0
    ---
    The model weights are released under the Apache 2.0 license.
    ```

    ## Fix
    State one licence in both places.
    """
    stated = [name.lower() for name in _texts(card, "license")]
    said = [claim for claim in card.claims.claims if claim.kind == LICENSE and claim.emitter != "metadata" and claim.relation == "self"]
    if not stated or not said:
        raise Skip("the licence stands in one place only")
    if stated[0] in SPECIFIC and not any(set(claim.terms) & set(stated) for claim in said):
        claim = said[0]
        evidence = (*_line(card, "license"), Evidence(Source.CLAIMED, claim.file, line=claim.line, quote=claim.quote, value=claim.raw))
        yield Found(
            f"The metadata says {stated[0]}, and the text says {', '.join(claim.terms)}.", evidence, "State one licence in both places."
        )


@rule("MET015", severity="info", source="https://huggingface.co/docs/hub/models-gated")
def gated(card: Card, about: Mapping[str, Any]) -> Iterator[Found]:
    """The model's files are given out only after its terms are accepted.

    ## Why
    A person must accept them for the organization before a pipeline can fetch anything; what is accepted is part of the licence.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    extra_gated_prompt: You agree to the terms.
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    A model.
    ```

    ## Fix
    Have the terms read and accepted by whoever may do so.
    """
    keys = [key for key in card.metadata if key.startswith("extra_gated_")]
    if keys or about.get("gated") not in (None, False):
        where = _line(card, keys[0]) if keys else (Evidence(Source.DECLARED, "the Hub's metadata", value=about.get("gated")),)
        yield Found(
            "The model is gated: its terms must be accepted by a person.", where, "Have the terms read and accepted by whoever may do so."
        )


@cache
def _known(name: str) -> frozenset[str]:
    """An enumeration of the Hub's, as of the snapshot shipped."""
    return frozenset(load_json("rules/hub_enumerations.json")[name])


def _near(name: str, known: Collection[str]) -> str:
    found = difflib.get_close_matches(name.lower()[:60], sorted(known), n=1, cutoff=0.75)
    return f"; {found[0]} may be meant" if found else ""


def _texts(card: Card, key: str) -> list[str]:
    """The texts of a key, which may be one or a list."""
    value = card.metadata.get(key)
    return [entry.strip() for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, str) and entry.strip()]


def _line(card: Card, key: str) -> tuple[Evidence, ...]:
    """The line of a key, as evidence."""
    line = card.document.front_matter.line(key) or 1
    return (Evidence(Source.CLAIMED, card.document.file, line=line, quote=card.document.quote(line)),)


def _packed(name: str) -> bool:
    return _PACKED.search(name) is not None


def _leftovers(card: Card) -> Iterator[int]:
    """The lines outside code and comments that hold a placeholder."""
    document = card.document
    codes = [(document.line_at(code.start), document.line_at(code.end)) for code in document.codes]
    seen: set[int] = set()
    for match in _LEFTOVER.finditer(document.text):
        line = document.line_at(match.start())
        shown_to_readers = not document.plain[match.start() : match.end()].isspace()
        if (
            line not in seen
            and shown_to_readers
            and line > document.front_matter.last_line
            and not any(first <= line <= last for first, last in codes)
        ):
            seen.add(line)
            yield line


def _meant(key: str) -> str | None:
    """The key that a misspelt one stands for: other case, blanks or hyphens, or a dash before it."""
    bare = key.strip().lstrip("-").strip().lower().replace(" ", "_").replace("-", "_")
    return bare if bare in KEYS and bare != key else None
