"""The checkpoint's tensors against those the architecture has: what is missing, what is more, what has another shape."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from specverify.facts import Fact, Source
from specverify.num import Num
from specverify.outcome import Evidence
from specverify.pattern import Pattern
from specverify.rules.engine import Found, Skip, declared, is_whole, measured, rule, shown
from specverify.spec import ModelSpec, Tensor

if TYPE_CHECKING:
    from specverify.derive.checkpoint import Checkpoint, Count, Reshaped

INDEX = "model.safetensors.index.json"
LOADING = "transformers `PreTrainedModel.from_pretrained` (missing, unexpected and mismatched keys)"
MOST_NAMED = 3
_NUMBER = Pattern(r"(?<=\.)\d+(?=\.)")
BITS = {"F64": 64, "I64": 64, "U64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16, "I16": 16, "U16": 16, "F4": 4}
"""Bits of an element by the dtype of a header; 8 for the others."""
STORED_AS = {"float32": "F32", "float16": "F16", "bfloat16": "BF16", "float64": "F64"}
DTYPES = (*STORED_AS.values(), "I64", "I32", "U8", "BOOL")
"""What a checkpoint that is not quantized holds: weights, and the indices and masks of some."""


@rule("TEN001", severity="error", source="https://huggingface.co/docs/safetensors/index#format")
def tensor_file_missing_or_broken(
    files: Sequence[str], origin: Mapping[str, Any], faults: Mapping[str, str], index: Mapping[str, Any]
) -> Iterator[Found]:
    """A file of tensors that the index names is not there, or its header is none.

    ## Why
    The model cannot be loaded: a loader stops at the first shard it cannot open. It comes of an upload that broke off.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json bad model.safetensors.index.json
    {"metadata": {}, "weight_map": {"model.embed_tokens.weight": "model-00001-of-00002.safetensors",
     "model.norm.weight": "model-00002-of-00002.safetensors"}}
    ```
    ```text bad files
    model-00001-of-00002.safetensors
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good model.safetensors.index.json
    {"metadata": {}, "weight_map": {"model.embed_tokens.weight": "model-00001-of-00002.safetensors",
     "model.norm.weight": "model-00002-of-00002.safetensors"}}
    ```
    ```text good files
    model-00001-of-00002.safetensors
    model-00002-of-00002.safetensors
    ```

    ## Fix
    Upload the file again, and compare its SHA-256 with that of the copy it was made from.
    """
    if not is_whole(origin, files):
        raise Skip("the folder holds no weights: whether any is missing cannot be told")
    named = index.get("weight_map")
    lacking = sorted({str(file) for file in named.values()} - {*files}) if isinstance(named, Mapping) else []
    broken = {file: message for file, message in faults.items() if file not in lacking}
    fix = "Upload the file again, and compare its SHA-256 with that of the copy it was made from."
    if lacking:
        held = [name for name, file in named.items() if file in lacking] if isinstance(named, Mapping) else []
        yield Found(
            f"{_some(lacking)} {'is' if len(lacking) == 1 else 'are'} not there, with {len(held):,} tensors.",
            (Evidence(Source.DECLARED, INDEX, "/weight_map", value=lacking[0], note=f"named for {held[0]}"),),
            fix,
        )
    for file, message in broken.items():
        yield Found(
            f"{file} cannot be read: {message.removeprefix(file).lstrip(':')}.", (Evidence(Source.MEASURED, file, note=message),), fix
        )


@rule("TEN002", severity="error", source=LOADING)
def tensors_missing(spec: ModelSpec, checkpoint: Checkpoint) -> Iterator[Found]:
    """Tensors that the architecture has are not in the checkpoint.

    ## Why
    transformers fills them with random numbers and only warns; vLLM stops. Either way the model is not the one described.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json bad tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]], "model.layers.0.input_layernorm.weight": ["BF16", [64]],
     "model.layers.0.self_attn.q_proj.weight": ["BF16", [64, 64]], "model.layers.0.self_attn.k_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.self_attn.v_proj.weight": ["BF16", [32, 64]], "model.layers.0.self_attn.o_proj.weight": ["BF16", [64, 64]],
     "model.layers.0.post_attention_layernorm.weight": ["BF16", [64]], "model.layers.0.mlp.gate_proj.weight": ["BF16", [96, 64]],
     "model.layers.0.mlp.up_proj.weight": ["BF16", [96, 64]], "model.norm.weight": ["BF16", [64]], "lm_head.weight": ["BF16", [100, 64]]}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]], "model.layers.0.input_layernorm.weight": ["BF16", [64]],
     "model.layers.0.self_attn.q_proj.weight": ["BF16", [64, 64]], "model.layers.0.self_attn.k_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.self_attn.v_proj.weight": ["BF16", [32, 64]], "model.layers.0.self_attn.o_proj.weight": ["BF16", [64, 64]],
     "model.layers.0.post_attention_layernorm.weight": ["BF16", [64]], "model.layers.0.mlp.gate_proj.weight": ["BF16", [96, 64]],
     "model.layers.0.mlp.up_proj.weight": ["BF16", [96, 64]], "model.layers.0.mlp.down_proj.weight": ["BF16", [64, 96]],
     "model.norm.weight": ["BF16", [64]], "lm_head.weight": ["BF16", [100, 64]]}
    ```

    ## Fix
    Publish the tensors, or name the architecture that does without them.
    """
    _must_be_compared(checkpoint)
    if checkpoint.missing:
        names = [name for name, _, _ in checkpoint.missing]
        _, shape, weight = checkpoint.missing[0]
        sizes = f" {_sizes(shape)}" if len(names) == 1 else ""
        yield Found(
            f"{_listed(names)}{sizes} {'is' if len(names) == 1 else 'are'} not in the checkpoint.",
            (*_beside(checkpoint), *_stated(spec, weight.shape)),
            "Publish the tensors, or name the architecture that does without them.",
        )


@rule("TEN003", severity="warning", source=LOADING)
def tensors_nobody_reads(spec: ModelSpec, checkpoint: Checkpoint) -> Iterator[Found]:
    """The checkpoint holds tensors that its architecture does not have.

    ## Why
    They are downloaded and left out: a bias or a norm of a layer that was trained is then not applied. Or the config names
    another class than the one the weights are of. Outside the layers it costs no more than the download.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json bad tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]], "model.layers.0.input_layernorm.weight": ["BF16", [64]],
     "model.layers.0.self_attn.q_proj.weight": ["BF16", [64, 64]], "model.layers.0.self_attn.k_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.self_attn.v_proj.weight": ["BF16", [32, 64]], "model.layers.0.self_attn.o_proj.weight": ["BF16", [64, 64]],
     "model.layers.0.self_attn.q_proj.bias": ["BF16", [64]],
     "model.layers.0.post_attention_layernorm.weight": ["BF16", [64]], "model.layers.0.mlp.gate_proj.weight": ["BF16", [96, 64]],
     "model.layers.0.mlp.up_proj.weight": ["BF16", [96, 64]], "model.layers.0.mlp.down_proj.weight": ["BF16", [64, 96]],
     "model.norm.weight": ["BF16", [64]], "lm_head.weight": ["BF16", [100, 64]]}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]], "model.layers.0.input_layernorm.weight": ["BF16", [64]],
     "model.layers.0.self_attn.rotary_emb.inv_freq": ["F32", [8]],
     "model.layers.0.self_attn.q_proj.weight": ["BF16", [64, 64]], "model.layers.0.self_attn.k_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.self_attn.v_proj.weight": ["BF16", [32, 64]], "model.layers.0.self_attn.o_proj.weight": ["BF16", [64, 64]],
     "model.layers.0.post_attention_layernorm.weight": ["BF16", [64]], "model.layers.0.mlp.gate_proj.weight": ["BF16", [96, 64]],
     "model.layers.0.mlp.up_proj.weight": ["BF16", [96, 64]], "model.layers.0.mlp.down_proj.weight": ["BF16", [64, 96]],
     "model.norm.weight": ["BF16", [64]], "lm_head.weight": ["BF16", [100, 64]]}
    ```

    ## Fix
    State in the config what makes the class have them (`attention_bias`), or leave them out.
    """
    _must_be_compared(checkpoint)
    if checkpoint.unexpected:
        first, *more = checkpoint.unexpected
        yield Found(
            f"{_listed(checkpoint.unexpected)} {'are' if more else 'is'} in the checkpoint, and {_class(spec)} has no such tensor.",
            (Evidence(Source.MEASURED, checkpoint.files[first], note=first), *shown(spec.fact("model_type"))),
            "State in the config what makes the class have them, or leave them out.",
            severity=None if _in_layers(spec, checkpoint.unexpected) else "info",
        )


@rule("TEN004", severity="error", source=LOADING)
def tensor_of_another_shape(spec: ModelSpec, checkpoint: Checkpoint) -> Iterator[Found]:
    """A tensor has another shape than the config gives it.

    ## Why
    No loader takes it: the config says other sizes than the weights were made with, as where a vocabulary was enlarged and only
    one of the two was saved. A T5 of 32,101 rows under a config of 32,128: Jiuzhouh/PiVe issue 4.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 1, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json bad tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]], "model.layers.0.input_layernorm.weight": ["BF16", [64]],
     "model.layers.0.self_attn.q_proj.weight": ["BF16", [64, 64]], "model.layers.0.self_attn.k_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.self_attn.v_proj.weight": ["BF16", [32, 64]], "model.layers.0.self_attn.o_proj.weight": ["BF16", [64, 64]],
     "model.layers.0.post_attention_layernorm.weight": ["BF16", [64]], "model.layers.0.mlp.gate_proj.weight": ["BF16", [96, 64]],
     "model.layers.0.mlp.up_proj.weight": ["BF16", [96, 64]], "model.layers.0.mlp.down_proj.weight": ["BF16", [64, 96]],
     "model.norm.weight": ["BF16", [64]], "lm_head.weight": ["BF16", [100, 64]]}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]], "model.layers.0.input_layernorm.weight": ["BF16", [64]],
     "model.layers.0.self_attn.q_proj.weight": ["BF16", [64, 64]], "model.layers.0.self_attn.k_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.self_attn.v_proj.weight": ["BF16", [32, 64]], "model.layers.0.self_attn.o_proj.weight": ["BF16", [64, 64]],
     "model.layers.0.post_attention_layernorm.weight": ["BF16", [64]], "model.layers.0.mlp.gate_proj.weight": ["BF16", [96, 64]],
     "model.layers.0.mlp.up_proj.weight": ["BF16", [96, 64]], "model.layers.0.mlp.down_proj.weight": ["BF16", [64, 96]],
     "model.norm.weight": ["BF16", [64]], "lm_head.weight": ["BF16", [100, 64]]}
    ```

    ## Fix
    Write into the config the sizes that the tensors have.
    """
    _must_be_compared(checkpoint)
    alike: dict[tuple[bool, frozenset[str]], list[Reshaped]] = {}
    for one in checkpoint.reshaped:
        alike.setdefault((one.turned, frozenset(fact.name for fact in _facts(one.rests_on))), []).append(one)
    for (turned, _), group in alike.items():
        first = group[0]
        names = _some([one.tensor.name for one in group])
        said = f"{names} {'is' if len(group) == 1 else 'are'} {_sizes(first.tensor.shape)}, and the config makes it {_sizes(first.shape)}"
        yield Found(
            f"{said}{': it is transposed' if turned else ''}.",
            (measured(first.tensor), *_stated(spec, first.rests_on)),
            "Write into the config the sizes that the tensors have." if not turned else "Store the tensor as [output, input].",
        )


@rule("TEN005", severity="error", source=LOADING)
def another_number_of_layers_or_experts(spec: ModelSpec, checkpoint: Checkpoint) -> Iterator[Found]:
    """The checkpoint holds another number of layers, or of experts, than the config says.

    ## Why
    Layers too many in the config are filled with random numbers; layers too few leave trained ones out. A router with rows
    for experts that do not exist cannot be loaded.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0, "tie_word_embeddings": true, "mlp_bias": true, "attention_bias": true}
    ```
    ```json bad tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]], "model.layers.0.input_layernorm.weight": ["BF16", [64]],
     "model.layers.0.self_attn.q_proj.weight": ["BF16", [64, 64]], "model.layers.0.self_attn.k_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.self_attn.v_proj.weight": ["BF16", [32, 64]], "model.layers.0.self_attn.o_proj.weight": ["BF16", [64, 64]],
     "model.layers.0.self_attn.q_proj.bias": ["BF16", [64]], "model.layers.0.self_attn.k_proj.bias": ["BF16", [32]],
     "model.layers.0.self_attn.v_proj.bias": ["BF16", [32]], "model.layers.0.self_attn.o_proj.bias": ["BF16", [64]],
     "model.layers.0.post_attention_layernorm.weight": ["BF16", [64]], "model.layers.0.mlp.gate_proj.weight": ["BF16", [96, 64]],
     "model.layers.0.mlp.up_proj.weight": ["BF16", [96, 64]], "model.layers.0.mlp.down_proj.weight": ["BF16", [64, 96]],
     "model.layers.0.mlp.gate_proj.bias": ["BF16", [96]], "model.layers.0.mlp.up_proj.bias": ["BF16", [96]],
     "model.layers.0.mlp.down_proj.bias": ["BF16", [64]], "model.layers.1.input_layernorm.weight": ["BF16", [64]],
     "model.layers.1.self_attn.q_proj.weight": ["BF16", [64, 64]], "model.layers.1.self_attn.k_proj.weight": ["BF16", [32, 64]],
     "model.layers.1.self_attn.v_proj.weight": ["BF16", [32, 64]], "model.layers.1.self_attn.o_proj.weight": ["BF16", [64, 64]],
     "model.layers.1.self_attn.q_proj.bias": ["BF16", [64]], "model.layers.1.self_attn.k_proj.bias": ["BF16", [32]],
     "model.layers.1.self_attn.v_proj.bias": ["BF16", [32]], "model.layers.1.self_attn.o_proj.bias": ["BF16", [64]],
     "model.layers.1.post_attention_layernorm.weight": ["BF16", [64]], "model.layers.1.mlp.gate_proj.weight": ["BF16", [96, 64]],
     "model.layers.1.mlp.up_proj.weight": ["BF16", [96, 64]], "model.layers.1.mlp.down_proj.weight": ["BF16", [64, 96]],
     "model.layers.1.mlp.gate_proj.bias": ["BF16", [96]], "model.layers.1.mlp.up_proj.bias": ["BF16", [96]],
     "model.layers.1.mlp.down_proj.bias": ["BF16", [64]], "model.layers.2.input_layernorm.weight": ["BF16", [64]],
     "model.norm.weight": ["BF16", [64]]}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0, "tie_word_embeddings": true}
    ```
    ```json good tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]], "model.layers.0.input_layernorm.weight": ["BF16", [64]],
     "model.layers.0.self_attn.q_proj.weight": ["BF16", [64, 64]], "model.layers.0.self_attn.k_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.self_attn.v_proj.weight": ["BF16", [32, 64]], "model.layers.0.self_attn.o_proj.weight": ["BF16", [64, 64]],
     "model.layers.0.post_attention_layernorm.weight": ["BF16", [64]], "model.layers.0.mlp.gate_proj.weight": ["BF16", [96, 64]],
     "model.layers.0.mlp.up_proj.weight": ["BF16", [96, 64]], "model.layers.0.mlp.down_proj.weight": ["BF16", [64, 96]],
     "model.norm.weight": ["BF16", [64]]}
    ```

    ## Fix
    Write into the config the number that the tensors have.
    """
    _must_be_compared(checkpoint)
    for count, what in ((checkpoint.layers, "layers"), (checkpoint.experts, "experts")):
        if count is not None:
            yield _another(spec, checkpoint, count, what)


@rule("TEN006", severity="error", source="https://github.com/huggingface/transformers/issues/27972")
def head_missing(spec: ModelSpec, checkpoint: Checkpoint) -> Iterator[Found]:
    """The head is not tied to the embedding, and the checkpoint has none.

    ## Why
    transformers makes a head of random numbers and only warns, so the model writes noise. Either the flag is wrong, or the
    checkpoint was saved from the body alone, as embedding models often are. huggingface/transformers issue 27972;
    Qwen3-VL-Embedding-8B names a class with a head and has none.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0, "tie_word_embeddings": false}
    ```
    ```json bad tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]], "model.layers.0.input_layernorm.weight": ["BF16", [64]],
     "model.layers.0.self_attn.q_proj.weight": ["BF16", [64, 64]], "model.layers.0.self_attn.k_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.self_attn.v_proj.weight": ["BF16", [32, 64]], "model.layers.0.self_attn.o_proj.weight": ["BF16", [64, 64]],
     "model.layers.0.post_attention_layernorm.weight": ["BF16", [64]], "model.layers.0.mlp.gate_proj.weight": ["BF16", [96, 64]],
     "model.layers.0.mlp.up_proj.weight": ["BF16", [96, 64]], "model.layers.0.mlp.down_proj.weight": ["BF16", [64, 96]],
     "model.norm.weight": ["BF16", [64]]}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0, "tie_word_embeddings": true}
    ```
    ```json good tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]], "model.layers.0.input_layernorm.weight": ["BF16", [64]],
     "model.layers.0.self_attn.q_proj.weight": ["BF16", [64, 64]], "model.layers.0.self_attn.k_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.self_attn.v_proj.weight": ["BF16", [32, 64]], "model.layers.0.self_attn.o_proj.weight": ["BF16", [64, 64]],
     "model.layers.0.post_attention_layernorm.weight": ["BF16", [64]], "model.layers.0.mlp.gate_proj.weight": ["BF16", [96, 64]],
     "model.layers.0.mlp.up_proj.weight": ["BF16", [96, 64]], "model.layers.0.mlp.down_proj.weight": ["BF16", [64, 96]],
     "model.norm.weight": ["BF16", [64]]}
    ```

    ## Fix
    Publish the head, or set `tie_word_embeddings` if it is the embedding; name the class of the body if it has none.
    """
    _must_be_compared(checkpoint)
    if checkpoint.head is not None:
        name, shape, _ = checkpoint.head
        yield Found(
            f"{name} {_sizes(shape)} is not in the checkpoint, and it is not tied to the embedding.",
            (*_beside(checkpoint), *shown(spec.fact("tie_word_embeddings"), spec.fact("vocab_size"))),
            "Publish the head, or set `tie_word_embeddings` if it is the embedding; name the class of the body if it has none.",
        )


@rule("TEN007", severity="warning", source="https://docs.vllm.ai/en/latest/features/spec_decode.html")
def next_token_prediction_missing(spec: ModelSpec, checkpoint: Checkpoint) -> Iterator[Found]:
    """The config declares layers of next-token prediction, and the checkpoint has none.

    ## Why
    The model works, but speculative decoding with its own draft layers does not: the engine stops, or drafts noise. Quantized
    and merged copies often leave these layers out.

    ```json bad
    {"model_type": "glm4_moe", "architectures": ["Glm4MoeForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "moe_intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2,
     "head_dim": 16, "first_k_dense_replace": 0, "n_routed_experts": 2, "num_experts_per_tok": 1, "n_shared_experts": 1,
     "attention_bias": false, "use_qk_norm": false, "num_nextn_predict_layers": 1, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0, "partial_rotary_factor": 0.5, "n_group": 1, "topk_group": 1,
     "norm_topk_prob": true, "routed_scaling_factor": 1.0}
    ```
    ```json bad tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]], "model.layers.0.input_layernorm.weight": ["BF16", [64]],
     "model.layers.0.self_attn.q_proj.weight": ["BF16", [64, 64]], "model.layers.0.self_attn.k_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.self_attn.v_proj.weight": ["BF16", [32, 64]], "model.layers.0.self_attn.o_proj.weight": ["BF16", [64, 64]],
     "model.layers.0.post_attention_layernorm.weight": ["BF16", [64]], "model.layers.0.mlp.gate.weight": ["BF16", [2, 64]],
     "model.layers.0.mlp.gate.e_score_correction_bias": ["F32", [2]],
     "model.layers.0.mlp.experts.0.gate_proj.weight": ["BF16", [32, 64]], "model.layers.0.mlp.experts.0.up_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.mlp.experts.0.down_proj.weight": ["BF16", [64, 32]],
     "model.layers.0.mlp.experts.1.gate_proj.weight": ["BF16", [32, 64]], "model.layers.0.mlp.experts.1.up_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.mlp.experts.1.down_proj.weight": ["BF16", [64, 32]],
     "model.layers.0.mlp.shared_experts.gate_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.mlp.shared_experts.up_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.mlp.shared_experts.down_proj.weight": ["BF16", [64, 32]],
     "model.norm.weight": ["BF16", [64]], "lm_head.weight": ["BF16", [100, 64]]}
    ```

    ```json good
    {"model_type": "glm4_moe", "architectures": ["Glm4MoeForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "moe_intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2,
     "head_dim": 16, "first_k_dense_replace": 0, "n_routed_experts": 2, "num_experts_per_tok": 1, "n_shared_experts": 1,
     "attention_bias": false, "use_qk_norm": false, "num_nextn_predict_layers": 0, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0, "partial_rotary_factor": 0.5, "n_group": 1, "topk_group": 1,
     "norm_topk_prob": true, "routed_scaling_factor": 1.0}
    ```
    ```json good tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]], "model.layers.0.input_layernorm.weight": ["BF16", [64]],
     "model.layers.0.self_attn.q_proj.weight": ["BF16", [64, 64]], "model.layers.0.self_attn.k_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.self_attn.v_proj.weight": ["BF16", [32, 64]], "model.layers.0.self_attn.o_proj.weight": ["BF16", [64, 64]],
     "model.layers.0.post_attention_layernorm.weight": ["BF16", [64]], "model.layers.0.mlp.gate.weight": ["BF16", [2, 64]],
     "model.layers.0.mlp.gate.e_score_correction_bias": ["F32", [2]],
     "model.layers.0.mlp.experts.0.gate_proj.weight": ["BF16", [32, 64]], "model.layers.0.mlp.experts.0.up_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.mlp.experts.0.down_proj.weight": ["BF16", [64, 32]],
     "model.layers.0.mlp.experts.1.gate_proj.weight": ["BF16", [32, 64]], "model.layers.0.mlp.experts.1.up_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.mlp.experts.1.down_proj.weight": ["BF16", [64, 32]],
     "model.layers.0.mlp.shared_experts.gate_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.mlp.shared_experts.up_proj.weight": ["BF16", [32, 64]],
     "model.layers.0.mlp.shared_experts.down_proj.weight": ["BF16", [64, 32]],
     "model.norm.weight": ["BF16", [64]], "lm_head.weight": ["BF16", [100, 64]]}
    ```

    ## Fix
    Set `num_nextn_predict_layers` to 0, or publish the layers.
    """
    _must_be_compared(checkpoint)
    if checkpoint.mtp:
        name, shape, _ = checkpoint.mtp[0]
        yield Found(
            f"None of the {len(checkpoint.mtp):,} tensors of the next-token-prediction layers is there ({name} {_sizes(shape)}, ...).",
            (*_beside(checkpoint), *shown(spec.fact("num_nextn_predict_layers"), spec.fact("model_type"))),
            "Set the number of these layers to 0 in the config, or publish them.",
        )


@rule("TEN008", severity="warning", source="https://huggingface.co/docs/transformers/big_models#sharded-checkpoints")
def index_states_another_size(index: Mapping[str, Any], tensors: Sequence[Tensor]) -> Iterator[Found]:
    """The `total_size` of the index is not the sum of the tensors' bytes.

    ## Why
    Tools size disks and memory by it. It differs where shards were replaced (another dtype, a resized vocabulary) and the index
    was kept. A 7.6B model was shown as one of 333 thousand parameters for it (huggingface/huggingface_hub issue 4221).

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json bad model.safetensors.index.json
    {"metadata": {"total_size": 25600}, "weight_map": {"model.embed_tokens.weight": "model.safetensors"}}
    ```
    ```json bad tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]]}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good model.safetensors.index.json
    {"metadata": {"total_size": 12800}, "weight_map": {"model.embed_tokens.weight": "model.safetensors"}}
    ```
    ```json good tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]]}
    ```

    ## Fix
    Write the index anew from the shards.
    """
    metadata = index.get("metadata")
    stated = metadata.get("total_size") if isinstance(metadata, Mapping) else None
    if not isinstance(stated, int | float) or isinstance(stated, bool):
        raise Skip("the index states no total_size")
    held = sum(prod(tensor.shape) * BITS.get(tensor.dtype, 8) // 8 for tensor in tensors)
    if held != stated:
        yield Found(
            f"The index states {stated:,} bytes of tensors, and the headers come to {held:,}.",
            (
                Evidence(Source.DECLARED, INDEX, "/metadata/total_size", value=stated),
                Evidence(Source.MEASURED, tensors[0].file, value=held, note=f"the sum of {len(tensors):,} tensors"),
            ),
            "Write the index anew from the shards.",
        )


@rule("TEN009", severity="warning", source="https://huggingface.co/docs/transformers/main_classes/model#model-instantiation-dtype")
def stored_in_another_dtype(spec: ModelSpec, tensors: Sequence[Tensor]) -> Iterator[Found]:
    """Most of the weights are stored in another dtype than the config says.

    ## Why
    Loaders turn them into the config's dtype: float32 files are twice the download and the disk of what is served, and float16
    turned into bfloat16, or back, loses digits or range that the published scores were had with.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json bad tensors
    {"model.embed_tokens.weight": ["F32", [100, 64]], "model.norm.weight": ["BF16", [64]]}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 100, "hidden_size": 64,
     "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good tensors
    {"model.embed_tokens.weight": ["BF16", [100, 64]], "model.norm.weight": ["F32", [64]]}
    ```

    ## Fix
    Write the dtype of the files into the config, or store the weights in the config's.
    """
    fact = spec.fact("dtype")
    if declared(fact) is None or fact.value not in STORED_AS:
        raise Skip("the config states no dtype of weights")
    if spec.quantization is not None or any(tensor.dtype not in DTYPES for tensor in tensors):
        raise Skip("the weights are quantized")
    held: Counter[str] = Counter()
    for tensor in tensors:
        held[tensor.dtype] += prod(tensor.shape)
    most, elements = held.most_common(1)[0]
    if most in STORED_AS.values() and most != STORED_AS[fact.value] and 2 * elements > held.total():
        largest = max((tensor for tensor in tensors if tensor.dtype == most), key=lambda tensor: prod(tensor.shape))
        yield Found(
            f"The config says {fact.value}, and {elements / held.total():.0%} of the weights are stored as {most}.",
            (measured(largest), *shown(fact)),
            "Write the dtype of the files into the config, or store the weights in the config's.",
        )


def _must_be_compared(checkpoint: Checkpoint) -> None:
    if checkpoint.reason is not None:
        raise Skip(checkpoint.reason)


def _in_layers(spec: ModelSpec, names: Iterable[str]) -> bool:
    """Whether a tensor is one of the layers that make the text."""
    part = spec.decoder() or spec.encoder()
    before = part.layer_prefix.partition("{layer}")[0] if part is not None else ""
    return bool(before) and any(name.startswith(before) for name in names)


def _another(spec: ModelSpec, checkpoint: Checkpoint, count: Count, what: str) -> Found:
    file = checkpoint.files.get(count.example) or next(iter(checkpoint.files.values()))
    return Found(
        f"The config makes it {count.declared.value:,} {what}, and the checkpoint holds {count.there:,}.",
        (Evidence(Source.MEASURED, file, value=count.there, note=count.example), *_stated(spec, (count.declared,))),
        f"Write {count.there:,} into the config, or publish the tensors of all {what}.",
    )


def _listed(names: Sequence[str]) -> str:
    """Names alike but for their numbers by the first of them, a few of those in full."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        alike[_NUMBER.sub("N", name)].append(name)
    shown_kinds = [kind[0] for kind in list(alike.values())[:MOST_NAMED]]
    return ", ".join(shown_kinds) + (f" and {len(names) - len(shown_kinds):,} more" if len(names) > len(shown_kinds) else "")


def _some(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1:,} more"


def _sizes(shape: Sequence[int]) -> str:
    return f"[{', '.join(f'{size:,}' for size in shape)}]"


def _class(spec: ModelSpec) -> str:
    return next(iter(spec.classes()), str(spec.value("model_type")))


def _facts(sizes: Iterable[Num]) -> list[Fact]:
    """The facts that sizes rest on, each once."""
    return list({leaf.fact.name: leaf.fact for size in sizes for leaf in size.leaves() if leaf.fact is not None}.values())


def _stated(spec: ModelSpec, sizes: Iterable[Num]) -> tuple[Evidence, ...]:
    """What the config says of the sizes, or which class they are of."""
    return shown(*_facts(sizes)) or shown(spec.fact("model_type"))


def _beside(checkpoint: Checkpoint) -> tuple[Evidence, ...]:
    """The files in which a tensor is not."""
    files = sorted(set(checkpoint.files.values()))
    return (Evidence(Source.MEASURED, files[0], note=f"in none of {len(files):,} files" if len(files) > 1 else "not in it"),)
