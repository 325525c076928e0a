"""What a spec says, in a dozen rows: a label, the words, and how each is known. Every text report prints these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from specverify.facts import Fact, Source
from specverify.num import Num
from specverify.report.amounts import exact
from specverify.report.sanitize import clean, clean_value
from specverify.spec import Attention, Experts, Figure, Latent, LayerGroup, Mixer, ModelSpec, Part, Quantization, Recurrent, Rope

TAGS: Mapping[Source, str] = {
    Source.MEASURED: "measured",
    Source.DECLARED: "declared",
    Source.DEFAULTED: "default",
    Source.DERIVED: "derived",
    Source.CLAIMED: "claimed",
}
MOST_KINDS = 3
"""Kinds of attention, layer or scheme that a row names before it only counts the rest."""
_SHORT = 80


class Row(NamedTuple):
    """One row; `source` says how most of `text` is known, and parts known otherwise say so themselves."""

    label: str
    text: str
    source: str = ""


class Said(NamedTuple):
    """Some words, and how they are known; empty where that is nothing to tell."""

    text: str
    source: str = ""


def spec_rows(spec: ModelSpec, figures: Mapping[str, Figure]) -> Iterator[Row]:
    """The rows of a model, most telling first; of what is no language model, what it says it is."""
    if spec.exactness == "none":
        stated = (name for name in ("model_type", "architectures") if spec.value(name) is not None)
        yield from (_row(name.replace("_", " "), _plain(spec, name)) for name in stated)
        return
    if spec.exactness == "claimed":
        yield from (_claimed(fact) for fact in spec.facts.values() if fact.readings)
        silent = [name for name, fact in spec.facts.items() if not fact.readings]
        yield Row("not stated", ", ".join(silent))
        return
    parts = [part for part in spec.parts if part.role in ("decoder", "encoder")]
    mixers = [mixer for part in parts for group in part.layers for mixer in group.mixers]
    yield _row("prototype", _plain(spec, "prototype"), *_note(spec, "prototype"))
    yield _row("attention", *_attention(spec, mixers))
    yield _row("layers", *_layers(parts))
    mixtures = [group.feed_forward.experts for part in parts for group in part.layers if group.feed_forward and group.feed_forward.experts]
    if mixtures:
        yield _row("experts", *_experts(mixtures[0]))
    yield _row("width", *_width(spec, parts))
    yield _row("vocabulary", *_sized(spec, "vocab_size", "tokens"), *_tied(spec))
    yield _row("context", *_context(figures))
    if spec.rope is not None:
        yield _row("rope", *_rope(spec.rope))
    if spec.exactness == "exact":
        yield _row("recipe", *_recipe(spec))
    yield _row("dtype", _plain(spec, "dtype"))
    if spec.quantization is not None:
        yield _row("quantization", *_quantization(spec.quantization))
    if spec.value("modality_interface") != "text only":
        yield _row("other inputs", _plain(spec, "modality_interface"))


def used(fact: Fact) -> str:
    """How the value of a fact is known, in a word; empty where it is not."""
    reading = next((reading for reading in fact.readings if reading.source is not Source.CLAIMED), None)
    return TAGS[reading.source] if reading is not None and fact.reason is None else ""


def _row(label: str, *said: Said) -> Row:
    parts = [one for one in said if one.text]
    sources = [one.source for one in parts if one.source]
    source = max(sources, key=sources.count, default="")
    return Row(label, ", ".join(one.text + (f" ({one.source})" if one.source not in ("", source) else "") for one in parts), source)


def _claimed(fact: Fact) -> Row:
    """What is claimed of a fact, which has no value by that."""
    said = dict.fromkeys(exact(r.value, None) if isinstance(r.value, int | float) else _word(r.value) for r in fact.readings)
    return Row(fact.name.replace("_", " "), " or ".join(said), TAGS[Source.CLAIMED])


def _plain(spec: ModelSpec, name: str) -> Said:
    """The value of a fact, or that it is unknown and why."""
    fact = spec.fact(name)
    if fact.value is None:
        return Said(f"unknown: {clean(fact.reason or 'null')}")
    return Said(_word(fact.value), used(fact))


def _word(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_word(entry) for entry in value[:MOST_KINDS])
    return clean(value, _SHORT) if isinstance(value, str) else clean_value(value, _SHORT)


def _note(spec: ModelSpec, name: str) -> Iterator[Said]:
    """What is to be said beside a value, where the fact says more than how it was read: all after the first clause of its note."""
    for reading in spec.fact(name).readings[:1]:
        _, _, more = (reading.note or "").partition("; ")
        if more:
            yield Said(clean(more))


def _number(number: Num | None, words: str) -> Said:
    """A number of the plan before or after its word: `32 heads`."""
    if number is None:
        return Said("")
    shown = exact(number.value, None)
    text = words.replace("#", shown) if "#" in words else f"{shown} {words}".strip()
    if number.fact is not None:
        return Said(text, used(number.fact))
    return Said(text, "" if number.op == "const" else "derived")


def _sized(spec: ModelSpec, name: str, words: str) -> Iterator[Said]:
    if name in spec.facts:
        fact = spec.facts[name]
        shown = exact(fact.value, None) if isinstance(fact.value, int | float) else f"unknown: {clean(fact.reason or 'null')}"
        yield Said(f"{shown} {words}".strip(), used(fact))


def _attention(spec: ModelSpec, mixers: Iterable[Mixer]) -> Iterator[Said]:
    kind, shapes = _plain(spec, "attention"), list(_shapes(mixers))
    yield kind if not shapes else kind._replace(source="") if spec.value("attention") is not None else Said("kind unknown")
    yield from shapes


def _shapes(mixers: Iterable[Mixer]) -> Iterator[Said]:
    shapes: dict[tuple[object, ...], list[Said]] = {}
    for mixer in mixers:
        if isinstance(mixer, Attention):
            numbers = (
                (mixer.num_attention_heads, "heads"), (mixer.num_key_value_heads, "KV heads"), (mixer.head_dim, "head_dim #"),
            )  # fmt: skip
        elif isinstance(mixer, Latent):
            numbers = ((mixer.num_attention_heads, "heads"), (mixer.kv_lora_rank, "latent #"), (mixer.qk_rope_head_dim, "rotary #"))
        else:
            continue
        shapes.setdefault(tuple(number.value for number, _ in numbers), [_number(number, words) for number, words in numbers])
    for shape in list(shapes.values())[:MOST_KINDS]:
        yield from shape
    yield from _more(len(shapes) - MOST_KINDS, "shapes")


def _layers(parts: Iterable[Part]) -> Iterator[Said]:
    kinds: dict[tuple[str, str], Num] = {}
    plural = len({part.role for part in parts}) > 1
    for part in parts:
        for group in part.layers:
            key = (f"{part.role} " if plural else "", _kind(group))
            kinds[key] = kinds[key] + group.count if key in kinds else group.count
    for (role, kind), count in list(kinds.items())[:MOST_KINDS]:
        yield _number(count, f"{role}# x {kind}")
    yield from _more(len(kinds) - MOST_KINDS, "kinds")


def _kind(group: LayerGroup) -> str:
    names = [_mixer_name(mixer) for mixer in group.mixers]
    if group.feed_forward is not None:
        names.append("experts" if group.feed_forward.experts is not None else "feed-forward")
    return " + ".join(names) or "nothing"


def _mixer_name(mixer: Mixer) -> str:
    if isinstance(mixer, Recurrent):
        return clean(mixer.kind)
    if isinstance(mixer, Attention) and mixer.cross:
        return "cross-attention"
    kind = "attention" if isinstance(mixer, Attention) else "latent attention"
    if isinstance(mixer, Attention) and not mixer.cached:
        kind += " without own cache" if mixer.causal else ""
    if mixer.window is None:
        return kind
    how = mixer.window_kind if isinstance(mixer, Attention) else None
    return f"{kind} ({how or 'window'} {exact(mixer.window.value, None)})"


def _experts(experts: Experts) -> Iterator[Said]:
    yield _number(experts.total, "routed")
    yield _number(experts.per_token, "per token")
    yield _number(experts.intermediate_size, "# wide")
    yield _number(experts.shared, "# wide shared")
    if experts.groups is not None and experts.groups_per_token is not None and experts.groups.value != 1:
        yield Said(f"from {exact(experts.groups_per_token.value, None)} of {exact(experts.groups.value, None)} groups")
    if experts.router:
        yield Said(f"{clean(experts.router)} router")


def _width(spec: ModelSpec, parts: Iterable[Part]) -> Iterator[Said]:
    yield from _sized(spec, "hidden_size", "hidden")
    widths: dict[object, Said] = {}
    for part in parts:
        for group in part.layers:
            block = group.feed_forward
            if block is not None and block.experts is None and block.intermediate_size.value is not None:
                widths.setdefault(block.intermediate_size.value, _number(block.intermediate_size, "feed-forward"))
    yield from list(widths.values())[:MOST_KINDS]


def _tied(spec: ModelSpec) -> Iterator[Said]:
    fact = spec.fact("tied_embeddings")
    if isinstance(fact.value, bool):
        yield Said("tied head" if fact.value else "untied head", used(fact))


def _context(figures: Mapping[str, Figure]) -> Iterator[Said]:
    declared = figures.get("context.declared")
    if declared is None:
        return
    if declared.value is None:
        yield Said(f"unknown: {clean('; '.join(declared.number.reasons()))}")
    else:
        yield _number(declared.number, "declared")
    native = figures.get("context.native")
    if native is not None and native.value not in (None, declared.value):
        yield _number(native.number, "native")
    engines = {name.rpartition(".")[2]: figure.value for name, figure in figures.items() if name.startswith("context.effective.")}
    yield from (Said(f"in {clean(engine)} {exact(value, None)}") for engine, value in engines.items() if value != declared.value)


def _rope(rope: Rope) -> Iterator[Said]:
    yield Said("unscaled" if rope.type.value == "default" else _word(rope.type.value), used(rope.type))
    for label, fact in (("factor", rope.factor), ("theta", rope.theta), ("original", rope.original_max_position_embeddings)):
        if fact is not None and fact.value is not None:
            value = exact(fact.value, None) if isinstance(fact.value, int | float) else _word(fact.value)
            yield Said(f"{label} {value}", used(fact))


def _recipe(spec: ModelSpec) -> Iterator[Said]:
    modern = spec.fact("modern_decoder_recipe")
    if modern.value is True:
        yield Said("modern decoder (RoPE, RMSNorm, SwiGLU, GQA)", used(modern))
    else:
        words = (("position_scheme", "{} positions"), ("norm", "{} norm"), ("feed_forward", "{} feed-forward"))
        yield from (Said(phrase.format(_word(spec.value(name))), used(spec.fact(name))) for name, phrase in words if spec.value(name))
    placement, qk_norm = spec.value("norm_placement"), spec.value("qk_norm")
    if placement not in (None, "pre"):
        yield Said(f"norm {_word(placement)}")
    if qk_norm not in (None, "none"):
        yield Said(f"q/k norm {_word(qk_norm)}")
    if spec.value("parallel_blocks"):
        yield Said("parallel blocks")


def _quantization(stored: Quantization) -> Iterator[Said]:
    yield Said(_word(stored.method.value) if stored.method.value is not None else "unknown method", used(stored.method))
    if stored.format is not None and stored.format.value is not None:
        yield Said(_word(stored.format.value))
    if stored.reason is not None:
        yield Said(f"unknown: {clean(stored.reason)}")
    for scheme in stored.schemes[:MOST_KINDS]:
        yield _number(scheme.bits, f"# bits ({clean(scheme.name, _SHORT)})")
    yield from _more(len(stored.schemes) - MOST_KINDS, "schemes")
    if stored.ignored:
        yield Said(f"{len(stored.ignored):,} module names left as they are")


def _more(count: int, what: str) -> Iterator[Said]:
    if count > 0:
        yield Said(f"{count:,} more {what}")
