"""Vocabulary and token ids: what indexes the embedding, and what ends an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from specverify.rules.engine import Found, Skip, brief, is_whole, rule, shown, stated, text_object
from specverify.spec import ModelSpec

TEXT_IDS = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id", "sep_token_id", "cls_token_id", "mask_token_id")
PLACEHOLDER_IDS = tuple(f"{kind}_token_{end}" for kind in ("image", "video", "audio") for end in ("id", "index"))
MORE_ROWS = ("mllama",)
"""Types whose embedding has rows beyond `vocab_size` for the tokens of other inputs."""
CLASSIFIER = "ForSequenceClassification"
PADDED_BY_DEFAULT = ("phi3", "phimoe", "opt", "gemma", "gemma2", "gemma3_text", "bloom", "jamba", "cohere", "cohere2", "xglm")
"""Types whose class has a `pad_token_id` where the config states none (transformers 5.23)."""
CHAT_NAME = re.compile(r"(?:^|[-_./])(?:instruct|chat)(?:$|[-_.])", re.IGNORECASE)
OWN_CHAT_FORMAT = ("tekken.json", "tokenizer.model.v3", "tokenizer.model.v7", "tokenizer.model.v7m1")
"""Mistral's tokenizers, which hold the format of a chat themselves."""
PLACEHOLDER_WORDS = ("image", "video", "audio", "vision")


@rule("VOC001", severity="error", source="torch.nn.Embedding (padding_idx must be within num_embeddings)")
def token_id_out_of_range(spec: ModelSpec, config: dict[str, Any]) -> Iterator[Found]:
    """A special token's id is outside the vocabulary.

    ## Why
    A padding id past the end stops most classes from being built, and a decoder's start token is looked up first of all; an end
    token that does not exist is never generated, so nothing stops. A padding id of -1 is an old way to say none. ChatDoctor has
    -1.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 1000}
    ```
    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "bos_token_id": 1, "eos_token_id": [2, 1001]}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1001,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 1000}
    ```

    ## Fix
    Correct the id, or resize the embedding to hold the token and raise `vocab_size`.
    """
    vocabulary = spec.fact("vocab_size")
    rows = _rows(spec)
    place, text = text_object(spec, config)
    for pointer, table in {place: text, "": config}.items():
        for key in (*TEXT_IDS, *PLACEHOLDER_IDS):
            value = table.get(key)
            for one in _ids(value) if isinstance(value, int | list) else ():
                severity = None if 0 <= one < rows else _how_bad(spec, config, key, one, in_text=pointer == place)
                if severity is not None:
                    yield Found(
                        f"`{key}` is {one:,}, and the vocabulary has the ids 0 to {rows - 1:,}.",
                        (stated(f"{pointer}/{key}", value), *shown(vocabulary)),
                        "Correct the id, or resize the embedding to hold it." if one >= rows else "Set it to null.",
                        severity=severity,
                    )


@rule("VOC002", severity="error", source="https://github.com/huggingface/transformers/issues/33819")
def vocabulary_smaller_than_tokenizer(spec: ModelSpec, config: dict[str, Any], tokenizer: dict[str, Any]) -> Iterator[Found]:
    """The tokenizer has a token that the embedding has no row for.

    ## Why
    The first prompt with that token fails with an index out of range, or reads foreign memory on a GPU. It comes of adding tokens
    in a fine-tune without resizing the embedding. The largest id counts, not the number of tokens: ids may have gaps.
    Llama-3.2-Vision's head has fewer rows than its tokens: huggingface/transformers issue 33819.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 32000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 10000.0}
    ```
    ```json bad tokenizer_config.json
    {"tokenizer_class": "LlamaTokenizer", "added_tokens_decoder": {"0": {"content": "<unk>"}, "32000": {"content": "[PAD]"}}}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 32001,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 10000.0}
    ```
    ```json good tokenizer_config.json
    {"tokenizer_class": "LlamaTokenizer", "added_tokens_decoder": {"0": {"content": "<unk>"}, "32000": {"content": "[PAD]"}}}
    ```

    ## Fix
    Resize the embedding (`model.resize_token_embeddings(len(tokenizer))`) and save the model, or remove the token.
    """
    rows = _rows(spec)
    added = tokenizer.get("added_tokens_decoder")
    if not isinstance(added, Mapping) or not added:
        raise Skip("tokenizer_config.json lists no added tokens")
    if _has_more_rows(spec, config):
        raise Skip("the class may have rows beyond vocab_size")
    beyond = {int(key): key for key in added if key.isdecimal() and len(key) < 12 and int(key) >= rows}
    if not beyond:
        return
    last = max(beyond)
    contents = [str(added[key].get("content")) if isinstance(added[key], Mapping) else "" for key in beyond.values()]
    # Gemma's text models ship the tokenizer of the multimodal ones: its image token is never sent to them.
    only_placeholders = all(any(word in content.lower() for word in PLACEHOLDER_WORDS) for content in contents)
    key = beyond[last]
    yield Found(
        f"The tokenizer's {brief(contents[-1] if len(beyond) == 1 else key)} has the id {last:,}, and the embedding ends at {rows - 1:,}.",
        (stated(f"/added_tokens_decoder/{key}", added[key], "tokenizer_config.json"), *shown(spec.fact("vocab_size"))),
        "Resize the embedding to the tokenizer and save the model, or remove the token.",
        severity="info" if only_placeholders else None,
    )


