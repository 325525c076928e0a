"""What each model class fills in for keys a config does not state, as data generated from a transformers release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cache
from typing import Any

from specverify.architectures import table
from specverify.architectures.computed import COMPUTED, COUNTED
from specverify.frozen import Struct, frozen

_NO: Mapping[str, Any] = {}
MOST_ENTRIES = 10_000
"""Of a computed list: a config that asks for more would only cost memory."""


@frozen
class ClassDefaults(Struct):
    """The defaults of one config class.

    A rule is `{"fn": name in COMPUTED or null, "of": [keys], constants...}`; a null `fn` means computed, rule unknown.
    Dotted keys reach into sub-configs.
    """

    model_type: str
    config_class: str
    literal: Mapping[str, Any] = field(default_factory=dict)
    """key to the value it has when absent"""
    computed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """key to the rule for it when absent; with `null_too`, also when it is null"""
    later: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """key to the rule by which modelling code reads it where the config object holds null or nothing"""
    forced: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """key to the rule that replaces whatever it declares; the rule may be of the key itself"""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """other spelling to the key it overwrites"""
    placeholders: Mapping[str, Any] = field(default_factory=dict)
    """key to the declared value that stands for absent, such as `auto`"""
    sub: Mapping[str, str] = field(default_factory=dict)
    """sub-config key to the type whose defaults it has"""
    sub_absent: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """sub-config key to what differs from its type's defaults when the whole sub-config is absent"""
    sub_given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """sub-config key to what differs from its type's defaults when it is given but does not state them"""
    per_kind: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    """layer type to the keys that layers of this type override, as rules, unless `per_layer_config` is given"""
    legacy: frozenset[str] = frozenset()
    """keys the class accepts without keeping them under that name"""
    rope_theta: Any = None
    """what a rotary base left out of `rope_parameters` is; for some classes, by layer type"""
    spellings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """key to its other spellings"""

    def knows(self, key: str) -> bool:
        """Whether the class does something with the key."""
        return (
            key in self.literal
            or key in self.computed
            or key in self.later
            or key in self.aliases
            or key in self.sub
            or key in self.legacy
            or key in _known()
        )


def class_defaults(model_type: str) -> ClassDefaults | None:
    """The defaults of a model type, or of a config class that has no type of its own; None for one the release lacks."""
    return _class_defaults(model_type) if table.entry("types", model_type) is not None else None


@cache
def _class_defaults(model_type: str) -> ClassDefaults:
    entry = table.entry("types", model_type)
    aliases = entry.get("aliases", _NO)
    spellings: dict[str, tuple[str, ...]] = {}
    for alias, actual in aliases.items():
        spellings[actual] = (*spellings.get(actual, ()), alias)
    return ClassDefaults(
        model_type,
        entry["class"],
        literal={**table.field("base"), **entry.get("literal", _NO)},
        computed=entry.get("computed", _NO),
        later=entry.get("later", _NO),
        forced=entry.get("forced", _NO),
        aliases=aliases,
        placeholders=entry.get("placeholders", _NO),
        sub=entry.get("sub", _NO),
        sub_absent=entry.get("sub_absent", _NO),
        sub_given=entry.get("sub_given", _NO),
        per_kind=entry.get("per_kind", _NO),
        legacy=frozenset(entry.get("legacy", ())),
        rope_theta=entry.get("rope_theta"),
        spellings=spellings,
    )


def model_types() -> tuple[str, ...]:
    """Every type the table has, config classes without a type of their own included."""
    return tuple(name for name, _ in table.entries("types"))


def architecture_class(name: str) -> tuple[str, str] | None:
    """The model type and the kind (`causal_lm`, `seq2seq_lm`, `masked_lm`, ...) of a model class; None if unknown."""
    entry = table.entry("architectures", name)
    return None if entry is None else (entry[0], entry[1])


def architectures_of(model_type: str) -> tuple[tuple[str, str], ...]:
    """The model classes of a type, each with its kind."""
    return _classes_by_type().get(model_type, ())


@cache
def _classes_by_type() -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for name, (model_type, kind) in table.entries("architectures"):
        found[model_type] = (*found.get(model_type, ()), (name, kind))
    return found


def release() -> str:
    """The release the table was generated from: `transformers 5.23.0`."""
    found: str = table.field("release")
    return found


def plain_value(defaults: ClassDefaults, key: str, declared: Mapping[str, Any]) -> Any:
    """The value the config object holds for `key` given the declared keys, in plain Python. KeyError where unknown."""
    rule = defaults.forced.get(key)
    if rule is not None and rule["fn"] is not None:
        return _apply(defaults, rule, declared, key)
    return _unforced(defaults, key, declared)


def _unforced(defaults: ClassDefaults, key: str, declared: Mapping[str, Any]) -> Any:
    for spelling in (*defaults.spellings.get(key, ()), key):
        if spelling in declared and not _stands_for_absent(defaults, key, declared[spelling]):
            return declared[spelling]
    rule = defaults.computed.get(key)
    if rule is not None and rule["fn"] is not None:
        return _apply(defaults, rule, declared, key)
    # A key the class takes beside its fields has a literal default or none.
    return defaults.literal.get(key) if key in defaults.legacy else defaults.literal[key]


def _stands_for_absent(defaults: ClassDefaults, key: str, value: Any) -> bool:
    if value is None:
        return bool(defaults.computed.get(key, _NO).get("null_too"))
    return key in defaults.placeholders and defaults.placeholders[key] == value


def _apply(defaults: ClassDefaults, rule: Mapping[str, Any], declared: Mapping[str, Any], key: str) -> Any:
    if rule["fn"] is None:
        raise KeyError(key)
    arguments = [_unforced(defaults, name, declared) if name == key else plain_value(defaults, name, declared) for name in rule["of"]]
    if rule["fn"] in COUNTED and (not isinstance(arguments[0], int) or arguments[0] > MOST_ENTRIES):
        raise KeyError(key)
    constants = {name: value for name, value in rule.items() if name not in ("fn", "of", "null_too")}
    return COMPUTED[rule["fn"]](*arguments, **constants)


@cache
def _known() -> frozenset[str]:
    """Keys that every class knows."""
    return frozenset(table.field("known"))
