"""What happens at the end of a length: learned positions that run out, factors that switch, windows that never begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from specverify.rules.engine import Found, Skip, declared, number, rule, shown, stated, text_object
from specverify.spec import Figure, ModelSpec
from specverify.target import Target

NO_LIMIT = 10**20
"""transformers writes 1e30 where a tokenizer has no limit."""


@rule("POS022", severity="warning", source="https://github.com/huggingface/transformers/issues/14243")
def text_longer_than_learned_positions(spec: ModelSpec, figures: Mapping[str, Figure], tokenizer: dict[str, Any]) -> Iterator[Found]:
    """Positions are learned, and the tokenizer lets texts through that are longer than they are.

    ## Why
    There is a row for each position and none beyond: a longer text raises IndexError, or on a GPU an assertion that takes the process
    with it. RoBERTa with 514 rows takes 512 tokens; robertuito has 128 positions and a tokenizer without a limit
    (pysentimiento/robertuito issue 3). An info where the tokenizer states no limit at all.

    ```json bad
    {"model_type": "bert", "architectures": ["BertModel"], "torch_dtype": "float32", "vocab_size": 1000, "hidden_size": 64,
     "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 512,
     "type_vocab_size": 2, "pad_token_id": 0}
    ```
    ```json bad tokenizer_config.json
    {"tokenizer_class": "BertTokenizer", "model_max_length": 1024}
    ```

    ```json good
    {"model_type": "bert", "architectures": ["BertModel"], "torch_dtype": "float32", "vocab_size": 1000, "hidden_size": 64,
     "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 512,
     "type_vocab_size": 2, "pad_token_id": 0}
    ```
    ```json good tokenizer_config.json
    {"tokenizer_class": "BertTokenizer", "model_max_length": 512}
    ```

    ## Fix
    Set `model_max_length` to the positions there are, less what the class keeps for padding.
    """
    figure = figures.get("context.declared")
    rows = None if figure is None else figure.value
    limit = tokenizer.get("model_max_length")
    if figure is None or not isinstance(rows, int) or spec.value("position_scheme") != "learned":
        raise Skip("the model has no learned positions, or how many is not known")
    if isinstance(limit, bool) or not isinstance(limit, int | float):
        raise Skip("the tokenizer states no `model_max_length`")
    if limit > rows:
        many = f"{limit:,} tokens" if limit < NO_LIMIT else "any number of tokens"
        yield Found(
            f"The tokenizer lets {many} through, and there are {rows:,} learned positions.",
            (stated("/model_max_length", limit, "tokenizer_config.json"), *shown(*figure.number.rests_on())),
            f"Set `model_max_length` to {rows:,} or less.",
            severity=None if limit < NO_LIMIT else "info",
        )


@rule("POS023", severity="warning", source="transformers `GPT2Config`, `CTRLConfig` (n_positions; n_ctx is read by older releases)")
def two_context_sizes(spec: ModelSpec, config: dict[str, Any]) -> Iterator[Found]:
    """`n_ctx` and the number of positions are both stated, and differ.

    ## Why
    `n_positions` builds the embedding, and `n_ctx` built the causal mask in older releases and is what converters and other
    loaders read: the same model has two context lengths, of which one is wrong.

    ```json bad
    {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": 64, "n_layer": 2, "n_head": 4, "n_ctx": 512,
     "n_positions": 1024, "vocab_size": 1000, "bos_token_id": 1, "eos_token_id": 2}
    ```

    ```json good
    {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": 64, "n_layer": 2, "n_head": 4, "n_ctx": 1024,
     "n_positions": 1024, "vocab_size": 1000, "bos_token_id": 1, "eos_token_id": 2}
    ```

    ## Fix
    State the rows of the position embedding in both, or leave `n_ctx` out.
    """
    pointer, text = text_object(spec, config)
    stated_length, fact = text.get("n_ctx"), spec.fact("max_position_embeddings")
    if not isinstance(stated_length, int) or isinstance(stated_length, bool):
        raise Skip("the config states no `n_ctx`")
    length = number(fact)
    if declared(fact) is None or length is None:
        raise Skip("the config states no number of positions")
    if length != stated_length:
        yield Found(
            f"`n_ctx` is {stated_length:,}, and there are {length:,} positions.",
            (stated(f"{pointer}/n_ctx", stated_length), *shown(fact)),
            "State the rows of the position embedding in both, or leave `n_ctx` out.",
        )


@rule("POS024", severity="info", confidence="medium", source="https://github.com/ggml-org/llama.cpp/issues/8995")
def factors_switch_on_the_way(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The context asked for passes the length at which a longrope model changes its rotary factors.

    ## Why
    Below the original length short factors rotate, above it long ones, and keys in the cache are rotated already. transformers changes
    in the middle of an answer, vLLM and llama.cpp choose once by the context they were started with: answers to short prompts differ
    from those of the same model started with less. Phi-3 and Phi-4-mini change at 4,096.

    ```json bad
    {"model_type": "phi3", "architectures": ["Phi3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000, "hidden_size": 32,
     "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4, "sliding_window": null,
     "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "rope_theta": 10000.0,
     "max_position_embeddings": 131072, "original_max_position_embeddings": 4096,
     "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.0, 1.0, 1.0], "long_factor": [1.0, 2.0, 4.0, 8.0]}}
    ```
    ```toml bad target
    engine = "sglang"
    context = 8192
    ```

    ```json good
    {"model_type": "phi3", "architectures": ["Phi3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000, "hidden_size": 32,
     "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4, "sliding_window": null,
     "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "rope_theta": 10000.0,
     "max_position_embeddings": 131072, "original_max_position_embeddings": 4096,
     "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.0, 1.0, 1.0], "long_factor": [1.0, 2.0, 4.0, 8.0]}}
    ```
    ```toml good target
    engine = "sglang"
    context = 4096
    ```

    ## Fix
    Serve short prompts from a server started with the original length, and test answers that pass it.
    """
    if target.context is None:
        raise Skip("the target asks for no context")
    rope = spec.rope
    fact = None if rope is None else rope.original_max_position_embeddings
    length = None if fact is None else number(fact)
    if rope is None or fact is None or rope.type.value != "longrope" or length is None:
        raise Skip("the model has no longrope factors, or where they change is not known")
    if target.context > length:
        yield Found(
            f"The rotary factors change at {length:,} tokens, and {target.context:,} are asked for.",
            shown(fact, rope.type),
            "Serve short prompts from a server started with the original length, and test answers that pass it.",
        )


