"""The file itself: what is no JSON, what stands twice, and values that cannot be what their keys say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from specverify.facts import Source
from specverify.outcome import Evidence
from specverify.rules.engine import Found, Skip, at, brief, declared, rule, shown, stated
from specverify.spec import ModelSpec

LOADER = "transformers 5.23 `PreTrainedConfig` (strict field validation)"
ZERO_IS_UNSET = ("head_dim", "qk_rope_head_dim")
"""Stated as 0 where they are not used (DeepSeek-VL2); classes and engines fall back as if they were absent."""
SENTINEL = 10**20
"""From here on a `model_max_length` is the tokenizer library's way to say that there is no limit."""
KNOWN_KEYS = (
    "architectures",
    "attention_bias",
    "attention_dropout",
    "decoder_layers",
    "encoder_layers",
    "first_k_dense_replace",
    "hidden_activation",
    "hidden_size",
    "intermediate_size",
    "is_encoder_decoder",
    "kv_lora_rank",
    "layer_types",
    "max_position_embeddings",
    "model_type",
    "moe_intermediate_size",
    "n_routed_experts",
    "n_shared_experts",
    "num_attention_heads",
    "num_experts",
    "num_experts_per_tok",
    "num_hidden_layers",
    "num_key_value_heads",
    "num_local_experts",
    "original_max_position_embeddings",
    "partial_rotary_factor",
    "qk_nope_head_dim",
    "qk_rope_head_dim",
    "quantization_config",
    "rms_norm_eps",
    "rope_parameters",
    "rope_scaling",
    "rope_theta",
    "sliding_window",
    "tie_word_embeddings",
    "torch_dtype",
    "use_sliding_window",
    "vocab_size",
)
"""Keys many classes share and that change what the model is: the ones worth finding misspelt.

Token ids are left out: `eoa_token_id` and `boi_token_id` are keys of their own.
"""
REAL_NEIGHBOURS = frozenset({"hidden_sizes", "num_expert", "n_shared_expert", "layers_type", "num_local_expert"})
"""Keys of real classes that are one edit from those."""


@rule("DOC001", severity="warning", source="https://www.rfc-editor.org/rfc/rfc8259#section-4")
def duplicate_key(spec: ModelSpec) -> Iterable[Found]:
    """A key stands twice in one object of config.json.

    ## Why
    RFC 8259 leaves open which one counts. Python, and so transformers and vLLM, takes the last; a Rust or C++ reader may take the
    first or refuse. Where the two values differ, two engines build two models from one file. A key written twice with one value
    (Ming-Lite-Omni's `auto_map`) does no harm and is only worth knowing. Ming-Lite-Omni states `auto_map` twice at its root.

    ```json bad
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8,
     "num_key_value_heads": 2, "vocab_size": 32000, "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 2,
     "vocab_size": 32000, "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```

    ## Fix
    Keep the one that the weights were made with: a projection's shape in the tensor headers tells which.
    """
    for problem in spec.problems:
        if problem.kind in ("duplicate", "repeated"):
            severity = "info" if problem.kind == "repeated" else None
            yield Found(f"{problem.message}.", at(spec, problem), "Keep one of the two.", severity)


@rule("DOC002", severity="warning", source="https://www.rfc-editor.org/rfc/rfc8259#section-6")
def number_not_in_json(spec: ModelSpec, config: Mapping[str, Any]) -> Iterable[Found]:
    """config.json holds NaN or Infinity, which are no JSON.

    ## Why
    Python's parser takes them, every strict one (Rust's serde, JavaScript, most of C++) refuses the whole file. Nemotron-H
    was published with `"time_step_limit": [0.0, Infinity]`; transformers 5 itself writes `{"__float__": "Infinity"}`
    instead, because of other readers.

    ```json bad
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0, "time_step_limit": [0.0, Infinity]}
    ```
    ```json good
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0, "time_step_limit": [0.0, {"__float__": "Infinity"}]}
    ```

    ## Fix
    Leave the key out where the class default says the same, or save the config with transformers 5.
    """
    names = [str(problem.value) for problem in spec.problems if problem.kind == "constant"]
    if names:
        places = tuple(stated(pointer, str(value)) for pointer, value in _non_finite(config, ""))
        yield Found(
            f"config.json holds {' and '.join(names)}, which is no JSON: Python reads it, strict parsers refuse the file.",
            places[:5] or (stated("", names[0]),),
            "Leave the key out, or save the config with transformers 5, which writes it as JSON.",
        )


