"""Tensor headers against the config: what is really stored, and how the config says it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

from specverify.rules.engine import Found, Skip, measured, rule, shown
from specverify.spec import Attention, ModelSpec, Role, Tensor
from specverify.target import Target

STORED = ("fp8", "gptq", "awq", "mxfp4", "modelopt", "modelopt-fp4", "compressed-tensors", "fbgemm-fp8")
"""Methods whose tensors are quantized in the files; bitsandbytes may quantize while loading."""
PLAIN = ("BF16", "F16", "F32", "F64", "I64", "BOOL")
"""Dtypes no quantized weight is stored in: floats, and the indices some models keep."""
PACKED = (".qweight", ".weight_packed", "_proj_blocks", ".quant_state.bitsandbytes__nf4", ".quant_state.bitsandbytes__fp4")
"""How the names end that packed weights have, which a class without a quantizer does not know."""
FOREIGN_TABLES = ("quant_model_description.json", "params.json")
"""Files beside the config that say how weights are stored, in a form not read here (Ascend ModelSlim, Mistral)."""
TABLES = ("embed_tokens.weight", "head.weight")
"""Weights that most methods leave as they are, and so prove little."""
DEEPEST = 6
WHOLE_FLOATS = frozenset(("BF16", "F16", "F32", "F64"))
QUANTIZED_NAME = re.compile(r"(?:^|[-_./])(awq|gptq|fp8|nvfp4|mxfp4|bnb-4bit|w4a16|w8a8)(?:$|[-_.])", re.IGNORECASE)
CACHE_SCALES = ("k_scale", "v_scale", "kv_scale", "kv_cache_scaling_factor")
OUTPUT_SCALES = ("k_proj.output_scale", "v_proj.output_scale")
"""How the scales of a cache are named: in most checkpoints, and in older ones of compressed-tensors."""


@rule("QNT004", severity="error", source="https://github.com/huggingface/transformers/issues/34847")
def quantization_left_over(spec: ModelSpec, tensors: Sequence[Tensor]) -> Iterator[Found]:
    """The config declares quantized weights, and no tensor is quantized or has a scale.

    ## Why
    A loader that believes the table makes quantized layers and finds no scales for them: it stops, or serves weights it made
    up. It comes of turning an FP8 checkpoint into BF16 and keeping the config, as BF16 copies of DeepSeek-V3 often do.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 256, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}
    ```
    ```json bad tensors
    {"model.layers.0.self_attn.q_proj.weight": ["BF16", [256, 256]], "model.layers.0.input_layernorm.weight": ["BF16", [256]]}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 256, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}
    ```
    ```json good tensors
    {"model.layers.0.self_attn.q_proj.weight": ["F8_E4M3", [256, 256]],
     "model.layers.0.self_attn.q_proj.weight_scale_inv": ["F32", [2, 2]], "model.layers.0.input_layernorm.weight": ["BF16", [256]]}
    ```

    ## Fix
    Remove the quantization table from the config, or publish the quantized tensors with their scales.
    """
    table = spec.quantization
    if table is None:
        raise Skip("config.json declares no quantization")
    method = str(table.method.value).lower().replace("_", "-")
    if table.reason is not None or method not in STORED:
        raise Skip(f"whether {method} weights are stored quantized is not known")
    if table.format is not None and table.format.value == "dense":
        raise Skip("the table says that its weights are stored dense")
    _must_be_safetensors(tensors)
    if all(tensor.dtype in PLAIN and "scale" not in _last(tensor) for tensor in tensors):
        largest = max(tensors, key=lambda tensor: (len(tensor.shape) == 2, not tensor.name.endswith(TABLES), prod(tensor.shape)))
        dtypes = " or ".join(sorted(Counter(tensor.dtype for tensor in tensors)))
        yield Found(
            f"The config says the weights are {table.method.value}, and all {len(tensors):,} tensors are {dtypes}, none with a scale.",
            (*shown(table.method), measured(largest)),
            f"Remove the quantization table from {table.method.readings[0].where.file}, or publish the quantized tensors.",
        )


@rule("QNT005", severity="error", source="https://huggingface.co/docs/transformers/quantization/overview")
def quantization_not_declared(
    spec: ModelSpec, config: Mapping[str, Any], files: Sequence[str], tensors: Sequence[Tensor]
) -> Iterator[Found]:
    """The tensors are packed, or of few bits with scales, and nothing says how to take them apart.

    ## Why
    Without a table the loader makes plain layers. Packed tensors have names and shapes those do not know, and are left out;
    FP8 values are taken without their scales. Either way the model answers with noise. FP8 without scales is only storage,
    and loads.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "float16", "vocab_size": 1000,
     "hidden_size": 256, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```json bad tensors
    {"model.layers.0.self_attn.q_proj.qweight": ["I32", [256, 32]], "model.layers.0.self_attn.q_proj.qzeros": ["I32", [2, 32]],
     "model.layers.0.self_attn.q_proj.scales": ["F16", [2, 256]]}
    ```
    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 256, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```json bad tensors
    {"model.layers.0.self_attn.q_proj.weight": ["F8_E4M3", [256, 256]], "model.layers.0.self_attn.q_proj.weight_scale": ["F32", [1]]}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "float16", "vocab_size": 1000,
     "hidden_size": 256, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128}}
    ```
    ```json good tensors
    {"model.layers.0.self_attn.q_proj.qweight": ["I32", [256, 32]], "model.layers.0.self_attn.q_proj.qzeros": ["I32", [2, 32]],
     "model.layers.0.self_attn.q_proj.scales": ["F16", [2, 256]]}
    ```

    ## Fix
    Add the `quantization_config` the tensors were made with.
    """
    if spec.quantization is not None:
        raise Skip("a quantization is declared")
    if "auto_map" in config:
        raise Skip("the repository's own code may take the tensors apart")
    elsewhere = next((name for name in FOREIGN_TABLES if name in files), None) or _nested_table(config)
    if elsewhere is not None:
        raise Skip(f"{elsewhere} may say how they are stored")
    _must_be_safetensors(tensors)
    few_bits = [tensor for tensor in tensors if tensor.dtype not in PLAIN]
    names = {tensor.name for tensor in tensors} if few_bits else set()
    odd = next((tensor for tensor in few_bits if tensor.name.endswith(PACKED)), None)
    if odd is None:
        odd = next((tensor for tensor in few_bits if {f"{tensor.name}_scale", f"{tensor.name}_scale_inv"} & names), None)
    if odd is not None:
        how = "packed" if odd.name.endswith(PACKED) else f"{odd.dtype} with a scale beside it"
        yield Found(
            f"{odd.name} is {how}, and no file says how the weights are quantized.",
            (measured(odd), *shown(spec.fact("dtype"), spec.fact("model_type"))),
            "Add the `quantization_config` the tensors were made with.",
        )


@rule("QNT006", severity="error", source="https://huggingface.co/docs/transformers/quantization/finegrained_fp8")
def scales_missing(spec: ModelSpec, tensors: Sequence[Tensor]) -> Iterator[Found]:
    """A quantized tensor has no scale, where others of the checkpoint have one.

    ## Why
    Its values stand for nothing without the scale. vLLM leaves the scale at what memory held; transformers fills in ones.
    It comes of a conversion that passed over a module.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 256, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}
    ```
    ```json bad tensors
    {"model.layers.0.self_attn.q_proj.weight": ["F8_E4M3", [256, 256]],
     "model.layers.0.self_attn.q_proj.weight_scale_inv": ["F32", [2, 2]],
     "model.layers.0.self_attn.o_proj.weight": ["F8_E4M3", [256, 256]]}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 256, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}
    ```
    ```json good tensors
    {"model.layers.0.self_attn.q_proj.weight": ["F8_E4M3", [256, 256]],
     "model.layers.0.self_attn.q_proj.weight_scale_inv": ["F32", [2, 2]],
     "model.layers.0.self_attn.o_proj.weight": ["F8_E4M3", [256, 256]],
     "model.layers.0.self_attn.o_proj.weight_scale_inv": ["F32", [2, 2]]}
    ```

    ## Fix
    Publish the scale of every quantized tensor.
    """
    table = spec.quantization
    if table is None:
        raise Skip("config.json declares no quantization")
    _must_be_safetensors(tensors)
    names = {tensor.name for tensor in tensors}
    scaled, bare = 0, []
    for tensor in tensors:
        scales = _scales_of(tensor)
        if scales and names.isdisjoint(scales):
            bare.append(tensor)
        scaled += bool(scales) and not names.isdisjoint(scales)
    if bare and scaled:
        more = f" and {len(bare) - 1:,} more" if len(bare) > 1 else ""
        yield Found(
            f"{bare[0].name} is {bare[0].dtype} and has no scale{more}, as {scaled:,} others have.",
            (measured(bare[0]), *shown(table.method)),
            "Publish the scale of every quantized tensor.",
        )


@rule("QNT008", severity="warning", confidence="medium", source="https://github.com/vllm-project/vllm/issues/1419", status="preview")
def named_quantized_and_is_not(
    spec: ModelSpec, config: dict[str, Any], files: Sequence[str], tensors: Sequence[Tensor], origin: Mapping[str, Any]
) -> Iterator[Found]:
    """The model's name says it is quantized, and neither a file nor a tensor does.

    ## Why
    Either the wrong weights were uploaded, at two to four times the bytes that were planned for, or the table that says how to
    take them apart was left out, and engines stop: "Cannot find the config file for awq". A plain Llama-2 served as AWQ:
    vllm-project/vllm issue 1419.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```json bad tensors
    {"model.embed_tokens.weight": ["BF16", [1000, 64]]}
    ```
    ```toml bad origin
    name = "example/Example-1B-AWQ"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```json good tensors
    {"model.embed_tokens.weight": ["BF16", [1000, 64]]}
    ```
    ```toml good origin
    name = "example/Example-1B"
    ```

    ## Fix
    Ask the publisher for the quantized files.
    """
    named = QUANTIZED_NAME.search(str(origin.get("name", "")))
    if named is None:
        raise Skip("the model is not named a quantized one")
    if spec.quantization is not None or "quantization" in config or any(path.lower().endswith((".gguf", ".pt")) for path in files):
        return
    dtypes = {tensor.dtype for tensor in tensors}
    if dtypes and dtypes <= WHOLE_FLOATS:
        yield Found(
            f"The model is named {named.group(1)}; no file states a quantization, and the tensors are {' and '.join(sorted(dtypes))}.",
            (measured(tensors[0]),),
            "Ask the publisher for the quantized files.",
        )


@rule(
    "QNT009",
    severity="warning",
    confidence="medium",
    source="https://huggingface.co/openai/gpt-oss-120b (modules_to_not_convert)",
    status="preview",
)
def router_is_quantized(spec: ModelSpec, tensors: Sequence[Tensor]) -> Iterator[Found]:
    """The router of a mixture is quantized in the checkpoint.

    ## Why
    A router is a fraction of a percent of the weights and decides which experts a token goes to: rounding it changes the model, and
    saves nothing. gpt-oss, DeepSeek-V3 and every recipe of llm-compressor leave it alone, and loaders that expect so read noise.

    ```json bad
    {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2,
     "num_local_experts": 4, "num_experts_per_tok": 2, "max_position_embeddings": 8192, "rope_theta": 1000000.0,
     "sliding_window": null,
     "quantization_config": {"quant_method": "fp8", "activation_scheme": "dynamic"}}
    ```
    ```json bad tensors
    {"model.layers.0.block_sparse_moe.gate.weight": ["F8_E4M3", [4, 64]]}
    ```

    ```json good
    {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2,
     "num_local_experts": 4, "num_experts_per_tok": 2, "max_position_embeddings": 8192, "rope_theta": 1000000.0,
     "sliding_window": null,
     "quantization_config": {"quant_method": "fp8", "activation_scheme": "dynamic"}}
    ```
    ```json good tensors
    {"model.layers.0.block_sparse_moe.gate.weight": ["BF16", [4, 64]],
     "model.layers.0.block_sparse_moe.experts.0.w1.weight": ["F8_E4M3", [128, 64]],
     "model.layers.0.block_sparse_moe.experts.0.w1.weight_scale": ["F32", []]}
    ```

    ## Fix
    Leave the router out of the quantization.
    """
    _must_be_safetensors(tensors)
    by_name = {tensor.name: tensor for tensor in tensors}
    routers = [
        part.layer_tensor(group, weight.name, index)
        for part in spec.parts
        for group in part.layers
        if group.feed_forward is not None
        for weight in group.feed_forward.weights
        if weight.role is Role.ROUTER and weight.name.endswith(".weight")
        for index in group.indices
    ]
    if not routers:
        raise Skip("the model has no router whose name is known")
    packed = [by_name[form] for name in routers for form in (name, name.removesuffix(".weight") + ".qweight") if form in by_name]
    rounded = [tensor for tensor in packed if tensor.dtype not in WHOLE_FLOATS]
    if rounded:
        yield Found(
            f"{len(rounded):,} router{'s' if len(rounded) > 1 else ''} of {len(routers):,} are {rounded[0].dtype}.",
            (measured(rounded[0]),),
            "Leave the router out of the quantization.",
        )


@rule("QNT010", severity="warning", confidence="medium", source="https://github.com/sgl-project/sgl-cookbook/pull/237")
def cache_scales_missing(spec: ModelSpec, tensors: Sequence[Tensor], target: Target) -> Iterator[Found]:
    """The cache is to be FP8, and the checkpoint has no scale for it, so engines take 1.

    ## Why
    e4m3 ends at 448 and keys of some layers do not. vLLM and SGLang say so in one line of the log and go on: reasoning suffers most,
    which is why SGLang's recipes for Qwen3.5 and GLM-5 dropped the option (sgl-cookbook PR 237). Llama-3.1-70B: perplexity 2.72 in 16
    bits, 2.89 at a scale of 1, 2.75 with scales (ROCm/vllm PR 317).

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```json bad tensors
    {"model.embed_tokens.weight": ["BF16", [1000, 64]]}
    ```
    ```toml bad target
    kv_dtype = "fp8"
    engine = "vllm"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```json good tensors
    {"model.embed_tokens.weight": ["BF16", [1000, 64]], "model.layers.0.self_attn.k_scale": ["F32", []]}
    ```
    ```toml good target
    kv_dtype = "fp8"
    engine = "vllm"
    ```

    ## Fix
    Calibrate scales (llm-compressor, Model Optimizer), or keep the cache in 16 bits.
    """
    kept = spec.quantization.kv_cache if spec.quantization is not None and target.kv_dtype == "auto" else None
    dtype = target.kv_dtype if kept is None else str(kept.value)
    if dtype not in ("fp8", "fp8_e4m3") or target.engine not in ("vllm", "sglang"):
        raise Skip("the cache is not e4m3, or of the engine it is not known what it takes for a scale")
    mixers = [mixer for part in spec.parts for group in part.layers for mixer in group.mixers]
    if not any(isinstance(mixer, Attention) and mixer.cached for mixer in mixers):
        raise Skip("the model keeps no keys and values of heads")
    _must_be_safetensors(tensors)
    if not any(_last(tensor) in CACHE_SCALES or tensor.name.endswith(OUTPUT_SCALES) for tensor in tensors):
        yield Found(
            f"The cache is to be {dtype}, and none of {len(tensors):,} tensors is a scale for it: engines take 1.",
            (measured(tensors[0]), *shown(kept)),
            "Calibrate scales, or keep the cache in 16 bits.",
            severity=None if kept is not None else "info",
        )


def _scales_of(tensor: Tensor) -> tuple[str, ...]:
    """The names one of which a tensor's scales have; none for a tensor that needs none."""
    name = tensor.name
    if name.endswith(".weight_packed"):
        return (name.removesuffix("_packed") + "_scale",)
    if name.endswith(".qweight"):
        return (name.removesuffix("qweight") + "scales",)
    if name.endswith("_blocks"):
        return (name.removesuffix("blocks") + "scales",)
    return (f"{name}_scale", f"{name}_scale_inv") if tensor.dtype.startswith("F8_E4") and name.endswith("weight") else ()


def _must_be_safetensors(tensors: Sequence[Tensor]) -> None:
    """Raises Skip for the tensors of a GGUF file, whose own header says how they are stored, and for none at all."""
    if not tensors or any(tensor.file.endswith(".gguf") for tensor in tensors):
        raise Skip("a GGUF file says itself how its tensors are stored" if tensors else "the files hold no tensors")


def _last(tensor: Tensor) -> str:
    return tensor.name.rpartition(".")[2]


def _nested_table(config: Mapping[str, Any]) -> str | None:
    """The pointer of a quantization table deeper in the config than where one is read."""
    level: list[tuple[str, Mapping[str, Any]]] = [("", config)]
    for _ in range(DEEPEST):
        for pointer, table in level:
            if table.get("quantization_config") or table.get("compression_config"):
                return f"config.json#{pointer}"
        level = [(f"{pointer}/{key}", value) for pointer, table in level for key, value in table.items() if isinstance(value, Mapping)]
    return None
