"""What the card says against what the config and the tensors come to. A claim is no proof, so none of these is an error.

The comparing is done by specverify.verdicts; these rules say which verdicts are worth a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from specverify.card.card import Card
from specverify.card.kinds import (
    ACTIVATION,
    ACTIVE,
    ARCHITECTURE,
    ATTENTION,
    CONTEXT,
    EXPERTS,
    HARDWARE,
    HEAD_DIM,
    HIDDEN,
    INTERMEDIATE,
    KV_HEADS,
    LAYERS,
    NON_EMBEDDING,
    PRECISION,
    Q_HEADS,
    QUANTIZATION,
    SHARED_EXPERTS,
    TOP_K,
    TOTAL,
    VOCABULARY,
)
from specverify.card.metadata import texts
from specverify.card.names import core
from specverify.frozen import replace
from specverify.outcome import Agreement, Confidence, Evidence, Verdict
from specverify.pattern import Pattern
from specverify.rules.engine import Found, Skip, at_key, rule, stated

Verdicts = Sequence[Verdict]
_REPO = Pattern(r"[\w.-]{1,96}/[\w.-]{1,96}")
MOST_EVIDENCE = 5
EXACT_DIGITS = 7
"""From so many digits on a count is meant to the last one, and a rounder line that agrees does not excuse it."""
CORRECT = "Correct the card; the config is what is loaded."


@rule("CRD001", severity="warning", confidence="medium", source="https://github.com/vllm-project/vllm/issues/16757")
def context_claim_beyond_config(verdicts: Verdicts) -> Iterator[Found]:
    """The card claims a longer context than the config gives.

    ## Why
    Engines go by the config: Qwen2.5-7B-Instruct's card says 131,072 tokens and its config gives 32,768 until the YaRN
    settings the card documents are added. Where the card documents no such step, the claim cannot be had at all.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Context Length: 131,072 tokens
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
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
    mine = _judged(verdicts, CONTEXT, "context length")
    beyond = [v for v in mine if v.agreement is Agreement.OPT_IN or (v.agreement is Agreement.DISAGREES and v.remark != "below")]
    if not beyond:
        return
    worst = max(beyond, key=lambda v: (v.agreement is Agreement.DISAGREES, _least(v), -_line(v)))
    if worst.agreement is Agreement.OPT_IN:
        message = f"The card's {worst.raw} tokens of context are {worst.reason}."
        fix = "Set the documented override in the engine or the config, or plan with the config's length."
        yield Found(message, _proof(worst), fix, severity="info")
    else:
        message = f"The card claims a context of {worst.raw} tokens: {worst.reason}."
        fix = "Plan with the config's length, or ask the publisher how the longer one is had."
        known_to_need_more = worst.remark == "unbounded" or worst.role == "extended"
        yield Found(message, _proof(worst), fix, severity="info" if known_to_need_more else None)


@rule("CRD002", severity="warning", confidence="medium", source="https://github.com/huggingface/huggingface.js/pull/2469")
def parameter_claim_disagrees(verdicts: Verdicts) -> Iterator[Found]:
    """The parameters the card claims are not what the config comes to, by any way of counting.

    ## Why
    Memory, price and licence thresholds go by this number. Cards count with or without next-token-prediction layers, embeddings
    and towers, and round; a number that none of these explains is wrong, or is another model's. The Hub itself showed 485B for
    DeepSeek-V4.1-Flash, then 763B, where the card's 552B is the backbone alone (huggingface/huggingface.js PR 2469).

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 32000,
     "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
     "num_key_value_heads": 32, "max_position_embeddings": 4096, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
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
     "num_key_value_heads": 32, "max_position_embeddings": 4096, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
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
    for kind, noun in ((TOTAL, "parameters"), (NON_EMBEDDING, "parameters without embeddings")):
        if any(v.kind == kind for v in verdicts) or kind == TOTAL:
            yield from _contradicted(verdicts, kind, noun, "Correct the card, or state what it counts.")


@rule("CRD003", severity="warning", confidence="medium", source="https://arxiv.org/abs/2412.19437")
def activated_claim_disagrees(verdicts: Verdicts) -> Iterator[Found]:
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
    yield from _contradicted(verdicts, ACTIVE, "activated parameters", "Correct the card, or say which parameters it leaves out.")


@rule("CRD004", severity="warning", confidence="medium", source="https://arxiv.org/abs/1810.03993")
def layer_claim_disagrees(verdicts: Verdicts) -> Iterator[Found]:
    """The card claims another number of layers than the config has.

    ## Why
    The KV cache, the pipeline split and adapters all go by the layers. A card copied from another size keeps its numbers.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Number of Layers: 32
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
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
    yield from _contradicted(verdicts, LAYERS, "layers")


