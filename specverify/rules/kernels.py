"""What the target's GPU or engine has no kernel for: number formats, cache formats, sparse attention."""

from __future__ import annotations

from collections.abc import Iterator

from specverify.facts import Fact
from specverify.outcome import Evidence
from specverify.rules.engine import Found, Skip, rule, shown
from specverify.rules.shares import attention_of, engine_release
from specverify.spec import Attention, Latent, ModelSpec, Quantization
from specverify.target import Target

ENGINES = {"vllm": "vLLM", "sglang": "SGLang"}
LEAST = {
    "vllm": {
        "awq": 75,
        "gptq": 60,
        "fp8": 75,
        "mxfp4": 80,
        "fbgemm-fp8": 80,
        "modelopt fp8": 80,
        "modelopt nvfp4": 75,
        "compressed-tensors fp8": 75,
        "compressed-tensors int8": 75,
        "compressed-tensors int4": 75,
        "compressed-tensors nvfp4": 75,
        "compressed-tensors mxfp4": 80,
    },
    "sglang": {
        "awq": 75,
        "gptq": 60,
        "fp8": 80,
        "mxfp4": 80,
        "modelopt fp8": 89,
        "modelopt nvfp4": 80,
        "compressed-tensors fp8": 80,
        "compressed-tensors int8": 80,
        "compressed-tensors int4": 80,
        "compressed-tensors nvfp4": 80,
    },
}
"""The least compute capability by quantization method: `get_min_capability` of vLLM 0.32 and of SGLang 0.5.23."""
FP8_UNITS, FP4_UNITS, SPARSE_LATENTS, FLASHINFER = 89, 100, 90, 80
"""The least compute capability that multiplies FP8, that multiplies FP4, that sparse kernels are written for, and FlashInfer's in vLLM."""
FLASHINFER_HEADS = (64, 128, 256, 512)
"""Head sizes of vLLM 0.32's FlashInfer backend."""
FP8_SEEN = (0, 11)
"""The vLLM of issue 26431. What older ones read is another matter: they had other kernels."""


