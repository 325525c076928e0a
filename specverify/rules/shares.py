"""What a target shares out over its GPUs, for the rules about it: heads, feed-forwards, and how sure a count of them is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from specverify.facts import Source
from specverify.num import Num
from specverify.rules.engine import Skip
from specverify.spec import Attention, FeedForward, Latent, LayerGroup, ModelSpec
from specverify.target import Target

EVEN = ("ideal", "vllm", "sglang")
"""Engines that give every tensor-parallel GPU the same share; the others cut where they like."""


def tensor_parallel(target: Target) -> int:
    """The GPUs one layer is shared out over. Raises Skip where that is one."""
    if target.tensor_parallel == 1:
        raise Skip("the target has no tensor parallelism")
    return target.tensor_parallel


def text_layers(spec: ModelSpec) -> Iterator[LayerGroup]:
    """The layers of the text model, decoder before encoder."""
    for part in (spec.decoder(), spec.encoder()):
        if part is not None:
            yield from part.layers


def attention_of(spec: ModelSpec) -> list[Attention | Latent]:
    """The attention of the text model's layers. Raises Skip where there is none, or its heads are not known."""
    mixers = [mixer for group in text_layers(spec) for mixer in group.mixers if isinstance(mixer, Attention | Latent)]
    if not mixers:
        raise Skip("no attention layers are known")
    if any(not isinstance(mixer.num_attention_heads.value, int) for mixer in mixers):
        raise Skip("the query heads are not known")
    return mixers


def feed_forwards_of(spec: ModelSpec) -> list[FeedForward]:
    """The feed-forward blocks of the text model's layers."""
    return [group.feed_forward for group in text_layers(spec) if group.feed_forward is not None]


def even_shares(spec: ModelSpec, target: Target) -> int:
    """The ways of tensor parallelism. Raises Skip without it, under an engine that cuts unevenly, or where query heads do not split.

    Heads that do not split are a finding of their own, and the remedy of that one changes the ways.
    """
    ways = tensor_parallel(target)
    if target.engine not in EVEN:
        raise Skip(f"{target.engine} does not need even shares")
    mixers = [mixer for group in text_layers(spec) for mixer in group.mixers if isinstance(mixer, Attention | Latent)]
    counts = [mixer.num_attention_heads.value for mixer in mixers]
    if any(isinstance(count, int) and count % ways for count in counts):
        raise Skip("the query heads do not split that way in the first place")
    return ways


def distinct(numbers: Iterable[Num]) -> list[Num]:
    """Known whole numbers, each value once."""
    return list({found.value: found for found in numbers if isinstance(found.value, int)}.values())


def weaker_where_filled_in(worst: str, count: Num) -> str:
    """`worst`, a level lower where the config does not state the count and the class fills it in."""
    sources = [fact.readings[0].source for fact in count.rests_on() if fact.readings]
    filled_in = bool(sources) and all(source is Source.DEFAULTED for source in sources)
    return {"error": "warning", "warning": "info", "info": "info"}[worst] if filled_in else worst


def engine_release(target: Target) -> tuple[int, ...] | None:
    """The engine's version as numbers, to compare; None where the target states none, which stands for the newest."""
    if target.engine_version is None:
        return None
    return tuple(int(part) for part in re.findall(r"\d+", target.engine_version.partition("+")[0])[:3])
