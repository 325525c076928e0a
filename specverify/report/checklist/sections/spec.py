"""B: card, config and tensors agree. Files answer all of it."""

from __future__ import annotations

from specverify.outcome import Report
from specverify.report.checklist.answering import by_fact, by_figures, by_rules
from specverify.report.checklist.items import Answer, Item, Section, State

CONSISTENT = (
    *("ATT001", "ATT002", "ATT003", "ATT004", "ATT005", "IDN005", "IDN007", "IDN008", "VOC001", "VOC002", "MOE001", "MOE002", "MOE003"),
    *("CRD004", "CRD005", "CRD006", "CRD013", "CRD014", "CRD015"),
)
SIZES = ("spec.num_hidden_layers", "spec.num_attention_heads", "spec.num_key_value_heads", "spec.vocab_size")


def quantized(report: Report) -> Answer:
    """Whether the bytes of the weights follow from what the files say of their precision."""
    told = by_rules("QNT002", "QNT004", "QNT005")(report)
    return told if told.state is State.FAIL else by_figures("weights.bytes")(report)


def activated(report: Report) -> Answer:
    """Whether the activated parameters are as claimed; a dense model, of which no card claims any, touches all it has."""
    told = by_rules("CRD003", shows=("parameters.activated", "parameters.activated_no_embeddings"))(report)
    if told.state is State.UNVERIFIABLE and report.spec is not None and report.spec.value("router") == "none":
        return Answer(State.PASS, "no experts are routed to: every token touches all parameters", told.evidence)
    return told


SECTION = Section(
    "B",
    "Spec: card, config and tensors",
    (
        Item("B1", "Total parameters as claimed", by_rules("CRD002", "CRD012", shows=("parameters.total", "parameters.mtp"))),
        Item(
            "B2",
            "Activated parameters as claimed",
            activated,
        ),
        Item("B3", "Layers, heads, vocabulary and experts consistent", by_rules(*CONSISTENT, shows=SIZES)),
        Item("B4", "Native context the same to every engine", by_rules("POS010", "POS012", shows=("context.declared", "context.native"))),
        Item(
            "B5",
            "Context beyond it: scaled how, and by what recipe",
            by_rules(
                *("CRD001", "CRD011", "POS001", "POS002", "POS003", "POS004", "POS006", "POS007"),
                shows=("spec.rope_type", "context.effective.vllm"),
            ),
        ),
        Item("B6", "Attention mechanism known", by_fact("attention", "attention")),
        Item("B7", "Precision and quantization understood", quantized),
        Item("B8", "Tokenizer ids inside the embedding", by_rules("VOC001", "VOC002", shows=("spec.vocab_size",))),
        Item(
            "B9",
            "Class and type agree with the base model's",
            by_rules("IDN001", "IDN002", "CRD021", "MET023", "MET024", shows=("spec.model_type",)),
        ),
        Item("B10", "Everything needed is stated", by_figures("parameters.total", "cache.sequence_bytes", "weights.bytes")),
    ),
)