@rule("VOC003", severity="warning", source="https://github.com/vllm-project/vllm/issues/4180")
def end_tokens_differ(spec: ModelSpec, config: dict[str, Any], generation: dict[str, Any]) -> Iterator[Found]:
    """config.json ends an answer with a token that generation_config.json does not.

    ## Why
    `generate` stops by the generation config, other code by the config, vLLM and SGLang by both: the same model stops in one
    place and runs on in another. A generation config with more end tokens is the usual way for chat models, and fine.
    Llama-3-8B-Instruct ended with 128001 in one file, and its turns with 128009 in the other (vllm-project/vllm issue 4180).

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "bos_token_id": 1, "eos_token_id": 2}
    ```
    ```json bad generation_config.json
    {"bos_token_id": 1, "eos_token_id": 3}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "bos_token_id": 1, "eos_token_id": 2}
    ```
    ```json good generation_config.json
    {"bos_token_id": 1, "eos_token_id": [2, 3]}
    ```

    ## Fix
    List every token that ends an answer in generation_config.json, and one of them in config.json.
    """
    pointer, own = _end_of(spec, config)
    theirs = generation.get("eos_token_id")
    config_ids, generation_ids = _ids(own), _ids(theirs)
    if not config_ids or not generation_ids:
        raise Skip("one of the two files states no end token")
    only = config_ids - generation_ids
    if only:
        yield Found(
            f"config.json ends an answer with {brief(own)}, and generation_config.json with {brief(theirs)}.",
            (stated(pointer, own), stated("/eos_token_id", theirs, "generation_config.json")),
            "List every token that ends an answer in generation_config.json.",
            severity="info" if config_ids & generation_ids else None,
        )


@rule("VOC004", severity="info", source="transformers PretrainedConfig.eos_token_id")
def no_end_token(spec: ModelSpec, config: dict[str, Any], generation: dict[str, Any]) -> Iterator[Found]:
    """Neither config.json nor generation_config.json names a token that ends an answer.

    ## Why
    Generation runs to the length limit unless the caller passes a stop token. MiniMax-M1 has null in config.json, and its end
    token in the other file.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "bos_token_id": 1, "eos_token_id": null}
    ```
    ```json bad generation_config.json
    {"bos_token_id": 1}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "bos_token_id": 1, "eos_token_id": null}
    ```
    ```json good generation_config.json
    {"bos_token_id": 1, "eos_token_id": 2}
    ```

    ## Fix
    State `eos_token_id` in generation_config.json.
    """
    pointer, own = _end_of(spec, config)
    if spec.decoder() is None or own is not None or not pointer:
        return
    if generation.get("eos_token_id") is None:
        yield Found(
            "`eos_token_id` is null in config.json, and generation_config.json states none.",
            (stated(pointer, None),),
            "State `eos_token_id` in generation_config.json.",
        )


@rule("VOC005", severity="warning", source="https://github.com/michaelfeil/infinity/pull/670")
def classifier_without_padding(spec: ModelSpec, config: dict[str, Any]) -> Iterator[Found]:
    """A decoder with a classification head has no padding token, so it takes one text at a time.

    ## Why
    The class finds the last token of each text by the padding after it, and refuses more than one text without: "Cannot handle batch
    sizes > 1 if no padding token is defined". Servers batch from the first request on: Qwen3-Reranker as a classifier stopped infinity
    while it warmed up, and a reranker stopped Open WebUI (issue 13257).

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForSequenceClassification"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "bos_token_id": 1, "eos_token_id": 2}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForSequenceClassification"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    ```

    ## Fix
    State `pad_token_id` in config.json, as the tokenizer has it.
    """
    named = config.get("architectures")
    classes = [name for name in (named if isinstance(named, list) else []) if isinstance(name, str) and name.endswith(CLASSIFIER)]
    if not classes or "auto_map" in config:
        raise Skip("the config names no classification head of transformers")
    if spec.value("prototype") != "decoder-only":
        raise Skip("only decoders find the last token by its padding")
    pointer, text = text_object(spec, config)
    if config.get("pad_token_id") is None and text.get("pad_token_id") is None:
        if spec.value("model_type") in PADDED_BY_DEFAULT and "pad_token_id" not in text:
            raise Skip("the class has a padding token of its own")
        yield Found(
            f"{classes[0]} has no padding token, so it refuses two texts at once.",
            (stated("/architectures", named), *((stated(f"{pointer}/pad_token_id", None),) if "pad_token_id" in text else ())),
            "State `pad_token_id`, as the tokenizer has it.",
        )


