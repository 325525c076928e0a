"""Floors: FLOPs of a prefill and bytes of a decode step over what the hardware can do at most. Bounds, not predictions."""

from __future__ import annotations

from collections.abc import Iterable

from specverify import num
from specverify.derive.parameters import elements
from specverify.derive.weights import Stored
from specverify.num import Num
from specverify.spec import Attention, Latent, LayerGroup, ModelSpec, Role, Weight

NOT_MULTIPLIED = (Role.EMBEDDING, Role.POSITION, Role.NORM, Role.HEAD)


def prefill_flops(spec: ModelSpec, context: Num) -> Num:
    """FLOPs of one prompt of `context` tokens through the text model: 2 per weight and token, and attention by who sees whom.

    The head runs once, for the last token. Scans of recurrent layers, norms and softmax are left out: a lower bound.
    """
    part = spec.decoder() or spec.encoder()
    if part is None:
        return num.unknown("no part that reads text is known")
    if spec.value("prototype") == "encoder-decoder":
        return num.unknown("what a prompt is for an encoder-decoder depends on the task")
    per_token = num.total(group.passes() * _touched(group) for group in part.layers)
    attention = num.total(group.passes() * _scores(group, context) for group in part.layers)
    head = num.total(elements(weight) for weight in part.weights if weight.role is Role.HEAD and len(weight.shape) == 2)
    linear = num.const(2) * per_token.named("weights multiplied per token") * context
    return linear + attention.named("attention FLOPs") + num.const(2) * head


def _touched(group: LayerGroup) -> Num:
    """Weights of one layer that a token is multiplied with, those it shares with other layers (Zamba) too."""
    return num.total(_active(weight) for weight in group.weights() if weight.role not in NOT_MULTIPLIED and not weight.buffer)


def _active(weight: Weight) -> Num:
    one = elements(weight)
    return one if weight.copies is None else (weight.active or weight.copies) * one


def _scores(group: LayerGroup, context: Num) -> Num:
    """FLOPs of scores and weighted values in one layer."""
    total = num.const(0)
    for mixer in group.mixers:
        if isinstance(mixer, Attention) and not mixer.cross:
            width = mixer.head_dim + mixer.v_head_dim
            total = total + num.const(2) * mixer.num_attention_heads * width * pairs(context, mixer.window, causal=mixer.causal)
        elif isinstance(mixer, Latent):
            width = mixer.qk_nope_head_dim + mixer.qk_rope_head_dim + mixer.v_head_dim
            total = total + num.const(2) * mixer.num_attention_heads * width * pairs(context, mixer.window, causal=True)
    return total


def pairs(context: Num, window: Num | None, *, causal: bool) -> Num:
    """How many (query, key) pairs are scored in a sequence of `context` tokens."""
    if not causal:
        return context * context if window is None else context * num.minimum(context, window)
    if window is None:
        return context * (context + 1) // 2
    reach = num.minimum(context, window)
    return reach * context - reach * (reach - 1) // 2


def expected_distinct(experts: float, per_token: float, batch: float) -> float:
    """Experts that a batch touches in a layer, on average, if the router spreads evenly: E (1 - (1 - k/E)^B)."""
    return float(experts * (1 - (1 - per_token / experts) ** batch)) if experts else 0.0


def decode_weight_bytes(spec: ModelSpec, stored: Iterable[Stored], concurrency: Num) -> Num:
    """Bytes of the weights one decode step of a batch reads: an untied input embedding by rows, experts as the batch needs them."""
    parts: list[tuple[str, Num]] = []
    tied = {weight.tied_to for part in spec.parts for weight in part.weights if weight.tied_to}
    for entry in stored:
        weight = entry.weight
        if entry.part.role != "decoder" or weight.role is Role.POSITION:
            continue
        if weight.role is Role.EMBEDDING and weight.name not in tied:
            continue
        if weight.copies is not None and weight.active is not None:
            touched = num.call("expected_distinct", expected_distinct, weight.copies, weight.active, concurrency)
            amount = entry.count * touched * entry.bytes_each
        else:
            amount = entry.total()
        parts.append((f"{weight.role} bytes read", amount))
    return num.total(amount.named(name) for name, amount in num.totals(parts).items())