@rule("KRN001", severity="error", source="https://github.com/vllm-project/vllm/issues/1488")
def gpu_too_old_for_the_quantization(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The engine refuses this quantization on GPUs as old as the target's.

    ## Why
    Every method states the least compute capability its kernels run on, and the engine stops on an older GPU: AWQ on V100
    (7.0, and 7.5 is needed), gpt-oss in MXFP4 on T4, Model Optimizer's FP8 on A100 under SGLang, which vLLM runs.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "float16", "vocab_size": 1000,
     "hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true, "version": "gemm"}}
    ```
    ```toml bad target
    engine = "vllm"
    gpu = "v100-sxm2-32gb"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "float16", "vocab_size": 1000,
     "hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true, "version": "gemm"}}
    ```
    ```toml good target
    engine = "vllm"
    gpu = "t4-16gb"
    ```

    ## Fix
    Use a newer GPU, or weights in a format that this one has kernels for.
    """
    architecture, (_, most) = _capability(target)
    table = _table(spec)
    needed = _needed(table, target)
    if needed is None:
        raise Skip("the least GPU for this quantization is not known")
    if most < needed:
        yield Found(
            f"{ENGINES[target.engine]} needs compute capability {_version(needed)} for {table.method.value} weights, "
            f"and {architecture} has {_version(most)} at most.",
            (*shown(table.method), *_proof(architecture, "compute")),
            "Use a newer GPU, or weights in a format that this one has kernels for.",
        )


@rule("KRN003", severity="info", source="https://github.com/sgl-project/sglang/pull/19652")
def weights_unpacked_to_multiply(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The GPU does not multiply the number format of the weights, so the engine unpacks them to 16 bits each time.

    ## Why
    Memory is saved all the same, and decoding, which waits for memory, is hardly slower. Prefill goes at the 16-bit
    rate: NVFP4 on Hopper and FP8 on A100 run through vLLM's and SGLang's Marlin kernels, which say so at start-up.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}
    ```
    ```toml bad target
    engine = "vllm"
    gpu = "a100-sxm-80gb"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}
    ```
    ```toml good target
    engine = "vllm"
    gpu = "h100-sxm-80gb"
    ```

    ## Fix
    Expect the 16-bit rate for prompts, or use a GPU that multiplies the format.
    """
    architecture, (_, most) = _capability(target)
    table = _table(spec)
    needed = _needed(table, target)
    if needed is not None and most < needed:
        raise Skip("the engine does not start with these weights in the first place")
    for kind, units in (("FP8", FP8_UNITS), ("FP4", FP4_UNITS)):
        if most < units and any(kind.lower() in scheme.name for scheme in table.schemes):
            yield Found(
                f"The weights are {kind}, which {architecture} does not multiply: "
                f"{ENGINES[target.engine]} unpacks them to 16 bits, at the 16-bit rate.",
                (*shown(table.method), *_proof(architecture, "compute")),
                "Expect the 16-bit rate for prompts, or use a GPU that multiplies the format.",
            )


@rule("KRN004", severity="error", source="https://github.com/vllm-project/vllm/issues/26431")
def fp8_cache_on_an_older_gpu(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The cache is to be FP8, and no attention kernel of vLLM reads that on the target's GPU for this model.

    ## Why
    Below compute capability 8.9 FlashInfer alone reads an FP8 cache: from 8.0 on, for heads of 64, 128, 256 or 512 elements,
    without learned sinks. Latents, other heads and gpt-oss fall to Triton's kernels, which stop: its FP8 needs 8.9.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 320, "intermediate_size": 1024, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml bad target
    engine = "vllm"
    gpu = "a100-sxm-80gb"
    kv_dtype = "fp8"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml good target
    engine = "vllm"
    gpu = "a100-sxm-80gb"
    kv_dtype = "fp8"
    ```

    ## Fix
    Keep the cache in 16 bits (--kv-cache-dtype bfloat16, or float16 on Turing), or use a GPU from Ada Lovelace on.
    """
    if target.engine != "vllm":
        raise Skip("which caches the engine's kernels read is not known")
    release = engine_release(target)
    if release is not None and release < FP8_SEEN:
        raise Skip("which caches that version's kernels read is not known")
    architecture, (least, most) = _capability(target)
    kept = spec.quantization.kv_cache if spec.quantization is not None and target.kv_dtype == "auto" else None
    dtype = target.kv_dtype if kept is None else str(kept.value)
    if not dtype.startswith("fp8"):
        raise Skip("the cache is not FP8")
    if spec.value("prototype") != "decoder-only":
        raise Skip("the kernels compared are those of decoders")
    if most >= FP8_UNITS:
        return
    unread = next((mixer for mixer in attention_of(spec) if most < FLASHINFER or not _flashinfer_reads(mixer)), None)
    if unread is not None:
        what, facts = _described(unread)
        yield Found(
            f"The cache is to be {dtype}, and on {architecture} ({_version(least)}) no kernel of vLLM reads that for {what}.",
            (*shown(kept, *facts), *_proof(architecture, "compute")),
            "Keep the cache in 16 bits, or use a GPU from Ada Lovelace on.",
        )


@rule("KRN005", severity="error", source="https://github.com/vllm-project/vllm/issues/31480")
def sparse_attention_on_an_older_gpu(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The model attends to a chosen few latents, and vLLM has no kernel for that on the target's GPU.

    ## Why
    The sparse kernels for DeepSeek-V3.2's attention and its kin are written for Hopper and Blackwell. vLLM looks for one when
    it builds the first layer, finds none on Ampere or Ada Lovelace, and stops; dense kernels do not take such a model.

    ```json bad
    {"model_type": "deepseek_v32", "architectures": ["DeepseekV32ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "moe_intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 4, "kv_lora_rank": 32, "q_lora_rank": 32, "qk_nope_head_dim": 16, "qk_rope_head_dim": 8,
     "v_head_dim": 16, "first_k_dense_replace": 1, "n_routed_experts": 16, "n_shared_experts": 1, "num_experts_per_tok": 2,
     "n_group": 1, "topk_group": 1, "max_position_embeddings": 4096, "rope_theta": 10000.0,
     "index_head_dim": 16, "index_n_heads": 4, "index_topk": 64}
    ```
    ```toml bad target
    engine = "vllm"
    gpu = "a100-sxm-80gb"
    ```

    ```json good
    {"model_type": "deepseek_v32", "architectures": ["DeepseekV32ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "moe_intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 4, "kv_lora_rank": 32, "q_lora_rank": 32, "qk_nope_head_dim": 16, "qk_rope_head_dim": 8,
     "v_head_dim": 16, "first_k_dense_replace": 1, "n_routed_experts": 16, "n_shared_experts": 1, "num_experts_per_tok": 2,
     "n_group": 1, "topk_group": 1, "max_position_embeddings": 4096, "rope_theta": 10000.0,
     "index_head_dim": 16, "index_n_heads": 4, "index_topk": 64}
    ```
    ```toml good target
    engine = "vllm"
    gpu = "h100-sxm-80gb"
    ```

    ## Fix
    Use Hopper or Blackwell GPUs, or a model whose attention is not sparse.
    """
    if target.engine != "vllm":
        raise Skip("which sparse kernels the engine has is not known")
    architecture, (_, most) = _capability(target)
    chosen = next((m.index_topk for m in attention_of(spec) if isinstance(m, Latent) and m.index_topk is not None), None)
    if chosen is not None and most < SPARSE_LATENTS:
        yield Found(
            f"Attention reads {chosen.value:,} chosen latents, for which vLLM has kernels from compute capability "
            f"{_version(SPARSE_LATENTS)} on, and {architecture} has {_version(most)} at most.",
            (*shown(*chosen.rests_on()), *_proof(architecture, "compute")),
            "Use Hopper or Blackwell GPUs.",
        )


@rule("KRN007", severity="info", source="https://github.com/sgl-project/sglang/pull/35111")
def fp8_in_the_other_encoding(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The FP8 weights are in an encoding that the GPU does not multiply, so the engine re-encodes them.

    ## Why
    Checkpoints hold OCP's e4m3fn, and CDNA 3 multiplies e4m3fnuz, whose largest number is 240 instead of 448 and whose codes
    stand for half the value. vLLM and SGLang convert at load and double the scales, which changes no weight; a loader that does
    not is off by a factor of two, and activations have the smaller range.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}
    ```
    ```toml bad target
    gpu = "mi300x-192gb"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}
    ```
    ```toml good target
    gpu = "mi355x-288gb"
    ```

    ## Fix
    Use an engine that converts, and compare its output once with that of another GPU.
    """
    from specverify.derive.capability import fp8_format

    architecture = _architecture(target)
    table = _table(spec)
    form = fp8_format(architecture)
    if form is None:
        raise Skip(f"how {architecture} encodes FP8 is not known")
    if form != "e4m3fn" and any("fp8" in scheme.name for scheme in table.schemes):
        yield Found(
            f"The FP8 weights are e4m3fn, and {architecture} multiplies {form}: the engine re-encodes them and doubles their scales.",
            (*shown(table.method), *_proof(architecture, "fp8")),
            "Use an engine that converts, and compare its output once with that of another GPU.",
        )


def _architecture(target: Target) -> str:
    if target.gpu is None:
        raise Skip("the target names no GPU")
    from specverify.derive.gpus import of

    return of(target).architecture


def _capability(target: Target) -> tuple[str, tuple[int, int]]:
    """The GPU's architecture with the least and the most compute capability it has. Raises Skip where there is none."""
    if target.engine not in ENGINES:
        raise Skip("the target names no engine whose kernels are known")
    from specverify.derive.capability import compute_capability

    architecture = _architecture(target)
    known = compute_capability(architecture)
    if known is None:
        raise Skip(f"{architecture} has no compute capability")
    return architecture, known


def _proof(architecture: str, key: str) -> tuple[Evidence, ...]:
    from specverify.derive.capability import proof

    return shown(proof(architecture, key))


def _table(spec: ModelSpec) -> Quantization:
    if spec.quantization is None:
        raise Skip("config.json declares no quantization")
    return spec.quantization


def _needed(table: Quantization, target: Target) -> int | None:
    """The least compute capability that the engine runs a quantization on, where it is known."""
    method = str(table.method.value).lower().replace("_", "-")
    known = LEAST[target.engine]
    if method in known:
        return known[method]
    if len(table.schemes) != 1:
        return None
    return known.get(f"{'modelopt' if method.startswith('modelopt') else method} {table.schemes[0].name.partition(' ')[0]}")


def _version(capability: int) -> str:
    return f"{capability // 10}.{capability % 10}"


def _flashinfer_reads(mixer: Attention | Latent) -> bool:
    """Whether FlashInfer on Ampere takes an FP8 cache of this attention."""
    return isinstance(mixer, Attention) and mixer.head_dim.value in FLASHINFER_HEADS and not _has_sinks(mixer)


def _has_sinks(mixer: Attention | Latent) -> bool:
    return any(weight.name.rpartition(".")[2] == "sinks" for weight in mixer.weights)


def _described(mixer: Attention | Latent) -> tuple[str, tuple[Fact, ...]]:
    """An attention as a message names it, with the facts that make it so."""
    if isinstance(mixer, Latent):
        return "latents", mixer.kv_lora_rank.rests_on()
    if _has_sinks(mixer):
        return "heads with sinks", mixer.head_dim.rests_on()
    return f"heads of {mixer.head_dim.value}", mixer.head_dim.rests_on()
