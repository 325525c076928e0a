"""FLOPs of a prompt and of a decode step: 2 per weight and token, and attention by who sees whom. Lower bounds.

Scans of recurrent layers, norms, softmax and the scores of an indexer's further heads are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specverify import num
from specverify.derive.parameters import elements
from specverify.derive.touched import encoder_projections
from specverify.num import Num
from specverify.spec import Attention, Latent, LayerGroup, Mixer, ModelSpec, Part, Role, Weight

NOT_MULTIPLIED = (Role.EMBEDDING, Role.POSITION, Role.NORM, Role.HEAD)


class Linear(NamedTuple):
    """Weights that a token is multiplied with: those of the `layers`, each time it passes them, and of the `head` that makes logits."""

    layers: Num
    head: Num


def linear(part: Part) -> Linear:
    """The weights of a part by where they stand; tensors that layers share (Zamba) count for each."""
    layers = num.total(group.passes() * num.total(map(_active, _multiplied(group))) for group in part.layers)
    head = num.total(elements(weight) for weight in part.weights if weight.role is Role.HEAD and len(weight.shape) == 2)
    return Linear(layers.named("weights multiplied per token"), head.named("head weights") if head.value != 0 else head)


def prefill_flops(spec: ModelSpec, context: Num, encoder_context: Num, multiplied: Linear | None = None) -> Num:
    """FLOPs of one prompt through the text model: `context` tokens, the head for the last of them alone.

    The prompt of an encoder-decoder is what its encoder reads: `encoder_context` tokens, with the keys and values that the
    decoder makes of them. `multiplied` is `linear` of the decoder, where it is at hand.
    """
    part = spec.decoder() or spec.encoder()
    if part is None:
        return num.unknown("no part that reads text is known")
    if spec.value("prototype") == "encoder-decoder":
        return _encoding_flops(spec, encoder_context)
    own = multiplied or linear(part)
    attention = _prompt_scores(part, context).named("attention FLOPs")
    return num.const(2) * own.layers * context + attention + num.const(2) * own.head


def _encoding_flops(spec: ModelSpec, encoder_context: Num) -> Num:
    encoder, decoder = spec.encoder(), spec.decoder()
    if encoder is None or decoder is None:
        return num.unknown("no encoder that reads a prompt is known")
    read = (
        group.passes() * elements(weight)
        for group in decoder.layers
        for weight in encoder_projections(group)
        if weight.shard == "key-value" and _is_matrix(weight)
    )
    per_token = linear(encoder).layers + num.total(read).named("weights of cross-attention keys and values")
    return num.const(2) * per_token * encoder_context + _prompt_scores(encoder, encoder_context).named("attention FLOPs")


def decode_flops_per_sequence(part: Part, multiplied: Linear, context: Num, encoder_context: Num) -> Num:
    """FLOPs of the next token of a sequence of `context` tokens; `multiplied` is `linear` of the part."""
    scores = (
        group.passes() * _step_scores(mixer, context, encoder_context)
        for group in part.layers
        for mixer in group.mixers
        if not isinstance(mixer, Attention) or mixer.cross or mixer.causal
    )
    return num.const(2) * (multiplied.layers + multiplied.head) + num.total(scores).named("attention FLOPs")


def _multiplied(group: LayerGroup) -> Iterator[Weight]:
    spent = {id(weight) for weight in encoder_projections(group)}
    return (weight for weight in group.weights() if _is_matrix(weight) and id(weight) not in spent and not weight.first)


def _is_matrix(weight: Weight) -> bool:
    """Whether each element is multiplied with something of the token."""
    return len(weight.shape) > 1 and weight.role not in NOT_MULTIPLIED and not weight.buffer and not weight.name.endswith("bias")


def _active(weight: Weight) -> Num:
    one = elements(weight)
    return one if weight.copies is None else (weight.active or weight.copies) * one


def _prompt_scores(part: Part, context: Num) -> Num:
    """FLOPs of scores and weighted values of a prompt, latents expanded to heads."""
    return num.total(
        group.passes() * _prompt_mixer(mixer, context)
        for group in part.layers
        for mixer in group.mixers
        if isinstance(mixer, Attention | Latent)
    )


def _prompt_mixer(mixer: Attention | Latent, context: Num) -> Num:
    two = num.const(2)
    if isinstance(mixer, Latent):
        width = mixer.qk_nope_head_dim + mixer.qk_rope_head_dim + mixer.v_head_dim
        own = two * mixer.num_attention_heads * width * pairs(context, seen(mixer), causal=True)
        return own if mixer.index_head_dim is None else own + two * mixer.index_head_dim * pairs(context, None, causal=True)
    if mixer.cross or picks(mixer):
        return num.const(0)
    width = mixer.head_dim + mixer.v_head_dim
    chunked = mixer.window_kind == "chunked"
    return two * mixer.num_attention_heads * width * pairs(context, seen(mixer), causal=mixer.causal, chunked=chunked)


def _step_scores(mixer: Mixer, context: Num, encoder_context: Num) -> Num:
    """FLOPs of one query. Latents are not expanded: their up-projections go to queries and outputs, as weights do."""
    two = num.const(2)
    if isinstance(mixer, Latent):
        width = mixer.kv_lora_rank + mixer.qk_rope_head_dim + mixer.kv_lora_rank
        own = two * mixer.num_attention_heads * width * within(context, mixer)
        return own if mixer.index_head_dim is None else own + two * mixer.index_head_dim * context
    if not isinstance(mixer, Attention) or picks(mixer):
        return num.const(0)
    width = mixer.head_dim + mixer.v_head_dim
    return two * mixer.num_attention_heads * width * (encoder_context if mixer.cross else within(context, mixer))


def picks(mixer: Attention) -> bool:
    """Whether an indexer picks the keys a query sees: how many is not in the spec, so none is counted."""
    return len(mixer.rows) > 1 or any(rows.block is None for rows in mixer.rows)


def seen(mixer: Attention | Latent) -> Num | None:
    """How many tokens a query sees at most; None for all."""
    if isinstance(mixer, Attention):
        return mixer.window or mixer.kept_tokens or mixer.hashed_from
    if mixer.window is None or mixer.index_topk is None:
        return mixer.window or mixer.index_topk
    return num.minimum(mixer.window, mixer.index_topk)


def within(context: Num, mixer: Attention | Latent) -> Num:
    """Tokens of `context` that the last of them sees; where windows are chunks half of one, the mean over its steps."""
    window = seen(mixer)
    if window is None:
        return context
    if isinstance(mixer, Attention) and mixer.window_kind == "chunked":
        window = ((window + 1) // 2).named("half a chunk")
    return num.minimum(context, window)


def pairs(context: Num, window: Num | None, *, causal: bool, chunked: bool = False) -> Num:
    """How many (query, key) pairs are scored in a sequence of `context` tokens; in chunks, none across their borders."""
    if not causal:
        return context * context if window is None else context * num.minimum(context, window)
    if window is None:
        return context * (context + 1) // 2
    if chunked:
        full = context // window
        rest = context - full * window
        return full * (window * (window + 1) // 2) + rest * (rest + 1) // 2
    reach = num.minimum(context, window)
    return reach * context - reach * (reach - 1) // 2
