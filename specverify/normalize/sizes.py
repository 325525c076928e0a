"""The standard sizes under their standard names, whatever a class calls them: read off the plan."""

from __future__ import annotations

from collections.abc import Iterator

from specverify import num
from specverify.architectures.model import Model
from specverify.facts import Fact, derived, unknown
from specverify.num import Num
from specverify.spec import Attention, Latent, LayerGroup, Part, Role


def standard_sizes(model: Model) -> Iterator[Fact]:
    """`num_hidden_layers`, `num_attention_heads`, `num_key_value_heads`, `vocab_size` and `hidden_size` of the generating part."""
    part = next((p for p in model.parts if p.role == "decoder"), None) or next((p for p in model.parts if p.role == "encoder"), None)
    if part is None:
        return
    yield _fact("num_hidden_layers", num.total(_layers(group) for group in part.layers if not _only_reads(group)))
    mixers = [mixer for group in part.layers for mixer in group.mixers]
    heads = next((mixer for mixer in mixers if isinstance(mixer, Attention | Latent)), None)
    if heads is not None:
        yield _fact("num_attention_heads", heads.num_attention_heads)
    if isinstance(heads, Attention):
        yield _fact("num_key_value_heads", heads.num_key_value_heads)
    table = _embedding(part)
    if table is not None:
        yield _fact("vocab_size", table[0])
        yield _fact("hidden_size", table[1])


def _layers(group: LayerGroup) -> Num:
    """The layers of a group, each as often as a token passes through it where that is a number."""
    passes = group.passes()
    return group.count if passes.value is None else passes


def _only_reads(group: LayerGroup) -> bool:
    """Whether the layers are but attention to another stack, set between those that are counted (BLT)."""
    return group.feed_forward is None and all(isinstance(mixer, Attention) and mixer.cross for mixer in group.mixers)


def _embedding(part: Part) -> tuple[Num, ...] | None:
    return next((weight.shape for weight in part.weights if weight.role is Role.EMBEDDING and len(weight.shape) == 2), None)


def _fact(name: str, number: Num) -> Fact:
    if number.value is None:
        return unknown(name, "; ".join(number.reasons()))
    return derived(name, number.value, f"{number.formula()} = {number.worked()}", *number.rests_on())
