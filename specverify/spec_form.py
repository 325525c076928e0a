"""The JSON form of a spec, both ways, with nothing lost.

Named facts stand at the top level under their own names, beside a few reserved keys. In the plan a field at its default
is left out, a mixer says which kind it is, and numbers keep how they were made, naming the facts they rest on.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from specverify.facts import Fact, Reading, Source, Where
from specverify.num import Num
from specverify.spec import Attention, Keys, Latent, ModelSpec, Part, Problem, Quantization, Recurrent, Rope

RESERVED = ("family", "exactness", "source", "parts", "rope", "quantization", "problems", "keys", "plan_facts")
"""Keys of the form that are no facts. `plan_facts`, where there are any, are those only a number of the plan rests on."""
MIXERS: Mapping[str, type] = {"attention": Attention, "latent": Latent, "recurrent": Recurrent}
"""What `mixer` says, and the class it is."""
NON_FINITE = "$non_finite"
"""A number JSON has no word for: `{"$non_finite": "NaN"}`, or `Infinity`, or `-Infinity`."""
LITERAL = "$literal"
"""An object of the config that happens to look like one of these two marks."""

_CONSTANTS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_MIXER_NAMES = {kind: name for name, kind in MIXERS.items()}


def spec_to_dict(spec: ModelSpec) -> dict[str, Any]:
    """The JSON form of a spec; valid JSON whatever the config held.

    Raises ValueError where a fact is called like one of the `RESERVED` keys, which no config can bring about.
    """
    taken = sorted(set(spec.facts) & set(RESERVED))
    if taken:
        raise ValueError(f"a fact may not be called {', '.join(taken)}")
    rests_on: dict[str, Fact] = {}
    form: dict[str, Any] = {"family": spec.family, "exactness": spec.exactness, "source": spec.source}
    form |= {name: fact_to_dict(fact) for name, fact in sorted(spec.facts.items())}
    form["rope"] = _encode(spec.rope, rests_on)
    form["quantization"] = _encode(spec.quantization, rests_on)
    form["parts"] = _encode(spec.parts, rests_on)
    form["problems"] = _encode(spec.problems, rests_on)
    form["keys"] = {"unread": list(spec.keys.unread), "unused": list(spec.keys.unused)}
    apart = {name: fact_to_dict(fact) for name, fact in sorted(rests_on.items()) if _unclaimed(spec.facts.get(name)) != fact}
    if apart:
        form["plan_facts"] = apart
    return form


def _unclaimed(fact: Fact | None) -> Fact | None:
    """The fact without what a card says of it, as the plan knows it."""
    if fact is None or not any(reading.source is Source.CLAIMED for reading in fact.readings):
        return fact
    return Fact(fact.name, tuple(reading for reading in fact.readings if reading.source is not Source.CLAIMED), fact.reason)


def spec_from_dict(form: Mapping[str, Any]) -> ModelSpec:
    """The spec that `spec_to_dict` wrote. `form` must be valid by `schemas/spec.schema.json`."""
    facts = {name: _fact(name, fact) for name, fact in form.items() if name not in RESERVED}
    known = facts | {name: _fact(name, fact) for name, fact in form.get("plan_facts", {}).items()}
    return ModelSpec(
        family=form["family"],
        exactness=form["exactness"],
        facts=facts,
        parts=_decode(tuple[Part, ...], form["parts"], known),
        rope=_decode(Rope | None, form["rope"], known),
        quantization=_decode(Quantization | None, form["quantization"], known),
        problems=_decode(tuple[Problem, ...], form["problems"], known),
        keys=_decode(Keys, form["keys"], known),
        source=form["source"],
    )


def fact_to_dict(fact: Fact) -> dict[str, Any]:
    """A fact: the value used with its source, why it is unknown, whether its readings differ, and every reading."""
    form: dict[str, Any] = {"value": json_value(fact.value)}
    if fact.reason is not None:
        form["reason"] = fact.reason
    else:
        used = next((reading for reading in fact.readings if reading.source is not Source.CLAIMED), None)
        if used is not None:
            form["source"] = str(used.source)
    if fact.disputed:
        form["disputed"] = True
    form["readings"] = [_reading_to_dict(reading) for reading in fact.readings]
    return form


def json_value(value: Any) -> Any:
    """A value of a config as JSON can hold it: non-finite numbers are marked, everything else stays."""
    if isinstance(value, float) and not math.isfinite(value):
        return {NON_FINITE: "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    if isinstance(value, Mapping):
        inner = {str(key): json_value(entry) for key, entry in value.items()}
        return {LITERAL: inner} if set(inner) in ({NON_FINITE}, {LITERAL}) else inner
    if isinstance(value, list | tuple):
        return [json_value(entry) for entry in value]
    return value


def value_of_json(form: Any) -> Any:
    """The value that `json_value` wrote."""
    if isinstance(form, Mapping):
        if set(form) == {NON_FINITE}:
            return _CONSTANTS[form[NON_FINITE]]
        inner = form[LITERAL] if set(form) == {LITERAL} else form
        return {key: value_of_json(entry) for key, entry in inner.items()}
    return [value_of_json(entry) for entry in form] if isinstance(form, list) else form


def is_pairs(hint: Any) -> bool:
    """Whether a field holds named entries, `tuple[tuple[str, X], ...]`: an object in JSON."""
    arguments = get_args(hint)
    return len(arguments) == 2 and arguments[1] is Ellipsis and get_origin(arguments[0]) is tuple and get_args(arguments[0])[0] is str


@cache
def hints(kind: type) -> dict[str, Any]:
    """The types of a dataclass's fields."""
    return get_type_hints(kind)


