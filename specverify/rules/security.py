"""What runs when a model is loaded beside the weights: pickles, the repository's own code, a revision that can move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from specverify.facts import Source
from specverify.outcome import Evidence
from specverify.pattern import Pattern
from specverify.rules.engine import Found, Skip, rule, stated
from specverify.spec import ModelSpec

SAFE = (".safetensors", ".gguf")
PICKLED = (".pt", ".pth", ".ckpt")
PICKLED_BIN = ("pytorch_model", "adapter_model", "diffusion_pytorch_model")
"""How the name of a `.bin` file begins that torch saved; others by that ending are no pickles (OpenVINO, ggml)."""
NOT_WEIGHTS = ("optimizer", "scheduler", "scaler", "rng_state", "random_states", "training_args", "global_step", "mp_rank", "zero_pp_rank")
"""How the names of training states begin, which nobody loads to serve."""
COMMIT = Pattern(r"[0-9a-f]{40}")
TOKENIZER = "tokenizer_config.json"


@rule("SEC001", severity="warning", source="https://huggingface.co/docs/hub/security-pickle")
def weights_only_as_pickle(files: Sequence[str]) -> Iterator[Found]:
    """The weights are there as pickles alone, in no format that holds nothing but numbers.

    ## Why
    To unpickle a file is to run the calls written in it. torch limits that by default since 2.6 and older versions do not, so
    transformers refuses such files under them (CVE-2025-32434); their tensor headers cannot be read without loading either.
    The weights nearest the root count: an `original/` folder of pickles beside safetensors is fine.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```text bad files
    pytorch_model-00001-of-00002.bin
    pytorch_model-00002-of-00002.bin
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```text good files
    model.safetensors
    original/consolidated.00.pth
    ```

    ## Fix
    Ask for safetensors, or convert the file in a place that holds nothing of value, and serve the result.
    """
    pickles = [path for path in files if _is_pickle(path)]
    weights = pickles + [path for path in files if path.endswith(SAFE)]
    if not weights:
        raise Skip("no file of weights is listed")
    nearest = min(path.count("/") for path in weights)
    loaded = [path for path in weights if path.count("/") == nearest]
    if all(path in pickles for path in loaded):
        first, more = min(loaded), f" and {len(loaded) - 1:,} more" if len(loaded) > 1 else ""
        yield Found(
            f"The weights are pickles, {first}{more}, and there is no safetensors or GGUF file in their place.",
            tuple(Evidence(Source.MEASURED, path, note="a pickle") for path in sorted(loaded)[:3]),
            "Ask for safetensors, or convert them where nothing of value can be reached.",
        )


@rule("SEC002", severity="info", source="https://huggingface.co/docs/huggingface_hub/guides/download#download-files-from-the-hub")
def revision_not_pinned(origin: Mapping[str, str | None]) -> Iterator[Found]:
    """The revision asked for is a branch or a tag, which can be another commit tomorrow.

    ## Why
    What was reviewed is one commit. A branch moves with every push and a tag can be moved, and with them weights, config and
    code: Llama-2's configs went from 2,048 to 4,096 positions on `main`.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml bad origin
    origin = "hub"
    revision = "main"
    sha = "0123456789abcdef0123456789abcdef01234567"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml good origin
    origin = "hub"
    revision = "0123456789abcdef0123456789abcdef01234567"
    sha = "0123456789abcdef0123456789abcdef01234567"
    ```

    ## Fix
    Name the commit: `org/name@<sha>` here, and the same in what serves the model.
    """
    revision, sha = origin.get("revision"), origin.get("sha")
    if revision is None:
        raise Skip("a folder has no revision")
    if COMMIT.fullmatch(revision) is None:
        yield Found(
            f"The revision is `{revision}`, which can be another commit tomorrow.",
            (Evidence(Source.DECLARED, "revision", value=revision, note=None if sha is None else f"commit {sha} when it was read"),),
            "Name the commit that was reviewed." if sha is None else f"Pin the commit that was reviewed: @{sha}.",
        )


@rule("SEC003", severity="warning", confidence="medium", source="https://huggingface.co/docs/transformers/main/en/custom_models")
def tokenizer_needs_remote_code(spec: ModelSpec, tokenizer: Mapping[str, Any]) -> Iterator[Found]:
    """tokenizer_config.json names code of the repository for the tokenizer.

    ## Why
    The config may name no code at all, and the tokenizer still runs some: Kimi-K2, Qwen-7B and ChatGLM cannot turn text into
    tokens without `trust_remote_code`. Where the library has a tokenizer of the model's own name, it is taken unless the code
    is asked for, and that is only worth knowing.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```json bad tokenizer_config.json
    {"tokenizer_class": "ExampleTokenizer", "auto_map": {"AutoTokenizer": ["tokenization_example.ExampleTokenizer", null]}}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```json good tokenizer_config.json
    {"tokenizer_class": "LlamaTokenizer"}
    ```

    ## Fix
    Read that code at a pinned revision before running it, or take the tokenizer from a `tokenizer.json`.
    """
    code = tokenizer.get("auto_map")
    named = code.get("AutoTokenizer") if isinstance(code, Mapping) else None
    classes = [one for one in (named if isinstance(named, list) else [named]) if isinstance(one, str)]
    if not classes:
        return
    of_library = _stem(str(tokenizer.get("tokenizer_class"))) == _stem(str(spec.value("config_class")))
    yield Found(
        f"The tokenizer is code of the repository, {classes[0]}{', and the library has one of that name' if of_library else ''}.",
        (stated("/auto_map/AutoTokenizer", named, TOKENIZER),),
        "Load it without trust_remote_code." if of_library else "Read that code at a pinned revision before running it.",
        severity="info" if of_library else None,
    )


def _is_pickle(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return not name.startswith(NOT_WEIGHTS) and (name.endswith(PICKLED) or (name.endswith(".bin") and name.startswith(PICKLED_BIN)))


def _stem(name: str) -> str:
    """`Qwen2` of Qwen2Tokenizer, Qwen2TokenizerFast and Qwen2Config."""
    return name.removesuffix("Fast").removesuffix("Tokenizer").removesuffix("Config")
