"""The target: whether the model can be split so, whether it fits, and what the GPUs cannot do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from specverify.num import Num
from specverify.outcome import Evidence
from specverify.rules.engine import Found, Skip, number, rule, shown
from specverify.rules.shares import attention_of, distinct, feed_forwards_of, tensor_parallel, weaker_where_filled_in
from specverify.spec import Attention, Figure, Latent, ModelSpec
from specverify.target import Target

OVERFLOWING = ("gemma2", "gemma3", "gemma3_text", "glm4")
"""Types that vLLM 0.32 does not serve in float16 (`_FLOAT16_NOT_SUPPORTED_MODELS`)."""
VLLM_PARALLEL = "https://github.com/vllm-project/vllm/blob/main/vllm/config/model.py"


@rule("CAP001", severity="error", source=VLLM_PARALLEL)
def heads_do_not_split(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The query heads cannot be shared out evenly over the tensor-parallel GPUs.

    ## Why
    Engines give each GPU whole heads and the same number of them, and refuse any other count: Qwen2.5-7B has 28 heads and
    cannot run on 8; Falcon-7B has 71, a prime, and runs on one.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 96, "intermediate_size": 192, "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 6,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml bad target
    tensor_parallel = 4
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 96, "intermediate_size": 192, "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 6,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml good target
    tensor_parallel = 3
    ```

    ## Fix
    Use a tensor parallelism that divides the heads; put the other GPUs to pipeline or data parallelism.
    """
    ways = tensor_parallel(target)
    for heads in distinct(mixer.num_attention_heads for mixer in attention_of(spec)):
        if int(heads.value or 0) % ways:
            yield Found(
                f"{_heads(heads, 'query')} cannot be shared out evenly over {ways} GPUs.",
                _proof(spec, heads),
                f"Use a tensor parallelism that divides {heads.value}.",
                severity=weaker_where_filled_in("error", heads),
            )


