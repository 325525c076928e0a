"""A config as its family reads it: raw keys, the spellings its class accepts, and the class defaults behind them.

Absent is not null is not default. A key that is present is declared; an absent one takes the class default, which is
recorded as such; a null one is what the class makes of null. A value of the wrong kind is a `Problem`, and the field
it would have stated is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from specverify import num
from specverify.architectures.computed import COMPUTED
from specverify.architectures.defaults import ClassDefaults, class_defaults, release
from specverify.facts import Fact, Reading, Source, Where
from specverify.num import Num
from specverify.spec import Problem

LARGEST_INT = 2**63 - 1
MOST_LAYERS = 10_000
"""Deeper stacks do not exist; a config that asks for one would only cost time."""

_STANDARD_NAMES = {
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "intermediate_size",
    "vocab_size",
    "max_position_embeddings",
    "num_experts",
    "num_local_experts",
    "num_experts_per_tok",
}

Check = Callable[[Any], str | None]


class Config:
    """One object of a config file with its class defaults.

    Sub-configs share `facts`, `problems` and `read` with the document they are part of. `label` prefixes the facts of
    sub-configs other than the text model's own.
    """

    __slots__ = (
        "_names",
        "_nums",
        "_overridden",
        "architecture",
        "defaults",
        "facts",
        "file",
        "label",
        "model_type",
        "pointer",
        "problems",
        "raw",
        "read",
    )

    def __init__(
        self,
        raw: Mapping[str, Any],
        *,
        file: str = "config.json",
        pointer: str = "",
        model_type: str | None = None,
        architecture: str | None = None,
        label: str = "",
        parent: Config | None = None,
    ) -> None:
        self.raw = raw
        self.file = file
        self.pointer = pointer
        self.model_type = model_type
        self.architecture = architecture
        self.label = label
        self.defaults: ClassDefaults | None = class_defaults(model_type) if model_type else None
        self.facts: dict[str, Fact] = {} if parent is None else parent.facts
        self.problems: list[Problem] = [] if parent is None else parent.problems
        self.read: set[str] = set() if parent is None else parent.read
        self._nums: dict[str, Num | None] = {}
        self._overridden: Mapping[str, str] = {}
        self._names: dict[str, str] = {}
        if self.defaults is not None:
            for alias, actual in self.defaults.aliases.items():
                if alias in _STANDARD_NAMES and not actual.startswith(("encoder_", "decoder_")):
                    self._names.setdefault(actual, alias)

    def __contains__(self, key: str) -> bool:
        """Whether the file itself states the key, in any spelling its class accepts."""
        return any(spelling in self.raw for spelling in self._spellings(key))

    def at(self, key: str) -> str:
        """The JSON pointer of a key."""
        return self._overridden.get(key) or f"{self.pointer}/{_escape(key)}"

    def get(self, key: str, default: Any = None) -> Any:
        """The value the model class would see, unchecked: declared, else the class's literal default."""
        for spelling in self._spellings(key):
            if spelling in self.raw:
                self.read.add(self.at(spelling))
                return self.raw[spelling]
        if self.defaults is not None and key in self.defaults.literal:
            return self.defaults.literal[key]
        return default

    def int(self, key: str, *, least: int = 1, also: Sequence[str] = ()) -> Num:
        """A required count or size. `also` are spellings engines or remote code accept beside the class's own."""
        return self._number(key, lambda value: _int_problem(value, least), also) or num.unknown(f"{key} is not stated")

    def optional(self, key: str, *, least: int = 1, also: Sequence[str] = ()) -> Num | None:
        """A size that may be null or absent; None where nobody states one. A wrong one is unknown, not None."""
        if self._value_of(key, also) is None and not self._is_computed(key):
            self._mark(key, also)
            return None
        return self.int(key, least=least, also=also)

    def number(self, key: str) -> Num | None:
        """A real number; None where nobody states one."""
        if self._value_of(key, ()) is None and not self._is_computed(key):
            self._mark(key, ())
            return None
        return self._number(key, _number_problem, ())

    def flag(self, key: str, default: bool = False, *, also: Sequence[str] = ()) -> bool:
        """A switch: declared, else the class default, else `default`. One that is no bool is a problem, and off."""
        value = self.choice(key, default, also=also)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.problem("type", key, f"`{key}` should be true or false", value)
            return default
        return value

    def text(self, key: str, default: str | None = None) -> str | None:
        """A string, or None where it is null, absent or no string."""
        value = self.choice(key, default)
        if value is not None and not isinstance(value, str):
            self.problem("type", key, f"`{key}` should be a string", value)
            return default
        return value

    def choice(self, key: str, default: Any = None, *, also: Sequence[str] = ()) -> Any:
        """Any value that decides something, recorded as a fact: declared, else the class default, else `default`."""
        name = self.label + self._names.get(key, key)
        if name not in self.facts:
            readings = self._declared(key, also)
            if not readings and self.defaults is not None and key in self.defaults.literal:
                readings = [self._defaulted(key, self.defaults.literal[key])]
            self.facts[name] = Fact(name, tuple(readings), None if readings else "not stated, and no class default")
        else:
            self._mark(key, also)
        fact = self.facts[name]
        return fact.readings[0].value if fact.readings else default

    def list(self, key: str, *, of: type = object) -> list[Any] | None:
        """A list, or None where it is null, absent or no list. Entries that are not `of` make it a problem."""
        value = self.choice(key)
        if value is None:
            return None
        wrong = not isinstance(value, list) or any(
            not isinstance(entry, of) or (of is int and isinstance(entry, bool)) for entry in value
        )
        if wrong:
            self.problem("type", key, f"`{key}` should be a list" + (f" of {of.__name__}" if of is not object else ""), value)
            return None
        return list(value)

    def layers(self, key: str = "num_hidden_layers") -> Num:
        """A layer count: `int`, and refused beyond `MOST_LAYERS`."""
        count = self.int(key, least=0)
        if count.value is not None and count.value > MOST_LAYERS:
            self.problem("range", key, f"`{key}` is larger than {MOST_LAYERS:,}", count.value)
            return num.unknown(f"{key} is not plausible")
        return count

    def fact(self, key: str) -> Fact:
        """The fact a key was recorded as."""
        name = self.label + self._names.get(key, key)
        return self.facts.get(name) or Fact(name, (), "not stated")

    def sub(self, key: str, *, model_type: str | None = None, text: bool = False) -> Config:
        """A sub-config: the object under `key`, or an empty one that is all class defaults. `text`: the text model's own."""
        raw = self.raw.get(key)
        self.read.add(self.at(key))
        if raw is not None and not isinstance(raw, Mapping):
            self.problem("type", key, f"`{key}` should be an object", raw)
        raw = raw if isinstance(raw, Mapping) else {}
        stated = raw.get("model_type")
        self.read.add(f"{self.at(key)}/model_type")
        known = stated if isinstance(stated, str) and class_defaults(stated) is not None else None
        inherited = self.defaults.sub.get(key) if self.defaults is not None else None
        return Config(
            raw,
            file=self.file,
            pointer=self.at(key),
            model_type=known or model_type or inherited or (stated if isinstance(stated, str) else None),
            architecture=self.architecture,
            label=self.label if text else f"{self.label}{key}.",
            parent=self,
        )

    def layer(self, index: int) -> Config:
        """The config of one layer: `per_layer_config` (transformers 5) laid over this one."""
        overrides = self.overrides().get(index)
        if not overrides:
            return self
        view = Config(
            {**self.raw, **overrides},
            file=self.file,
            pointer=self.pointer,
            model_type=self.model_type,
            architecture=self.architecture,
            label=f"{self.label}layer {index} ",
            parent=self,
        )
        view._overridden = {key: f"{self.pointer}/per_layer_config/{index}/{_escape(key)}" for key in overrides}
        return view

    def overrides(self) -> dict[int, Mapping[str, Any]]:
        """`per_layer_config` by layer index; empty where there is none."""
        raw = self.raw.get("per_layer_config")
        if not isinstance(raw, Mapping):
            return {}
        self.read.add(self.at("per_layer_config"))
        return {int(k): v for k, v in raw.items() if str(k).isdecimal() and len(str(k)) < 6 and isinstance(v, Mapping)}

    def problem(self, kind: str, key: str, message: str, value: Any = None) -> None:
        """Keep a value that cannot be what it says."""
        found = Problem(kind, self.at(key), message, value)
        if found not in self.problems:
            self.problems.append(found)

    def _number(self, key: str, check: Check, also: Sequence[str]) -> Num | None:
        if key in self._nums:
            return self._nums[key]
        name = self.label + self._names.get(key, key)
        readings = self._declared(key, also)
        result: Num
        if readings and readings[0].value is not None:
            wrong = check(readings[0].value)
            if wrong:
                spelling = readings[0].where.pointer or key
                self.problem("type" if "should" in wrong else "range", _unescape(spelling.rsplit("/", 1)[-1]), f"`{key}` {wrong}", readings[0].value)
            if isinstance(readings[0].value, float) and readings[0].value.is_integer() and check(int(readings[0].value)) is None:
                first = readings[0]
                readings[0] = Reading(int(first.value), first.source, first.where, first.quote, first.note)
                wrong = None
            fact = Fact(name, tuple(readings), f"`{key}` {wrong}" if wrong else None)
            result = num.of(fact)
        else:
            result = self._from_class(key, name, null=bool(readings), readings=readings)
        if result.fact is not None:
            self.facts[name] = result.fact
        self._nums[key] = result
        return result

    def _from_class(self, key: str, name: str, *, null: bool, readings: list[Reading]) -> Num:
        """What the class makes of a key that is absent, or null."""
        if self.defaults is None:
            reason = f"`{key}` is null" if null else f"`{key}` is not stated, and its class defaults are not known"
            return num.of(Fact(name, tuple(readings), reason))
        literal = None if null else self.defaults.literal.get(key)
        if literal is not None:
            return num.of(Fact(name, (self._defaulted(key, literal),)))
        rule = self._rule(key, null)
        if rule is None:
            return num.of(Fact(name, tuple(readings), f"`{key}` is null" if null else f"`{key}` is not stated, and its class has no default"))
        value = self._compute(rule)
        if value is None or value.value is None:
            reasons = value.reasons() if value is not None else (f"how {self.defaults.config_class} computes it is not known",)
            return num.of(Fact(name, tuple(readings), f"`{key}`: {'; '.join(reasons)}"))
        reading = self._defaulted(key, value.value, note=f"computed by the class: {value.formula()}")
        return num.of(Fact(name, (reading,)), value)

    def _rule(self, key: str, null: bool) -> Mapping[str, Any] | None:
        assert self.defaults is not None
        computed = self.defaults.computed.get(key)
        if computed is not None and (not null or computed.get("null_too")):
            return computed
        return self.defaults.later.get(key)

    def _compute(self, rule: Mapping[str, Any]) -> Num | None:
        function = COMPUTED.get(rule.get("fn") or "")
        if function is None:
            return None
        arguments = [self.int(key, least=0) for key in rule["of"]]
        constants = {k: v for k, v in rule.items() if k not in ("fn", "of", "null_too")}
        result = function(*arguments, **constants)
        return result if isinstance(result, Num) else num.const(result) if isinstance(result, int) else None

    def _is_computed(self, key: str) -> bool:
        if self.defaults is None:
            return False
        return self._rule(key, null=key in self) is not None

    def _value_of(self, key: str, also: Sequence[str]) -> Any:
        for spelling in (*self._spellings(key), *also):
            if spelling in self.raw:
                return self.raw[spelling]
        return self.defaults.literal.get(key) if self.defaults is not None else None

    def _mark(self, key: str, also: Sequence[str]) -> None:
        for spelling in (*self._spellings(key), *also):
            if spelling in self.raw:
                self.read.add(self.at(spelling))

    def _spellings(self, key: str) -> tuple[str, ...]:
        """The attribute map's aliases of a key first: transformers lets them overwrite it, in whatever order they stand."""
        if self.defaults is None:
            return (key,)
        aliases = self.defaults.spellings.get(key)
        return (*aliases, key) if aliases else (key,)

    def _declared(self, key: str, also: Sequence[str]) -> list[Reading]:
        readings = []
        for spelling in (*self._spellings(key), *also):
            if spelling in self.raw:
                pointer = self.at(spelling)
                self.read.add(pointer)
                readings.append(Reading(self.raw[spelling], Source.DECLARED, Where(self.file, pointer)))
        return readings

    def _defaulted(self, key: str, value: Any, note: str | None = None) -> Reading:
        assert self.defaults is not None
        return Reading(value, Source.DEFAULTED, Where(f"{release()} {self.defaults.config_class}", f"/{key}"), note=note)


def _int_problem(value: Any, least: int) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return "should be an integer"
    if value > LARGEST_INT:
        return "is larger than any size can be"
    return f"is less than {least}" if value < least else None


def _number_problem(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "should be a number"
    if value != value or value in (float("inf"), float("-inf")):
        return "should be a finite number"
    return None


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _unescape(segment: str) -> str:
    return segment.replace("~1", "/").replace("~0", "~")
