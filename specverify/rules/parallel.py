"""The target's parallelism against what a layer is made of: widths, vocabulary, state heads, stages, towers."""

from __future__ import annotations

from collections.abc import Iterator

from specverify.num import Num
from specverify.rules.engine import Found, Skip, number, rule, shown
from specverify.rules.shares import attention_of, distinct, even_shares, feed_forwards_of, text_layers, weaker_where_filled_in
from specverify.spec import Attention, FeedForward, Modality, ModelSpec, Recurrent
from specverify.target import Target

LINEAR = "vLLM 0.32 `distributed.utils.divide`, SGLang 0.5.23 `distributed.utils.divide`"
VOCABULARY_ROWS = 64
"""Rows that vLLM and SGLang pad the vocabulary to a multiple of."""
BY_HEAD = ("mamba2", "gated-delta", "kimi-delta", "lightning")
"""Mixers whose state has a head first; that of Mamba has a channel there."""


@rule("PAR001", severity="error", source="https://github.com/vllm-project/vllm/issues/41623")
def context_does_not_split_over_copies(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """Decode-context parallelism asks for more copies of a key-value head than tensor parallelism makes.

    ## Why
    vLLM gives each copy of a head other tokens of the sequence, and so needs copies: more GPUs than key-value heads, no more
    ways than copies, and query heads that the ways divide. Qwen3-235B-A22B has 4 and is refused on 4 GPUs. The latent of
    multi-head latent attention is on every GPU, and has no such bound.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 128, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml bad target
    engine = "vllm"
    tensor_parallel = 4
    decode_context_parallel = 2
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 128, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml good target
    engine = "vllm"
    tensor_parallel = 8
    decode_context_parallel = 2
    ```

    ## Fix
    Use at most as many ways as tensor parallelism makes copies of a key-value head, or none.
    """
    ways, copied = target.decode_context_parallel, target.tensor_parallel
    if ways == 1:
        raise Skip("the target has no decode-context parallelism")
    if target.engine != "vllm":
        raise Skip("only vLLM's bounds on it are known")
    even_shares(spec, target)
    mixers = attention_of(spec)
    plain = [mixer for mixer in mixers if isinstance(mixer, Attention)]
    if len(plain) != len(mixers):
        raise Skip("latents are on every GPU, so they split by context any way")
    for kept in distinct(mixer.num_key_value_heads for mixer in plain):
        held = int(kept.value or 0)
        queries = next(mixer.num_attention_heads for mixer in plain if mixer.num_key_value_heads.value == held)
        copies = copied // held if held else 0
        if copied <= held or ways > copies:
            said = f"{copied} GPUs keep {max(copies, 1)} cop{'ies' if copies > 1 else 'y'} of each of {held} key-value heads"
            found = f"{said}, and {ways} ways of decode-context parallelism need {ways}."
        elif int(queries.value or 0) // held % ways:
            found = f"{int(queries.value or 0) // held} query heads to each key-value head do not split over {ways} ways of context."
        else:
            continue
        yield Found(
            found,
            shown(*kept.rests_on(), *queries.rests_on()) or shown(spec.fact("num_attention_heads")),
            f"Use {copies} ways of decode-context parallelism at most." if copies > 1 else "Leave decode-context parallelism out.",
            severity=weaker_where_filled_in("error", kept),
        )


@rule("PAR002", severity="error", source=LINEAR)
def feed_forward_does_not_split(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The width of a feed-forward cannot be shared out evenly over the tensor-parallel GPUs.

    ## Why
    Each GPU holds the same number of a feed-forward's columns, of experts too unless they are spread whole: engines divide
    and stop where a rest is left, after the weights of the layers before have been read.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 130, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml bad target
    tensor_parallel = 4
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 132, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml good target
    tensor_parallel = 4
    ```

    ## Fix
    Use a tensor parallelism that divides the width, or expert parallelism where it is the experts'.
    """
    ways = even_shares(spec, target)
    for name, width in _widths(feed_forwards_of(spec), spread=target.expert_parallel > 1):
        if int(width.value or 0) % ways:
            yield Found(
                f"The {name} is {width.value:,} wide, which {ways} GPUs cannot share out evenly.",
                shown(*width.rests_on()),
                f"Use a tensor parallelism that divides {width.value:,}.",
                severity=weaker_where_filled_in("error", width),
            )


@rule("PAR003", severity="error", source="https://github.com/gpustack/gpustack/issues/3777")
def vocabulary_does_not_split(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The vocabulary, padded as vLLM pads it, cannot be shared out evenly over the tensor-parallel GPUs.

    ## Why
    vLLM pads the vocabulary to a multiple of 64 and gives each GPU the same rows of it. No power of two ever fails at that;
    three, six or twelve GPUs do: GLM-4.5-Air has 151,552 rows and 96 heads, and stops on 6. SGLang pads further.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 96, "intermediate_size": 192, "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 6,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml bad target
    engine = "vllm"
    tensor_parallel = 3
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1100,
     "hidden_size": 96, "intermediate_size": 192, "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 6,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml good target
    engine = "vllm"
    tensor_parallel = 3
    ```

    ## Fix
    Use a power of two as tensor parallelism, and pipeline parallelism for the factor of three; or SGLang.
    """
    if target.engine != "vllm":
        raise Skip("vLLM alone pads the vocabulary no further than to a multiple of 64")
    ways = even_shares(spec, target)
    fact = spec.fact("vocab_size")
    rows = number(fact)
    if not isinstance(rows, int):
        raise Skip("the vocabulary is not known")
    padded = -(-rows // VOCABULARY_ROWS) * VOCABULARY_ROWS
    if padded % ways:
        yield Found(
            f"The vocabulary of {rows:,} rows, {padded:,} when padded, cannot be shared out evenly over {ways} GPUs.",
            shown(fact),
            f"Use a tensor parallelism that divides {padded:,}.",
        )


@rule("PAR004", severity="error", source="vLLM 0.32 `MambaMixer2`, `MambaStateShapeCalculator`; SGLang 0.5.23 `configs/mamba_utils.py`")
def state_does_not_split(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The heads or channels of a recurrent state cannot be shared out evenly over the tensor-parallel GPUs.

    ## Why
    State-space and linear attention layers are split by their own heads, which need not be as many as those of attention: a
    hybrid can pass the check of the query heads, which is all that vLLM's front end looks at, and stop while it is built.

    ```json bad
    {"model_type": "mamba2", "architectures": ["Mamba2ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 48, "expand": 2, "num_heads": 6, "head_dim": 16, "n_groups": 1, "state_size": 16, "conv_kernel": 4,
     "num_hidden_layers": 2}
    ```
    ```toml bad target
    tensor_parallel = 4
    ```

    ```json good
    {"model_type": "mamba2", "architectures": ["Mamba2ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "expand": 2, "num_heads": 8, "head_dim": 16, "n_groups": 4, "state_size": 16, "conv_kernel": 4,
     "num_hidden_layers": 2}
    ```
    ```toml good target
    tensor_parallel = 4
    ```

    ## Fix
    Use a tensor parallelism that divides the heads of the state.
    """
    ways = even_shares(spec, target)
    for what, count in _state_counts(spec):
        if int(count.value or 0) % ways:
            yield Found(
                f"The recurrent state has {count.value:,} {what}, which {ways} GPUs cannot share out evenly.",
                shown(*count.rests_on()),
                f"Use a tensor parallelism that divides {count.value:,}.",
                severity=weaker_where_filled_in("error", count),
            )


@rule("PAR005", severity="error", source="https://github.com/vllm-project/vllm/pull/55091")
def state_groups_do_not_split(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The groups that share B and C in a Mamba-2 layer cannot be shared out evenly over the tensor-parallel GPUs.

    ## Why
    Each GPU needs the groups of its own heads. A single group is copied to every GPU; of several that the GPUs do not divide,
    vLLM and SGLang make no copies and stop: Nemotron-3-Ultra has 8 and does not start on 32 GPUs.

    ```json bad
    {"model_type": "mamba2", "architectures": ["Mamba2ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "expand": 2, "num_heads": 8, "head_dim": 16, "n_groups": 2, "state_size": 16, "conv_kernel": 4,
     "num_hidden_layers": 2}
    ```
    ```toml bad target
    tensor_parallel = 4
    ```

    ```json good
    {"model_type": "mamba2", "architectures": ["Mamba2ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "expand": 2, "num_heads": 8, "head_dim": 16, "n_groups": 2, "state_size": 16, "conv_kernel": 4,
     "num_hidden_layers": 2}
    ```
    ```toml good target
    tensor_parallel = 2
    ```

    ## Fix
    Use a tensor parallelism that divides the groups.
    """
    ways = even_shares(spec, target)
    if any(int(heads.value or 0) % ways for _, heads in _state_counts(spec)):
        raise Skip("the heads of the state do not split that way in the first place")
    for groups in distinct(_groups(mixer) for mixer in _recurrent(spec) if mixer.kind == "mamba2"):
        held = int(groups.value or 0)
        if held > 1 and held % ways:
            yield Found(
                f"{held} groups of B and C cannot be shared out evenly over {ways} GPUs.",
                shown(*groups.rests_on()),
                f"Use a tensor parallelism that divides {held}.",
                severity=weaker_where_filled_in("error", groups),
            )
        elif held == 1:
            yield Found(
                f"{ways} GPUs each keep the one group of B and C, in the weights and in the convolution's state.",
                shown(*groups.rests_on()),
                "Expect a state a little larger than its share; data parallelism keeps it once.",
                severity="info",
            )


@rule("PAR006", severity="info", source="vLLM 0.32 `distributed.utils.get_pp_indices`")
def stages_are_uneven(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The layers do not go into the pipeline stages evenly.

    ## Why
    Memory for the cache goes by the fullest stage, and every stage waits for the slowest. DeepSeek-V3 has 61 layers, of which
    two stages take 30 and 31.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 5, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml bad target
    pipeline_parallel = 2
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 6, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml good target
    pipeline_parallel = 2
    ```

    ## Fix
    Use a number of stages that divides the layers, or say yourself which stage takes how many (VLLM_PP_LAYER_PARTITION).
    """
    stages = target.pipeline_parallel
    if stages == 1:
        raise Skip("the target has no pipeline parallelism")
    layers = spec.fact("num_hidden_layers")
    count = number(layers)
    if not isinstance(count, int):
        raise Skip("the layer count is not known")
    if count > stages and count % stages:
        yield Found(
            f"{count} layers over {stages} stages: some hold {count // stages} and others {count // stages + 1}.",
            shown(layers),
            f"Use a number of stages that divides {count}, or choose the layers of each.",
        )


@rule("PAR007", severity="warning", confidence="medium", source="https://github.com/vllm-project/vllm/issues/24004")
def vision_tower_does_not_split(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The vision tower's heads or width cannot be shared out evenly over the tensor-parallel GPUs.

    ## Why
    vLLM splits the tower by the same tensor parallelism as the text model unless told to copy it, and most of its classes
    divide: GLM-4.5V has 12 vision heads beside 96 of text, and did not start on 8 GPUs; InternViT-6B has 25, and not on 4
    (issue 8097) until its class fell back to copies by itself.

    ```json bad
    {"model_type": "llava", "architectures": ["LlavaForConditionalGeneration"], "torch_dtype": "bfloat16",
     "image_token_index": 900, "vision_feature_layer": -2, "vision_feature_select_strategy": "default",
     "text_config": {"model_type": "llama", "vocab_size": 1024, "hidden_size": 64, "intermediate_size": 128,
      "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 8, "max_position_embeddings": 4096,
      "rope_theta": 10000.0},
     "vision_config": {"model_type": "clip_vision_model", "hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 4,
      "num_attention_heads": 3, "image_size": 56, "patch_size": 14}}
    ```
    ```toml bad target
    engine = "vllm"
    tensor_parallel = 2
    ```

    ```json good
    {"model_type": "llava", "architectures": ["LlavaForConditionalGeneration"], "torch_dtype": "bfloat16",
     "image_token_index": 900, "vision_feature_layer": -2, "vision_feature_select_strategy": "default",
     "text_config": {"model_type": "llama", "vocab_size": 1024, "hidden_size": 64, "intermediate_size": 128,
      "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 8, "max_position_embeddings": 4096,
      "rope_theta": 10000.0},
     "vision_config": {"model_type": "clip_vision_model", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 4,
      "num_attention_heads": 4, "image_size": 56, "patch_size": 14}}
    ```
    ```toml good target
    engine = "vllm"
    tensor_parallel = 2
    ```

    ## Fix
    Copy the tower instead of splitting it (vLLM: --mm-encoder-tp-mode data).
    """
    if target.engine != "vllm":
        raise Skip("how the engine splits a tower is not known")
    ways = even_shares(spec, target)
    towers = [part for part in spec.parts if part.role == "tower" and part.modality is Modality.VISION]
    if not towers:
        raise Skip("the model has no vision tower")
    groups = [group for part in towers for group in part.layers]
    heads = [mixer.num_attention_heads for group in groups for mixer in group.mixers if isinstance(mixer, Attention)]
    widths = [group.feed_forward.intermediate_size for group in groups if group.feed_forward is not None]
    for what, counts in (("heads", heads), ("feed-forward columns", widths)):
        uneven = next((count for count in distinct(counts) if int(count.value or 0) % ways), None)
        if uneven is not None:
            yield Found(
                f"The vision tower has {uneven.value:,} {what}, which {ways} GPUs cannot share out evenly.",
                shown(*uneven.rests_on()) or shown(spec.fact("model_type")),
                "Copy the tower instead of splitting it (vLLM: --mm-encoder-tp-mode data).",
                severity=weaker_where_filled_in("warning", uneven),
            )
            return


@rule("PAR008", severity="error", source="vLLM 0.32 `ModelConfig._verify_with_expert_parallelism`")
def expert_parallelism_without_experts(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The target has expert parallelism, and the model no experts.

    ## Why
    There is nothing to spread: vLLM refuses to start, and the figures are those of tensor parallelism alone.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml bad target
    engine = "vllm"
    tensor_parallel = 4
    expert_parallel = 4
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml good target
    engine = "vllm"
    tensor_parallel = 4
    ```

    ## Fix
    Leave expert parallelism out.
    """
    if target.expert_parallel == 1:
        raise Skip("the target has no expert parallelism")
    blocks = feed_forwards_of(spec)
    if spec.exactness != "exact" or not blocks:
        raise Skip("whether the model has experts is not surely known")
    if all(block.experts is None for block in blocks):
        yield Found(
            f"{target.expert_parallel} ways of expert parallelism, and a {spec.value('model_type')} model without experts.",
            shown(spec.fact("model_type")),
            "Leave expert parallelism out.",
            severity="error" if target.engine == "vllm" else "warning",
        )


def _widths(blocks: list[FeedForward], *, spread: bool) -> Iterator[tuple[str, Num]]:
    """The widths that tensor parallelism splits, each once; those of experts only where they are not spread whole."""
    for width in distinct(block.intermediate_size for block in blocks if block.experts is None):
        yield "feed-forward", width
    if not spread:
        for width in distinct(block.experts.intermediate_size for block in blocks if block.experts is not None):
            yield "routed expert", width


def _recurrent(spec: ModelSpec) -> list[Recurrent]:
    """The recurrent mixers of the text model. Raises Skip where there is none."""
    mixers = [mixer for group in text_layers(spec) for mixer in group.mixers if isinstance(mixer, Recurrent)]
    if not mixers:
        raise Skip("the model has no recurrent layers")
    return mixers


def _state_counts(spec: ModelSpec) -> Iterator[tuple[str, Num]]:
    """The heads, or channels, of the states that engines split by them, each count once."""
    mixers = _recurrent(spec)
    states = [(mixer, state) for mixer in mixers for state in mixer.states if len(state.shape) > 1]
    for head in distinct(state.shape[0] for mixer, state in states if mixer.kind in BY_HEAD):
        yield "heads", head
    for channel in distinct(state.shape[0] for mixer, state in states if mixer.kind == "mamba" and len(state.shape) == 2):
        yield "channels", channel


def _groups(mixer: Recurrent) -> Num:
    """The groups of a Mamba-2 layer: B and C, of each `state_size` elements a group, are the channels beside the heads'."""
    convolution, state = mixer.states
    heads, head_dim, state_size = state.shape
    return (convolution.shape[0] - heads * head_dim) // (state_size * 2)