@rule("POS025", severity="warning", confidence="medium", source="https://github.com/vllm-project/vllm/issues/21452", status="preview")
def attention_in_chunks_by_one_engine(spec: ModelSpec, config: dict[str, Any]) -> Iterator[Found]:
    """`dual_chunk_attention_config` is stated, which most engines do not act on.

    ## Why
    The length beyond training is reached by attention over chunks (arXiv:2402.17463) that one backend of vLLM had: Qwen2.5-1M stopped
    starting there after 0.8.5, and elsewhere the key is ignored and long prompts are read with positions nobody trained.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "dual_chunk_attention_config": {"chunk_size": 4096, "local_size": 1024, "original_max_position_embeddings": 4096}}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```

    ## Fix
    Stay within the trained length, or check that the engine at hand has this attention.
    """
    pointer, text = text_object(spec, config)
    table = text.get("dual_chunk_attention_config")
    if isinstance(table, Mapping) and table:
        trained = table.get("original_max_position_embeddings")
        known = isinstance(trained, int) and not isinstance(trained, bool)
        yield Found(
            "The context is reached by dual-chunk attention" + (f", beyond {trained:,} tokens." if known else "."),
            (stated(f"{pointer}/dual_chunk_attention_config", "{...}"),),
            "Stay within the trained length, or check that the engine at hand has this attention.",
        )


@rule("POS026", severity="warning", source="https://github.com/huggingface/transformers/issues/35896")
def window_begins_after_the_last_layer(spec: ModelSpec, config: dict[str, Any]) -> Iterator[Found]:
    """`use_sliding_window` is true, and `max_window_layers` is as many layers as there are, so no layer has the window.

    ## Why
    The first `max_window_layers` layers attend to everything and those after them have the window; the documentation said the opposite
    (transformers issue 35896). The cache is then several times what the window promises. vLLM refused such configs (PR 17772).

    ```json bad
    {"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 1000000.0, "sliding_window": 1024, "use_sliding_window": true, "max_window_layers": 4}
    ```

    ```json good
    {"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 1000000.0, "sliding_window": 1024, "use_sliding_window": true, "max_window_layers": 2}
    ```

    ## Fix
    State the first layer that is to have the window, or turn it off.
    """
    pointer, text = text_object(spec, config)
    first, layers = text.get("max_window_layers"), number(spec.fact("num_hidden_layers"))
    if text.get("use_sliding_window") is not True or not isinstance(first, int) or isinstance(first, bool):
        raise Skip("the config turns no window on by layers")
    if "layer_types" in text:
        raise Skip("`layer_types` says which layers have the window")
    if layers is None:
        raise Skip("the layer count is not known")
    if first >= layers and isinstance(text.get("sliding_window"), int):
        yield Found(
            f"A window of {text['sliding_window']:,} begins after layer {first}, and there are {layers} layers: none has it.",
            (stated(f"{pointer}/max_window_layers", first), stated(f"{pointer}/sliding_window", text["sliding_window"])),
            "State the first layer that is to have the window, or turn it off.",
        )
