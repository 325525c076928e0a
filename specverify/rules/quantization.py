"""Quantized weights: whether the table is understood, agrees with its side file, and survives tensor parallelism."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import gcd
from typing import Any

from specverify.derive.names import matcher
from specverify.num import Num
from specverify.rules.engine import Found, Skip, brief, number, rule, shown, stated
from specverify.rules.shares import distinct, engine_release, even_shares
from specverify.spec import Attention, Latent, LayerGroup, ModelSpec, Part, Scheme, Weight
from specverify.target import Target

SIDECAR = "hf_quant_config.json"
CACHE_KEYS = ("kv_cache_quant_algo", "kv_cache_scheme")
PADDED = ("mxfp4", "nvfp4")
"""Schemes whose shares engines pad to whole blocks."""
ROUTED = "routed expert"
CUTS_SCALES, LEAST_CUT = (0, 29), 32
"""The first vLLM read here that cuts the scales of FP8 experts to finer blocks, and the smallest it cuts to."""


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
    of 128, and 4 GPUs would get 192 each; DeepSeek-R1's dense layers end on 32 (sgl-project/sglang issue 3345);
    Qwen2.5-72B-GPTQ-Int4 was padded to 29,696 for this. vLLM from 0.29 on cuts the scales of FP8 experts finer.

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
            said = f"The {name} is {width.value:,} wide in blocks of {block.value}, and {ways} GPUs would get {got}"
            finer = _finer(spec, target, scheme, share) if name == ROUTED and not rest else None
            yield Found(
                f"{said}." if finer is None else f"{said}: vLLM cuts the scales to blocks of {finer}, which its Triton kernels alone take.",
                shown(*width.rests_on(), *block.rests_on(), table.method),
                f"Use a tensor parallelism that leaves multiples of {block.value}, or expert parallelism.",
                severity=None if finer is None else "info",
            )


@rule("QNT007", severity="error", confidence="medium", source="https://github.com/sgl-project/sglang/pull/8243")
def attention_blocks_split_by_tensor_parallelism(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """A tensor-parallel share of an attention's output is no whole number of quantization blocks.

    ## Why
    The output projection is cut by heads, and a block or group that lies across two GPUs has one scale for both: loading
    fails. With heads of 64 in groups of 128, every GPU needs an even number of them. Kimi-K2 on 6 GPUs failed at the
    projections of its queries for the same reason.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "float16", "vocab_size": 1000,
     "hidden_size": 384, "intermediate_size": 512, "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true, "version": "gemm"}}
    ```
    ```toml bad target
    tensor_parallel = 2
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "float16", "vocab_size": 1000,
     "hidden_size": 512, "intermediate_size": 512, "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true, "version": "gemm"}}
    ```
    ```toml good target
    tensor_parallel = 2
    ```

    ## Fix
    Use a tensor parallelism that leaves whole blocks.
    """
    table = spec.quantization
    if table is None:
        raise Skip("config.json declares no quantization")
    ways = even_shares(spec, target)
    if len(table.schemes) != 1 or table.schemes[0].targets:
        raise Skip("which layers the quantization is for is not one answer")
    scheme = table.schemes[0]
    block = scheme.along
    if block is None or not isinstance(block.value, int) or block.value <= 1 or scheme.name in PADDED:
        return
    left_alone = matcher(table.ignored)
    if left_alone is None:
        raise Skip("a module pattern of the quantization table is not understood")
    for width in distinct(_quantized_outputs(spec, left_alone)):
        share = int(width.value or 0) // ways
        if share % block.value:
            yield Found(
                f"The attention's output is {width.value:,} wide in blocks of {block.value}, and {ways} GPUs would get {share:,} each.",
                shown(*width.rests_on(), *block.rests_on(), table.method),
                f"Use a tensor parallelism that leaves multiples of {block.value}.",
            )


def _quantized_outputs(spec: ModelSpec, left_alone: Callable[[str], bool]) -> Iterator[Num]:
    """What the output projections of attention read, heads times their size, for those that are quantized."""
    for part in (spec.decoder(), spec.encoder()):
        for group in part.layers if part is not None else ():
            for mixer in group.mixers:
                if not isinstance(mixer, Attention | Latent) or not group.indices:
                    continue
                width = mixer.num_attention_heads * mixer.v_head_dim
                last = next((w for w in reversed(mixer.weights) if len(w.shape) == 2 and w.shape[1].value == width.value), None)
                if last is not None and part is not None and not _is_ignored(part, group, last, left_alone):
                    yield width


def _is_ignored(part: Part, group: LayerGroup, weight: Weight, left_alone: Callable[[str], bool]) -> bool:
    """Whether a weight is left as it is in the first of a group's layers; tables leave out whole groups."""
    return left_alone(part.layer_tensor(group, weight.name.removesuffix(".weight"), group.indices[0]))


def _finer(spec: ModelSpec, target: Target, scheme: Scheme, share: int) -> int | None:
    """The block that vLLM cuts the scales of FP8 experts down to, where a share is no whole number of theirs; None if it cannot."""
    release = engine_release(target)
    if target.engine != "vllm" or scheme.name != "fp8 by block" or (release is not None and release < CUTS_SCALES):
        return None
    sides = [side.value for side in (scheme.across, scheme.along) if side is not None]
    sizes = [*sides, share, number(spec.fact("hidden_size"))]
    if not all(isinstance(size, int) for size in sizes):
        return None
    block = gcd(*(int(size or 0) for size in sizes))
    return block if block >= LEAST_CUT else None


def _widths(spec: ModelSpec, target: Target, *, only_experts: bool) -> Iterator[tuple[str, Num]]:
    """The widths that tensor parallelism splits, each once; a table with exceptions is only sure of the routed experts."""
    seen = set()
    part = spec.decoder() or spec.encoder()
    for group in part.layers if part is not None else ():
        block = group.feed_forward
        experts = None if block is None else block.experts
        if block is None or (experts is None and only_experts) or (experts is not None and target.expert_parallel > 1):
            continue
        name, width = (ROUTED, experts.intermediate_size) if experts is not None else ("feed-forward", block.intermediate_size)
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
