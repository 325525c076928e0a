"""Tensor headers against the config: what is really stored, and how the config says it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

from specverify.rules.engine import Found, Skip, measured, rule, shown
from specverify.spec import ModelSpec, Tensor

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
