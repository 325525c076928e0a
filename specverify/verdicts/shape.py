"""Claims of plain counts and sizes: layers, heads, experts, widths and the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from specverify import num
from specverify.card import kinds
from specverify.num import Num
from specverify.outcome import Compared
from specverify.spec import Attention, ModelSpec
from specverify.verdicts.candidates import attentions, mixtures, of_fact, of_number

LAYER_FACTS = ("num_hidden_layers", "encoder_layers", "decoder_layers", "num_decoder_layers")
QUERY_FACTS = ("num_attention_heads", "encoder_attention_heads", "decoder_attention_heads")
SHARED_FACTS = ("n_shared_experts", "num_shared_experts")
PADDING = 0.01
"""Share of a vocabulary that rows for padding may be: 151,851 tokens in 151,936 rows."""


def _layers(spec: ModelSpec) -> Iterator[Compared]:
    yield from of_fact(spec, *LAYER_FACTS)
    parts = [(part, num.total(group.count for group in part.layers)) for part in spec.parts if part.layers]
    text = [(part, count) for part, count in parts if part.role in ("decoder", "encoder")]
    for part, count in text:
        yield from of_number(f"layers of the {part.name}", count)
    if len(text) > 1:
        yield from of_number("encoder and decoder layers together", num.total(count for _, count in text))
    predicting = [count for part, count in parts if part.role == "next-token-prediction"]
    if text and predicting:
        yield from of_number("layers with those for next-token prediction", num.total([*(count for _, count in text), *predicting]))
    if text and (sparse := [group.count for part, _ in text for group in part.layers if group.feed_forward and group.feed_forward.experts]):
        yield from of_number("layers with experts", num.total(sparse))


def _query_heads(spec: ModelSpec) -> Iterator[Compared]:
    yield from of_fact(spec, *QUERY_FACTS)
    for mixer in attentions(spec):
        yield from of_number("num_attention_heads", mixer.num_attention_heads)


def _kv_heads(spec: ModelSpec) -> Iterator[Compared]:
    yield from of_fact(spec, "num_key_value_heads")
    for mixer in attentions(spec):
        if isinstance(mixer, Attention):
            yield from of_number("num_key_value_heads", mixer.num_key_value_heads)


def _head_dim(spec: ModelSpec) -> Iterator[Compared]:
    yield from of_fact(spec, "head_dim", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim")
    for mixer in attentions(spec):
        if isinstance(mixer, Attention):
            yield from of_number("head_dim", mixer.head_dim)
            yield from of_number("v_head_dim", mixer.v_head_dim)
        else:
            yield from of_number("qk_nope_head_dim + qk_rope_head_dim", mixer.qk_nope_head_dim + mixer.qk_rope_head_dim)
            yield from of_number("v_head_dim", mixer.v_head_dim)


def _intermediate(spec: ModelSpec) -> Iterator[Compared]:
    yield from of_fact(spec, "intermediate_size", "moe_intermediate_size", "ffn_dim", "n_inner")
    for part in spec.parts:
        for group in part.layers:
            if group.feed_forward is not None:
                yield from of_number("intermediate_size", group.feed_forward.intermediate_size)
                if group.feed_forward.experts is not None:
                    yield from of_number("width of an expert", group.feed_forward.experts.intermediate_size)


def _experts(spec: ModelSpec) -> Iterator[Compared]:
    for experts in mixtures(spec):
        yield from of_number("routed experts", experts.total)
        for shared in _shared_numbers(spec):
            yield from of_number("routed and shared experts", experts.total + shared)


def _per_token(spec: ModelSpec) -> Iterator[Compared]:
    for experts in mixtures(spec):
        yield from of_number("experts per token", experts.per_token)
        for shared in _shared_numbers(spec):
            yield from of_number("experts per token, shared ones with them", experts.per_token + shared)


def _shared_numbers(spec: ModelSpec) -> Iterator[Num]:
    """How many experts are shared; a plan knows only how wide they are together."""
    facts = (spec.fact(name) for name in SHARED_FACTS)
    yield from (num.of(fact) for fact in facts if isinstance(fact.value, int))


COUNTED: Mapping[str, Callable[[ModelSpec], Iterator[Compared]]] = {
    kinds.LAYERS: _layers,
    kinds.Q_HEADS: _query_heads,
    kinds.KV_HEADS: _kv_heads,
    kinds.HEAD_DIM: _head_dim,
    kinds.HIDDEN: lambda spec: of_fact(spec, "hidden_size"),
    kinds.INTERMEDIATE: _intermediate,
    kinds.VOCABULARY: lambda spec: of_fact(spec, "vocab_size"),
    kinds.EXPERTS: _experts,
    kinds.TOP_K: _per_token,
    kinds.SHARED_EXPERTS: lambda spec: of_fact(spec, *SHARED_FACTS),
    kinds.LINEAR_QK_HEADS: lambda spec: of_fact(spec, "linear_num_key_heads"),
    kinds.LINEAR_V_HEADS: lambda spec: of_fact(spec, "linear_num_value_heads"),
}
"""What a claim of each kind is held against, the likeliest first."""
