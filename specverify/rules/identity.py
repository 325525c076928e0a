"""What the model says it is: its class, its type, its own code, and lists that must agree with its depth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from specverify.facts import Source
from specverify.outcome import Evidence
from specverify.rules.engine import TEXT_SIZES, Found, Skip, at, brief, declared, rule, shown, stated
from specverify.spec import ModelSpec

LAYER_KINDS = frozenset(
    {
        "full_attention",
        "sliding_attention",
        "chunked_attention",
        "window_attention",
        "indexed_attention",
        "compressed_sparse_attention",
        "heavily_compressed_attention",
        "minimax_m3_sparse",
        "conv",
        "moe",
        "hybrid",
        "hybrid_sliding",
        "reference_sliding_attention",
        "linear_attention",
        "attention",
        "mamba",
        "deepseek_sparse_attention",
        "qwen_sparse_attention",
    }
)
"""What `layer_types` may hold in transformers 5.23; the last four are older names that it renames."""
PER_LAYER = (
    "hybrid_override_pattern",
    "hybrid_layer_pattern",
    "attn_type_list",
    "moe_layer_freq",
    "compress_ratios",
    "layers_block_type",
    "no_rope_layers",
    "indexer_types",
    "mlp_layer_types",
)
"""Keys with one entry a layer where they hold a list (or, of `hybrid_override_pattern`, a string)."""
EXTRA_LAYERS = ("num_nextn_predict_layers", "num_mtp_layers", "mtp_num_hidden_layers", "num_mtp_modules")
"""Next-token-prediction layers, which such a list may go on to."""
WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".gguf", ".h5", ".msgpack")
TEXT_CONFIGS = ("text_config", "llm_config", "language_config")
SAME_FIELD = (
    frozenset({"num_hidden_layers", "n_layer", "n_layers"}),
    frozenset({"num_attention_heads", "n_head", "n_heads"}),
    frozenset({"hidden_size", "d_model", "n_embd"}),
    frozenset({"num_key_value_heads", "n_head_kv", "num_kv_heads", "n_kv_heads"}),
    frozenset({"num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"}),
    frozenset({"num_experts_per_tok", "num_experts_per_token", "experts_per_token", "moe_topk", "moe_top_k", "moe_k"}),
    frozenset({"dtype", "torch_dtype"}),
)
"""Spellings that mean one thing in every class."""


@rule("IDN001", severity="error", source="https://huggingface.co/deepseek-ai/deepseek-vl2-tiny (config.json names no class)")
def class_cannot_be_resolved(spec: ModelSpec, config: Mapping[str, Any], files: Sequence[str]) -> Iterable[Found]:
    """config.json names no class: no `architectures`, no code of its own, and no model type that transformers knows.

    ## Why
    transformers, vLLM and SGLang pick the class by `architectures`, `auto_map` or `model_type`; with none of them they
    stop. DeepSeek-VL2 was published so: vLLM needs `--hf-overrides '{"architectures": ["DeepseekVLV2ForCausalLM"]}'`.
    Adapters, diffusers components and what is no language model are not meant.

    ```json bad
    {"hidden_size": 512, "intermediate_size": 1376, "num_hidden_layers": 8, "num_attention_heads": 8,
     "num_key_value_heads": 8, "vocab_size": 32000, "max_position_embeddings": 2048}
    ```
    ```json good
    {"model_type": "llama", "hidden_size": 512, "intermediate_size": 1376, "num_hidden_layers": 8,
     "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000, "max_position_embeddings": 2048,
     "rope_theta": 10000.0}
    ```

    ## Fix
    State `architectures` and `model_type`; for a class with code of its own, `auto_map` too.
    """
    named = config.get("architectures") or config.get("auto_map")
    if named or spec.source is not None or spec.exactness == "none" or "_class_name" in config or "adapter_config.json" in files:
        return
    model_type = config.get("model_type")
    said = f"`model_type` {brief(model_type)} is none that transformers 5.23 knows" if model_type else "it states no `model_type`"
    place = stated("/model_type", model_type) if model_type else Evidence(Source.DECLARED, "config.json", "", note="states neither key")
    yield Found(
        f"config.json names no class to load: it states no `architectures` and no `auto_map`, and {said}.",
        (place,),
        "State `architectures` and `model_type`.",
    )


@rule("IDN002", severity="error", source="transformers `AutoModel` (by model_type); vLLM `ModelRegistry` (by architectures)")
def class_of_another_type(spec: ModelSpec) -> Iterable[Found]:
    """The class that `architectures` names belongs to another model type than the one stated.

    ## Why
    transformers builds the model by `model_type` and vLLM by `architectures`: one file, two models. Relabelled merges
    (`LlamaForCausalLM` with `mistral`) lose the sliding window in one engine and keep it in the other; a text model that
    still names its multimodal class looks for a vision tower that is not there.

    Not meant: classes of remote code, types unknown to transformers (Kimi K2 names `DeepseekV3ForCausalLM` on purpose),
    and types that share one class.

    ```json bad
    {"architectures": ["LlamaForCausalLM"], "model_type": "mistral", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "sliding_window": null, "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good
    {"architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "sliding_window": null, "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```

    ## Fix
    Make the two agree on the model the weights were made with.
    """
    by_type, by_class = spec.fact("config_class"), spec.fact("architecture_config_class")
    if by_type.value is None or by_class.value is None:
        raise Skip(by_type.reason or by_class.reason or "the class is not known")
    name = spec.classes()[0]
    if by_type.value == by_class.value or _shared(by_type.value, by_class.value, name):
        return
    yield Found(
        f"`architectures` names {name}, a class of {by_class.value}, and `model_type` is {brief(spec.value('model_type'))}, "
        f"which is {by_type.value}.",
        shown(spec.fact("architectures"), spec.fact("model_type")),
        "Make the two agree on the model the weights were made with.",
    )


@rule("IDN003", severity="warning", source="https://huggingface.co/docs/transformers/main/en/custom_models")
def needs_remote_code(spec: ModelSpec, files: Sequence[str]) -> Iterable[Found]:
    """`auto_map` names code of the repository: loading needs `trust_remote_code`, or did once.

    ## Why
    `trust_remote_code=True` runs whatever the repository holds at that revision, with the rights of the process that
    loads it. Where transformers has the type itself by now (DeepSeek-V3, Phi-3) the code is not needed, and asking
    for it is a risk taken for nothing: that is only worth knowing. Code that is not there is another finding.

    ```json bad
    {"architectures": ["ExampleForCausalLM"], "model_type": "example", "hidden_size": 512, "intermediate_size": 1376,
     "auto_map": {"AutoConfig": "configuration_example.ExampleConfig"}, "num_hidden_layers": 8,
     "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000, "max_position_embeddings": 2048}
    ```
    ```json good
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```

    ## Fix
    Read the code at a pinned revision before running it, or load the model with an engine that has the class itself.
    """
    auto_map = spec.fact("auto_map")
    if not isinstance(auto_map.value, Mapping) or not auto_map.value or _missing_code(auto_map.value, files):
        return
    by_type = spec.fact("config_class")
    if by_type.value is None:
        yield Found(
            f"`auto_map` names code of the repository, and it is needed: {by_type.reason}.",
            shown(auto_map),
            "Read that code at a pinned revision before running it with trust_remote_code.",
        )
    else:
        yield Found(
            f"`auto_map` names code of the repository, and it is not needed: transformers has {by_type.value}.",
            shown(auto_map),
            "Load it without trust_remote_code.",
            "info",
        )


@rule("IDN004", severity="error", source="transformers `get_class_from_dynamic_module`")
def remote_code_missing(spec: ModelSpec, config: Mapping[str, Any], files: Sequence[str]) -> Iterable[Found]:
    """`auto_map` names a Python file that is not there.

    ## Why
    Fine-tunes and quantized copies often take over config.json and leave the code behind. Loading then fails where the
    class is only there; where transformers has the type itself it fails only with `trust_remote_code`, so that is a
    warning. `org/name--module.Class` names the code of another repository and is fine.

    Only looked for where weights are listed: a folder with a config alone is no whole model.

    ```json bad
    {"architectures": ["Phi3ForCausalLM"], "model_type": "phi3", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32064,
     "auto_map": {"AutoConfig": "configuration_phi3.Phi3Config"}, "pad_token_id": 32000,
     "sliding_window": null, "max_position_embeddings": 4096, "rope_theta": 10000.0}
    ```
    ```text bad files
    model.safetensors
    ```
    ```json good
    {"architectures": ["Phi3ForCausalLM"], "model_type": "phi3", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32064,
     "pad_token_id": 32000, "sliding_window": null, "max_position_embeddings": 4096, "rope_theta": 10000.0}
    ```
    ```text good files
    model.safetensors
    ```

    ## Fix
    Copy the files from the model this one was made from, or name them as `org/name--module.Class`.
    """
    auto_map = config.get("auto_map")
    if not isinstance(auto_map, Mapping):
        return
    if not _whole(files):
        raise Skip("no weights are listed: this may be part of a repository")
    known = spec.value("config_class") is not None
    missing = _missing_code(auto_map, files)
    if missing:
        yield Found(
            f"`auto_map` names {', '.join(dict.fromkeys(missing.values()))}, which is not there.",
            tuple(stated(pointer, path) for pointer, path in missing.items()),
            "Copy the files from the model this one was made from.",
            "warning" if known else None,
        )


@rule("IDN005", severity="error", source="transformers `PreTrainedConfig.validate_layer_type`")
def layer_types_length(spec: ModelSpec, config: Mapping[str, Any]) -> Iterable[Found]:
    """`layer_types` does not have one entry for each layer.

    ## Why
    transformers 5 raises: "`num_hidden_layers` (24) must be equal to the number of `layer_types` (36)". It happens where
    a model is pruned or merged and only `num_hidden_layers` is edited; which layers are windowed is then anyone's guess.
    Classes that list the next-token-prediction layers too (Step-3.5) have longer lists, and are not meant.

    ```json bad
    {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 4, "num_attention_heads": 8, "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 1000000.0,
     "layer_types": ["full_attention", "full_attention"]}
    ```
    ```json good
    {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 1000000.0,
     "layer_types": ["full_attention", "full_attention"]}
    ```

    ## Fix
    State the kind of every layer the weights have, in order.
    """
    for pointer, owner in _objects(config):
        kinds, depth = owner.get("layer_types"), owner.get("num_hidden_layers")
        if not isinstance(kinds, list) or isinstance(depth, bool) or not isinstance(depth, int):
            continue
        if len(kinds) < depth or (len(kinds) > depth and spec.exactness == "exact"):
            yield Found(
                f"`layer_types` has {len(kinds)} entries, and `num_hidden_layers` is {depth}.",
                (stated(f"{pointer}/layer_types", len(kinds)), stated(f"{pointer}/num_hidden_layers", depth)),
                "State the kind of every layer, in order.",
            )


@rule("IDN006", severity="error", source="transformers `PreTrainedConfig.validate_layer_type` (ALLOWED_ATTN_LAYER_TYPES)")
def layer_types_unknown(spec: ModelSpec, config: Mapping[str, Any]) -> Iterable[Found]:
    """`layer_types` has an entry that its class does not know.

    ## Why
    transformers 5 raises for a kind it does not know, and a class builds no mask for one that is not its own. A new
    model's config read by an older release looks the same: DeepSeek-V4's kinds before transformers had them. The older
    names `attention`, `mamba` and `deepseek_sparse_attention` are renamed on load and are fine.

    ```json bad
    {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 1000000.0,
     "layer_types": ["full_attention", "global_attention"]}
    ```
    ```json good
    {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 1000000.0,
     "layer_types": ["full_attention", "full_attention"]}
    ```

    ## Fix
    Use the names transformers has for the kinds (`full_attention`, `sliding_attention`, ...).
    """
    for problem in spec.problems:
        if problem.kind == "kind":
            yield Found(f"{problem.message}.", at(spec, problem), "Use the class's own names for the kinds of layer.")
            return
    if spec.source is None:
        raise Skip("which kinds of layer this class knows is not known")
    for pointer, owner in _objects(config):
        kinds = owner.get("layer_types")
        for index, kind in enumerate(kinds if isinstance(kinds, list) else ()):
            if isinstance(kind, str) and kind not in LAYER_KINDS:
                yield Found(
                    f"Entry {index} of `layer_types` is {brief(kind)}, which transformers 5.23 does not know.",
                    (stated(f"{pointer}/layer_types/{index}", kind),),
                    "Use the names transformers has for the kinds of layer.",
                )
                break


@rule("IDN007", severity="error", source="https://huggingface.co/nvidia/Nemotron-H-56B-Base-8K (hybrid_override_pattern)")
def per_layer_length(spec: ModelSpec, config: Mapping[str, Any]) -> Iterable[Found]:
    """A list with one entry a layer is shorter than the model is deep, or longer than it could be.

    ## Why
    Hybrid and sparse models say layer by layer what is what: Nemotron-H's `hybrid_override_pattern`, MiniMax's
    `attn_type_list`, DeepSeek-V4's `compress_ratios`. A list that is too short leaves layers without a kind, and loading
    fails or takes the wrong one. Lists may go on for the next-token-prediction layers (DeepSeek-V4 has 62 entries for 61
    layers); one that is longer still is a warning.

    ```json bad
    {"architectures": ["Llama4ForCausalLM"], "model_type": "llama4_text", "hidden_size": 512, "intermediate_size": 1376,
     "intermediate_size_mlp": 1376, "num_hidden_layers": 4, "num_attention_heads": 8, "num_key_value_heads": 8,
     "head_dim": 64, "num_local_experts": 4, "num_experts_per_tok": 1, "vocab_size": 32000, "no_rope_layers": [1, 1, 0],
     "bos_token_id": 1, "eos_token_id": 2, "max_position_embeddings": 2048, "rope_theta": 500000.0}
    ```
    ```json good
    {"architectures": ["Llama4ForCausalLM"], "model_type": "llama4_text", "hidden_size": 512, "intermediate_size": 1376,
     "intermediate_size_mlp": 1376, "num_hidden_layers": 4, "num_attention_heads": 8, "num_key_value_heads": 8,
     "head_dim": 64, "num_local_experts": 4, "num_experts_per_tok": 1, "vocab_size": 32000, "no_rope_layers": [1, 1, 1, 0],
     "bos_token_id": 1, "eos_token_id": 2, "max_position_embeddings": 2048, "rope_theta": 500000.0}
    ```

    ## Fix
    State an entry for every layer the weights have, in order.
    """
    for pointer, owner in _objects(config):
        depth = owner.get("num_hidden_layers")
        if isinstance(depth, bool) or not isinstance(depth, int):
            continue
        extra = sum(owner[key] for key in EXTRA_LAYERS if isinstance(owner.get(key), int) and owner[key] > 0)
        for key in PER_LAYER:
            entries = owner.get(key)
            if not entries or not (isinstance(entries, list) or (key == "hybrid_override_pattern" and isinstance(entries, str))):
                continue
            if not depth <= len(entries) <= depth + extra:
                yield Found(
                    f"`{key}` has {len(entries)} entries, and `num_hidden_layers` is {depth}.",
                    (stated(f"{pointer}/{key}", len(entries)), stated(f"{pointer}/num_hidden_layers", depth)),
                    "State an entry for every layer, in order.",
                    None if len(entries) < depth else "warning",
                )


@rule("IDN008", severity="warning", source="https://huggingface.co/sshleifer/tiny-marian-en-de (encoder_layers 2, num_hidden_layers 6)")
def spellings_disagree(spec: ModelSpec) -> Iterable[Found]:
    """Two spellings of one field are stated with different values.

    ## Why
    A class has its own name for a field and accepts the common one. Where a config states both, transformers ends up with
    the common one in whatever order they stand, and an engine that reads the raw file with the other. A Marian config
    says `encoder_layers: 2` and `num_hidden_layers: 6`, and six layers are built. Two equal values (gpt-oss, Gemma 2)
    are fine.

    ```json bad
    {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_embd": 512, "n_layer": 4, "num_hidden_layers": 8,
     "n_head": 8, "n_positions": 1024, "n_ctx": 1024, "vocab_size": 50257, "bos_token_id": 50256, "eos_token_id": 50256}
    ```
    ```json good
    {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_embd": 512, "n_layer": 8, "num_hidden_layers": 8,
     "n_head": 8, "n_positions": 1024, "n_ctx": 1024, "vocab_size": 50257, "bos_token_id": 50256, "eos_token_id": 50256}
    ```

    ## Fix
    Keep one spelling, the class's own, with the value the weights have.
    """
    for fact in spec.facts.values():
        if len(fact.readings) < 2 or not fact.disputed or fact.name.startswith("rope_"):
            continue
        first = declared(fact)
        if first is None:
            continue
        for other in fact.readings[1:]:
            if other.source is not Source.DECLARED or other.value == first.value:
                continue
            parent, _, used = (first.where.pointer or "").rpartition("/")
            beside, _, lost = (other.where.pointer or "").rpartition("/")
            if parent == beside and _one_field(fact.name, used, lost, exact=spec.exactness == "exact"):
                yield Found(
                    f"`{used}` is {brief(first.value)} and `{lost}` is {brief(other.value)}, two spellings of one field: "
                    f"transformers uses {brief(first.value)}.",
                    shown(fact),
                    "Keep one spelling, with the value the weights have.",
                )
                break


@rule("IDN010", severity="info", source="https://github.com/google/gemma_pytorch/pull/95")
def size_left_to_the_class(spec: ModelSpec) -> Iterator[Found]:
    """A size that every figure rests on is not in the config, and the class fills it in.

    ## Why
    transformers builds the right model and a reader of the file alone builds another: Gemma-3-4B states neither heads nor vocabulary,
    and loaders with defaults of their own failed to reshape its weights, or gave it a context of 8,192 tokens in place of 131,072. A
    class whose default changes changes the model.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16",
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```

    ## Fix
    State every size in config.json.
    """
    facts = [spec.fact(name) for name in TEXT_SIZES]
    sources = [fact.readings[0].source if fact.readings else None for fact in facts]
    if Source.DECLARED not in sources:
        raise Skip("config.json states no size at all")
    filled = [fact for fact, source in zip(facts, sources, strict=True) if source is Source.DEFAULTED]
    if filled:
        said = " and ".join(f"{fact.name} {fact.value:,}" for fact in filled if isinstance(fact.value, int))
        yield Found(
            f"The config leaves {said} to the class.",
            shown(*filled),
            "State every size in config.json.",
        )


@rule("IDN009", severity="warning", source="https://github.com/huggingface/transformers/pull/43429")
def root_disagrees_with_text_config(config: Mapping[str, Any]) -> Iterable[Found]:
    """The root of a multimodal config and its text config state one field differently.

    ## Why
    Which one counts differs by class and by engine: for tied embeddings most classes go by the root and some by the text config,
    and llama.cpp lets the text config win everywhere. Ministral 3 with the flag on one side only loaded with a random output
    head. End tokens where one side lists the other's among more are fine. Ministral-3-3B ties its embeddings in the text config
    alone, and was given a head of random numbers (huggingface/transformers PR 43429).

    ```json bad
    {"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3", "tie_word_embeddings": false,
     "text_config": {"model_type": "gemma3_text", "hidden_size": 512, "intermediate_size": 1376, "num_hidden_layers": 6,
      "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 64, "vocab_size": 262208, "sliding_window": 512,
      "max_position_embeddings": 8192, "tie_word_embeddings": true},
     "vision_config": {"model_type": "siglip_vision_model", "hidden_size": 256, "intermediate_size": 512,
      "num_hidden_layers": 2, "num_attention_heads": 4, "image_size": 224, "patch_size": 14}}
    ```
    ```json good
    {"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3", "tie_word_embeddings": true,
     "text_config": {"model_type": "gemma3_text", "hidden_size": 512, "intermediate_size": 1376, "num_hidden_layers": 6,
      "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 64, "vocab_size": 262208, "sliding_window": 512,
      "max_position_embeddings": 8192, "tie_word_embeddings": true},
     "vision_config": {"model_type": "siglip_vision_model", "hidden_size": 256, "intermediate_size": 512,
      "num_hidden_layers": 2, "num_attention_heads": 4, "image_size": 224, "patch_size": 14}}
    ```

    ## Fix
    State it alike in both, as the weights have it.
    """
    for place, text in _objects(config):
        for key in ("tie_word_embeddings", "vocab_size", "eos_token_id") if place else ():
            root, own = config.get(key), text.get(key)
            if root is None or own is None or _agree(root, own):
                continue
            yield Found(
                f"`{key}` is {brief(root)} at the root and {brief(own)} in `{place[1:]}`.",
                (stated(f"/{key}", root), stated(f"{place}/{key}", own)),
                "State it alike in both, as the weights have it.",
            )


def _shared(by_type: str, by_class: str, architecture: str) -> bool:
    """Whether one config class is the text or vision half of the other; a wrapper's class for a half is a mismatch."""
    halves = [(a, b) for a, b in ((by_type, by_class), (by_class, by_type)) if a.startswith(b.removesuffix("Config"))]
    rest = [a.removeprefix(b.removesuffix("Config")).removesuffix("Config") for a, b in halves]
    return any(part in ("Text", "Vision", "Video", "Small") for part in rest) and not architecture.endswith("ForConditionalGeneration")


def _whole(files: Sequence[str]) -> bool:
    """Whether the files are those of a whole model: weights are among them."""
    return any(name.endswith(WEIGHTS) for name in files)


def _missing_code(auto_map: Mapping[str, Any], files: Sequence[str]) -> dict[str, str]:
    """The Python files of the repository itself that an `auto_map` names and a whole model lacks, by their place."""
    return {pointer: path for pointer, path in _own_code(auto_map) if path not in files} if _whole(files) else {}


def _own_code(auto_map: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The Python files of the repository itself that an `auto_map` names, each with its place."""
    for key, value in auto_map.items():
        names = value if isinstance(value, list) else [value]
        for index, name in enumerate(names):
            if isinstance(name, str) and "--" not in name and "." in name:
                pointer = f"/auto_map/{key}/{index}" if isinstance(value, list) else f"/auto_map/{key}"
                yield pointer, name.rpartition(".")[0].replace(".", "/") + ".py"


def _objects(config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The root and the text config in it, each with its pointer."""
    yield "", config
    for key in TEXT_CONFIGS:
        inner = config.get(key)
        if isinstance(inner, Mapping):
            yield f"/{key}", inner


def _one_field(name: str, used: str, lost: str, *, exact: bool) -> bool:
    """Whether two keys mean one thing here: by the class itself where it is known exactly, else in every class."""
    side = "decoder" if name.startswith("decoder") else "encoder"
    own = frozenset({used, lost})
    if any(key.startswith(("encoder_", "decoder_", "num_decoder_")) for key in own):
        pairs = (("num_hidden_layers", f"{side}_layers"), ("num_attention_heads", f"{side}_attention_heads"))
        return own in map(frozenset, pairs)
    return exact or any(own <= group for group in SAME_FIELD)


def _agree(root: Any, own: Any) -> bool:
    """Equal, or one list of ids that has the other's among its own."""
    first, second = (set(map(str, value)) if isinstance(value, list) else {str(value)} for value in (root, own))
    return first <= second or second <= first
