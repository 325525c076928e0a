"""What a card says a model was made from, and what follows it: base models, how they were used, and newer versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from specverify.card.card import Card
from specverify.card.metadata import entries, nearest, texts
from specverify.data import hub_enumerations
from specverify.pattern import Pattern
from specverify.rules.engine import Found, Skip, at_key, brief, is_whole, metadata_of, rule, stated
from specverify.spec import ModelSpec, Tensor

BASE_MODELS = "https://huggingface.co/docs/hub/model-cards#specifying-a-base-model"
MOST = 8
"""Base models of one card that are reported."""
OF_ONE = ("adapter", "quantized")
SAID_RELATIONS = {"fine-tuned": "finetune", "finetuned": "finetune", "lora": "adapter", "quantization": "quantized", "merged": "merge"}
"""What publishers write for a relation, and the Hub's word for it."""
AFTER_TRAINING = ("gptq", "awq", "exl2", "exl3", "hqq", "aqlm", "quip", "auto-round", "vptq", "spqr", "eetq")
"""Methods that make a smaller copy of a trained model; others (FP8, MXFP4, bitsandbytes) are also trained in."""
FLOATS = frozenset({"BF16", "F16", "F32", "F64"})
OTHER_FORMATS = (
    *(".gguf", ".onnx", ".npz", ".xml", ".tflite", ".mlpackage", ".mlmodel", ".engine", ".ggml", ".rkllm", ".rknn", ".llamafile"),
    *(".task", ".litertlm", ".dlc", ".pte"),
)
"""What names of files hold that may hold the quantized weights, which tensor headers do not show."""
_REPO = Pattern(r"[\w.-]{1,96}(?:/[\w.-]{1,96})?")
_ON_THE_HUB = Pattern(r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/([\w.-]{1,96}/[\w.-]{1,96})(?:[/?#].{0,200})?")


@rule("MET020", severity="warning", source=BASE_MODELS)
def base_model_is_no_repo(card: Card) -> Iterator[Found]:
    """`base_model` is not the id of a repository.

    ## Why
    Licence, provenance and known defects of the base are looked up by that id. A link, a path of the trainer's machine or a
    name with blanks leads nowhere, and the Hub's model tree ends there.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    base_model: https://huggingface.co/example/base
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
    State `org/name`.
    """
    values = metadata_of(card)
    if not values.get("base_model"):
        raise Skip("the card's metadata names no base model")
    wrong = ((path, value) for path, value in entries(values, "base_model") if not _is_repo(value))
    for path, value in islice(wrong, MOST):
        linked = _ON_THE_HUB.fullmatch(value.strip()) if isinstance(value, str) else None
        yield Found(
            f"`base_model` {brief(value)} is no id of a repository" + (f"; `{linked.group(1)}` is." if linked else "."),
            (at_key(card, path),),
            f"State `{linked.group(1)}`." if linked else "State the base model as `org/name`.",
        )


@rule("MET021", severity="warning", source=BASE_MODELS)
def base_model_relation_unknown(card: Card) -> Iterator[Found]:
    """`base_model_relation` is none of `adapter`, `finetune`, `merge` and `quantized`.

    ## Why
    The Hub guesses the relation where it cannot read one, and takes most for fine-tuned.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    base_model: example/base
    base_model_relation: fine-tuned
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
    base_model_relation: finetune
    ---
    A model.
    ```

    ## Fix
    State one of the four.
    """
    known = hub_enumerations()["relations"]
    relation = metadata_of(card).get("base_model_relation")
    if relation is None:
        raise Skip("the card's metadata states no relation to the base model")
    if isinstance(relation, str) and relation in known:
        return
    close = (SAID_RELATIONS.get(relation.lower()) or nearest(relation, known)) if isinstance(relation, str) else None
    yield Found(
        f"`base_model_relation` {brief(relation)} is no relation of the Hub{f'; `{close}` is' if close else ''}.",
        (at_key(card, "base_model_relation"),),
        f"State `base_model_relation: {close}`." if close else "State `adapter`, `finetune`, `merge` or `quantized`.",
    )


@rule("MET022", severity="info", source=BASE_MODELS)
def several_bases_of_one_relation(card: Card) -> Iterator[Found]:
    """Several base models are named, and the relation is one that a model has to one base alone.

    ## Why
    An adapter fits one model, and a quantized copy is a copy of one. With several it stays open which one to load, to compare
    with and to take the licence of.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    base_model: [example/base, example/other]
    base_model_relation: quantized
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
    base_model: [example/base, example/other]
    base_model_relation: merge
    ---
    A model.
    ```

    ## Fix
    Name the one base model, or the relation that holds for all.
    """
    values = metadata_of(card)
    relation = values.get("base_model_relation")
    bases = texts(values, "base_model")
    if relation in OF_ONE and len(bases) > 1:
        yield Found(
            f"The card names {len(bases)} base models, and its relation `{relation}` is to one.",
            (at_key(card, "base_model"), at_key(card, "base_model_relation")),
            "Name the one base model, or the relation that holds for all.",
        )


@rule("MET023", severity="warning", source=BASE_MODELS)
def adapter_is_a_whole_model(card: Card, files: Sequence[str], origin: Mapping[str, Any]) -> Iterator[Found]:
    """The card says the model is an adapter, and its files are those of a whole model.

    ## Why
    An adapter of megabytes is loaded on top of its base; this one is loaded alone, and costs what a model costs.

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
    library_name: transformers
    base_model: example/base
    base_model_relation: adapter
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
    library_name: transformers
    base_model: example/base
    base_model_relation: finetune
    ---
    A model.
    ```
    ```text good files
    model.safetensors
    ```

    ## Fix
    State `finetune`, or publish the adapter.
    """
    if metadata_of(card).get("base_model_relation") != "adapter":
        raise Skip("the card does not say that the model is an adapter")
    if not is_whole(origin, files):
        raise Skip("not all files of the model are known")
    if any("adapter" in path.lower() or "lora" in path.lower() for path in files):
        return
    weights = next(
        (path for path in files if path.startswith(("model", "pytorch_model")) and path.endswith((".safetensors", ".bin"))), None
    )
    if weights is not None:
        yield Found(
            f"The card says `adapter`, and the model has no `adapter_config.json` but `{weights}`.",
            (at_key(card, "base_model_relation"),),
            "State `finetune`, or publish the adapter.",
        )


@rule("MET024", severity="warning", source=BASE_MODELS)
def quantized_copy_is_not_quantized(
    card: Card, spec: ModelSpec, config: Mapping[str, Any], files: Sequence[str], tensors: Sequence[Tensor]
) -> Iterator[Found]:
    """The card says the model is a quantized copy, and every tensor of it is a float.

    ## Why
    Memory is planned for a fraction of the base's; these weights take all of it, and may be those of the base unchanged.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    base_model: example/base
    base_model_relation: quantized
    ---
    A model.
    ```
    ```json bad tensors
    {"model.embed_tokens.weight": ["BF16", [1000, 64]]}
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
    base_model_relation: finetune
    ---
    A model.
    ```
    ```json good tensors
    {"model.embed_tokens.weight": ["BF16", [1000, 64]]}
    ```

    ## Fix
    Ask the publisher for the quantized files, or state the relation that holds.
    """
    if metadata_of(card).get("base_model_relation") != "quantized":
        raise Skip("the card does not say that the model is quantized")
    if (
        spec.quantization is not None
        or "quantization" in config
        or any(ending in path.lower() for path in files for ending in OTHER_FORMATS)
    ):
        return
    dtypes = {tensor.dtype for tensor in tensors}
    if dtypes and dtypes <= FLOATS:
        yield Found(
            f"The card says `quantized`; the config states no quantization, and the tensors are {' and '.join(sorted(dtypes))}.",
            (at_key(card, "base_model_relation"),),
            "Ask the publisher for the quantized files, or state the relation that holds.",
        )


@rule("MET025", severity="info", source=BASE_MODELS)
def fine_tuned_is_quantized(card: Card, config: Mapping[str, Any]) -> Iterator[Found]:
    """The card says the model was fine-tuned from its base, and the config quantizes it by a method applied after training.

    ## Why
    Scores on such a card are often those of the model before it was quantized, and the model tree shows it among the full ones.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false, "quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 128,
     "desc_act": false, "sym": true}}
    ```
    ```markdown bad README.md
    ---
    license: mit
    base_model: example/base
    base_model_relation: finetune
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false, "quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 128,
     "desc_act": false, "sym": true}}
    ```
    ```markdown good README.md
    ---
    license: mit
    base_model: example/base
    base_model_relation: quantized
    ---
    A model.
    ```

    ## Fix
    State `quantized`, with the model that was quantized as the base.
    """
    if metadata_of(card).get("base_model_relation") != "finetune":
        raise Skip("the card does not say that the model was fine-tuned")
    quantized = config.get("quantization_config")
    method = quantized.get("quant_method") if isinstance(quantized, Mapping) else None
    if isinstance(method, str) and method.lower() in AFTER_TRAINING:
        yield Found(
            f"The card says `finetune`, and the config quantizes the weights with `{method}`.",
            (at_key(card, "base_model_relation"), stated("/quantization_config/quant_method", method)),
            "State `quantized`, with the model that was quantized as the base.",
        )


@rule("MET026", severity="warning", source=BASE_MODELS)
def base_model_is_itself(card: Card, origin: Mapping[str, Any]) -> Iterator[Found]:
    """The card names the model itself as its base or as its newer version.

    ## Why
    Whoever follows it goes round in circles: what the model was made from, or superseded by, is not said.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    base_model: example/model
    ---
    A model.
    ```
    ```toml bad origin
    name = "example/model"
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
    ```toml good origin
    name = "example/model"
    ```

    ## Fix
    Name the model it was made from, or leave the key out.
    """
    values = metadata_of(card)
    name = origin.get("name")
    if not isinstance(name, str) or "/" not in name:
        raise Skip("the model's own id is not known")
    for key in ("base_model", "new_version"):
        for path, value in entries(values, key):
            if isinstance(value, str) and value.lower() == name.lower():
                yield Found(
                    f"`{key}` names the model itself.",
                    (at_key(card, path),),
                    "Name the other model, or leave the key out.",
                )


@rule("MET027", severity="info", source="https://huggingface.co/docs/hub/model-cards#specifying-a-new-version")
def superseded(card: Card) -> Iterator[Found]:
    """The publisher names a newer version of the model.

    ## Why
    Repairs go into the newer one. To adopt the older is a decision that somebody should have made. numind/NuExtract-tiny names
    NuExtract-v1.5.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    new_version: example/model-2
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
    ---
    A model.
    ```

    ## Fix
    Look at the newer version, or note why the older one is adopted.
    """
    newer = metadata_of(card).get("new_version")
    if isinstance(newer, str) and newer.strip():
        yield Found(
            f"The publisher names {brief(newer)} as the newer version of this model.",
            (at_key(card, "new_version"),),
            "Look at the newer version, or note why the older one is adopted.",
        )


def _is_repo(value: Any) -> bool:
    """Whether a value has the form of a repository's id; an empty one states nothing."""
    return isinstance(value, str) and (not value or _REPO.fullmatch(value) is not None)
