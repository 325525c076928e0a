"""How a model is made, as facts: prototype, attention, position scheme, norms, feed-forward, routing, interface, long-context path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.facts import Fact, Reading, Source, Where, unknown
from specverify.spec import Attention, FeedForward, Latent, LayerGroup, Part, Recurrent, Rope

SWISH = ("silu", "swish", "swiglu")
UNSCALED = ("default", "mrope", "proportional")
"""Rotary types that do not stretch positions."""


def recipe_facts(c: Config, model: Model, rope: Rope | None, *, exact: bool, source: str | None) -> dict[str, Fact]:
    """The named facts that say how the model is made."""
    where = Where(source or c.file)
    facts = [
        _prototype(c, model, where, exact),
        _attention(model, where),
        _stated("mask", model.mask or None, where, "who sees whom is not known for this class"),
        _stated("training_objective", _objective(model, exact), where, "the class does not tell"),
        _stated(
            "position_scheme",
            model.recipe.position or ("rope" if rope is not None and not exact else None),
            where,
            "the class is not known",
        ),
        _stated("norm", model.recipe.norm or None, where, "the class is not known"),
        _stated("norm_placement", model.recipe.norm_placement or None, where, "the class is not known"),
        _stated("parallel_blocks", model.recipe.parallel if exact else None, where, "the class is not known"),
        _stated("qk_norm", (model.recipe.qk_norm or "none") if exact else None, where, "the class is not known"),
        _feed_forward(model, where, exact),
        _tied(c, model, where),
        *_routing(model, where, exact),
        _interface(c, model, where, exact),
        _long_context(c, model, rope, where),
    ]
    found = {fact.name: fact for fact in facts}
    found["modern_decoder_recipe"] = _modern(found, model, where)
    return found


def _stated(name: str, value: Any, where: Where, otherwise: str, note: str | None = None) -> Fact:
    """A fact read off the class itself; unknown, for the reason `otherwise`, where the class does not say."""
    return unknown(name, otherwise) if value is None else Fact(name, (Reading(value, Source.DERIVED, where, note=note),))


def _objective(model: Model, exact: bool) -> str | None:
    return model.recipe.objective if exact else {"causal": "causal", "bidirectional": None}.get(model.mask)


def _prototype(c: Config, model: Model, where: Where, exact: bool) -> Fact:
    name = c.architecture or (c.defaults.config_class if c.defaults is not None else "the class")
    roles = {part.role for part in model.parts}
    flag = c.choice("is_encoder_decoder")
    if {"encoder", "decoder"} <= roles:
        return _stated("prototype", "encoder-decoder", where, "", f"{name} has an encoder and a decoder that attends to it")
    if flag is True and not exact:
        reading = Reading(
            "encoder-decoder", Source.DECLARED, c.fact("is_encoder_decoder").readings[0].where, note="is_encoder_decoder is true"
        )
        return Fact("prototype", (reading,))
    value = {"causal": "decoder-only", "bidirectional": "encoder-only", "prefix": "prefix-lm"}.get(model.mask)
    if value is None:
        return unknown("prototype", f"what {name} sees of its input cannot be told from its config")
    notes = {
        "causal": f"causal mask in {name}: each token sees those before it",
        "bidirectional": f"bidirectional mask in {name}: every token sees every other",
        "prefix": f"prefix mask in {name}: the prompt is seen both ways, the answer causally",
    }
    note = notes[model.mask]
    if model.lineage:
        note += f"; {model.lineage}"
    if model.image_mask:
        note += "; tokens of one image see each other both ways, which does not make it a prefix LM"
    return _stated("prototype", value, where, "", note)


def self_attention(model: Model) -> Iterator[tuple[LayerGroup, str]]:
    """The attention kind of each layer group of the generating part, or of the encoder where there is no other.

    Layers that only read an encoder, or are a feed-forward alone, have none to tell.
    """
    parts = [part for part in model.parts if part.role == "decoder"] or [part for part in model.parts if part.role == "encoder"]
    for part in parts[:1]:
        for group in part.layers:
            kinds = {kind for mixer in group.mixers if (kind := _kind(mixer)) is not None}
            if kinds:
                yield group, kinds.pop() if len(kinds) == 1 else "mixed"


def _kind(mixer: Attention | Latent | Recurrent) -> str | None:
    """`mha`, `mqa`, `gqa`, `mla`, `none` for a recurrent mixer, `unknown`; None for cross-attention."""
    if isinstance(mixer, Latent):
        return "mla"
    if isinstance(mixer, Recurrent):
        return "none"
    if mixer.cross:
        return None
    heads, kv_heads = mixer.num_attention_heads.value, mixer.num_key_value_heads.value
    if heads is None or kv_heads is None:
        return "unknown"
    return "mha" if kv_heads == heads else "mqa" if kv_heads == 1 else "gqa"


def _attention(model: Model, where: Where) -> Fact:
    layers: dict[str, int] = {}
    for group, kind in self_attention(model):
        layers[kind] = layers.get(kind, 0) + len(group.indices)
    if "unknown" in layers or not layers:
        return unknown("attention", "its query or key-value head count is unknown")
    if len(layers) == 1:
        return _stated("attention", next(iter(layers)), where, "")
    note = ", ".join(f"{kind} in {count} layers" for kind, count in layers.items())
    return _stated("attention", "mixed", where, "", note)


def _text_parts(model: Model) -> Iterator[Part]:
    for part in model.parts:
        if part.role in ("decoder", "encoder"):
            yield part


def _feed_forwards(model: Model) -> Iterator[FeedForward]:
    for part in _text_parts(model):
        for group in part.layers:
            if group.feed_forward is not None:
                yield group.feed_forward


def _feed_forward(model: Model, where: Where, exact: bool) -> Fact:
    if not exact:
        return unknown("feed_forward", "the class is not known")
    gated = {block.gated for block in _feed_forwards(model)}
    activation = next((block.activation for block in _feed_forwards(model) if block.activation), None)
    if not gated:
        return _stated("feed_forward", "none", where, "")
    value = "mixed" if len(gated) > 1 else "gated" if gated.pop() else "plain"
    return _stated("feed_forward", value, where, "", f"activation {activation}" if activation else None)


def _tied(c: Config, model: Model, where: Where) -> Fact:
    stated = c.facts.get("tie_word_embeddings")
    readings = stated.readings if stated is not None and stated.value == model.tied else ()
    own = Reading(model.tied, Source.DERIVED, where, note="whether the class ties its head to the embedding")
    return Fact("tied_embeddings", (*readings, own))


def _routing(model: Model, where: Where, exact: bool) -> list[Fact]:
    mixtures = [block.experts for block in _feed_forwards(model) if block.experts is not None]
    if not exact:
        return [unknown("router", "the class is not known"), unknown("router_balancing", "the class is not known")]
    if not mixtures:
        return [_stated("router", "none", where, ""), _stated("router_balancing", "none", where, "")]
    router = mixtures[0].router
    return [
        _stated("router", router, where, "the class does not tell"),
        _stated("router_balancing", model.recipe.balancing, where, "neither config nor class says how experts are kept balanced"),
    ]


def _interface(c: Config, model: Model, where: Where, exact: bool) -> Fact:
    if model.interface is not None:
        return _stated("modality_interface", model.interface, where, "")
    key = next((key for key in c.raw if str(key) in ("vision_config", "visual", "audio_config", "vision_tower", "mm_vision_tower")), None)
    if key is not None and not exact:
        return unknown("modality_interface", f"`{key}` says that other inputs enter, and how is not known for this class")
    return _stated("modality_interface", "text only", where, "")


def _long_context(c: Config, model: Model, rope: Rope | None, where: Where) -> Fact:
    paths = []
    if rope is not None and rope.type.value not in (None, *UNSCALED):
        paths.append("scaled dense positions")
    mixers = [mixer for part in _text_parts(model) for group in part.layers for mixer in group.mixers]
    declared = c.optional("max_position_embeddings")
    longest = declared.value if declared is not None else None
    windows = [mixer.window for mixer in mixers if isinstance(mixer, Attention) and mixer.window is not None]
    binding = [window for window in windows if window.value is None or longest is None or window.value < longest]
    if binding or any(isinstance(mixer, Latent) and mixer.index_topk is not None for mixer in mixers):
        paths.append("changed attention graph")
    if any(isinstance(mixer, Latent | Recurrent) for mixer in mixers):
        paths.append("compressed or recurrent state")
    note = None if paths else "nothing in the config extends the context; training at length can only be claimed"
    return _stated("long_context_path", paths, where, "", note)


def _modern(facts: dict[str, Fact], model: Model, where: Where) -> Fact:
    """Whether RoPE, RMSNorm, SwiGLU and GQA are all there."""
    activations = {block.activation for block in _feed_forwards(model)}
    kinds = {kind for _, kind in self_attention(model)}
    if any(facts[name].value is None for name in ("position_scheme", "norm", "feed_forward")) or facts["attention"].reason:
        return unknown("modern_decoder_recipe", "not all of position scheme, norm, feed-forward and attention are known")
    has = {
        "RoPE": facts["position_scheme"].value == "rope",
        "RMSNorm": facts["norm"].value == "rms",
        "SwiGLU": facts["feed_forward"].value == "gated" and bool(activations) and activations <= set(SWISH),
        "GQA": kinds == {"gqa"},
    }
    note = ", ".join(f"{name} {'yes' if held else 'no'}" for name, held in has.items())
    return _stated("modern_decoder_recipe", all(has.values()), where, "", note)
