"""Context length and attention windows: what is declared, what each engine makes of it, what is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from specverify.facts import Fact, Source
from specverify.num import Num
from specverify.rules.engine import Found, Skip, declared, number, rule, shown, stated, text_object
from specverify.spec import Attention, Figure, Latent, ModelSpec
from specverify.target import Target

ENGINES = {"vllm": "vLLM", "sglang": "SGLang", "transformers": "transformers", "llamacpp": "llama.cpp"}
BY_ITSELF = ("vllm", "sglang", "llamacpp")
"""Engines that serve the length they take from the config where none is asked for; transformers only warns by it."""
OVERRIDES = {"vllm": "VLLM_ALLOW_LONG_MAX_MODEL_LEN", "sglang": "SGLANG_ALLOW_OVERWRITE_LONGER_CONTEXT_LEN"}
"""The environment variable without which an engine refuses a longer context than it takes from the config."""
UNBOUNDED = ("relative", "alibi")
"""Position schemes that go on past the length a config states."""
OFFSET = 2
"""Rows of RoBERTa's position table that no token uses."""
WINDOWED_CLASSES = ("mistral", "mixtral", "phi3")
"""Classes that window every layer by `sliding_window` alone."""
CHUNKED = ("llama4", "llama4_text")


@rule("POS010", severity="warning", source="https://github.com/vllm-project/vllm/issues/3676")
def context_differs_by_engine(spec: ModelSpec, figures: Mapping[str, Figure], target: Target) -> Iterator[Found]:
    """Engines compute different context lengths from this config.

    ## Why
    Each engine reads its own keys and multiplies by its own rules, so one model serves 4,096 tokens here and 131,072 there:
    Phi-3-mini-128k on vLLM (its length before longrope scaling) and on SGLang; Command-R refused more than 8,192.

    ```json bad
    {"model_type": "phi3", "architectures": ["Phi3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000, "hidden_size": 32,
     "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4, "sliding_window": null,
     "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "rope_theta": 10000.0,
     "max_position_embeddings": 131072, "original_max_position_embeddings": 4096,
     "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.0, 1.0, 1.0], "long_factor": [1.0, 2.0, 4.0, 8.0]}}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 500000.0}
    ```

    ## Fix
    Set the context length on the command line of the engine you serve with; do not rely on what it computes.
    """
    if spec.value("prototype") != "decoder-only":
        raise Skip("the engines compared serve decoders")
    if target.engine in BY_ITSELF:
        raise Skip(f"the target names its engine: what {ENGINES[target.engine]} takes is told by itself")
    by_engine = {name: figures[f"context.effective.{engine}"].number for engine, name in ENGINES.items()}
    known = {name: found for name, found in by_engine.items() if isinstance(found.value, int) and found.rests_on()}
    if len(known) < 2:
        raise Skip("fewer than two engines' context lengths are known")
    if len({found.value for found in known.values()}) > 1:
        table = "; ".join(f"{name} {found.value:,}" for name, found in known.items())
        yield Found(
            f"Engines take different context lengths from this config: {table}.",
            shown(*_facts(*known.values())),
            "Pass the length you want to the engine yourself (vLLM: --max-model-len; SGLang: --context-length).",
        )


@rule("POS011", severity="info", source="https://arxiv.org/abs/2309.00071")
def context_is_stretched(spec: ModelSpec, figures: Mapping[str, Figure]) -> Iterator[Found]:
    """The context is a shorter one, stretched by a rotary scaling.

    ## Why
    Positions beyond the original length are interpolated. Some models were trained on after the stretch (DeepSeek-V3), some
    never were (a YaRN table added by hand): the config cannot tell, so ask for an evaluation at the length you need.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 1000000.0,
     "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 32768, "rope_theta": 1000000.0}
    ```

    ## Fix
    Look for a long-context evaluation of this very checkpoint; keep short work within the original length where you can.
    """
    whole, native = _length(figures, "context.declared"), _length(figures, "context.native")
    if spec.rope is None or whole is None or native is None or native >= whole:
        return
    factor = number(spec.rope.factor) if spec.rope.factor is not None else None
    if factor is not None and abs(whole / native - factor) > 1e-6 * factor:
        return
    yield Found(
        f"The context of {whole:,} tokens is {native:,} stretched {whole / native:g} times by the rotary scaling `{spec.rope.type.value}`.",
        shown(spec.fact("max_position_embeddings"), spec.rope.original_max_position_embeddings, spec.rope.factor, spec.rope.type),
        "Look for an evaluation of this checkpoint at the length you need.",
    )


