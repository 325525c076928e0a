"""Quantized weights: whether the table is understood, agrees with its side file, and survives tensor parallelism."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from specverify.num import Num
from specverify.rules.engine import Found, Skip, brief, rule, shown, stated
from specverify.spec import ModelSpec, Scheme
from specverify.target import Target

SIDECAR = "hf_quant_config.json"
CACHE_KEYS = ("kv_cache_quant_algo", "kv_cache_scheme")
PADDED = ("mxfp4", "nvfp4")
"""Schemes whose shares engines pad to whole blocks."""


@rule("QNT001", severity="info", source="https://huggingface.co/docs/transformers/quantization/overview")
def quantization_not_understood(spec: ModelSpec) -> Iterator[Found]:
    """The weights are quantized in a way that is not understood here, so their bytes are unknown.

    ## Why
    Figures of weight memory say unknown rather than guess.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "aqlm", "nbits_per_codebook": 16}}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 64}}
    ```

    ## Fix
    Take the size of the weights from the files themselves.
    """
    table = spec.quantization
    if table is None:
        raise Skip("config.json declares no quantization")
    if table.reason is not None:
        proof = shown(table.method) or (stated(_pointer(spec), None),)
        yield Found(f"The bytes of the weights are unknown: {table.reason}.", proof, "Take the size of the weights from the files.")


@rule("QNT002", severity="warning", source="vLLM ModelOptQuantConfig; NVIDIA Model Optimizer export")
def quantization_files_disagree(spec: ModelSpec, config: dict[str, Any], sidecar: dict[str, Any]) -> Iterator[Found]:
    """hf_quant_config.json describes a quantization that config.json does not.

    ## Why
    Model Optimizer writes both files, and a loader reads one of them: which one decides how the bytes are taken apart. Where
    config.json says nothing, a reader of it alone takes the weights for unquantized, at twice to four times their size.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "modelopt", "quant_algo": "FP8"}}
    ```
    ```json bad hf_quant_config.json
    {"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "NVFP4", "group_size": 16}}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "modelopt", "quant_algo": "FP8"}}
    ```
    ```json good hf_quant_config.json
    {"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8"}}
    ```

    ## Fix
    Export the model again, or copy the right table into both files.
    """
    side = sidecar.get("quantization")
    if not isinstance(side, Mapping) or not isinstance(side.get("quant_algo"), str):
        raise Skip(f"{SIDECAR} names no quantization")
    proof = stated("/quantization/quant_algo", side["quant_algo"], SIDECAR)
    method = None if spec.quantization is None else spec.quantization.method
    if method is None or all(reading.where.file == SIDECAR for reading in method.readings):
        yield Found(
            f"{SIDECAR} says the weights are {side['quant_algo']}, and config.json says nothing of a quantization.",
            (proof,),
            f"Copy the table of {SIDECAR} into `quantization_config`.",
        )
        return
    pointer = _pointer(spec)
    table = config
    for key in pointer.split("/")[1:]:
        table = table[key]
    algorithm = table.get("quant_algo")
    if isinstance(algorithm, str) and algorithm.upper() != side["quant_algo"].upper():
        yield Found(
            f"config.json says the weights are {algorithm}, and {SIDECAR} says {side['quant_algo']}.",
            (stated(f"{pointer}/quant_algo", algorithm), proof),
            "Export the model again, or copy the right table into both files.",
        )
    cache_key = next((key for key in CACHE_KEYS if table.get(key) is not None), None)
    theirs = side.get("kv_cache_quant_algo")
    if cache_key is not None and theirs and _cache_dtype(table[cache_key]) != _cache_dtype(theirs):
        yield Found(
            f"config.json keeps the cache in {brief(table[cache_key])}, and {SIDECAR} in {brief(theirs)}.",
            (stated(f"{pointer}/{cache_key}", table[cache_key]), stated("/quantization/kv_cache_quant_algo", theirs, SIDECAR)),
            "Export the model again, or copy the right table into both files.",
        )


@rule("QNT003", severity="error", confidence="medium", source="https://github.com/vllm-project/vllm/issues/25292")
def blocks_split_by_tensor_parallelism(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """A tensor-parallel share of a feed-forward is no whole number of quantization blocks.

    ## Why
    A block shares one scale, so it cannot stand on two GPUs: loading fails. Qwen3-30B-A3B-FP8 has experts 768 wide in blocks
    of 128, and 4 GPUs would get 192 each; Qwen2.5-72B-GPTQ-Int4 was padded to 29,696 for this. Some newer engines pad.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 512, "intermediate_size": 768, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}
    ```
    ```toml bad target
    tensor_parallel = 4
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 512, "intermediate_size": 768, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}
    ```
    ```toml good target
    tensor_parallel = 2
    ```

    ## Fix
    Use a tensor parallelism that leaves whole blocks, or spread the experts whole (`expert_parallel`).
    """
    ways, table = target.tensor_parallel, spec.quantization
    if ways == 1:
        raise Skip("the target has no tensor parallelism")
    if table is None:
        raise Skip("config.json declares no quantization")
    if len(table.schemes) != 1 or table.schemes[0].targets:
        raise Skip("which layers the quantization is for is not one answer")
    scheme = table.schemes[0]
    block = _block(scheme)
    if block is None or scheme.name in PADDED:
        return
    for name, width in _widths(spec, target, only_experts=bool(table.ignored)):
        share, rest = divmod(int(width.value or 0), ways)
        if rest or share % int(block.value or 1):
            got = f"{share:,} each" if not rest else f"{int(width.value or 0) / ways:,.1f} each"
            yield Found(
                f"The {name} is {width.value:,} wide in blocks of {block.value}, and {ways} GPUs would get {got}.",
                shown(*width.rests_on(), *block.rests_on(), table.method),
                f"Use a tensor parallelism that leaves multiples of {block.value}, or expert parallelism.",
            )


def _widths(spec: ModelSpec, target: Target, *, only_experts: bool) -> Iterator[tuple[str, Num]]:
    """The widths that tensor parallelism splits, each once; a table with exceptions is only sure of the routed experts."""
    seen = set()
    part = spec.decoder() or spec.encoder()
    for group in part.layers if part is not None else ():
        block = group.feed_forward
        experts = None if block is None else block.experts
        if block is None or (experts is None and only_experts) or (experts is not None and target.expert_parallel > 1):
            continue
        name, width = ("routed expert", experts.intermediate_size) if experts is not None else ("feed-forward", block.intermediate_size)
        if isinstance(width.value, int) and (name, width.value) not in seen:
            seen.add((name, width.value))
            yield name, width


def _block(scheme: Scheme) -> Num | None:
    """The larger side of a block: the width is the rows of one matrix and the columns of the next."""
    sides = [side for side in (scheme.across, scheme.along) if side is not None and isinstance(side.value, int) and side.value > 1]
    return max(sides, key=lambda side: int(side.value or 0), default=None)


def _pointer(spec: ModelSpec) -> str:
    """Where the quantization table stands."""
    reading = spec.quantization.method.readings[0].where.pointer if spec.quantization and spec.quantization.method.readings else None
    found = reading or "/quantization_config"
    return found if found.endswith("_config") else found.rpartition("/")[0]


def _cache_dtype(value: Any) -> str:
    """A cache dtype in one spelling: `FP8`, `fp8_e4m3` and an object of 8 float bits are all `fp8`."""
    if isinstance(value, Mapping):
        return f"{'fp' if value.get('type') == 'float' else 'int'}{value.get('num_bits')}"
    return str(value).lower().partition("_")[0]
