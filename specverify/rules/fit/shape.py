"""Whether the architecture is made for the task: the shape of its output, what it reads, and how long it takes at the least."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from specverify.pattern import Pattern
from specverify.rules.engine import Found, Skip, is_whole, rule, shown
from specverify.rules.fit.asked import asked, class_of, prototype_of, purposes
from specverify.spec import Experts, Figure, Modality, ModelSpec
from specverify.target import Target
from specverify.task import LABELS

TOKEN_HEADS = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
"""How the classes end that give a score for each word of the vocabulary."""
NO_WRITERS = {
    "ForSequenceClassification": "scores for a text",
    "ForTokenClassification": "a label for each token",
    "ForQuestionAnswering": "a span of its input",
    "ForMultipleChoice": "a choice",
    "ForMaskedLM": "words for masked places",
    "ForNextSentencePrediction": "a label for two texts",
}
"""How the classes end that write nothing, and what they give instead."""
PICKED = {
    "long-document-qa": ("ForQuestionAnswering",),
    "document-understanding": ("ForQuestionAnswering", "ForTokenClassification"),
    "summarize": ("ForTokenClassification",),
}
"""Tasks that can be done by picking from the input, and the classes that do."""
POOLING = ("modules.json", "sentence_bert_config.json", "config_sentence_transformers.json")
_SCORES = Pattern(r"rerank|re-rank|text-ranking|cross-encoder|text-classification|zero-shot-classification|reward|classif")
_VECTORS = Pattern(r"embed|sentence-similarity|feature-extraction|sentence-transformers|retriev")
_CONVERSES = Pattern(r"conversational")
BERT = "https://arxiv.org/abs/1810.04805"
RERANKING = "https://arxiv.org/abs/1901.04085"


@rule("FIT001", severity="warning", confidence="medium", source=RERANKING)
def token_head_for_a_score(
    spec: ModelSpec, target: Target, metadata: Mapping[str, Any], about: Mapping[str, Any], origin: Mapping[str, Any]
) -> Iterator[Found]:
    """A decoder without a score head is proposed where the task needs one score or a label.

    ## Why
    The class gives a score for every word of the vocabulary, one position at a time: a score of a pair has to be read out of a
    prompt, costs a prefill of a far larger model, and is calibrated by nobody. An encoder with a score head reads the pair once
    (monoBERT, arXiv:1901.04085). A repo that says it is made for ranking or classifying is believed, and a class with a score head is fine.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0}
    ```
    ```toml bad target
    task = "rerank"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForSequenceClassification"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "pad_token_id": 0}
    ```
    ```toml good target
    task = "rerank"
    ```

    ## Fix
    Try an encoder with a score head first, on your own pairs; keep the decoder only where it is better by enough to pay for it.
    """
    task = asked(target, "rerank", "classify")
    if prototype_of(spec) != "decoder-only" or _SCORES.search(purposes(metadata, about, origin)):
        return
    name = class_of(spec)
    gives = _gives(name)
    if gives is not None:
        yield Found(
            f"The task needs {task.output}, and {name} is a decoder that gives {gives}.",
            shown(spec.fact("architectures"), spec.fact("prototype")),
            "Try an encoder with a score head first, on your own cases.",
            severity="info" if task.output == LABELS else None,
        )


@rule("FIT002", severity="warning", confidence="medium", source="https://arxiv.org/abs/1908.10084")
def decoder_for_a_vector_without_pooling(
    spec: ModelSpec,
    target: Target,
    files: Sequence[str],
    metadata: Mapping[str, Any],
    about: Mapping[str, Any],
    origin: Mapping[str, Any],
) -> Iterator[Found]:
    """A decoder is proposed for vectors, and no file says how its hidden states become one.

    ## Why
    An embedding is a pooled hidden state of a model that was trained so that distances mean something. A causal decoder has neither by
    itself: only its last token has seen the text, and it was trained to say the next word. Embedding models made of decoders say
    how they pool (`modules.json`, `1_Pooling/config.json`) and what for (their tags).

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0}
    ```
    ```toml bad target
    task = "embed"
    ```
    ```text bad files
    model.safetensors
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0}
    ```
    ```toml good target
    task = "embed"
    ```
    ```text good files
    model.safetensors
    modules.json
    1_Pooling/config.json
    ```

    ## Fix
    Take a model that was trained for vectors; an encoder of a fraction of the size is the first to try.
    """
    task = asked(target, "embed", "retrieve")
    if prototype_of(spec) != "decoder-only" or _VECTORS.search(purposes(metadata, about, origin)):
        return
    if any(path in POOLING or path.endswith("_Pooling/config.json") for path in files):
        return
    if not is_whole(origin, files):
        raise Skip("not all files of the model are known, and one may say how it pools")
    yield Found(
        f"The task needs {task.output}, and no file says how the hidden states of {class_of(spec)}, a decoder, become one.",
        shown(spec.fact("architectures"), spec.fact("prototype")),
        "Take a model that was trained for vectors, or state how this one pools and evaluate it on your own pairs.",
    )


@rule("FIT003", severity="warning", source=BERT)
def class_writes_no_text(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The task needs text to be written, and the class writes none.

    ## Why
    An encoder sees the whole input at once and predicts nothing that comes after it (BERT, arXiv:1810.04805); a class with a score or
    label head gives scores or labels. Neither continues a text, whatever is asked of it.

    ```json bad
    {"model_type": "bert", "architectures": ["BertForMaskedLM"], "torch_dtype": "float32", "vocab_size": 1000, "hidden_size": 64,
     "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 512,
     "type_vocab_size": 2, "pad_token_id": 0}
    ```
    ```toml bad target
    task = "summarize"
    ```

    ```json good
    {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "torch_dtype": "float32", "vocab_size": 1000,
     "d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 2, "num_decoder_layers": 2, "num_heads": 4,
     "relative_attention_num_buckets": 32, "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}
    ```
    ```toml good target
    task = "summarize"
    ```

    ## Fix
    Take a decoder or an encoder-decoder for text; keep this model for scores, labels and vectors.
    """
    task = asked(target)
    if not task.writes:
        raise Skip(f"the task {task.name} needs no text to be written")
    name = class_of(spec)
    gives = next((gives for ending, gives in NO_WRITERS.items() if name.endswith(ending)), None)
    if name.endswith(PICKED.get(task.name, ())):
        return
    if gives is None and name.endswith(("Model", "Encoder")) and not name.endswith(TOKEN_HEADS) and prototype_of(spec) == "encoder-only":
        gives = "hidden states"
    if gives is not None:
        yield Found(
            f"The task needs {task.output}, and {name} gives {gives}.",
            shown(spec.fact("architectures"), spec.fact("prototype")),
            "Take a model that writes.",
        )