@rule("POS012", severity="warning", confidence="medium", source="transformers MistralConfig (sliding_window=4096)")
def window_by_class_default(spec: ModelSpec, figures: Mapping[str, Figure]) -> Iterator[Found]:
    """The class fills in an attention window for every layer that the config does not speak of.

    ## Why
    In MistralConfig an absent `sliding_window` means 4,096 and only null means none. Tools that drop null keys turn a
    Mistral v0.2, v0.3 or Nemo into a windowed model, and what lies further back than the window is lost. An excerpt proves
    nothing.

    ```json bad
    {"model_type": "mistral", "architectures": ["MistralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 32768, "rope_theta": 1000000.0}
    ```

    ```json good
    {"model_type": "mistral", "architectures": ["MistralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 32768, "rope_theta": 1000000.0, "sliding_window": null}
    ```

    ## Fix
    State `sliding_window`: null for none, or the window the model was trained with.
    """
    window, context = _window_of_all_layers(spec), _length(figures, "context.declared")
    if window is None or window.readings[0].source is not Source.DEFAULTED or context is None or context <= window.value:
        return
    yield Found(
        f"`sliding_window` is not stated, so the class fills in {window.value:,}, and every layer sees no more of {context:,} tokens.",
        shown(window, *_facts(figures["context.declared"].number)),
        "State `sliding_window`, as null where the model has no window.",
    )


@rule("POS013", severity="info", source="https://arxiv.org/abs/2310.06825")
def every_layer_is_windowed(spec: ModelSpec, figures: Mapping[str, Figure]) -> Iterator[Found]:
    """Every layer sees a window that is shorter than the context.

    ## Why
    A token further back than the window reaches the answer only through the layers between. Mistral-7B-v0.1 declares 32,768
    tokens and sees 4,096 of them in each layer: its cache is small, and so is what it can look up word for word.

    ```json bad
    {"model_type": "mistral", "architectures": ["MistralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 32768, "rope_theta": 10000.0, "sliding_window": 4096}
    ```

    ```json good
    {"model_type": "mistral", "architectures": ["MistralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 10000.0, "sliding_window": 4096}
    ```

    ## Fix
    Take the window for the length at which exact recall can be expected.
    """
    window, context = _window_of_all_layers(spec), _length(figures, "context.declared")
    if window is None or declared(window) is None or context is None or context <= window.value:
        return
    yield Found(
        f"Every layer sees a window of {window.value:,} tokens, and the context declared is {context:,}.",
        shown(window, *_facts(figures["context.declared"].number)),
        f"Expect exact recall over {window.value:,} tokens, whatever the context.",
    )


@rule("POS014", severity="warning", source="transformers MistralConfig; vLLM reads 0 as no window")
def window_of_zero(spec: ModelSpec) -> Iterator[Found]:
    """An attention window of 0 or -1 is meant to say that there is none.

    ## Why
    vLLM reads 0 as no window and older kernels take -1 for that. transformers 5 takes either for a window in the classes that
    window every layer, and fails on the first prompt; a careless minimum of window and context gives a context of 0.

    ```json bad
    {"model_type": "mistral", "architectures": ["MistralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 32768, "rope_theta": 1000000.0, "sliding_window": 0}
    ```

    ```json good
    {"model_type": "mistral", "architectures": ["MistralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 32768, "rope_theta": 1000000.0, "sliding_window": null}
    ```

    ## Fix
    Set `sliding_window` to null.
    """
    fact = spec.fact("sliding_window")
    reading = declared(fact)
    if reading is None or (reading.where.pointer or "").endswith("/use_sliding_window"):
        return
    if reading.value in (0, -1) and not isinstance(reading.value, bool):
        yield Found(
            f"`sliding_window` is {reading.value}, which some engines read as no window and transformers as one of that size.",
            shown(fact),
            "Set it to null.",
            severity=None if spec.value("model_type") in WINDOWED_CLASSES else "info",
        )


@rule("POS015", severity="error", source="https://github.com/vllm-project/vllm/blob/main/vllm/config/model.py")
def context_asked_beyond_the_model(spec: ModelSpec, figures: Mapping[str, Figure], target: Target) -> Iterator[Found]:
    """The context asked for is longer than the model's own.

    ## Why
    Figures at that length are computed all the same, and a cache of that size can be had; but vLLM and SGLang refuse to start
    unless the environment allows it, and the model has never seen such positions (Yi-34B-Chat at more than its 4,096:
    vllm-project/vllm issue 2565). Relative positions and ALiBi have no such end, and are only noted.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml bad target
    context = 32768
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```
    ```toml good target
    context = 8192
    ```

    ## Fix
    Ask for no more than the model's own length, or take a model made for more.
    """
    if target.context is None:
        raise Skip("no context was asked for")
    own = target.engine == "ideal" or _only_a_default(spec, target)
    name = "context.declared" if own else f"context.effective.{target.engine}"
    limit = _length(figures, name)
    if limit is None:
        raise Skip("the model's own context is not known")
    if target.context > limit:
        whose = "the config declares" if own else f"{ENGINES[target.engine]} takes from the config"
        override = OVERRIDES.get(target.engine)
        yield Found(
            f"The context asked for is {target.context:,} tokens, and {whose} {limit:,}.",
            shown(*_facts(figures[name].number)),
            f"Ask for {limit:,} tokens or fewer"
            + (f"; {ENGINES[target.engine]} starts with more under {override}=1." if override else "."),
            severity="info" if spec.value("position_scheme") in UNBOUNDED else "warning" if override is None else "error",
        )