@rule("CRD005", severity="warning", confidence="medium", source="https://arxiv.org/abs/1810.03993")
def query_head_claim_disagrees(verdicts: Verdicts) -> Iterator[Found]:
    """The card claims another number of attention heads than the config has.

    ## Why
    Tensor parallelism must divide the heads; a plan made from the card fails when the model is loaded.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Number of Attention Heads (GQA): 32 for Q and 2 for KV
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
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
    yield from _contradicted(verdicts, Q_HEADS, "attention heads")


@rule("CRD006", severity="warning", confidence="medium", source="https://arxiv.org/abs/2305.13245")
def kv_head_claim_disagrees(verdicts: Verdicts) -> Iterator[Found]:
    """The card claims another number of key-value heads than the config has.

    ## Why
    The KV cache is proportional to them: 8 on the card and 32 in the config is four times the memory for each token.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 4, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Number of Attention Heads: 4 for Q and 2 for KV
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
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
    yield from _contradicted(verdicts, KV_HEADS, "key-value heads")


@rule("CRD011", severity="info", confidence="medium", source="https://huggingface.co/LiquidAI/LFM2-1.2B")
def context_claim_below_config(verdicts: Verdicts) -> Iterator[Found]:
    """The card claims a shorter context than the config gives.

    ## Why
    The publisher may know that quality ends earlier than the table of positions does: LFM2's card says 32,768 tokens and its
    config 128,000, Qwen3's 32,768 leave 8,192 for the answer. An engine offers the config's length and warns of nothing.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Context Length: 8K
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    - Context Length: 32K
    ```

    ## Fix
    Serve with the card's length as the engine's limit unless a test of your own shows that more works.
    """
    mine = _judged(verdicts, CONTEXT, "context length")
    below = [v for v in mine if v.remark == "below"]
    if below and not any(v.agreement in (Agreement.AGREES, Agreement.OPT_IN) for v in mine):
        most = max(below, key=lambda v: (_least(v), -_line(v)))
        fix = "Serve with the card's length as the engine's limit unless a test of your own shows that more works."
        yield Found(f"The card's {most.raw} tokens of context are {most.reason}.", _proof(most), fix)


@rule("CRD012", severity="info", confidence="medium", source="https://huggingface.co/microsoft/phi-2")
def parameter_claim_is_loose(verdicts: Verdicts) -> Iterator[Found]:
    """A count of parameters on the card is further off than its digits say.

    ## Why
    Phi-2's 2.7 billion are 2.78, cut and not rounded; a 3B of granite code is 3.48. Nobody is misled about the model, but
    memory planned from the card is short by that share.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 32000,
     "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
     "num_key_value_heads": 32, "max_position_embeddings": 4096, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Number of Parameters: 7.1B
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 32000,
     "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
     "num_key_value_heads": 32, "max_position_embeddings": 4096, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    - Number of Parameters: 6.7B
    ```

    ## Fix
    Plan with the exact count.
    """
    mine = [v for kind in (TOTAL, ACTIVE, NON_EMBEDDING) for v in verdicts if v.kind == kind and v.relation == "self"]
    if not mine:
        raise Skip("the card claims no parameters of this model")
    for kind in (TOTAL, ACTIVE, NON_EMBEDDING):
        loose = [v for v in mine if v.kind == kind and v.remark == "loose"]
        rounded = any(v.kind == kind and v.agreement is Agreement.AGREES and v.remark is None for v in mine)
        loose = [v for v in loose if not rounded or sum(map(str.isdigit, v.raw)) >= EXACT_DIGITS]
        if loose:
            message = f"The card's {loose[0].raw} parameters are true {loose[0].reason}."
            yield Found(message, _proof(loose[0]), "Plan with the exact count.")