@rule("FIT004", severity="warning", confidence="medium", source="https://arxiv.org/abs/1910.10683")
def encoder_decoder_for_a_conversation(
    spec: ModelSpec, target: Target, metadata: Mapping[str, Any], about: Mapping[str, Any], origin: Mapping[str, Any]
) -> Iterator[Found]:
    """An encoder-decoder is proposed for a conversation.

    ## Why
    Its encoder sees all of the input from both sides, so each turn encodes the whole conversation anew: nothing of the turn before can
    be kept, as a decoder keeps its cache. It was made to map one text to another (T5, arXiv:1910.10683), and has two stacks to serve.
    A repo tagged `conversational` is believed.

    ```json bad
    {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "torch_dtype": "float32", "vocab_size": 1000,
     "d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 2, "num_decoder_layers": 2, "num_heads": 4,
     "relative_attention_num_buckets": 32, "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}
    ```
    ```toml bad target
    task = "chat"
    ```

    ```json good
    {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "torch_dtype": "float32", "vocab_size": 1000,
     "d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 2, "num_decoder_layers": 2, "num_heads": 4,
     "relative_attention_num_buckets": 32, "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}
    ```
    ```toml good target
    task = "translate"
    ```

    ## Fix
    Take a decoder for conversations; keep this model for translation, summaries and rewriting.
    """
    task = asked(target, "chat", "agent")
    if prototype_of(spec) != "encoder-decoder" or _CONVERSES.search(purposes(metadata, about, origin)):
        return
    encoder = spec.encoder()
    reads = Modality.TEXT if encoder is None else encoder.modality
    cost = "each turn encodes the whole conversation anew" if reads is Modality.TEXT else f"its encoder takes {reads}, and no text"
    yield Found(
        f"The task is {task.name}, and {class_of(spec)} is an encoder-decoder: {cost}.",
        shown(spec.fact("architectures"), spec.fact("prototype")),
        "Take a decoder, which keeps what it has read in its cache.",
    )