@rule("DOC003", severity="error", source="https://www.rfc-editor.org/rfc/rfc8259#section-8.1")
def byte_order_mark(spec: ModelSpec) -> Iterable[Found]:
    """config.json starts with a byte order mark (U+FEFF), so transformers cannot read it.

    ## Why
    RFC 8259 forbids the mark. Some Windows editors write it, and it does not show on the screen. `json.loads` raises on
    it ("Unexpected UTF-8 BOM"), so AutoConfig says that the file "is not a valid JSON file". The first example starts
    with one.

    ```json bad
    \ufeff{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```

    ## Fix
    Save the file as UTF-8 without a byte order mark: `sed -i '1s/^\\xEF\\xBB\\xBF//' config.json`.
    """
    for problem in spec.problems:
        if problem.kind == "bom":
            yield Found(f"config.json {problem.message}.", at(spec, problem), "Save it as UTF-8 without a byte order mark.")


@rule("DOC004", severity="error", source=LOADER)
def wrong_type(spec: ModelSpec) -> Iterable[Found]:
    """A value is of a type its key cannot have: a size as a string, a float or a bool, a switch as a number.

    ## Why
    transformers 5 checks every field of its own classes and refuses to load: "Field 'num_hidden_layers' expected int, got
    str". Even `256.0` for 256 is refused. Older releases and other engines fail later, in arithmetic, with nothing that
    names the key. Hand edits and exports through tools that write every number as a float are where it comes from.

    A list where one number is usual is not reported for classes specverify reads by the common table: remote code does
    that on purpose (Hunyuan's `moe_topk`, OpenELM's `num_kv_heads`). There a wrong type is a warning.

    ```json bad
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": "2048", "rope_theta": 10000.0}
    ```
    ```json bad
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376.0,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json bad
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0, "attention_bias": "no"}
    ```
    ```json good
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0, "attention_bias": false}
    ```

    ## Fix
    Write the value as the type the class expects: an integer without quotes or point, `true` or `false` without quotes.
    """
    known = spec.source is not None
    for problem in spec.problems:
        if problem.kind not in ("type", "float") or (spec.exactness != "exact" and isinstance(problem.value, list | dict)):
            continue
        yield Found(
            f"{problem.message}, and is {brief(problem.value)}.",
            at(spec, problem),
            "Write it as the type its class expects.",
            None if known else "warning",
            None if known else "medium",
        )


@rule("DOC005", severity="error", source="specverify.architectures.keys (the least and largest value of each size)")
def impossible_size(spec: ModelSpec) -> Iterable[Found]:
    """A count or size is zero, negative, or larger than any there can be.

    ## Why
    No model has no heads, a negative width or 2^63 tokens. transformers divides by the head count and dies with
    ZeroDivisionError, or builds a tensor of negative size; every figure derived from such a value is unknown here. Zero
    is not reported where it stands for "not used", as in the `qk_rope_head_dim` of DeepSeek-VL2's dense language model.

    ```json bad
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 0, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json bad
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 0, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```

    ## Fix
    Put in the size the weights have; where the key is to mean "not used", leave it out.
    """
    for problem in spec.problems:
        if problem.kind == "range" and not _means_unset(problem.pointer, problem.value):
            yield Found(f"{problem.message}: {brief(problem.value)}.", at(spec, problem), "Put in the size the weights have.")
    layers = spec.fact("num_hidden_layers")
    if layers.value == 0 and declared(layers) is not None:
        yield Found(f"`{layers.name}` is 0: a model without layers.", shown(layers), "Put in the number of layers the weights have.")


@rule("DOC006", severity="warning", source="specverify.normalize.document (what is refused, and where)")
def side_file_unreadable(unreadable: Mapping[str, str]) -> Iterable[Found]:
    """A file beside config.json is there and is no JSON object.

    ## Why
    transformers stops at a broken generation_config.json or tokenizer_config.json, or goes on without it, by release and
    by file. Nothing can be checked against a file that cannot be read: rules that need it are skipped, and an end token
    or a context limit it would have stated goes unseen. Git LFS pointers and cut-off downloads are the usual cause.

    ```json bad
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0, "bos_token_id": 1, "eos_token_id": 2}
    ```
    ```json bad generation_config.json
    {"bos_token_id": 1, "eos_token_id": 2,}
    ```
    ```json good
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0, "bos_token_id": 1, "eos_token_id": 2}
    ```
    ```json good generation_config.json
    {"bos_token_id": 1, "eos_token_id": 2}
    ```

    ## Fix
    Fetch the file again, or mend it at the place that is named.
    """
    for file, message in unreadable.items():
        yield Found(f"{message}.", (Evidence(Source.DECLARED, file, note=message),), "Fetch the file again, or mend it at that place.")