@rule("POS016", severity="warning", source="vLLM `model_arch_config_convertor.py` (MiMo-V2-Flash)")
def chunk_size_without_chunks(spec: ModelSpec, config: dict[str, Any]) -> Iterator[Found]:
    """`attention_chunk_size` stands in the config of a model that does not attend by chunks.

    ## Why
    Engines that only look for the key take the model for a chunked one and lay out its cache so. MiMo-V2-Flash ships 128
    beside its sliding window, and vLLM deletes it; transformers 5 caches by it wherever there is no window.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "attention_chunk_size": 128}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```

    ## Fix
    Remove the key.
    """
    pointer, text = text_object(spec, config)
    size, place = text.get("attention_chunk_size"), f"{pointer}/attention_chunk_size"
    types = text.get("layer_types")
    if size is None or text.get("model_type", spec.value("model_type")) in CHUNKED or place not in spec.keys.unread:
        return
    if isinstance(types, list) and "chunked_attention" in types:
        return
    yield Found(
        f"`attention_chunk_size` is {size!r}, and a {spec.value('model_type')} model does not attend by chunks.",
        (stated(place, size),),
        "Remove `attention_chunk_size`.",
    )


@rule("POS017", severity="warning", source="https://huggingface.co/docs/transformers/main_classes/tokenizer")
def tokenizer_limit_below_context(spec: ModelSpec, figures: Mapping[str, Figure], tokenizer: dict[str, Any]) -> Iterator[Found]:
    """The tokenizer's limit is shorter than the model's context.

    ## Why
    Pipelines and embedding servers cut the text at `model_max_length` and say nothing. For an encoder that is a document of which
    only the beginning is embedded; generation servers go by the config, so for a decoder it is only noted. The 1e30 that
    transformers writes for no limit is longer than any context. The tokenizer of stella_en_1.5B_v5 ends at 32,768 of 131,072
    tokens.

    ```json bad
    {"model_type": "bert", "architectures": ["BertModel"], "torch_dtype": "float32", "vocab_size": 1000, "hidden_size": 64,
     "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 2048,
     "type_vocab_size": 2, "pad_token_id": 0}
    ```
    ```json bad tokenizer_config.json
    {"tokenizer_class": "BertTokenizer", "model_max_length": 512}
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
    Set `model_max_length` to the context the model is to be used with.
    """
    limit, context = tokenizer.get("model_max_length"), _length(figures, "context.declared")
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit <= 0:
        raise Skip("the tokenizer states no limit")
    if context is None:
        raise Skip("the model's own context is not known")
    if limit + OFFSET < context:
        yield Found(
            f"The tokenizer cuts at {limit:,} tokens, and the config declares a context of {context:,}.",
            (stated("/model_max_length", limit, "tokenizer_config.json"), *shown(*_facts(figures["context.declared"].number))),
            "Set `model_max_length` to the context the model is to be used with.",
            severity=None if spec.value("prototype") == "encoder-only" else "info",
        )


@rule("POS018", severity="info", source="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2")
def pipeline_limit_below_context(figures: Mapping[str, Figure], sentence_bert: dict[str, Any]) -> Iterator[Found]:
    """The embedding pipeline cuts at fewer tokens than the model takes.

    ## Why
    sentence-transformers goes by `max_seq_length` of `sentence_bert_config.json` and says nothing of what it drops:
    all-MiniLM-L6-v2 embeds the first 256 tokens of a text, and its config allows 512.

    ```json bad
    {"model_type": "bert", "architectures": ["BertModel"], "torch_dtype": "float32", "vocab_size": 1000, "hidden_size": 64,
     "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 512,
     "type_vocab_size": 2, "pad_token_id": 0}
    ```
    ```json bad sentence_bert_config.json
    {"max_seq_length": 256, "do_lower_case": false}
    ```

    ```json good
    {"model_type": "bert", "architectures": ["BertModel"], "torch_dtype": "float32", "vocab_size": 1000, "hidden_size": 64,
     "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 512,
     "type_vocab_size": 2, "pad_token_id": 0}
    ```
    ```json good sentence_bert_config.json
    {"max_seq_length": 512, "do_lower_case": false}
    ```

    ## Fix
    Cut texts into pieces of that length, or set `max_seq_length` to a length the model was tested at.
    """
    limit, context = sentence_bert.get("max_seq_length"), _length(figures, "context.declared")
    if isinstance(limit, bool) or not isinstance(limit, int) or limit <= 0:
        raise Skip("the pipeline states no limit")
    if context is None:
        raise Skip("the model's own context is not known")
    if limit + OFFSET < context:
        yield Found(
            f"The embedding pipeline cuts at {limit:,} tokens, and the config declares a context of {context:,}.",
            (stated("/max_seq_length", limit, "sentence_bert_config.json"), *shown(*_facts(figures["context.declared"].number))),
            "Cut texts into pieces of that length, or set `max_seq_length` to a length the model was tested at.",
        )