@rule("CRD013", severity="warning", confidence="medium", source="https://huggingface.co/bigscience/bloom")
def vocabulary_claim_disagrees(verdicts: Verdicts) -> Iterator[Found]:
    """The card claims another vocabulary than the config has.

    ## Why
    Embedding and head are as large as the config says. A claim somewhat below it counts the tokens and not the rows added to
    pad the table (Qwen's 151,851 tokens in 151,936 rows), which is noted; any other is another tokenizer's.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Vocabulary size: 32,000
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    - Vocabulary size: 1,000
    ```

    ## Fix
    Correct the card; the config is what is loaded.
    """
    yield from _contradicted(verdicts, VOCABULARY, "tokens of vocabulary")
    padded = next((v for v in verdicts if v.kind == VOCABULARY and v.relation == "self" and v.remark == "padded"), None)
    if padded is not None:
        message = f"The card's vocabulary of {padded.raw} is {padded.reason}."
        yield Found(message, _proof(padded), "Size buffers for logits by the config's rows, and tokenizers by the card's.", severity="info")


@rule("CRD014", severity="warning", confidence="medium", source="https://arxiv.org/abs/2101.03961")
def expert_claim_disagrees(verdicts: Verdicts) -> Iterator[Found]:
    """The card claims other numbers of experts than the config has.

    ## Why
    Experts decide memory, the experts chosen per token decide compute, and both must divide over the GPUs.

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
    - Number of Experts: 64
    - Number of Activated Experts: 2
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
    - Number of Experts: 8
    - Number of Activated Experts: 2
    ```

    ## Fix
    Correct the card; the config is what is loaded.
    """
    nouns = {EXPERTS: "experts", TOP_K: "experts per token", SHARED_EXPERTS: "shared experts"}
    if not any(v.kind in nouns for v in verdicts):
        raise Skip("the card claims no experts of this model")
    for kind, noun in nouns.items():
        if any(v.kind == kind for v in verdicts):
            yield from _contradicted(verdicts, kind, noun)


@rule("CRD015", severity="warning", confidence="medium", source="https://arxiv.org/abs/1810.03993")
def width_claim_disagrees(verdicts: Verdicts) -> Iterator[Found]:
    """The card claims another hidden size, head dimension or feed-forward width than the config has.

    ## Why
    Adapters, projections and quantization kernels are made for these sizes; a card copied from another size keeps its numbers.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Hidden Size: 4096
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    - Hidden Size: 64
    ```

    ## Fix
    Correct the card; the config is what is loaded.
    """
    nouns = {HIDDEN: "for the hidden size", HEAD_DIM: "for the head dimension", INTERMEDIATE: "for the feed-forward width"}
    if not any(v.kind in nouns for v in verdicts):
        raise Skip("the card claims no width of this model")
    for kind, noun in nouns.items():
        if any(v.kind == kind for v in verdicts):
            yield from _contradicted(verdicts, kind, noun)