@rule("FIT005", severity="warning", confidence="medium", source="https://arxiv.org/abs/2101.03961")
def mixture_under_a_tail_budget(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """A budget is set for the slowest requests, and the model is a mixture of experts.

    ## Why
    A router sends tokens where it likes. A batch waits for its most loaded expert, and with expert parallelism for its most loaded GPU:
    the mean hides that, the 99th percentile shows it. No file of a model says how evenly your own traffic is routed.

    ```json bad
    {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 1000000.0, "sliding_window": null,
     "num_local_experts": 8, "num_experts_per_tok": 2}
    ```
    ```toml bad target
    task = "chat"
    p99_ms = 800
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0}
    ```
    ```toml good target
    task = "chat"
    p99_ms = 800
    ```

    ## Fix
    Measure P50, P95 and P99 under the batching and the traffic of production, beside a dense model of the same budget.
    """
    if target.p99_ms is None:
        raise Skip("the target states no budget for the 99th percentile")
    experts = _mixture(spec)
    if experts is not None:
        facts = (*experts.total.rests_on(), *experts.per_token.rests_on())
        yield Found(
            f"The budget for 99 of 100 requests is {target.p99_ms:,} ms, and each token is routed to {experts.per_token.value} of "
            f"{experts.total.value} experts: how evenly cannot be told from files.",
            shown(*facts) or shown(spec.fact("architectures")),
            "Measure P50, P95 and P99 under your own batching and traffic, beside a dense model.",
        )


@rule("FIT006", severity="warning", source="https://arxiv.org/abs/2211.05102")
def budget_below_the_floor(spec: ModelSpec, figures: Mapping[str, Figure], target: Target) -> Iterator[Found]:
    """The budget for the slowest requests is less than the hardware needs at the very least.

    ## Why
    A request that fills the context costs `prefill.flops`, and its last token reads every weight and all of the cache once. At the
    peak rate and the peak bandwidth of the GPUs, which no engine reaches, that takes the floors shown (arXiv:2211.05102). Only tokens that
    were kept of an earlier request (a prefix cache) cost less.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 500000.0}
    ```
    ```toml bad target
    gpu = "h100-sxm-80gb"
    context = 131072
    concurrency = 512
    p99_ms = 1
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 500000.0}
    ```
    ```toml good target
    gpu = "h100-sxm-80gb"
    context = 131072
    concurrency = 512
    p99_ms = 900
    ```

    ## Fix
    Shorten the context, serve fewer at once, split over more GPUs, or take a smaller model.
    """
    if target.p99_ms is None:
        raise Skip("the target states no budget for the 99th percentile")
    if target.gpu is None:
        raise Skip("the target names no GPU")
    floors = {name: figures[name] for name in ("prefill.floor_seconds", "decode.floor_seconds") if name in figures}
    known = {name: figure.value for name, figure in floors.items() if figure.value is not None}
    if not known:
        raise Skip("; ".join(reason for figure in floors.values() for reason in figure.number.reasons()) or "no floor is known")
    over = {name: seconds * 1000 for name, seconds in known.items() if seconds * 1000 > target.p99_ms}
    if over:
        told = " and ".join(f"`{name}` is {amount:,.4g} ms" for name, amount in over.items())
        facts = [fact for name in over for fact in floors[name].number.rests_on()]
        yield Found(
            f"The budget for 99 of 100 requests is {target.p99_ms:,} ms, and {told} at this context and concurrency.",
            shown(*facts),
            "Shorten the context, serve fewer at once, split over more GPUs, or take a smaller model.",
        )


@rule("FIT007", severity="warning", source="https://huggingface.co/docs/transformers/model_doc/auto")
def model_does_not_read_the_input(spec: ModelSpec, target: Target) -> Iterator[Found]:
    """The task needs pages or sound to be read, and the model takes text alone, or other inputs only.

    ## Why
    Without a part that sees or hears, another model has to turn pages or sound into text first. Layout, tables, handwriting, tone and
    pauses are lost there, its errors are passed on, and it is one more thing to serve. Only models whose class is known are judged.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0}
    ```
    ```toml bad target
    task = "voice"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0}
    ```
    ```toml good target
    task = "summarize"
    ```

    ## Fix
    Take a model with that input, or state which model stands before this one and evaluate the two together.
    """
    task = asked(target)
    if not task.reads:
        raise Skip(f"the task {task.name} needs no other input than text")
    if spec.exactness != "exact":
        raise Skip("the class is not known, and may read more than text")
    interface = spec.value("modality_interface")
    if interface is None:
        raise Skip(spec.fact("modality_interface").reason or "which inputs enter is not known")
    there = {str(part.modality) for part in spec.parts}
    lacking = [kind for kind in task.reads if kind not in there]
    if lacking and (interface == "text only" or there - {str(Modality.TEXT)}):
        has = "text alone" if interface == "text only" else " and ".join(sorted(there))
        yield Found(
            f"The task is {task.name}, and the model has no part for {lacking[0]}: {class_of(spec)} takes {has}.",
            shown(spec.fact("architectures"), spec.fact("modality_interface")),
            "Take a model with that input, or evaluate it together with the one that turns the input into text.",
        )


def _gives(name: str) -> str | None:
    """What a class without a score head gives; None for one that has a head of another kind."""
    if name.endswith(TOKEN_HEADS):
        return "a score for every word of its vocabulary"
    return "hidden states" if name.endswith("Model") else None


def _mixture(spec: ModelSpec) -> Experts | None:
    """The first routed block in which a token sees less than all experts. Raises Skip where no layers are known."""
    if not spec.parts:
        raise Skip(spec.fact("prototype").reason or "no layers are known")
    blocks = [group.feed_forward for part in spec.parts for group in part.layers if group.feed_forward is not None]
    return next((block.experts for block in blocks if block.experts is not None and _routes(block.experts)), None)


def _routes(experts: Experts) -> bool:
    total, per_token = experts.total.value, experts.per_token.value
    return isinstance(total, int) and isinstance(per_token, int) and per_token < total