def default_of(field: dataclasses.Field[Any]) -> Any:
    """What a field is where the form leaves it out; `dataclasses.MISSING` where it may not."""
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _reading_to_dict(reading: Reading) -> dict[str, Any]:
    form = {"value": json_value(reading.value), "source": str(reading.source), "file": reading.where.file}
    rest = {"pointer": reading.where.pointer, "line": reading.where.line, "quote": reading.quote, "note": reading.note}
    return form | {name: value for name, value in rest.items() if value is not None}


def _fact(name: str, form: Mapping[str, Any]) -> Fact:
    readings = tuple(
        Reading(
            value_of_json(reading["value"]),
            Source(reading["source"]),
            Where(reading["file"], reading.get("pointer"), reading.get("line")),
            reading.get("quote"),
            reading.get("note"),
        )
        for reading in form["readings"]
    )
    return Fact(name, readings, form.get("reason"))


def _encode(value: Any, rests_on: dict[str, Fact]) -> Any:
    """Any part of the plan; the facts its numbers rest on are gathered in `rests_on`."""
    if isinstance(value, Num):
        rests_on.update((fact.name, fact) for fact in value.rests_on())
        return json_value(value.to_json())
    if isinstance(value, Fact):
        return {"name": value.name} | fact_to_dict(value)
    if isinstance(value, Problem):
        value = dataclasses.replace(value, value=json_value(value.value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        form: dict[str, Any] = {"mixer": _MIXER_NAMES[type(value)]} if type(value) in _MIXER_NAMES else {}
        types = hints(type(value))
        for field in dataclasses.fields(value):
            entry = getattr(value, field.name)
            if entry != default_of(field):
                pairs = is_pairs(types[field.name])
                form[field.name] = {name: _encode(one, rests_on) for name, one in entry} if pairs else _encode(entry, rests_on)
        return form
    if isinstance(value, tuple):
        return [_encode(entry, rests_on) for entry in value]
    return str(value) if isinstance(value, Enum) else value


def _decode(hint: Any, form: Any, facts: Mapping[str, Fact]) -> Any:
    """What `_encode` wrote, of the type a field says."""
    if form is None:
        return None
    if hint is Any:
        return value_of_json(form)
    if hint is Num:
        return Num.from_json(value_of_json(form), facts)
    if hint is Fact:
        return _fact(form["name"], form)
    if get_origin(hint) is tuple:
        entry = get_args(hint)[0]
        if is_pairs(hint):
            return tuple((name, _decode(get_args(entry)[1], one, facts)) for name, one in form.items())
        return tuple(_decode(entry, one, facts) for one in form)
    members = [member for member in get_args(hint) if member is not type(None)]
    if members:
        return _decode(members[0] if len(members) == 1 else MIXERS[form["mixer"]], form, facts)
    if dataclasses.is_dataclass(hint):
        types = hints(hint)  # type: ignore[arg-type]
        return hint(**{name: _decode(types[name], entry, facts) for name, entry in form.items() if name in types})  # type: ignore[operator]
    return hint(form)
