"""generation_config.json: what engines sample by where a request says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from specverify.rules.engine import Found, Skip, listed, rule, stated

FILE = "generation_config.json"
SAMPLING = {"temperature": 1.0, "top_p": 1.0, "min_p": None, "typical_p": 1.0, "epsilon_cutoff": 0.0, "eta_cutoff": 0.0}
"""Keys that only sampling reads, with the value that transformers takes for not set; an old `top_k` of 50 is one as well."""


@rule("GEN001", severity="info", source="https://github.com/NVIDIA-NeMo/RL/issues/3497")
def penalty_by_default(generation: dict[str, Any]) -> Iterator[Found]:
    """A repetition penalty is in generation_config.json, and engines apply it where a request sets none.

    ## Why
    vLLM, SGLang and transformers take what a request leaves out from this file. A penalty changes which token is chosen even in
    greedy decoding: 58.8 % of the tokens of Qwen2.5-0.5B-Instruct at 1.1 were drawn from another distribution than the model's, and a
    benchmark run through two programs differs by it (EleutherAI/lm-evaluation-harness issue 3154).

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```json bad generation_config.json
    {"eos_token_id": 2, "do_sample": true, "repetition_penalty": 1.1}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```json good generation_config.json
    {"eos_token_id": 2, "do_sample": true, "repetition_penalty": 1.0}
    ```

    ## Fix
    Set the penalty in every request (1 for none), or start vLLM with --generation-config vllm.
    """
    penalty = generation.get("repetition_penalty")
    if penalty is None:
        raise Skip(f"{FILE} states no repetition penalty")
    if isinstance(penalty, int | float) and not isinstance(penalty, bool) and penalty != 1:
        yield Found(
            f"A repetition penalty of {penalty:g} is applied to every request that sets none.",
            (stated("/repetition_penalty", penalty, FILE),),
            "Set the penalty in every request, 1 for none.",
        )


@rule("GEN002", severity="warning", source="https://github.com/QwenLM/Qwen3-ASR/issues/210")
def sampling_settings_without_sampling(generation: dict[str, Any]) -> Iterator[Found]:
    """`do_sample` is false, and settings that only sampling reads are set.

    ## Why
    transformers reads the file, ignores the settings, and refuses to write it again: fine-tuning and merging end with "GenerationConfig
    is invalid" at the first save (vicuna-13b-v1.5: hiyouga/LlamaFactory issue 2545; Llama-2-7b-chat: 2837). vLLM samples by them.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```json bad generation_config.json
    {"eos_token_id": 2, "do_sample": false, "temperature": 0.9, "top_p": 0.6}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```json good generation_config.json
    {"eos_token_id": 2, "do_sample": true, "temperature": 0.9, "top_p": 0.6}
    ```

    ## Fix
    Set `do_sample` to true, or take the settings out.
    """
    if generation.get("do_sample") is not False:
        raise Skip(f"{FILE} does not turn sampling off")
    ignored = [key for key, unset in SAMPLING.items() if generation.get(key) is not None and generation[key] != unset]
    if ignored:
        yield Found(
            f"`do_sample` is false, so {listed(ignored)} {'is' if len(ignored) == 1 else 'are'} ignored, and cannot be saved again.",
            tuple(stated(f"/{key}", generation[key], FILE) for key in ("do_sample", *ignored)),
            "Set `do_sample` to true, or take the settings out.",
        )