@rule("VOC006", severity="warning", confidence="medium", source="https://github.com/vllm-project/vllm/issues/29849", status="preview")
def chat_template_missing(spec: ModelSpec, tokenizer: dict[str, Any], files: Sequence[str], origin: Mapping[str, Any]) -> Iterator[Found]:
    """The model is named an instruct or chat model, and comes without a chat template.

    ## Why
    The chat endpoint of every engine answers each request with an error, since transformers 4.44 has no template of its own; with a
    guessed one the model gets prompts it was not tuned on. DeepSeek-V3.2 and vicuna-13b-v1.5 (vllm-project/vllm issue 17977) have none.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```json bad tokenizer_config.json
    {"tokenizer_class": "PreTrainedTokenizerFast"}
    ```
    ```text bad files
    model.safetensors
    ```
    ```toml bad origin
    name = "example/Example-1B-Instruct"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```json good tokenizer_config.json
    {"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": "{{ messages }}"}
    ```
    ```text good files
    model.safetensors
    ```
    ```toml good origin
    name = "example/Example-1B-Instruct"
    ```

    ## Fix
    Ask the publisher for the template, or pass one (vLLM: --chat-template).
    """
    if spec.value("prototype") != "decoder-only" or not CHAT_NAME.search(str(origin.get("name", ""))):
        raise Skip("the model is not named one that chats")
    if not is_whole(origin, files):
        raise Skip("the files at hand may not be all there are")
    if any(path.startswith("chat_template") or path in OWN_CHAT_FORMAT for path in files):
        return
    if tokenizer.get("chat_template") is None:
        yield Found(
            f"{origin['name']} is named a model that chats, and neither tokenizer_config.json nor a file of its own has a chat template.",
            (stated("", "no `chat_template`", "tokenizer_config.json"),),
            "Ask the publisher for the template, or pass one (vLLM: --chat-template).",
        )


def _rows(spec: ModelSpec) -> int:
    """Ids the embedding has rows for. Raises Skip where that is not known."""
    rows = spec.value("vocab_size")
    if not isinstance(rows, int) or isinstance(rows, bool) or rows <= 0:
        raise Skip("the vocabulary's size is not known")
    return rows


def _has_more_rows(spec: ModelSpec, config: Mapping[str, Any]) -> bool:
    """Whether the embedding may be longer than `vocab_size`: by its class, by a key, or by code of its own (Molmo)."""
    own_code = "auto_map" in config and spec.exactness != "exact"
    return own_code or spec.value("model_type") in MORE_ROWS or "additional_vocab_size" in config


def _how_bad(spec: ModelSpec, config: Mapping[str, Any], key: str, value: int, *, in_text: bool) -> str | None:
    """The severity of an id outside the vocabulary; None where it is no defect."""
    if key in PLACEHOLDER_IDS:
        # LLaVA's first code wrote -200 for an image, and replaced it before any lookup.
        return None if value < 0 or _has_more_rows(spec, config) else "warning"
    if value < 0:
        return "info"
    looked_up = key in ("pad_token_id", "decoder_start_token_id")
    return "error" if looked_up and in_text and "auto_map" not in config else "warning"


def _end_of(spec: ModelSpec, config: Mapping[str, Any]) -> tuple[str, Any]:
    """The end token of the config with its pointer: at the root, else the text model's; an empty pointer where none is stated."""
    if "eos_token_id" in config:
        return "/eos_token_id", config["eos_token_id"]
    place, text = text_object(spec, config)
    return (f"{place}/eos_token_id", text["eos_token_id"]) if "eos_token_id" in text else ("", None)


def _ids(value: Any) -> set[int]:
    """The token ids a key states, as one or as a list."""
    return {one for one in (value if isinstance(value, list) else [value]) if isinstance(one, int) and not isinstance(one, bool)}