@rule("CRD016", severity="warning", confidence="medium", source="https://arxiv.org/abs/2305.13245")
def attention_claim_disagrees(verdicts: Verdicts) -> Iterator[Found]:
    """The card names an attention mechanism that the config does not have.

    ## Why
    The mechanism decides the cache: grouped queries where every head has its own keys, or a window that the config switches
    off, are several times the memory planned for.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 4, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Attention mechanism: Grouped-Query Attention (GQA)
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    - Attention mechanism: Grouped-Query Attention (GQA)
    ```

    ## Fix
    Correct the card; the config is what is loaded.
    """
    yield from _in_words(verdicts, ATTENTION, "attention mechanism")


@rule("CRD017", severity="warning", confidence="medium", source="https://arxiv.org/abs/1810.03993")
def architecture_claim_disagrees(verdicts: Verdicts) -> Iterator[Found]:
    """The card names another class of architecture than the config builds.

    ## Why
    A dense model and a mixture of experts, an encoder and a decoder, differ in what bounds them and in what serves them.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Architecture: Mixture-of-Experts (MoE)
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    - Architecture: dense decoder-only Transformer
    ```

    ## Fix
    Correct the card; the config is what is loaded.
    """
    yield from _in_words(verdicts, ARCHITECTURE, "architecture")


@rule("CRD018", severity="warning", confidence="medium", source="https://arxiv.org/abs/2002.05202")
def activation_claim_disagrees(verdicts: Verdicts) -> Iterator[Found]:
    """The card names another activation than the config has.

    ## Why
    A gated block has three matrices where a plain one has two, and kernels are made for one function.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Activation: GeGLU
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    - Activation: SwiGLU
    ```

    ## Fix
    Correct the card; the config is what is loaded.
    """
    yield from _in_words(verdicts, ACTIVATION, "activation")


@rule("CRD019", severity="info", confidence="medium", source="https://huggingface.co/docs/hub/model-cards")
def precision_claim_disagrees(verdicts: Verdicts) -> Iterator[Found]:
    """The card names another precision or quantization of the weights than the config declares.

    ## Why
    Memory goes by it, and whether a GPU has the arithmetic. A card of a quantized copy is often that of the original.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    - Precision: FP32
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    - Precision: BF16
    ```

    ## Fix
    Plan with what the config and the tensor headers say.
    """
    for kind, noun in ((PRECISION, "precision"), (QUANTIZATION, "quantization")):
        if any(v.kind == kind for v in verdicts) or kind == PRECISION:
            yield from _in_words(verdicts, kind, noun)


@rule("CRD020", severity="warning", confidence="medium", source="https://github.com/deepseek-ai/DeepSeek-V2")
def hardware_claim_too_small(verdicts: Verdicts) -> Iterator[Found]:
    """The weights alone are larger than the memory the card says is enough.

    ## Why
    The weights must be resident before the first token, and the cache comes on top. Where a card means quantized weights, it
    should say so.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 32000,
     "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
     "num_key_value_heads": 32, "max_position_embeddings": 4096, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    This model fits on a single 8GB GPU.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 32000,
     "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
     "num_key_value_heads": 32, "max_position_embeddings": 4096, "rope_theta": 1000000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    This model fits on a single 24GB GPU.
    ```

    ## Fix
    Plan with the bytes of the weights as published, and the cache for your context beside them.
    """
    mine = _judged(verdicts, HARDWARE, "memory needed")
    for verdict in mine:
        if verdict.agreement is Agreement.DISAGREES:
            fix = "Plan with the bytes of the weights as published, and the cache for your context beside them."
            yield Found(f"The card says {verdict.raw} is enough: {verdict.reason}.", _proof(verdict), fix)
            return