@rule("CAP002", severity="error", source=VLLM_PARALLEL)
def key_value_heads_do_not_split(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The key-value heads are fewer than the tensor-parallel GPUs, or do not go into them evenly.

    ## Why
    Fewer heads than GPUs are kept in several copies, so that the cache shrinks no further: Qwen3-Next has 2, and on 8 GPUs
    each is kept four times, unless decode-context parallelism gives every copy other tokens. Where neither count divides the
    other (10 heads of Phi-4 on 4 GPUs: vllm-project/vllm issue 16021) engines refuse.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 128, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml bad target
    tensor_parallel = 8
    ```
    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 640, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 40, "num_key_value_heads": 10,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml bad target
    tensor_parallel = 4
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 128, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml good target
    tensor_parallel = 2
    ```

    ## Fix
    Use a tensor parallelism no larger than the key-value heads, and data parallelism for the rest.
    """
    ways = tensor_parallel(target)
    mixers = [mixer for mixer in attention_of(spec) if isinstance(mixer, Attention)]
    if any(int(mixer.num_attention_heads.value or 0) % ways for mixer in mixers):
        raise Skip("the query heads do not split that way in the first place")
    for heads in distinct(mixer.num_key_value_heads for mixer in mixers):
        held = int(heads.value or 0)
        if held and held % ways and ways % held:
            yield Found(
                f"{held} key-value heads and {ways} GPUs: neither count divides the other.",
                _proof(spec, heads),
                f"Use a tensor parallelism that divides {held}, or is a multiple of it.",
                severity=weaker_where_filled_in("error", heads),
            )
        elif 0 < held * target.decode_context_parallel < ways:
            shrinks = held * target.decode_context_parallel
            gain = f"the cache shrinks {shrinks}-fold and no more" if shrinks > 1 else "the cache does not shrink"
            yield Found(
                f"{ways} GPUs keep {ways // held // target.decode_context_parallel} copies of {_heads(heads, 'key-value')}, so {gain}.",
                _proof(spec, heads),
                f"Use a tensor parallelism of {held} and data parallelism for the rest.",
                severity=weaker_where_filled_in("warning", heads),
            )


@rule("CAP003", severity="info", source="https://github.com/deepseek-ai/DeepSeek-V3/issues/283")
def latents_are_replicated(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """Each tensor-parallel GPU keeps the whole latent of multi-head latent attention.

    ## Why
    All heads read one latent, so there is nothing to share out: more GPUs do not make the cache of a sequence smaller. Data
    parallelism for the attention keeps each sequence once; decode-context parallelism gives each GPU other tokens of it.
    DeepSeek-V3 under tensor parallelism: deepseek-ai/DeepSeek-V3 issue 283; data parallelism for its attention decoded two thirds
    faster in SGLang (PR 1970).

    ```json bad
    {"model_type": "deepseek_v3", "architectures": ["DeepseekV3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "moe_intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 4, "kv_lora_rank": 32, "q_lora_rank": null, "qk_nope_head_dim": 16, "qk_rope_head_dim": 8,
     "v_head_dim": 16, "first_k_dense_replace": 1, "n_routed_experts": 16, "n_shared_experts": 1, "num_experts_per_tok": 2,
     "n_group": 1, "topk_group": 1, "max_position_embeddings": 4096, "rope_theta": 10000.0}
    ```
    ```toml bad target
    tensor_parallel = 4
    ```

    ```json good
    {"model_type": "deepseek_v3", "architectures": ["DeepseekV3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "moe_intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 4, "kv_lora_rank": 32, "q_lora_rank": null, "qk_nope_head_dim": 16, "qk_rope_head_dim": 8,
     "v_head_dim": 16, "first_k_dense_replace": 1, "n_routed_experts": 16, "n_shared_experts": 1, "num_experts_per_tok": 2,
     "n_group": 1, "topk_group": 1, "max_position_embeddings": 4096, "rope_theta": 10000.0}
    ```
    ```toml good target
    data_parallel = 4
    ```

    ## Fix
    Use data parallelism for the attention (vLLM: --data-parallel-size; SGLang: --enable-dp-attention), or decode-context
    parallelism (vLLM: --decode-context-parallel-size).
    """
    copies = tensor_parallel(target) // target.decode_context_parallel
    if copies == 1:
        raise Skip("decode-context parallelism gives each GPU other tokens of a sequence")
    latent = next((mixer for mixer in attention_of(spec) if isinstance(mixer, Latent)), None)
    if latent is not None:
        width = f"{latent.kv_lora_rank.value} + {latent.qk_rope_head_dim.value}"
        yield Found(
            f"The latent of {width} elements a token and layer is kept {copies} times by {target.tensor_parallel} tensor-parallel GPUs.",
            shown(*latent.kv_lora_rank.rests_on(), *latent.qk_rope_head_dim.rests_on()),
            "Use data parallelism for the attention, or decode-context parallelism.",
        )


@rule("CAP004", severity="error", source="specverify capacity.fits")
def does_not_fit(spec: ModelSpec, figures: Mapping[str, Figure], target: Target) -> Iterator[Found]:
    """The model and its sequences do not fit on the GPUs of the target.

    ## Why
    Weights and cache alone are compared with the share of the usable memory that the engine may take (`memory_fraction`).
    Activations, graphs and the runtime come on top, so what does not fit here does not start.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 128256,
     "hidden_size": 8192, "intermediate_size": 28672, "num_hidden_layers": 80, "num_attention_heads": 64,
     "num_key_value_heads": 8, "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml bad target
    gpu = "h100-sxm-80gb"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 128256,
     "hidden_size": 8192, "intermediate_size": 28672, "num_hidden_layers": 80, "num_attention_heads": 64,
     "num_key_value_heads": 8, "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml good target
    gpu = "h100-sxm-80gb"
    gpus = 4
    ```

    ## Fix
    Use more GPUs, a shorter context, fewer sequences at once, or quantized weights.
    """
    if target.gpu is None:
        raise Skip("the target names no GPU")
    fits = figures.get("capacity.fits")
    if fits is None or fits.value is None:
        raise Skip("; ".join(fits.number.reasons()) if fits is not None else "there is nothing to fit")
    if not fits.value:
        needed, budget = figures["capacity.needed_bytes_per_gpu"], figures["capacity.budget_bytes_per_gpu"]
        weights, sequence = figures["weights.bytes_per_gpu"], figures["cache.sequence_bytes_per_gpu"]
        yield Found(
            f"A GPU would have to hold {needed.value:,} bytes (weights {weights.value:,}, a sequence {sequence.value:,}) "
            f"and has {budget.value:,} for them.",
            shown(*budget.number.rests_on(), *sequence.number.rests_on(), spec.fact("dtype")),
            _remedy(figures, target),
        )


@rule("CAP005", severity="error", source=VLLM_PARALLEL)
def fewer_layers_than_stages(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """There are fewer layers than pipeline stages.

    ## Why
    A stage holds at least one layer; engines refuse a stage without.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml bad target
    pipeline_parallel = 4
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml good target
    pipeline_parallel = 4
    ```

    ## Fix
    Use no more stages than there are layers.
    """
    if target.pipeline_parallel == 1:
        raise Skip("the target has no pipeline parallelism")
    layers = spec.fact("num_hidden_layers")
    count = number(layers)
    if count is None:
        raise Skip("the layer count is not known")
    if count < target.pipeline_parallel:
        yield Found(
            f"{count} layers cannot fill {target.pipeline_parallel} pipeline stages.",
            shown(layers),
            f"Use {count} stages or fewer.",
        )


@rule("CAP006", severity="error", source="https://docs.vllm.ai/en/latest/serving/expert_parallel_deployment.html")
def experts_do_not_split(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The experts cannot be shared out evenly over the expert-parallel GPUs.

    ## Why
    Some GPUs hold an expert more than others, so memory and time go by the fullest; expert load balancing asks for even
    shares. Qwen1.5-MoE has 60 experts: 8 GPUs get 7 or 8 of them. SGLang has no such shares and stops, and so does vLLM for
    some classes (256 experts of DeepSeek-V4 on 3 GPUs: vllm-project/vllm issue 52435).

    ```json bad
    {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 4096, "rope_theta": 1000000.0, "sliding_window": null,
     "num_local_experts": 6, "num_experts_per_tok": 2}
    ```
    ```toml bad target
    tensor_parallel = 4
    expert_parallel = 4
    ```

    ```json good
    {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 4096, "rope_theta": 1000000.0, "sliding_window": null,
     "num_local_experts": 8, "num_experts_per_tok": 2}
    ```
    ```toml good target
    tensor_parallel = 4
    expert_parallel = 4
    ```

    ## Fix
    Use an expert parallelism that divides the experts, or redundant experts where the engine has them.
    """
    ways = target.expert_parallel
    if ways == 1:
        raise Skip("the target has no expert parallelism")
    totals = distinct(block.experts.total for block in feed_forwards_of(spec) if block.experts is not None)
    if not totals:
        raise Skip("no experts are known")
    for experts in totals:
        if int(experts.value or 0) % ways:
            yield Found(
                f"{experts.value} experts cannot be shared out evenly over {ways} GPUs.",
                shown(*experts.rests_on()),
                f"Use an expert parallelism that divides {experts.value}.",
                severity="error" if target.engine == "sglang" else "warning",
            )


@rule("CAP007", severity="warning", source="https://docs.nvidia.com/cuda/cuda-c-programming-guide/ (compute capabilities)")
def gpu_lacks_bfloat16(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The weights are bfloat16, and the GPU has no arithmetic for it.

    ## Why
    Engines convert to float16, whose range is smaller: activations of some models overflow. vLLM refuses Gemma-2, Gemma-3 and
    GLM-4 in it and takes float32 instead, at twice the memory (Gemma-3 on T4: vllm-project/vllm issue 14696).

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml bad target
    gpu = "t4-16gb"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml good target
    gpu = "a10-24gb"
    ```

    ## Fix
    Use a GPU with bfloat16, or check the model's quality in float16 first.
    """
    if target.gpu is None:
        raise Skip("the target names no GPU")
    from specverify.derive.gpus import of

    dtype, gpu = spec.fact("dtype"), of(target)
    if dtype.value is None:
        raise Skip("the config states no dtype")
    if not gpu.bf16_tflops.known:
        raise Skip(f"bf16_tflops of {gpu.name}: {gpu.bf16_tflops.note}")
    if dtype.value == "bfloat16" and gpu.bf16_tflops.value is None:
        yield Found(
            f"The weights are bfloat16, and {gpu.name} has {gpu.bf16_tflops.note}{_instead(spec, target)}.",
            shown(dtype),
            "Use a GPU with bfloat16, or check the model's quality in float16.",
        )


@rule("CAP008", severity="info", source="specverify/derive/gpus.json (usable memory)")
def one_sequence_beyond_any_gpu(spec: ModelSpec, figures: Mapping[str, Figure], target: Target) -> Iterator[Found]:
    """The cache of one sequence at the model's own context is larger than any accelerator there is.

    ## Why
    A context is a number in a file, and its memory is not: Llama-4-Scout states 10,485,760 tokens, of which the keys and values of
    one sequence take 481 GiB. Whoever adopts it for the number serves a small part of it.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 4096, "intermediate_size": 128, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
     "max_position_embeddings": 1048576, "rope_theta": 500000000.0}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 4096, "intermediate_size": 128, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 4,
     "max_position_embeddings": 1048576, "rope_theta": 500000000.0}
    ```

    ## Fix
    Name a target with the context you need: the figures then say what it takes.
    """
    if target.gpu is not None:
        raise Skip("the target names a GPU, and whether all fits is another check")
    needed, length = figures.get("cache.sequence_bytes"), figures.get("context.declared")
    if needed is None or length is None or needed.value is None or length.value is None or target.context is not None:
        raise Skip("the cache at the model's own context is not known, or the target asks for another")
    from specverify.derive.gpus import known

    largest = max((gpu.memory_mib.value or 0) * 2**20 for gpu in known().values())
    if needed.value > largest:
        yield Found(
            f"One sequence of {length.value:,} tokens keeps {needed.value / 2**30:,.0f} GiB, and the largest accelerator has "
            f"{largest / 2**30:,.0f} GiB.",
            shown(*length.number.rests_on()),
            "Name a target with the context you need: the figures then say what it takes.",
        )


def _instead(spec: ModelSpec, target: Target) -> str:
    """What vLLM serves in bfloat16's place; nothing for engines whose choice is not known."""
    if target.engine != "vllm":
        return ""
    if spec.value("model_type") in OVERFLOWING and spec.quantization is None:
        return ": vLLM serves this class in float32, at twice the bytes"
    return ": vLLM serves it in float16"


def _heads(count: Num, kind: str) -> str:
    return f"{count.value} {kind} head{'' if count.value == 1 else 's'}"


def _proof(spec: ModelSpec, count: Num) -> tuple[Evidence, ...]:
    """The facts of a head count; where the class alone decides it (multi-query), what the config says of heads."""
    return shown(*count.rests_on()) or shown(spec.fact("multi_query"), spec.fact("num_attention_heads"))


def _remedy(figures: Mapping[str, Figure], target: Target) -> str:
    """What would fit on the same GPUs, as far as that is known."""
    longest, most = figures["capacity.max_context"].value, figures["capacity.max_concurrency"].value
    if longest:
        return f"With {target.concurrency:,} at once, {longest:,} tokens each fit; or use more GPUs."
    return "Use more GPUs or quantized weights." if not most else f"Serve {most:,} at once, or use more GPUs."