@rule("DOC007", severity="warning", confidence="medium", source="transformers `PreTrainedConfig` keeps unknown keys and ignores them")
def misspelt_key(spec: ModelSpec, config: Mapping[str, Any]) -> Iterable[Found]:
    """A key that its class does not know is one letter from one that it does, and that one is not stated.

    ## Why
    transformers keeps unknown keys without a word and fills in the class default for the right one. A hand-edited
    `rope_scalling` leaves a model at its short context; a `num_key_value_head` gives Llama as many KV heads as query heads.

    ```json bad
    {"architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_head": 8, "sliding_window": null,
     "vocab_size": 32000, "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good
    {"architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "sliding_window": null,
     "vocab_size": 32000, "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```

    ## Fix
    Rename the key, or delete it if it is meant to be something else.
    """
    if spec.source is None:
        raise Skip("which keys this class knows is not known")
    for pointer in spec.keys.unread:
        parent, _, key = pointer.rpartition("/")
        meant = _neighbour(key)
        if meant is None:
            continue
        owner = _object_at(config, parent)
        if owner is not None and meant not in owner:
            yield Found(
                f"`{key}` is no key of this class, and `{meant}`, one letter away, is not stated.",
                (stated(pointer, owner.get(key)),),
                f"Rename it to `{meant}`, or delete it.",
            )


@rule("DOC008", severity="error", source=LOADER)
def null_where_a_size_is_needed(spec: ModelSpec, config: Mapping[str, Any]) -> Iterable[Found]:
    """A size the model cannot do without is null.

    ## Why
    Null is not absent: an absent key takes the class default, a null one is refused ("Field 'hidden_size' expected int, got
    NoneType"). Null has a meaning of its own only where the class gives it one (`head_dim`, `sliding_window`,
    `q_lora_rank`, `n_inner`), and there it is fine.

    ```json bad
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": null,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": null, "head_dim": null, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```

    ## Fix
    Put in the size the weights have, or leave the key out where the class default is meant.
    """
    if spec.exactness != "exact":
        raise Skip("which sizes this class needs is not known")
    for fact in spec.facts.values():
        if fact.reason is None or not fact.reason.endswith("` is null"):
            continue
        key = fact.reason.split("`")[1]
        places = [("", config), *((f"/{name}", inner) for name, inner in config.items() if isinstance(inner, Mapping))]
        evidence = tuple(stated(f"{pointer}/{key}", None) for pointer, owner in places if key in owner and owner[key] is None)
        if evidence:
            yield Found(f"`{key}` is null, and the model cannot be built without it.", evidence, "Put in the size the weights have.")


def _non_finite(value: Any, pointer: str) -> Iterator[tuple[str, float]]:
    """Every NaN and infinity in a document, with its JSON pointer."""
    if isinstance(value, float) and not math.isfinite(value):
        yield pointer, value
    elif isinstance(value, list | dict):
        for key, inner in enumerate(value) if isinstance(value, list) else value.items():
            yield from _non_finite(inner, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")


def _means_unset(pointer: str, value: Any) -> bool:
    key = pointer.rsplit("/", 1)[-1]
    return (key in ZERO_IS_UNSET and value == 0) or (key == "model_max_length" and isinstance(value, int) and value > SENTINEL)


def _object_at(config: Mapping[str, Any], pointer: str) -> Mapping[str, Any] | None:
    found: Any = config
    for segment in pointer.split("/")[1:]:
        found = found.get(segment) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None


def _without_one(key: str) -> Iterator[str]:
    for index in range(len(key)):
        yield key[:index] + key[index + 1 :]


_SHORTER = {shorter: key for key in KNOWN_KEYS for shorter in _without_one(key)}
"""Each known key with one letter left out, to the key."""


@lru_cache(maxsize=4096)
def _neighbour(key: str) -> str | None:
    """The known key that is one edit away: a letter missing, too many, or another, or two swapped."""
    if not 7 <= len(key) <= 40 or key in KNOWN_KEYS or key in REAL_NEIGHBOURS:
        return None
    if key in _SHORTER:
        return _SHORTER[key]
    for shorter in _without_one(key):
        if shorter in KNOWN_KEYS:
            return shorter
        meant = _SHORTER.get(shorter)
        if meant is not None and _one_substitution(key, meant):
            return meant
    return None


def _one_substitution(key: str, other: str) -> bool:
    """Whether two keys of one length differ in one letter, or in two neighbours that are swapped."""
    differing = [index for index, (a, b) in enumerate(zip(key, other, strict=False)) if a != b]
    if len(key) != len(other) or not differing:
        return False
    first, last = differing[0], differing[-1]
    return len(differing) == 1 or (len(differing) == 2 and last == first + 1 and key[first] == other[last] and key[last] == other[first])