@rule("CRD021", severity="info", confidence="medium", source="https://huggingface.co/mattshumer/Reflection-Llama-3.1-70B")
def base_model_is_not_what_was_saved(card: Card, config: dict[str, Any]) -> Iterator[Found]:
    """The card names another base model than the one the config was saved from.

    ## Why
    transformers writes where it loaded a model from into `_name_or_path`. Reflection-Llama-3.1-70B named Llama 3.1 as its
    base, and the config was saved from Llama 3: another context, another rotary scaling. A local path proves nothing.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false,
     "_name_or_path": "meta-llama/Meta-Llama-3-8B"}
    ```
    ```markdown bad README.md
    ---
    license: llama3.1
    base_model: meta-llama/Llama-3.1-8B
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false,
     "_name_or_path": "meta-llama/Llama-3.1-8B"}
    ```
    ```markdown good README.md
    ---
    license: llama3.1
    base_model: meta-llama/Llama-3.1-8B
    ---
    A model.
    ```

    ## Fix
    Ask the publisher which model the weights were trained from; compare the config with both.
    """
    named = [base for base in texts(card.metadata, "base_model") if _REPO.fullmatch(base)]
    saved = config.get("_name_or_path")
    if not named:
        raise Skip("the card's metadata names no base model")
    if not isinstance(saved, str) or not _REPO.fullmatch(saved):
        raise Skip("the config does not say which repo it was saved from")
    own = core(saved)
    if own and all(core(base)[:1] == own[:1] and core(base) != own for base in named):
        claim = replace(at_key(card, "base_model"), value=named[0])
        yield Found(
            f"The card names {named[0]} as its base model, and the config was saved from {saved}.",
            (claim, stated("/_name_or_path", saved)),
            "Ask the publisher which model the weights were trained from; compare the config with both.",
        )


def _judged(verdicts: Verdicts, kind: str, noun: str) -> list[Verdict]:
    """The verdicts on claims of a kind about this very model, surest first. Skip where there are none, or none could be told."""
    mine = [v for v in verdicts if v.kind == kind and v.relation == "self"]
    if not mine:
        raise Skip(f"the card claims no {noun} of this model")
    told = [v for v in mine if v.agreement is not Agreement.UNVERIFIABLE]
    if not told:
        raise Skip(mine[0].reason)
    return sorted(told, key=lambda v: (v.confidence is not Confidence.HIGH, _line(v)))


def _contradicted(verdicts: Verdicts, kind: str, noun: str, fix: str = CORRECT) -> Iterator[Found]:
    """The finding for a number that nothing explains; only information where another line of the card has it right.

    A sentence beside a line that has it right is more likely about another model than wrong, so it is let be.
    """
    mine = _judged(verdicts, kind, noun)
    right = next((v for v in mine if v.agreement is Agreement.AGREES), None)
    sure = [v for v in mine if right is None or v.confidence is Confidence.HIGH]
    wrong = next((v for v in sure if v.agreement is Agreement.DISAGREES), None)
    if wrong is None:
        return
    message = f"The card claims {wrong.raw} {noun}: {wrong.reason}."
    if right is None:
        yield Found(message, _proof(wrong), fix)
    else:
        evidence = (*_proof(wrong), right.stated)
        yield Found(f"{message} Line {_line(right)} of the card has it right.", evidence, fix, severity="info")


def _in_words(verdicts: Verdicts, kind: str, noun: str) -> Iterator[Found]:
    """The finding for a term that the config contradicts, where no other line of the card has it right."""
    mine = _judged(verdicts, kind, noun)
    wrong = next((v for v in mine if v.agreement is Agreement.DISAGREES), None)
    if wrong is not None and not any(v.agreement is Agreement.AGREES for v in mine):
        yield Found(f"The card names {wrong.raw} as its {noun}: {wrong.reason}.", _proof(wrong), CORRECT)


def _proof(verdict: Verdict) -> tuple[Evidence, ...]:
    """The claim, and what it was held against."""
    against = {(e.file, e.pointer, e.line, e.note): e for compared in verdict.compared for e in compared.evidence}
    return (verdict.stated, *list(against.values())[:MOST_EVIDENCE])


def _line(verdict: Verdict) -> int:
    return verdict.stated.line or 0


def _least(verdict: Verdict) -> float:
    """The smallest number the claim can stand for."""
    return min(number for number in verdict.accepted if not isinstance(number, str))