@rule("POS019", severity="warning", source="https://github.com/vllm-project/vllm/pull/56446")
def engine_takes_another_length(spec: ModelSpec, figures: Mapping[str, Figure], target: Target) -> Iterator[Found]:
    """The engine of the target serves another context length than the config declares.

    ## Why
    Where no length is asked for, the engine serves the one it computes. A shorter one cuts the model's context and says so in
    one line of the log: vLLM gives Phi-3-mini-128k 4,096 tokens. A longer one is a factor applied to a length that has it
    already: vLLM took TeleChat3-36B for 131,072 instead of 32,768 and read past its table of positions.

    ```json bad
    {"model_type": "phi3", "architectures": ["Phi3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000, "hidden_size": 32,
     "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4, "sliding_window": null,
     "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "rope_theta": 10000.0,
     "max_position_embeddings": 131072, "original_max_position_embeddings": 4096,
     "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.0, 1.0, 1.0], "long_factor": [1.0, 2.0, 4.0, 8.0]}}
    ```
    ```toml bad target
    engine = "vllm"
    ```

    ```json good
    {"model_type": "phi3", "architectures": ["Phi3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000, "hidden_size": 32,
     "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4, "sliding_window": null,
     "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "rope_theta": 10000.0,
     "max_position_embeddings": 131072, "original_max_position_embeddings": 4096,
     "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.0, 1.0, 1.0], "long_factor": [1.0, 2.0, 4.0, 8.0]}}
    ```
    ```toml good target
    engine = "vllm"
    context = 4096
    ```

    ## Fix
    Ask for the length you want (vLLM: --max-model-len; SGLang: --context-length; llama.cpp: -c).
    """
    if target.engine not in BY_ITSELF:
        raise Skip("the target names no engine that serves a length of its own")
    if spec.value("prototype") != "decoder-only":
        raise Skip("the engines compared serve decoders")
    name = f"context.effective.{target.engine}"
    taken, stated_length = _length(figures, name), _length(figures, "context.declared")
    if taken is None or stated_length is None:
        raise Skip("the model's own context is not known")
    if taken == stated_length or (target.context is not None and (taken < stated_length or target.context <= stated_length)):
        return
    served = "serves" if target.context is None else "accepts"
    yield Found(
        f"{ENGINES[target.engine]} {served} {taken:,} tokens of context, and the config declares {stated_length:,}.",
        shown(*_facts(figures[name].number), *_facts(figures["context.declared"].number)),
        f"Ask for {stated_length:,} tokens or fewer." if taken > stated_length else f"Ask for up to {stated_length:,} tokens yourself.",
    )


def _length(figures: Mapping[str, Figure], name: str) -> int | None:
    """A context length in tokens; None where it is unknown, or nobody states it."""
    figure = figures.get(name)
    return figure.value if figure is not None and isinstance(figure.value, int) and figure.number.rests_on() else None


def _only_a_default(spec: ModelSpec, target: Target) -> bool:
    """Whether the length an engine takes is one that more may be asked for than: vLLM keeps longrope models short by default."""
    return target.engine == "vllm" and spec.rope is not None and spec.rope.type.value == "longrope"


def _facts(*numbers: Num) -> tuple[Fact, ...]:
    return tuple(fact for found in numbers for fact in found.rests_on())


def _window_of_all_layers(spec: ModelSpec) -> Fact | None:
    """The sliding window, where every layer of the decoder has it and none keeps rows of what lies further back (DeepSeek-V4)."""
    part = spec.decoder()
    mixers = [mixer for group in (part.layers if part is not None else ()) for mixer in group.mixers]
    windows = [mixer.window for mixer in mixers if isinstance(mixer, Attention | Latent) and mixer.window is not None and not mixer.rows]
    fact = windows[0].fact if windows and len(windows) == len(mixers) else None
    return fact if fact is not None and fact.readings and isinstance(fact.value, int) and fact.value > 0 else None
