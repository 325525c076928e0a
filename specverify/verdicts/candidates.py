"""What a claim can be held against: values of the spec and its figures, each with its name and the lines that prove it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from specverify.facts import Fact, Source
from specverify.num import Num
from specverify.outcome import Agreement, Compared, Evidence, evidence_of
from specverify.spec import Attention as AttentionMixer
from specverify.spec import Experts, Latent, ModelSpec, Recurrent

Parts = tuple[Agreement, str, tuple[Compared, ...], str | None]
"""What comes of one claim: the agreement, its reason, what it was compared with, and a remark."""
SIZES = ("num_hidden_layers", "hidden_size", "num_attention_heads", "vocab_size")
TEXT_ROLES = ("decoder", "encoder")


def stated(fact: Fact) -> bool:
    """Whether the model's own files state it, or it follows from what they state."""
    sources = {reading.source for reading in fact.readings}
    return bool(sources & {Source.MEASURED, Source.DECLARED}) or (bool(fact.readings) and fact.readings[0].source is Source.DERIVED)


def left_to_defaults(spec: ModelSpec, names: Iterable[str] = SIZES) -> str | None:
    """The first of these facts that the config leaves to its class's default; None where it states them all."""
    return next((name for name in names if spec.fact(name).readings and not stated(spec.fact(name))), None)


def proof(*facts: Fact) -> tuple[Evidence, ...]:
    """The strongest reading of each fact, each place once."""
    found = {(e.file, e.pointer, e.line): e for fact in facts for e in evidence_of(fact)[:1]}
    return tuple(found.values())


def of_fact(spec: ModelSpec, *names: str) -> Iterator[Compared]:
    """The integer facts of these names that the model's files state."""
    for name in names:
        fact = spec.fact(name)
        if stated(fact) and isinstance(fact.value, int) and not isinstance(fact.value, bool):
            yield Compared(name, fact.value, False, proof(fact))


def of_number(name: str, number: Num) -> Iterator[Compared]:
    """A traced number that is known and rests on nothing but what the model's files state."""
    facts = number.rests_on()
    if isinstance(number.value, int) and facts and all(map(stated, facts)):
        yield Compared(name, number.value, False, proof(*facts))


def distinct(candidates: Iterable[Compared]) -> tuple[Compared, ...]:
    """Each value once, under the first name it came by."""
    found: dict[object, Compared] = {}
    for candidate in candidates:
        found.setdefault(candidate.value, candidate)
    return tuple(found.values())


def attentions(spec: ModelSpec) -> Iterator[AttentionMixer | Latent]:
    """The attention of every group of text layers."""
    for part in spec.parts:
        if part.role in TEXT_ROLES:
            for group in part.layers:
                yield from (mixer for mixer in group.mixers if isinstance(mixer, AttentionMixer | Latent))


def recurrences(spec: ModelSpec) -> Iterator[Recurrent]:
    """The recurrent mixers of every group of text layers."""
    for part in spec.parts:
        for group in part.layers:
            yield from (mixer for mixer in group.mixers if isinstance(mixer, Recurrent))


def mixtures(spec: ModelSpec) -> Iterator[Experts]:
    """The routed experts of every group of text layers."""
    for part in spec.parts:
        if part.role in TEXT_ROLES:
            for group in part.layers:
                if group.feed_forward is not None and group.feed_forward.experts is not None:
                    yield group.feed_forward.experts
