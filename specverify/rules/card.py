"""What the card says against what the config comes to. A claim is no proof, so none of these is an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from specverify.card.card import Card
from specverify.card.claims import Claim
from specverify.card.front_matter import CardProblem
from specverify.card.kinds import ACTIVE, CONTEXT, KV_HEADS, LAYERS, Q_HEADS, TOTAL
from specverify.derive.parameters import counts
from specverify.facts import Fact, Source
from specverify.num import Num
from specverify.outcome import Evidence
from specverify.rules.engine import Found, Skip, declared, rule, shown
from specverify.spec import Figure, ModelSpec, Role

MODEL_CARDS = "https://huggingface.co/docs/hub/model-cards"
LICENSES = "https://huggingface.co/docs/hub/repositories-licenses"
UNBOUNDED = ("relative", "alibi")
"""Position schemes that go on past the length a config states."""
LENGTH_TOLERANCE = 0.03
TOTAL_TOLERANCE = 0.02
ACTIVE_TOLERANCE = 0.03
SHAPE = ("num_hidden_layers", "hidden_size", "num_attention_heads", "vocab_size")


@rule("CRD001", severity="warning", confidence="medium", source="https://github.com/vllm-project/vllm/issues/16757")
def context_claim_beyond_config(spec: ModelSpec, figures: Mapping[str, Figure], card: Card) -> Iterator[Found]:
    """The card claims a longer context than the config gives.

    ## Why
    Engines go by the config: Qwen2.5-7B-Instruct's card says 131,072 tokens and its config gives 32,768 until the YaRN
    settings the card documents are added. Where the card documents no such step, the claim cannot be had at all.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 32768, "rope_theta": 1000000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Context Length: 131,072 tokens
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 32768, "rope_theta": 1000000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    - Context Length: 32K
    ```

    ## Fix
    Apply the override the card documents and say so where the model is deployed, or plan with the config's length.
    """
    if spec.value("position_scheme") in UNBOUNDED:
        raise Skip("the model's positions have no bound in the config")
    claims = [claim for claim in _own(card, CONTEXT) if claim.emitter != "snippet" and claim.role in ("stated", "native", "extended")]
    if not claims:
        raise Skip("the card claims no context length of this model")
    known = [n for name, figure in figures.items() if name.startswith("context.") and isinstance((n := figure.number).value, int)]
    limits = [n for n in known if n.rests_on() and all(_declared(fact) for fact in n.rests_on())]
    if not limits or not isinstance(figures["context.declared"].value, int):
        raise Skip("the config states no context length itself")
    longest = max(limits, key=lambda n: n.value or 0)
    limit = longest.value or 0
    beyond = [claim for claim in claims if min(claim.accepted) > limit * (1 + LENGTH_TOLERANCE)]
    if not beyond:
        return
    claim = max(beyond, key=lambda c: (min(c.accepted), -c.line))
    readings = shown(*longest.rests_on())
    if card.recipes:
        step = card.recipes[0]
        yield Found(
            f"The card's {claim.raw} tokens of context are true only with the override it documents; the config alone gives {limit:,}.",
            (_said(claim), Evidence(Source.CLAIMED, claim.file, line=step.line, quote=step.quote, note="the override"), *readings),
            "Set the documented override in the engine or the config, or plan with the config's length.",
            severity="info",
        )
    else:
        yield Found(
            f"The card claims a context of {claim.raw} tokens; the config gives {limit:,}, and the card documents no override.",
            (_said(claim), *readings),
            "Plan with the config's length, or ask the publisher how the longer one is had.",
        )


@rule("CRD002", severity="warning", confidence="medium", source="https://github.com/huggingface/huggingface.js/pull/2469")
def parameter_claim_disagrees(spec: ModelSpec, figures: Mapping[str, Figure], card: Card) -> Iterator[Found]:
    """The parameters the card claims are not what the config comes to, by any way of counting.

    ## Why
    Memory, price and licence thresholds go by this number. Cards count with or without next-token-prediction layers,
    embeddings and towers, and round; a number that none of these explains is wrong, or is another model's.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 32000,
     "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
     "num_key_value_heads": 32, "max_position_embeddings": 4096, "rope_theta": 10000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    | **Total Parameters** | 13B |
    |---|---|
    | **Number of Layers** | 32 |
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 32000,
     "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
     "num_key_value_heads": 32, "max_position_embeddings": 4096, "rope_theta": 10000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    | **Total Parameters** | 6.7B |
    |---|---|
    | **Number of Layers** | 32 |
    ```

    ## Fix
    Correct the card, or state what it counts.
    """
    claims = _own(card, TOTAL)
    if not claims:
        raise Skip("the card claims no parameter count of this model")
    total = _whole_figure(spec, figures, "parameters.total")
    if not any(_agrees(claim, value, TOTAL_TOLERANCE) for claim in claims for value in _totals(spec, total)):
        yield Found(
            f"The card claims {claims[0].raw} parameters; the config comes to {total.value:,}.",
            (_said(claims[0]), *_shape(spec)),
            "Correct the card, or state what it counts.",
        )


@rule("CRD003", severity="warning", confidence="medium", source="https://arxiv.org/abs/2412.19437")
def activated_claim_disagrees(spec: ModelSpec, figures: Mapping[str, Figure], card: Card) -> Iterator[Found]:
    """The activated parameters the card claims are not what a token touches, by any convention.

    ## Why
    Compute per token goes by this number. Three conventions are in use (everything, without the input embedding, without
    either embedding): DeepSeek-V3's 37B and 36.7B are the same model. A claim that none of them gives is wrong.

    ```json bad
    {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 32000,
     "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
     "max_position_embeddings": 32768, "rope_theta": 1000000.0, "sliding_window": null, "tie_word_embeddings": false,
     "num_local_experts": 8, "num_experts_per_tok": 2}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Number of Parameters: 46.7B in total and 7B activated
    ```

    ```json good
    {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 32000,
     "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
     "max_position_embeddings": 32768, "rope_theta": 1000000.0, "sliding_window": null, "tie_word_embeddings": false,
     "num_local_experts": 8, "num_experts_per_tok": 2}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    - Number of Parameters: 46.7B in total and 12.9B activated
    ```

    ## Fix
    Correct the card, or say which parameters it leaves out.
    """
    claims = _own(card, ACTIVE)
    if not claims:
        raise Skip("the card claims no activated parameters of this model")
    activated = _whole_figure(spec, figures, "parameters.activated")
    conventions = [n for name, figure in figures.items() if name.startswith("parameters.activated") and isinstance(n := figure.value, int)]
    if not any(_agrees(claim, value, ACTIVE_TOLERANCE) for claim in claims for value in conventions):
        yield Found(
            f"The card claims {claims[0].raw} activated parameters; a token touches {activated.value:,} "
            f"({min(conventions):,} at the fewest, embeddings left out).",
            (_said(claims[0]), *_shape(spec)),
            "Correct the card, or say which parameters it leaves out.",
        )


@rule("CRD004", severity="warning", confidence="medium", source="https://arxiv.org/abs/1810.03993")
def layer_claim_disagrees(spec: ModelSpec, card: Card) -> Iterator[Found]:
    """The card claims another number of layers than the config has.

    ## Why
    The KV cache, the pipeline split and adapters all go by the layers. A card copied from another size keeps its numbers.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Number of Layers: 32
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    - Number of Layers: 2
    ```

    ## Fix
    Correct the card; the config is what is loaded.
    """
    yield from _counted(spec, card, LAYERS, "layers", ("num_hidden_layers", "encoder_layers", "decoder_layers", "num_decoder_layers"))


@rule("CRD005", severity="warning", confidence="medium", source="https://arxiv.org/abs/1810.03993")
def query_head_claim_disagrees(spec: ModelSpec, card: Card) -> Iterator[Found]:
    """The card claims another number of attention heads than the config has.

    ## Why
    Tensor parallelism must divide the heads; a plan made from the card fails when the model is loaded.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Number of Attention Heads (GQA): 32 for Q and 2 for KV
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    - Number of Attention Heads (GQA): 4 for Q and 2 for KV
    ```

    ## Fix
    Correct the card; the config is what is loaded.
    """
    names = ("num_attention_heads", "encoder_attention_heads", "decoder_attention_heads")
    yield from _counted(spec, card, Q_HEADS, "attention heads", names)


@rule("CRD006", severity="warning", confidence="medium", source="https://arxiv.org/abs/2305.13245")
def kv_head_claim_disagrees(spec: ModelSpec, card: Card) -> Iterator[Found]:
    """The card claims another number of key-value heads than the config has.

    ## Why
    The KV cache is proportional to them: 8 on the card and 32 in the config is four times the memory for each token.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Number of Attention Heads (GQA): 4 for Q and 2 for KV
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    - Number of Attention Heads (GQA): 4 for Q and 2 for KV
    ```

    ## Fix
    Correct the card; the config is what is loaded.
    """
    if spec.value("attention") == "mla":
        raise Skip("a compressed latent is cached, not key-value heads")
    yield from _counted(spec, card, KV_HEADS, "key-value heads", ("num_key_value_heads",))


@rule("CRD007", severity="warning", source=MODEL_CARDS)
def card_unreadable(card: Card) -> Iterator[Found]:
    """The card's front matter is no YAML of key-value pairs, or the card is not UTF-8 text of readable length.

    ## Why
    Licence, base model and task are stated in the front matter; the Hub refuses or ignores what it cannot read, and so do
    the tools that decide by it. What could not be read was not checked: silence about it is no pass.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    tags: [text-generation
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    tags: [text-generation]
    ---
    A model.
    ```

    ## Fix
    Correct the YAML at the line shown; save the card as UTF-8.
    """
    for problem in card.document.problems:
        said = f"Not all of the card was read: {problem.message}."
        yield Found(said, _place(card, problem), "Save it as UTF-8, or read the rest yourself.", severity="info")
    for problem in card.document.front_matter.problems:
        if problem.kind != "duplicate-key":
            yield Found(f"The card's metadata was not read: {problem.message}.", _place(card, problem), "Correct the YAML there.")


@rule("CRD008", severity="warning", source="https://yaml.org/spec/1.2.2/#3213-node-comparison")
def front_matter_key_twice(card: Card) -> Iterator[Found]:
    """A key of the card's front matter is given twice.

    ## Why
    YAML forbids it; readers keep the last or the first without a word, so two readers of one card may see two licences.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    license: apache-2.0
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: apache-2.0
    ---
    A model.
    ```

    ## Fix
    Keep one of them.
    """
    for problem in card.document.front_matter.problems:
        if problem.kind == "duplicate-key":
            yield Found(f"In the card's metadata {problem.message}.", _place(card, problem), "Keep one of them.")


@rule("CRD009", severity="info", source=LICENSES)
def license_not_stated(card: Card) -> Iterator[Found]:
    """The card's metadata states no licence, or `other` without saying which.

    ## Why
    Without a licence nobody has leave to use the weights; `other` needs `license_name` and `license_link` to mean anything.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: other
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: other
    license_name: example-research-license
    license_link: LICENSE
    ---
    A model.
    ```

    ## Fix
    State `license`, and for `other` the `license_name` and `license_link` too.
    """
    front = card.document.front_matter
    if not front.present:
        raise Skip("the card has no front matter")
    if not front.values and front.problems:
        raise Skip("the front matter could not be read")
    license_ids = front.values.get("license")
    if not license_ids:
        line = front.line("license") or 1
        message = "The card's metadata states no licence."
    elif license_ids in ("other", ["other"]) and not front.values.get("license_name"):
        line = front.line("license") or 1
        message = "The card's licence is `other`, and no `license_name` says which."
    else:
        return
    evidence = Evidence(Source.CLAIMED, card.document.file, line=line, quote=card.document.quote(line), value=license_ids)
    yield Found(message, (evidence,), "State `license`, and for `other` the `license_name` and `license_link` too.")


def _own(card: Card, kind: str) -> list[Claim]:
    """The claims of a kind that are about this very model, surest first: labels and tables before prose."""
    own = [claim for claim in card.claims.claims if claim.kind == kind and claim.relation == "self"]
    return sorted(own, key=lambda claim: (claim.confidence != "high", claim.line))


def _said(claim: Claim) -> Evidence:
    return Evidence(Source.CLAIMED, claim.file, line=claim.line, quote=claim.quote, value=claim.raw)


def _place(card: Card, problem: CardProblem) -> tuple[Evidence, ...]:
    document = card.document
    return (Evidence(Source.CLAIMED, document.file, line=problem.line, quote=document.quote(problem.line), note=problem.kind),)


def _declared(fact: Fact) -> bool:
    """Whether the config states it, or it follows from what the config states."""
    return declared(fact) is not None or (bool(fact.readings) and fact.readings[0].source is Source.DERIVED)


def _agrees(claim: Claim, value: float, tolerance: float) -> bool:
    """Whether a value is what the claim prints, give or take its last digit and the tolerance."""
    return any(abs(value - said) <= quantum + tolerance * said for said, quantum in zip(claim.accepted, claim.quanta, strict=True))


def _whole_figure(spec: ModelSpec, figures: Mapping[str, Figure], name: str) -> Figure:
    """A parameter figure that rests on nothing the config leaves to a default; Skip otherwise."""
    figure = figures.get(name)
    if spec.exactness != "exact" or figure is None or not isinstance(figure.value, int):
        raise Skip("the parameters of this architecture are not known exactly")
    if any(not _declared(spec.fact(key)) for key in SHAPE if spec.fact(key).readings):
        raise Skip("the config leaves a size to its class's default")
    return figure


def _totals(spec: ModelSpec, total: Figure) -> Sequence[int]:
    """The total by every way of counting in use: with next-token-prediction layers, the text model alone, without embeddings, untied."""
    counted = counts(spec)
    value = total.value
    if counted is None or not isinstance(value, int):
        return ()
    stored = {role: _known(amount) for role, amount in counted.stored.items()}
    embeddings = stored.get(str(Role.EMBEDDING), 0) + stored.get(str(Role.POSITION), 0)
    head = stored.get(str(Role.HEAD), 0)
    text = sum(amount for role, amount in stored.items() if role in set(map(str, Role)) - {Role.TOWER, Role.PROJECTOR})
    return (
        value,
        value + _known(counted.mtp),
        text,
        value - embeddings,
        value - embeddings - head,
        text - embeddings - head,
        value + (0 if head else stored.get(str(Role.EMBEDDING), 0)),
    )


def _known(number: Num) -> int:
    return number.value if isinstance(number.value, int) else 0


def _shape(spec: ModelSpec) -> tuple[Evidence, ...]:
    return shown(*(spec.fact(name) for name in SHAPE))


def _counted(spec: ModelSpec, card: Card, kind: str, noun: str, names: Sequence[str]) -> Iterator[Found]:
    """The finding for a plain count: the claim against the facts of these names, and what they add up to."""
    claims = _own(card, kind)
    if not claims:
        raise Skip(f"the card claims no number of {noun} of this model")
    facts = [fact for name in names if _declared(fact := spec.fact(name)) and isinstance(fact.value, int)]
    if not facts:
        raise Skip(f"the config states no number of {noun} itself")
    extra = spec.value("num_nextn_predict_layers") if kind == LAYERS else None
    values = {fact.value for fact in facts} | {sum(fact.value for fact in facts)}
    values |= {value + extra for value in values} if isinstance(extra, int) else set()
    if not any(accepted in values for claim in claims for accepted in claim.accepted):
        yield Found(
            f"The card claims {claims[0].raw} {noun}; the config has {facts[0].value}.",
            (_said(claims[0]), *shown(*facts)),
            "Correct the card; the config is what is loaded.",
        )
